//! Statements on cases on one connection.

use chrono::{DateTime, Utc};
use minqing_platform::code::range_end;
use minqing_platform::db;
use minqing_platform::error::Error;
use minqing_platform::journal::Change;
use sqlx::{FromRow, PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;
use uuid::Uuid;

use crate::domain::calendar::Calendar;
use crate::domain::case::{AssignmentStatus, Case, Party, Recorded, completion_due, next_due};
use crate::store::case::{Filter, PartFilter, PartKey, Reporter};

#[derive(FromRow)]
pub(in crate::store::sql) struct CaseRow {
    seq: i64,
    state: String,
}

impl CaseRow {
    pub(in crate::store::sql) fn whole(self) -> Result<(i64, Case), db::Error> {
        Ok((self.seq, state(&self.state)?))
    }
}

#[derive(FromRow)]
pub(in crate::store::sql) struct PartRow {
    start_time: DateTime<Utc>,
    case_number: String,
    id: i64,
    state: String,
}

impl PartRow {
    pub(super) fn whole(self) -> Result<(PartKey, Case), db::Error> {
        Ok(((self.start_time, self.case_number, self.id), state(&self.state)?))
    }
}

#[derive(FromRow)]
pub(in crate::store::sql) struct EventRow {
    version: i64,
    actor: String,
    organization: Option<String>,
    occur_time: DateTime<Utc>,
    event: String,
}

impl EventRow {
    fn whole(self) -> Result<Recorded, db::Error> {
        Ok(Recorded {
            version: self.version,
            event: serde_json::from_str(&self.event).map_err(corrupt)?,
            by: Party { name: self.actor, organization: self.organization },
            time: self.occur_time,
        })
    }
}

fn state(text: &str) -> Result<Case, db::Error> {
    serde_json::from_str(text).map_err(corrupt)
}

fn text(value: &impl serde::Serialize) -> Result<String, db::Error> {
    serde_json::to_string(value).map_err(corrupt)
}

fn corrupt(error: serde_json::Error) -> db::Error {
    db::Error::Corrupt(error.to_string())
}

/// What is due next; nothing where the calendar is not published that far.
fn due(case: &Case, calendar: &Calendar) -> Option<DateTime<Utc>> {
    next_due(case, calendar).ok().flatten().map(|due| due.at)
}

/// The query for a list of cases.
pub(super) fn select_cases<Db: sqlx::Database>(
    filter: &Filter,
    before: Option<i64>,
    limit: i64,
) -> QueryBuilder<Db>
where
    i64: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
    String: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
    DateTime<Utc>: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
{
    let mut query = QueryBuilder::new("SELECT seq, state FROM cases WHERE seq < ");
    query.push_bind(before.unwrap_or(i64::MAX));
    query.push(" AND (1 = 0");
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
        ("status", filter.status.map(|status| status.as_str().to_owned())),
        ("kind", filter.kind.map(|kind| kind.as_str().to_owned())),
        ("door", filter.door.map(|door| door.as_str().to_owned())),
        ("item", Some(filter.item.clone()).filter(|item| !item.is_empty())),
        ("owner_organization", Some(filter.organization.clone()).filter(|name| !name.is_empty())),
    ];
    for (column, value) in texts {
        if let Some(value) = value {
            query.push(format!(" AND {column} = ")).push_bind(value);
        }
    }
    if let Some(instant) = filter.due_before {
        query.push(" AND next_due_time < ").push_bind(instant);
    }
    leave_out(&mut query, "cases.seq", &filter.hidden);
    query.push(" ORDER BY seq DESC LIMIT ").push_bind(limit);
    query
}

/// Leaves out cases that have one of these terms: before the page is cut, so that not even a short page tells of them.
fn leave_out<Db: sqlx::Database>(query: &mut QueryBuilder<Db>, seq: &str, hidden: &[String])
where
    String: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
{
    for term in hidden {
        query.push(format!(" AND NOT EXISTS (SELECT 1 FROM case_terms t WHERE t.seq = {seq} AND t.term = "));
        query.push_bind(term.clone()).push(")");
    }
}

/// The query for a list of parts.
pub(super) fn select_parts<Db: sqlx::Database>(
    filter: &PartFilter,
    before: Option<&PartKey>,
    limit: i64,
) -> QueryBuilder<Db>
where
    i64: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
    String: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
    DateTime<Utc>: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
{
    let mut query = QueryBuilder::new(
        "SELECT a.start_time, a.case_number, a.id, c.state FROM assignments a JOIN cases c ON c.number = a.case_number \
         WHERE 1 = 1",
    );
    if let Some((time, number, id)) = before {
        query.push(" AND (a.start_time, a.case_number, a.id) < (").push_bind(*time);
        query.push(", ").push_bind(number.clone()).push(", ").push_bind(*id).push(")");
    }
    if let Some(number) = &filter.case {
        query.push(" AND a.case_number = ").push_bind(number.clone());
    }
    query.push(" AND (1 = 0");
    for unit in &filter.units {
        query.push(" OR a.organization = ").push_bind(unit.clone());
    }
    for within in &filter.within {
        query.push(" OR (c.division_code >= ").push_bind(within.clone());
        query.push(" AND c.division_code < ").push_bind(range_end(within)).push(")");
    }
    query.push(")");
    if let Some(organization) = &filter.organization {
        query.push(" AND a.organization = ").push_bind(organization.clone());
    }
    if let Some(status) = filter.status {
        query.push(" AND a.status = ").push_bind(status.as_str().to_owned());
    }
    if let Some(instant) = filter.due_before {
        query.push(" AND a.due_time < ").push_bind(instant);
    }
    leave_out(&mut query, "c.seq", &filter.hidden);
    query.push(" ORDER BY a.start_time DESC, a.case_number DESC, a.id DESC LIMIT ").push_bind(limit);
    query
}

/// Cases and what belongs to them.
#[async_trait::async_trait]
pub(in crate::store::sql) trait CaseRows {
    async fn case(&mut self, number: &str) -> Result<Option<Case>, db::Error>;
    async fn insert_case(&mut self, case: &Case, calendar: &Calendar) -> Result<(), db::Error>;
    /// Writes a case over the version that was read; `false` when it is no longer that one.
    async fn update_case(&mut self, case: &Case, read: i64, calendar: &Calendar) -> Result<bool, db::Error>;
    async fn case_events(&mut self, number: &str, after: i64, limit: i64)
    -> Result<Vec<Recorded>, db::Error>;
    async fn insert_case_events(&mut self, number: &str, history: &[Recorded]) -> Result<(), db::Error>;
    /// Writes the parts that are new or changed.
    async fn write_parts(
        &mut self,
        before: &Case,
        after: &Case,
        calendar: &Calendar,
    ) -> Result<(), db::Error>;
    async fn reporter(&mut self, number: &str) -> Result<Option<Reporter>, db::Error>;
    async fn insert_reporter(&mut self, number: &str, reporter: &Reporter) -> Result<(), db::Error>;
    async fn insert_reading(&mut self, change: &Change, number: &str, purpose: &str) -> Result<(), Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl CaseRows for Conn {
    async fn case(&mut self, number: &str) -> Result<Option<Case>, db::Error> {
        let found: Option<String> = sqlx::query_scalar("SELECT state FROM cases WHERE number = $1")
            .bind(number)
            .fetch_optional(&mut *self)
            .await?;
        found.as_deref().map(state).transpose()
    }

    async fn insert_case(&mut self, case: &Case, calendar: &Calendar) -> Result<(), db::Error> {
        sqlx::query(
            "INSERT INTO cases (number, version, status, kind, door, division_code, item, owner_organization, \
             next_due_time, create_time, update_time, state) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(&case.number)
        .bind(case.version)
        .bind(case.status.as_str())
        .bind(case.first_kind.as_str())
        .bind(case.door.as_str())
        .bind(case.place.code.as_str())
        .bind(case.item.as_ref().map_or("", |item| item.name.as_str()))
        .bind(case.owner.organization.as_deref().unwrap_or(""))
        .bind(due(case, calendar))
        .bind(case.create_time)
        .bind(case.update_time)
        .bind(text(case)?)
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn update_case(&mut self, case: &Case, read: i64, calendar: &Calendar) -> Result<bool, db::Error> {
        let done = sqlx::query(
            "UPDATE cases SET version = $3, status = $4, item = $5, owner_organization = $6, next_due_time = $7, \
             update_time = $8, state = $9 WHERE number = $1 AND version = $2",
        )
        .bind(&case.number)
        .bind(read)
        .bind(case.version)
        .bind(case.status.as_str())
        .bind(case.item.as_ref().map_or("", |item| item.name.as_str()))
        .bind(case.owner.organization.as_deref().unwrap_or(""))
        .bind(due(case, calendar))
        .bind(case.update_time)
        .bind(text(case)?)
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn case_events(
        &mut self,
        number: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Recorded>, db::Error> {
        let found: Vec<EventRow> = sqlx::query_as(
            "SELECT version, actor, organization, occur_time, event FROM case_events \
             WHERE case_number = $1 AND version > $2 ORDER BY version LIMIT $3",
        )
        .bind(number)
        .bind(after)
        .bind(limit)
        .fetch_all(&mut *self)
        .await?;
        found.into_iter().map(EventRow::whole).collect()
    }

    async fn insert_case_events(&mut self, number: &str, history: &[Recorded]) -> Result<(), db::Error> {
        let rows: Vec<(&Recorded, String)> = history
            .iter()
            .map(|recorded| Ok((recorded, text(&recorded.event)?)))
            .collect::<Result<_, db::Error>>()?;
        let mut query = QueryBuilder::new(
            "INSERT INTO case_events (case_number, version, actor, organization, occur_time, event) ",
        );
        query.push_values(rows, |mut row, (recorded, event)| {
            row.push_bind(number.to_owned())
                .push_bind(recorded.version)
                .push_bind(recorded.by.name.clone())
                .push_bind(recorded.by.organization.clone())
                .push_bind(recorded.time)
                .push_bind(event);
        });
        query.build().execute(&mut *self).await?;
        Ok(())
    }

    async fn write_parts(
        &mut self,
        before: &Case,
        after: &Case,
        calendar: &Calendar,
    ) -> Result<(), db::Error> {
        // By another calendar a part may be due at another time, though nothing happened to it.
        let is_renewed = before.calendar != after.calendar;
        let is_changed =
            |part: &&crate::domain::case::Assignment| is_renewed || before.assignment(part.id) != Some(part);
        let changed: Vec<_> = after.assignments.iter().filter(is_changed).collect();
        if changed.is_empty() {
            return Ok(());
        }
        let mut query = QueryBuilder::new(
            "INSERT INTO assignments (case_number, id, organization, status, start_time, due_time) ",
        );
        query.push_values(changed, |mut row, part| {
            row.push_bind(after.number.clone())
                .push_bind(i64::from(part.id))
                .push_bind(part.organization.clone())
                .push_bind(AssignmentStatus::as_str(part.status))
                .push_bind(part.start_time)
                .push_bind(completion_due(part, calendar).ok().flatten());
        });
        query.push(
            " ON CONFLICT (case_number, id) DO UPDATE SET organization = excluded.organization, \
             status = excluded.status, due_time = excluded.due_time",
        );
        query.build().execute(&mut *self).await?;
        Ok(())
    }

    async fn reporter(&mut self, number: &str) -> Result<Option<Reporter>, db::Error> {
        type Row = (Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>, Option<String>);
        let found: Option<Row> =
            sqlx::query_as("SELECT name, phone, phone_index, proxy FROM reporters WHERE case_number = $1")
                .bind(number)
                .fetch_optional(&mut *self)
                .await?;
        Ok(found.map(|(name, phone, phone_index, proxy)| Reporter { name, phone, phone_index, proxy }))
    }

    async fn insert_reporter(&mut self, number: &str, reporter: &Reporter) -> Result<(), db::Error> {
        sqlx::query(
            "INSERT INTO reporters (case_number, name, phone, phone_index, proxy) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(number)
        .bind(&reporter.name)
        .bind(&reporter.phone)
        .bind(&reporter.phone_index)
        .bind(&reporter.proxy)
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn insert_reading(&mut self, change: &Change, number: &str, purpose: &str) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO reporter_readings (id, case_number, actor, purpose, read_time) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(Uuid::now_v7())
        .bind(number)
        .bind(&change.actor)
        .bind(purpose)
        .bind(change.now)
        .execute(&mut *self)
        .await?;
        Ok(())
    }
}
