//! Records of reminders, supervision, criticism and missed limits in SQL.

use chrono::{DateTime, Utc};
use minqing_platform::code::range_end;
use minqing_platform::db::{self, Postgres, Sqlite};
use minqing_platform::error::Error;
use sqlx::{FromRow, PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;

use super::Sql;
use crate::domain::case::{Case, Status, Told};
use crate::store::told::{ToldFilter, ToldKey, ToldStore};

/// Rows in one INSERT: eleven columns each, far below either database's limit of bind variables.
const ROWS_A_STATEMENT: usize = 500;

macro_rules! columns {
    () => {
        "t.case_number, t.version, t.kind, t.part, t.organization, t.division_code, t.people, t.due_time, t.actor, \
         t.note, t.told_time"
    };
}

#[derive(FromRow)]
struct ToldRow {
    case_number: String,
    version: i64,
    kind: String,
    part: i64,
    organization: String,
    division_code: String,
    people: String,
    due_time: Option<DateTime<Utc>>,
    actor: String,
    note: String,
    told_time: DateTime<Utc>,
}

impl ToldRow {
    fn whole(self) -> Result<Told, db::Error> {
        Ok(Told {
            number: self.case_number,
            version: self.version,
            kind: self.kind.parse().map_err(db::Error::Corrupt)?,
            part: u32::try_from(self.part).map_err(|error| db::Error::Corrupt(error.to_string()))?,
            organization: self.organization,
            division_code: self.division_code,
            people: serde_json::from_str(&self.people).map_err(corrupt)?,
            due: self.due_time,
            actor: self.actor,
            note: self.note,
            time: self.told_time,
        })
    }
}

#[derive(FromRow)]
struct ToldCaseRow {
    #[sqlx(flatten)]
    told: ToldRow,
    state: String,
}

#[derive(FromRow)]
struct CaseRow {
    seq: i64,
    state: String,
}

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl ToldStore for Sql<Db> {
    async fn told(
        &self,
        filter: &ToldFilter,
        before: Option<&ToldKey>,
        limit: i64,
    ) -> Result<Vec<(Told, Case)>, Error> {
        let mut query = select_told(filter, before, limit);
        let found: Vec<ToldCaseRow> = query.build_query_as().fetch_all(self.db.reads()).await?;
        let whole = |row: ToldCaseRow| Ok((row.told.whole()?, state(&row.state)?));
        Ok(found.into_iter().map(whole).collect::<Result<_, db::Error>>()?)
    }

    async fn told_one(&self, number: &str, version: i64) -> Result<Option<Told>, Error> {
        let one = concat!("SELECT ", columns!(), " FROM told t WHERE t.case_number = $1 AND t.version = $2");
        let found: Option<ToldRow> =
            sqlx::query_as(one).bind(number).bind(version).fetch_optional(self.db.reads()).await?;
        Ok(found.map(ToldRow::whole).transpose()?)
    }

    async fn cases_in(
        &self,
        status: Status,
        within: &[String],
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<(i64, Case)>, Error> {
        let mut query = QueryBuilder::new("SELECT seq, state FROM cases WHERE status = ");
        query.push_bind(status.as_str()).push(" AND seq < ").push_bind(before.unwrap_or(i64::MAX));
        query.push(" AND (1 = 0");
        for within in within {
            query.push(" OR (division_code >= ").push_bind(within.clone());
            query.push(" AND division_code < ").push_bind(range_end(within)).push(")");
        }
        query.push(") ORDER BY seq DESC LIMIT ").push_bind(limit);
        let found: Vec<CaseRow> = query.build_query_as().fetch_all(self.db.reads()).await?;
        Ok(found
            .into_iter()
            .map(|row| Ok((row.seq, state(&row.state)?)))
            .collect::<Result<_, db::Error>>()?)
    }
}

/// The query for a list of records.
fn select_told<Db: sqlx::Database>(
    filter: &ToldFilter,
    before: Option<&ToldKey>,
    limit: i64,
) -> QueryBuilder<Db>
where
    i64: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
    String: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
    DateTime<Utc>: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
{
    let mut query = QueryBuilder::new(concat!(
        "SELECT ",
        columns!(),
        ", c.state FROM told t JOIN cases c ON c.number = t.case_number WHERE t.kind IN (''"
    ));
    for kind in &filter.kinds {
        query.push(", ").push_bind(kind.as_str().to_owned());
    }
    query.push(") AND (1 = 0");
    for within in &filter.within {
        query.push(" OR (t.division_code >= ").push_bind(within.clone());
        query.push(" AND t.division_code < ").push_bind(range_end(within)).push(")");
    }
    for organization in &filter.organizations {
        query.push(" OR t.organization = ").push_bind(organization.clone());
    }
    query.push(")");
    if let Some((time, number, version)) = before {
        query.push(" AND (t.told_time, t.case_number, t.version) < (").push_bind(*time);
        query.push(", ").push_bind(number.clone()).push(", ").push_bind(*version).push(")");
    }
    if let Some(number) = &filter.case {
        query.push(" AND t.case_number = ").push_bind(number.clone());
    }
    if let Some(organization) = &filter.organization {
        query.push(" AND t.organization = ").push_bind(organization.clone());
    }
    if let Some(area) = &filter.area {
        query.push(" AND t.division_code >= ").push_bind(area.to_string());
        query.push(" AND t.division_code < ").push_bind(area.range_end());
    }
    if let Some(from) = filter.from {
        query.push(" AND t.told_time >= ").push_bind(from);
    }
    if let Some(to) = filter.to {
        query.push(" AND t.told_time < ").push_bind(to);
    }
    query.push(" ORDER BY t.told_time DESC, t.case_number DESC, t.version DESC LIMIT ").push_bind(limit);
    query
}

/// Records on one connection.
#[async_trait::async_trait]
pub(super) trait ToldRows {
    /// Writes records.
    async fn insert_told(&mut self, records: &[Told]) -> Result<(), db::Error>;
    /// The records of some cases as they are kept.
    async fn told_of(&mut self, numbers: &[String]) -> Result<Vec<Told>, db::Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl ToldRows for Conn {
    async fn told_of(&mut self, numbers: &[String]) -> Result<Vec<Told>, db::Error> {
        let mut query =
            QueryBuilder::new(concat!("SELECT ", columns!(), " FROM told t WHERE t.case_number IN ("));
        let mut list = query.separated(", ");
        for number in numbers {
            list.push_bind(number.clone());
        }
        query.push(") ORDER BY t.case_number, t.version");
        let found: Vec<ToldRow> = query.build_query_as().fetch_all(&mut *self).await?;
        found.into_iter().map(ToldRow::whole).collect()
    }

    async fn insert_told(&mut self, records: &[Told]) -> Result<(), db::Error> {
        let rows: Vec<(&Told, String)> = records
            .iter()
            .map(|told| Ok((told, serde_json::to_string(&told.people).map_err(corrupt)?)))
            .collect::<Result<_, db::Error>>()?;
        for chunk in rows.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new(
                "INSERT INTO told (case_number, version, kind, part, organization, division_code, people, due_time, \
                 actor, note, told_time) ",
            );
            query.push_values(chunk, |mut row, (told, people)| {
                row.push_bind(told.number.clone())
                    .push_bind(told.version)
                    .push_bind(told.kind.as_str())
                    .push_bind(i64::from(told.part))
                    .push_bind(told.organization.clone())
                    .push_bind(told.division_code.clone())
                    .push_bind(people.clone())
                    .push_bind(told.due)
                    .push_bind(told.actor.clone())
                    .push_bind(told.note.clone())
                    .push_bind(told.time);
            });
            query.build().execute(&mut *self).await?;
        }
        Ok(())
    }
}

fn state(text: &str) -> Result<Case, db::Error> {
    serde_json::from_str(text).map_err(corrupt)
}

fn corrupt(error: serde_json::Error) -> db::Error {
    db::Error::Corrupt(error.to_string())
}
