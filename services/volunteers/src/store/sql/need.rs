//! Needs in SQL.

mod feed;
mod rows;

use chrono::{DateTime, Utc};
use minqing_platform::db::{Error as DbError, Postgres, Sqlite};
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _};
use serde::{Deserialize, Serialize};
use trait_gen::trait_gen;
use uuid::Uuid;

use super::Sql;
use crate::domain::need::{self, Event, Need, Recorded, Refused, Submission};
use crate::store::NeedStore;
use crate::store::need::{Act, CaseCall, Filter, Told};
use rows::NeedRow;

pub(in crate::store::sql) use rows::NeedRows;

/// The most events of one need that are read to replay an answer.
const HISTORY_MAX: i64 = 10_000;

/// What is remembered of an answer: the need as it was, which its history tells again.
#[derive(Serialize, Deserialize)]
struct Outcome(Uuid, i64);

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl NeedStore for Sql<Db> {
    async fn need(&self, id: Uuid) -> Result<Option<Need>, Error> {
        Ok(self.db.reads().acquire().await?.need(id).await?)
    }

    async fn needs(
        &self,
        filter: &Filter,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<(i64, Need)>, Error> {
        let mut query = rows::select(filter, before, limit);
        let found: Vec<NeedRow> = query.build_query_as().fetch_all(self.db.reads()).await?;
        Ok(found.into_iter().map(NeedRow::whole).collect::<Result<_, _>>()?)
    }

    async fn need_history(&self, id: Uuid, after: i64, limit: i64) -> Result<Vec<Recorded>, Error> {
        Ok(self.db.reads().acquire().await?.need_events(id, after, limit).await?)
    }

    async fn submit_need(&self, change: &Change, submission: Submission) -> Result<Need, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(Outcome(id, version)) = tx.replayed(change).await? {
            return tx.need_as_it_was(id, version).await;
        }
        let made = tx.raise_need(change, submission).await?.ok_or_else(lost)?;
        tx.remember(change, &Outcome(made.id, made.version)).await?;
        tx.commit().await?;
        self.committed();
        Ok(made)
    }

    async fn act_on_need(&self, change: &Change, act: Act<'_>) -> Result<Need, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(Outcome(id, version)) = tx.replayed(change).await? {
            return tx.need_as_it_was(id, version).await;
        }
        let after = tx.happen_to_need(change, &act).await?;
        tx.remember(change, &Outcome(after.id, after.version)).await?;
        tx.commit().await?;
        self.committed();
        Ok(after)
    }

    async fn hear_of_case(
        &self,
        change: &Change,
        submission: Option<Submission>,
        cursor: &str,
    ) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        if let Some(submission) = submission
            && let Some(made) = tx.raise_need(change, submission).await?
        {
            tx.tell_cases(&made, "sign", "", "", change.now).await?;
        }
        tx.keep_case_cursor(cursor).await?;
        tx.commit().await?;
        self.committed();
        Ok(())
    }

    async fn case_cursor(&self) -> Result<String, Error> {
        let found: Option<String> = sqlx::query_scalar("SELECT cursor_text FROM case_cursor WHERE id = 1")
            .fetch_optional(self.db.reads())
            .await?;
        Ok(found.unwrap_or_default())
    }

    async fn need_of_assignment(&self, assignment: &str) -> Result<Option<Need>, Error> {
        Ok(self.db.reads().acquire().await?.need_of_assignment(assignment).await?)
    }

    async fn claim_case_calls(
        &self,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<CaseCall>, Error> {
        let mut tx = self.db.begin().await?;
        // Of one part what is told first stands first: a report never overtakes a signature.
        let claimed = sqlx::query_as(
            "UPDATE case_calls SET attempts = attempts + 1, next_time = $2 WHERE seq IN (SELECT c.seq FROM case_calls c \
             WHERE c.state = 'open' AND c.next_time <= $1 AND NOT EXISTS (SELECT 1 FROM case_calls e \
             WHERE e.assignment = c.assignment AND e.seq < c.seq AND e.state = 'open') ORDER BY c.next_time LIMIT $3) \
             AND state = 'open' AND next_time <= $1 \
             RETURNING id, need_id, assignment, kind, reason, text, attempts",
        )
        .bind(now)
        .bind(until)
        .bind(limit)
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(claimed)
    }

    async fn settle_case_call(&self, change: &Change, call: &CaseCall, told: &Told) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        let (state, next) = match told {
            Told::Taken => ("done", change.now),
            Told::Refused(_) => ("refused", change.now),
            Told::Later(next) => ("open", *next),
        };
        // Whoever was slower than the lease finds it settled by another.
        let settled = sqlx::query(
            "UPDATE case_calls SET state = $2, next_time = $3 WHERE id = $1 AND state = 'open' AND attempts = $4",
        )
        .bind(call.id)
        .bind(state)
        .bind(next)
        .bind(call.attempts)
        .execute(&mut *tx)
        .await?;
        if settled.rows_affected() == 1
            && let Told::Refused(reason) = told
        {
            let command = need::Command::RefuseAnswer(reason.clone());
            let act = Act {
                id: call.need_id,
                version: None,
                command: &command,
                promise: need::Promise::NONE,
                capacity: 0,
            };
            tx.happen_to_need(change, &act).await?;
        }
        tx.commit().await?;
        self.committed();
        Ok(())
    }

    async fn lapsed_proposals(&self, now: DateTime<Utc>, limit: i64) -> Result<Vec<Need>, Error> {
        let found: Vec<NeedRow> = sqlx::query_as(
            "SELECT seq, state FROM needs WHERE status = 'proposed' AND due_time <= $1 ORDER BY due_time LIMIT $2",
        )
        .bind(now)
        .bind(limit)
        .fetch_all(self.db.reads())
        .await?;
        Ok(found.into_iter().map(|row| Ok(row.whole()?.1)).collect::<Result<_, DbError>>()?)
    }
}

fn lost() -> Error {
    Error::Internal("a need has no history".to_owned())
}

/// What several methods do within a transaction.
#[async_trait::async_trait]
pub(in crate::store::sql) trait NeedWork {
    /// Raises a need; `None` when there is one of the same case already.
    async fn raise_need(&mut self, change: &Change, submission: Submission) -> Result<Option<Need>, Error>;

    /// Lets something happen to a need.
    async fn happen_to_need(&mut self, change: &Change, act: &Act<'_>) -> Result<Need, Error>;

    /// A need as it was at a version.
    async fn need_as_it_was(&mut self, id: Uuid, version: i64) -> Result<Need, Error>;

    /// Notes what cases are to be told of a need that came from one.
    async fn tell_cases(
        &mut self,
        need: &Need,
        kind: &str,
        reason: &str,
        text: &str,
        now: DateTime<Utc>,
    ) -> Result<(), Error>;

    /// Notes what follows from events: a team's load, and what cases are told.
    async fn follow_up(
        &mut self,
        before: &Need,
        after: &Need,
        act: &Act<'_>,
        event: &Recorded,
    ) -> Result<(), Error>;
}

#[trait_gen(Conn -> sqlx::SqliteConnection, sqlx::PgConnection)]
#[async_trait::async_trait]
impl NeedWork for Conn {
    async fn raise_need(&mut self, change: &Change, submission: Submission) -> Result<Option<Need>, Error> {
        let history = record(0, need::submit(submission, change.now)?, change);
        let made = need::replay(&history).ok_or_else(lost)?;
        if !self.insert_need(&made).await? {
            return Ok(None);
        }
        self.insert_need_events(made.id, &history).await?;
        self.append(change, &feed::events(&made, &history)).await?;
        Ok(Some(made))
    }

    async fn happen_to_need(&mut self, change: &Change, act: &Act<'_>) -> Result<Need, Error> {
        let before = self.need(act.id).await?;
        let before = before.ok_or_else(|| Refusal::missing(format!("needs/{}", act.id)))?;
        if act.version.is_some_and(|version| version != before.version) {
            return Err(Refusal::stale().into());
        }
        // The clock of another replica may be ahead of this one's; a history does not run backwards.
        let now = change.now.max(before.update_time);
        let change = &Change { now, ..change.clone() };
        let history = record(before.version, need::decide(&before, act.command, act.promise, now)?, change);
        let after = history.iter().fold(Some(before.clone()), need::apply).ok_or_else(lost)?;
        // Whoever read the same version and was slower finds another one, and is told.
        if !self.update_need(&after, before.version).await? {
            return Err(DbError::Conflict.into());
        }
        self.insert_need_events(after.id, &history).await?;
        for event in &history {
            self.follow_up(&before, &after, act, event).await?;
        }
        self.append(change, &feed::events(&after, &history)).await?;
        Ok(after)
    }

    async fn need_as_it_was(&mut self, id: Uuid, version: i64) -> Result<Need, Error> {
        let history = self.need_events(id, 0, version.min(HISTORY_MAX)).await?;
        need::replay(&history).ok_or_else(lost)
    }

    async fn tell_cases(
        &mut self,
        need: &Need,
        kind: &str,
        reason: &str,
        text: &str,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let Some(assignment) = &need.assignment else { return Ok(()) };
        let call = CaseCall {
            id: Uuid::now_v7(),
            need_id: need.id,
            assignment: assignment.clone(),
            kind: kind.to_owned(),
            reason: reason.to_owned(),
            text: text.to_owned(),
            attempts: 0,
        };
        Ok(self.insert_case_call(&call, now).await?)
    }

    async fn follow_up(
        &mut self,
        before: &Need,
        after: &Need,
        act: &Act<'_>,
        event: &Recorded,
    ) -> Result<(), Error> {
        match (before.status.is_with_team(), after.status.is_with_team()) {
            (false, true) => {
                let team = after.team.as_deref().unwrap_or_default();
                if !self.take_capacity(team, act.capacity).await? {
                    let text = format!("teams/{team} has as many needs as it can serve at a time");
                    return Err(Refusal::rule("TEAM_AT_CAPACITY", text).into());
                }
            }
            (true, false) => self.give_capacity(before.team.as_deref().unwrap_or_default()).await?,
            _ => {}
        }
        let now = event.time;
        match &event.event {
            Event::Refused { reason, text } => {
                self.tell_cases(after, "return", returned(*reason), text, now).await
            }
            Event::Reported { text, .. } => self.tell_cases(after, "resolve", "", text, now).await,
            Event::AnswerRetried => {
                sqlx::query(
                    "UPDATE case_calls SET state = 'open', next_time = $2 WHERE need_id = $1 AND state = 'refused'",
                )
                .bind(after.id)
                .bind(now)
                .execute(&mut *self)
                .await?;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// Why cases get a part back.
const fn returned(reason: Refused) -> &'static str {
    match reason {
        Refused::NotForVolunteers | Refused::TooRisky | Refused::NoTeam => "not_ours",
        Refused::TooLittleSaid => "too_little_said",
        Refused::Duplicate => "duplicate",
    }
}

fn record(version: i64, events: Vec<Event>, change: &Change) -> Vec<Recorded> {
    (version + 1..)
        .zip(events)
        .map(|(version, event)| Recorded { version, event, by: change.actor.clone(), time: change.now })
        .collect()
}
