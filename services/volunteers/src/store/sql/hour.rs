//! Hours in SQL.

pub(in crate::store::sql) mod rows;

use chrono::{DateTime, Utc};
use minqing_platform::code::range_end;
use minqing_platform::db::{self, Postgres, Sqlite};
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _, NewEvent};
use serde_json::json;
use sqlx::QueryBuilder;
use trait_gen::trait_gen;
use uuid::Uuid;

use super::Sql;
use crate::domain::hour::chain::Head;
use crate::domain::hour::honour::Honour;
use crate::domain::hour::{Entry, NewCorrection, NewEntry, Total};
use crate::store::hour::{Filter, HourStore};
use rows::{HonourRow, HourRows as _, Row, columns};

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl HourStore for Sql<Db> {
    async fn enter_hours(&self, change: &Change, new: &[NewEntry]) -> Result<Vec<i64>, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(places) = tx.replayed(change).await? {
            return Ok(places);
        }
        let places = tx.append_hours(change, new).await?;
        tx.remember(change, &places).await?;
        tx.commit().await?;
        self.committed();
        Ok(places)
    }

    async fn correct_hours(
        &self,
        change: &Change,
        new: &NewCorrection,
        own: Option<&str>,
    ) -> Result<Entry, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(seq) = tx.replayed::<i64>(change).await? {
            let lost = || Error::Internal("a remembered correction is not there".to_owned());
            return tx.hour_entry(seq).await?.ok_or_else(lost);
        }
        let entry = tx.append_correction(change, new, own).await?;
        tx.remember(change, &entry.seq).await?;
        tx.commit().await?;
        self.committed();
        Ok(entry)
    }

    async fn hour_entry(&self, seq: i64) -> Result<Option<Entry>, Error> {
        Ok(self.db.reads().acquire().await?.hour_entry(seq).await?)
    }

    async fn hour_corrections(&self, of: i64) -> Result<Vec<Entry>, Error> {
        let found: Vec<Row> = sqlx::query_as(concat!(
            "SELECT ",
            columns!(),
            " FROM hour_entries WHERE corrects = $1 ORDER BY seq"
        ))
        .bind(of)
        .fetch_all(self.db.reads())
        .await?;
        Ok(found.into_iter().map(Row::whole).collect::<Result<_, _>>()?)
    }

    async fn hour_entries(
        &self,
        filter: &Filter,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Entry>, Error> {
        let mut query = QueryBuilder::new(concat!("SELECT ", columns!(), " FROM hour_entries WHERE (1 = 0"));
        if let Some(own) = &filter.own {
            query.push(" OR volunteer = ").push_bind(own.clone());
        }
        for team in &filter.teams {
            query.push(" OR team = ").push_bind(team.clone());
        }
        for within in &filter.within {
            query.push(" OR (division_code >= ").push_bind(within.clone());
            query.push(" AND division_code < ").push_bind(range_end(within)).push(")");
        }
        query.push(")");
        if let Some(area) = &filter.area {
            query.push(" AND division_code >= ").push_bind(area.to_string());
            query.push(" AND division_code < ").push_bind(area.range_end());
        }
        let texts = [
            (" AND volunteer = ", &filter.volunteer),
            (" AND team = ", &filter.team),
            (" AND activity = ", &filter.activity),
            (" AND need = ", &filter.need),
        ];
        for (condition, value) in texts {
            if let Some(value) = value {
                query.push(condition).push_bind(value.clone());
            }
        }
        if let Some(from) = filter.from {
            query.push(" AND from_time >= ").push_bind(from);
        }
        if let Some(before) = filter.before {
            query.push(" AND from_time < ").push_bind(before);
        }
        query.push(" AND seq < ").push_bind(before.unwrap_or(i64::MAX));
        query.push(" ORDER BY seq DESC LIMIT ").push_bind(limit);
        let found: Vec<Row> = query.build_query_as().fetch_all(self.db.reads()).await?;
        Ok(found.into_iter().map(Row::whole).collect::<Result<_, _>>()?)
    }

    async fn hour_total(&self, volunteer: &str) -> Result<Total, Error> {
        let found: Option<(i64, i64)> =
            sqlx::query_as("SELECT minutes, times FROM hour_totals WHERE volunteer = $1")
                .bind(volunteer)
                .fetch_optional(self.db.reads())
                .await?;
        Ok(found.map_or_else(Total::default, |(minutes, times)| Total { minutes, times }))
    }

    async fn hour_chain(&self) -> Result<Head, Error> {
        let (seq, hash): (i64, Vec<u8>) = sqlx::query_as("SELECT seq, hash FROM hour_chain WHERE id = 1")
            .fetch_one(self.db.reads())
            .await?;
        Ok(Head { seq, hash: rows::hash(&hash)? })
    }

    async fn hour_chain_after(&self, seq: i64, limit: i64) -> Result<Vec<Entry>, Error> {
        let found: Vec<Row> = sqlx::query_as(concat!(
            "SELECT ",
            columns!(),
            " FROM hour_entries WHERE seq > $1 ORDER BY seq LIMIT $2"
        ))
        .bind(seq)
        .bind(limit)
        .fetch_all(self.db.reads())
        .await?;
        Ok(found.into_iter().map(Row::whole).collect::<Result<_, _>>()?)
    }

    async fn give_honour(&self, change: &Change, honour: &Honour) -> Result<Honour, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(honour) = tx.replayed(change).await? {
            return Ok(honour);
        }
        let Honour { id, kind, volunteer, need, text, giver, create_time } = honour;
        let done = sqlx::query(
            "INSERT INTO honours (id, kind, volunteer, need, text, giver, create_time) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(id)
        .bind(kind.as_str())
        .bind(volunteer)
        .bind(need)
        .bind(text)
        .bind(giver)
        .bind(create_time)
        .execute(&mut *tx)
        .await;
        match done.map_err(db::Error::from) {
            Err(db::Error::Duplicate) => {
                return Err(Refusal::exists("thanks of the same for the same need").into());
            }
            other => other?,
        };
        let event = NewEvent {
            kind: "HonourGiven",
            subject: format!("honours/{id}"),
            division_code: String::new(),
            payload: json!({ "kind": kind }),
        };
        tx.append(change, &[event]).await?;
        tx.remember(change, honour).await?;
        tx.commit().await?;
        self.committed();
        Ok(honour.clone())
    }

    async fn honours(
        &self,
        volunteer: &str,
        before: Option<(DateTime<Utc>, Uuid)>,
        limit: i64,
    ) -> Result<Vec<Honour>, Error> {
        let mut query = QueryBuilder::new(
            "SELECT id, kind, volunteer, need, text, giver, create_time FROM honours WHERE volunteer = ",
        );
        query.push_bind(volunteer.to_owned());
        if let Some((time, id)) = before {
            query.push(" AND (create_time, id) < (").push_bind(time).push(", ").push_bind(id).push(")");
        }
        query.push(" ORDER BY create_time DESC, id DESC LIMIT ").push_bind(limit);
        let found: Vec<HonourRow> = query.build_query_as().fetch_all(self.db.reads()).await?;
        Ok(found.into_iter().map(HonourRow::whole).collect::<Result<_, _>>()?)
    }
}
