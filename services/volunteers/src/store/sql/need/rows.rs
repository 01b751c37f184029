//! Statements on needs on one connection.

use chrono::{DateTime, Utc};
use minqing_platform::code::range_end;
use minqing_platform::db;
use sqlx::{FromRow, PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;
use uuid::Uuid;

use crate::domain::need::{Need, Recorded};
use crate::store::need::{CaseCall, Filter, Whose};

#[derive(FromRow)]
pub(super) struct NeedRow {
    seq: i64,
    state: String,
}

impl NeedRow {
    pub(super) fn whole(self) -> Result<(i64, Need), db::Error> {
        Ok((self.seq, state(&self.state)?))
    }
}

#[derive(FromRow)]
struct EventRow {
    version: i64,
    actor: String,
    occur_time: DateTime<Utc>,
    event: String,
}

impl EventRow {
    fn whole(self) -> Result<Recorded, db::Error> {
        let event = serde_json::from_str(&self.event).map_err(corrupt)?;
        Ok(Recorded { version: self.version, event, by: self.actor, time: self.occur_time })
    }
}

fn state(text: &str) -> Result<Need, db::Error> {
    serde_json::from_str(text).map_err(corrupt)
}

fn text(value: &impl serde::Serialize) -> Result<String, db::Error> {
    serde_json::to_string(value).map_err(corrupt)
}

fn corrupt(error: serde_json::Error) -> db::Error {
    db::Error::Corrupt(error.to_string())
}

/// The query for a list of needs.
pub(super) fn select<Db: sqlx::Database>(filter: &Filter, before: Option<i64>, limit: i64) -> QueryBuilder<Db>
where
    i64: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
    bool: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
    String: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
    DateTime<Utc>: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
{
    let mut query = QueryBuilder::new("SELECT seq, state FROM needs WHERE seq < ");
    query.push_bind(before.unwrap_or(i64::MAX));
    match &filter.whose {
        Whose::Within(codes) => {
            query.push(" AND (1 = 0");
            for within in codes {
                query.push(" OR (division_code >= ").push_bind(within.clone());
                query.push(" AND division_code < ").push_bind(range_end(within)).push(")");
            }
            query.push(")");
        }
        Whose::Raiser(account) => {
            query.push(" AND raiser = ").push_bind(account.clone());
        }
        Whose::Team(team) => {
            query.push(" AND team = ").push_bind(team.clone());
        }
    }
    if let Some(area) = &filter.area {
        query.push(" AND division_code >= ").push_bind(area.to_string());
        query.push(" AND division_code < ").push_bind(area.range_end());
    }
    let texts = [
        ("status", filter.status.map(|status| status.as_str().to_owned())),
        ("source", filter.source.map(|source| source.as_str().to_owned())),
        ("post", filter.post.clone()),
        ("team", filter.team.clone()),
    ];
    for (column, value) in texts {
        if let Some(value) = value {
            query.push(format!(" AND {column} = ")).push_bind(value);
        }
    }
    if let Some(instant) = filter.due_before {
        query.push(" AND due_time < ").push_bind(instant);
    }
    if filter.answer_refused {
        query.push(" AND answer_refused = ").push_bind(true);
    }
    query.push(" ORDER BY seq DESC LIMIT ").push_bind(limit);
    query
}

/// Needs and what belongs to them.
#[async_trait::async_trait]
pub(in crate::store::sql) trait NeedRows {
    async fn need(&mut self, id: Uuid) -> Result<Option<Need>, db::Error>;
    async fn need_of_assignment(&mut self, assignment: &str) -> Result<Option<Need>, db::Error>;
    /// Writes a new need; `false` when there is one of the same case already.
    async fn insert_need(&mut self, need: &Need) -> Result<bool, db::Error>;
    /// Writes a need over the version that was read; `false` when it is no longer that one.
    async fn update_need(&mut self, need: &Need, read: i64) -> Result<bool, db::Error>;
    async fn need_events(&mut self, id: Uuid, after: i64, limit: i64) -> Result<Vec<Recorded>, db::Error>;
    async fn insert_need_events(&mut self, id: Uuid, history: &[Recorded]) -> Result<(), db::Error>;
    /// Counts one need more for a team, unless it has as many as it can; `false` when it has.
    async fn take_capacity(&mut self, team: &str, capacity: u32) -> Result<bool, db::Error>;
    /// Counts one need less for a team.
    async fn give_capacity(&mut self, team: &str) -> Result<(), db::Error>;
    async fn insert_case_call(&mut self, call: &CaseCall, due: DateTime<Utc>) -> Result<(), db::Error>;
    async fn keep_case_cursor(&mut self, cursor: &str) -> Result<(), db::Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl NeedRows for Conn {
    async fn need(&mut self, id: Uuid) -> Result<Option<Need>, db::Error> {
        let found: Option<String> = sqlx::query_scalar("SELECT state FROM needs WHERE id = $1")
            .bind(id)
            .fetch_optional(&mut *self)
            .await?;
        found.as_deref().map(state).transpose()
    }

    async fn need_of_assignment(&mut self, assignment: &str) -> Result<Option<Need>, db::Error> {
        let found: Option<String> = sqlx::query_scalar("SELECT state FROM needs WHERE assignment = $1")
            .bind(assignment)
            .fetch_optional(&mut *self)
            .await?;
        found.as_deref().map(state).transpose()
    }

    async fn insert_need(&mut self, need: &Need) -> Result<bool, db::Error> {
        let done = sqlx::query(
            "INSERT INTO needs (id, version, status, source, raiser, division_code, post, team, assignment, due_time, \
             answer_refused, create_time, update_time, state) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
             ON CONFLICT (assignment) DO NOTHING",
        )
        .bind(need.id)
        .bind(need.version)
        .bind(need.status.as_str())
        .bind(need.source.as_str())
        .bind(&need.raiser)
        .bind(need.place.code.as_str())
        .bind(need.requirements.post.as_deref().unwrap_or(""))
        .bind(need.team.as_deref().unwrap_or(""))
        .bind(need.assignment.as_deref())
        .bind(need.due)
        .bind(need.answer_refused.is_some())
        .bind(need.create_time)
        .bind(need.update_time)
        .bind(text(need)?)
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn update_need(&mut self, need: &Need, read: i64) -> Result<bool, db::Error> {
        let done = sqlx::query(
            "UPDATE needs SET version = $3, status = $4, division_code = $5, post = $6, team = $7, due_time = $8, \
             answer_refused = $9, update_time = $10, state = $11 WHERE id = $1 AND version = $2",
        )
        .bind(need.id)
        .bind(read)
        .bind(need.version)
        .bind(need.status.as_str())
        .bind(need.place.code.as_str())
        .bind(need.requirements.post.as_deref().unwrap_or(""))
        .bind(need.team.as_deref().unwrap_or(""))
        .bind(need.due)
        .bind(need.answer_refused.is_some())
        .bind(need.update_time)
        .bind(text(need)?)
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn need_events(&mut self, id: Uuid, after: i64, limit: i64) -> Result<Vec<Recorded>, db::Error> {
        let found: Vec<EventRow> = sqlx::query_as(
            "SELECT version, actor, occur_time, event FROM need_events \
             WHERE need_id = $1 AND version > $2 ORDER BY version LIMIT $3",
        )
        .bind(id)
        .bind(after)
        .bind(limit)
        .fetch_all(&mut *self)
        .await?;
        found.into_iter().map(EventRow::whole).collect()
    }

    async fn insert_need_events(&mut self, id: Uuid, history: &[Recorded]) -> Result<(), db::Error> {
        let rows: Vec<(&Recorded, String)> = history
            .iter()
            .map(|recorded| Ok((recorded, text(&recorded.event)?)))
            .collect::<Result<_, db::Error>>()?;
        let mut query =
            QueryBuilder::new("INSERT INTO need_events (need_id, version, actor, occur_time, event) ");
        query.push_values(rows, |mut row, (recorded, event)| {
            row.push_bind(id)
                .push_bind(recorded.version)
                .push_bind(recorded.by.clone())
                .push_bind(recorded.time)
                .push_bind(event);
        });
        query.build().execute(&mut *self).await?;
        Ok(())
    }

    async fn take_capacity(&mut self, team: &str, capacity: u32) -> Result<bool, db::Error> {
        sqlx::query("INSERT INTO team_loads (team, needs) VALUES ($1, 0) ON CONFLICT (team) DO NOTHING")
            .bind(team)
            .execute(&mut *self)
            .await?;
        let done = sqlx::query("UPDATE team_loads SET needs = needs + 1 WHERE team = $1 AND needs < $2")
            .bind(team)
            .bind(i64::from(capacity))
            .execute(&mut *self)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn give_capacity(&mut self, team: &str) -> Result<(), db::Error> {
        sqlx::query("UPDATE team_loads SET needs = needs - 1 WHERE team = $1")
            .bind(team)
            .execute(&mut *self)
            .await?;
        Ok(())
    }

    async fn insert_case_call(&mut self, call: &CaseCall, due: DateTime<Utc>) -> Result<(), db::Error> {
        sqlx::query(
            "INSERT INTO case_calls (id, need_id, assignment, kind, reason, text, state, attempts, next_time) \
             VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, $8)",
        )
        .bind(call.id)
        .bind(call.need_id)
        .bind(&call.assignment)
        .bind(&call.kind)
        .bind(&call.reason)
        .bind(&call.text)
        .bind(call.attempts)
        .bind(due)
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn keep_case_cursor(&mut self, cursor: &str) -> Result<(), db::Error> {
        sqlx::query(
            "INSERT INTO case_cursor (id, cursor_text) VALUES (1, $1) \
             ON CONFLICT (id) DO UPDATE SET cursor_text = excluded.cursor_text",
        )
        .bind(cursor)
        .execute(&mut *self)
        .await?;
        Ok(())
    }
}
