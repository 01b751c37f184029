//! Divisions as rows, and statements on them inside a transaction.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::db;
use minqing_platform::error::Error;
use minqing_platform::journal::{Change, Journal as _, NewEvent};
use serde_json::json;
use sqlx::{FromRow, PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;

use super::super::grid::GridRows as _;
use super::super::organization::OrganizationRows as _;
use crate::domain::division::{self, Division, NewDivision, Parts};
use crate::domain::division_import::Present;
use minqing_platform::code::Code;
use minqing_platform::period::Period;

/// Rows in one INSERT: eight columns each, far below either database's limit of bind variables.
const ROWS_A_STATEMENT: usize = 1_000;

#[derive(FromRow)]
pub(super) struct Row {
    code: String,
    display_name: String,
    effective_from: NaiveDate,
    effective_to: Option<NaiveDate>,
    successors: String,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl TryFrom<Row> for Division {
    type Error = db::Error;

    fn try_from(row: Row) -> Result<Self, db::Error> {
        let successors = row.successors.split(',').filter(|code| !code.is_empty()).map(code_of);
        Ok(Self {
            code: code_of(&row.code)?,
            display_name: row.display_name,
            effective: Period { from: row.effective_from, to: row.effective_to },
            successors: successors.collect::<Result<_, _>>()?,
            create_time: row.create_time,
            update_time: row.update_time,
            version: row.version,
        })
    }
}

/// A code that was stored.
pub(in crate::store::sql) fn code_of(text: &str) -> Result<Code, db::Error> {
    text.parse().map_err(|error: minqing_platform::code::Error| db::Error::Corrupt(error.to_string()))
}

/// A text to be found anywhere by LIKE … ESCAPE '\', in lower case.
pub(in crate::store::sql) fn anywhere(text: &str) -> String {
    let text = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{text}%")
}

fn joined(codes: &[Code]) -> String {
    codes.iter().map(Code::as_str).collect::<Vec<_>>().join(",")
}

fn event(kind: &'static str, code: &Code, payload: serde_json::Value) -> NewEvent {
    NewEvent { kind, subject: format!("divisions/{code}"), division_code: code.to_string(), payload }
}

/// Statements on divisions inside a transaction.
#[async_trait::async_trait]
pub(super) trait DivisionRows {
    /// A division, locked until the transaction ends.
    async fn lock_division(&mut self, code: &Code) -> Result<Option<Division>, Error>;
    /// What of a division is in force on a day or later. Nothing more of it begins until the transaction ends.
    async fn division_parts_from(&mut self, code: &Code, day: NaiveDate) -> Result<Parts, Error>;
    async fn insert_divisions(
        &mut self,
        change: &Change,
        news: &[NewDivision],
        from: NaiveDate,
    ) -> Result<(), Error>;
    /// Ends a division that is locked.
    async fn end_locked(
        &mut self,
        change: &Change,
        old: &Division,
        day: NaiveDate,
        successors: &[Code],
    ) -> Result<Division, Error>;
    async fn rename_row(&mut self, change: &Change, code: &Code, name: &str) -> Result<Division, Error>;
    /// The divisions whose codes lie in a range of texts.
    async fn present(&mut self, from: &str, to: &str) -> Result<HashMap<Code, Present>, Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl DivisionRows for Conn {
    async fn lock_division(&mut self, code: &Code) -> Result<Option<Division>, Error> {
        // Writing the row to itself takes its lock on PostgreSQL; on SQLite the transaction holds the only one.
        let row: Option<Row> = sqlx::query_as(
            "UPDATE divisions SET code = code WHERE code = $1 RETURNING code, display_name, effective_from, \
             effective_to, successors, create_time, update_time, version",
        )
        .bind(code.as_str())
        .fetch_optional(&mut *self)
        .await?;
        Ok(row.map(Division::try_from).transpose()?)
    }

    async fn division_parts_from(&mut self, code: &Code, day: NaiveDate) -> Result<Parts, Error> {
        self.lock_grids().await?;
        self.lock_organizations().await?;
        let (divisions, grids, organizations, appointments): (i64, i64, i64, i64) = sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM divisions WHERE code > $1 AND code < $2 \
                       AND (effective_to IS NULL OR effective_to > $3)), \
                    (SELECT COUNT(*) FROM grids WHERE code > $1 AND code < $2 \
                       AND (effective_to IS NULL OR effective_to > $3)), \
                    (SELECT COUNT(*) FROM organizations WHERE division_code >= $1 AND division_code < $2 \
                       AND (effective_to IS NULL OR effective_to > $3)), \
                    (SELECT COUNT(*) FROM appointments WHERE division_code >= $1 AND division_code < $2 \
                       AND (effective_to IS NULL OR effective_to > $3))",
        )
        .bind(code.as_str())
        .bind(code.range_end())
        .bind(day)
        .fetch_one(&mut *self)
        .await?;
        Ok(Parts { divisions, grids, organizations, appointments })
    }

    async fn insert_divisions(
        &mut self,
        change: &Change,
        news: &[NewDivision],
        from: NaiveDate,
    ) -> Result<(), Error> {
        for chunk in news.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new(
                "INSERT INTO divisions (code, level, display_name, effective_from, successors, create_time, update_time, version) ",
            );
            query.push_values(chunk, |mut row, new| {
                row.push_bind(new.code.to_string())
                    .push_bind(i32::try_from(new.code.level().digits()).unwrap_or(0))
                    .push_bind(new.display_name.clone())
                    .push_bind(from)
                    .push_bind("")
                    .push_bind(change.now)
                    .push_bind(change.now)
                    .push_bind(1_i64);
            });
            query.build().execute(&mut *self).await?;
        }
        let created = |new: &NewDivision| {
            let payload = json!({"display_name": new.display_name, "effective_from": from});
            event("DivisionCreated", &new.code, payload)
        };
        let events: Vec<NewEvent> = news.iter().map(created).collect();
        Ok(self.append(change, &events).await?)
    }

    async fn end_locked(
        &mut self,
        change: &Change,
        old: &Division,
        day: NaiveDate,
        successors: &[Code],
    ) -> Result<Division, Error> {
        let parts = self.division_parts_from(&old.code, day).await?;
        division::may_end(old, day, &parts)?;
        let row: Row = sqlx::query_as(
            "UPDATE divisions SET effective_to = $2, successors = $3, update_time = $4, version = version + 1 \
             WHERE code = $1 RETURNING code, display_name, effective_from, effective_to, successors, create_time, \
             update_time, version",
        )
        .bind(old.code.as_str())
        .bind(day)
        .bind(joined(successors))
        .bind(change.now)
        .fetch_one(&mut *self)
        .await?;
        let payload = json!({"effective_to": day, "successors": successors});
        self.append(change, &[event("DivisionEnded", &old.code, payload)]).await?;
        Ok(row.try_into()?)
    }

    async fn rename_row(&mut self, change: &Change, code: &Code, name: &str) -> Result<Division, Error> {
        let row: Row = sqlx::query_as(
            "UPDATE divisions SET display_name = $2, update_time = $3, version = version + 1 WHERE code = $1 \
             RETURNING code, display_name, effective_from, effective_to, successors, create_time, update_time, version",
        )
        .bind(code.as_str())
        .bind(name)
        .bind(change.now)
        .fetch_one(&mut *self)
        .await?;
        self.append(change, &[event("DivisionRenamed", code, json!({"display_name": name}))]).await?;
        Ok(row.try_into()?)
    }

    async fn present(&mut self, from: &str, to: &str) -> Result<HashMap<Code, Present>, Error> {
        let rows: Vec<(String, String, Option<NaiveDate>)> = sqlx::query_as(
            "SELECT code, display_name, effective_to FROM divisions WHERE code >= $1 AND code < $2",
        )
        .bind(from)
        .bind(to)
        .fetch_all(&mut *self)
        .await?;
        let known = rows.into_iter().map(|(code, display_name, to)| {
            Ok((code_of(&code)?, Present { display_name, ended: to.is_some() }))
        });
        Ok(known.collect::<Result<_, db::Error>>()?)
    }
}
