//! Statements on timers on one connection.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use minqing_platform::db;
use sqlx::{FromRow, PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;
use uuid::Uuid;

use super::Climbed;
use crate::domain::calendar::Calendar;
use crate::domain::case::{Case, Timer, TimerKind, next_due, timers};
use crate::store::timer::Claimed;

/// Rows in one statement: nine columns each at most, below either database's limit of bind variables.
const ROWS_A_STATEMENT: usize = 500;

/// Takes up what is due ($3) until the lease ends ($2). One statement, and what is asked of a row is asked again outside
/// the subquery: of two who run it at once on PostgreSQL, the second waits for the first and then finds the rows taken.
pub(super) const CLAIM: &str = "UPDATE timers SET holder = $1, ready_time = $2, attempts = attempts + 1 \
     WHERE (case_number, part, kind) IN \
     (SELECT t.case_number, t.part, t.kind FROM timers t WHERE t.ready_time <= $3 ORDER BY t.ready_time LIMIT $4) \
     AND ready_time <= $3 RETURNING case_number, part, kind, due_time, attempts";

macro_rules! waiting {
    () => {
        "ready_time IS NULL AND EXISTS (SELECT 1 FROM calendars c \
         WHERE c.id = timers.calendar_id AND c.version > timers.calendar_version)"
    };
}

/// A case that waits for a calendar of which there is a newer version.
pub(super) const WAITING: &str = concat!("SELECT case_number FROM timers WHERE ", waiting!(), " LIMIT 1");
/// Makes those ready.
pub(super) const WAKE: &str = concat!("UPDATE timers SET ready_time = $1 WHERE ", waiting!());

#[derive(FromRow)]
pub(super) struct TimerRow {
    case_number: String,
    part: i64,
    kind: String,
    due_time: Option<DateTime<Utc>>,
}

impl TimerRow {
    pub(super) fn whole(self) -> Result<(String, Timer), db::Error> {
        let kind: TimerKind = self.kind.parse().map_err(db::Error::Corrupt)?;
        let part = u32::try_from(self.part).map_err(|error| db::Error::Corrupt(error.to_string()))?;
        Ok((self.case_number, Timer { part, kind, at: self.due_time }))
    }
}

#[derive(FromRow)]
pub(super) struct ClaimedRow {
    #[sqlx(flatten)]
    row: TimerRow,
    attempts: i64,
}

impl ClaimedRow {
    pub(super) fn whole(self) -> Result<Claimed, db::Error> {
        let (number, timer) = self.row.whole()?;
        Ok(Claimed { number, timer, attempts: self.attempts })
    }
}

/// Gives back what was taken up.
pub(super) fn release<Db: sqlx::Database>(
    holder: Uuid,
    numbers: &[String],
    ready: DateTime<Utc>,
) -> QueryBuilder<Db>
where
    Uuid: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
    String: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
    DateTime<Utc>: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
{
    let mut query = QueryBuilder::new("UPDATE timers SET holder = NULL, ready_time = ");
    query.push_bind(ready).push(" WHERE holder = ").push_bind(holder);
    push_numbers(&mut query, " AND case_number IN (", numbers);
    query
}

/// The timers of cases.
pub(super) fn select_timers<Db: sqlx::Database>(numbers: &[String]) -> QueryBuilder<Db>
where
    String: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
{
    let mut query = QueryBuilder::new("SELECT case_number, part, kind, due_time FROM timers WHERE ");
    push_numbers(&mut query, "case_number IN (", numbers);
    query
}

fn push_numbers<Db: sqlx::Database>(query: &mut QueryBuilder<Db>, before: &str, numbers: &[String])
where
    String: for<'q> sqlx::Encode<'q, Db> + sqlx::Type<Db>,
{
    query.push(before);
    let mut list = query.separated(", ");
    for number in numbers {
        list.push_bind(number.clone());
    }
    query.push(")");
}

/// A case whose timers are to be as its state says.
pub(in crate::store::sql) struct Keep<'a> {
    /// The case as it was, if its timers are what that says; `None` sets all anew.
    pub before: Option<&'a Case>,
    /// The case as it is.
    pub after: &'a Case,
    /// The calendar it runs by.
    pub calendar: &'a Calendar,
    /// The newest version of it that was looked at, if it is not the case's own.
    pub seen: Option<i64>,
}

impl Keep<'_> {
    /// Whether nothing is known of what is set: by another calendar, other things were unknown.
    fn is_anew(&self) -> bool {
        self.before.is_none_or(|before| before.calendar != self.after.calendar)
    }

    fn before(&self) -> Vec<Timer> {
        match self.before {
            Some(before) if !self.is_anew() => timers(before, self.calendar),
            _ => Vec::new(),
        }
    }
}

/// A timer of a case.
type Set<'a> = (&'a Keep<'a>, Timer);

#[async_trait::async_trait]
pub(in crate::store::sql) trait TimerRows {
    /// Cases by their numbers.
    async fn numbered(&mut self, numbers: &[String]) -> Result<Vec<Case>, db::Error>;
    /// Sets what falls due of cases, in as few statements as there can be: none where nothing changed.
    async fn keep_timers(&mut self, keeps: &[Keep<'_>]) -> Result<(), db::Error>;
    /// Keeps others from writing a case, if it still is as it was read, and writes what is due next.
    async fn hold_case(&mut self, case: &Case, calendar: &Calendar) -> Result<bool, db::Error>;
    /// Writes cases in which rungs were climbed, over the versions that were read. Gives those that were.
    async fn write_climbed(&mut self, climbed: &[Climbed<'_>]) -> Result<HashSet<String>, db::Error>;
    /// Writes what happened in them.
    async fn insert_histories(&mut self, climbed: &[Climbed<'_>]) -> Result<(), db::Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl TimerRows for Conn {
    async fn numbered(&mut self, numbers: &[String]) -> Result<Vec<Case>, db::Error> {
        let mut query = QueryBuilder::new("SELECT state FROM cases WHERE ");
        push_numbers(&mut query, "number IN (", numbers);
        let found: Vec<String> = query.build_query_scalar().fetch_all(&mut *self).await?;
        found.iter().map(|state| serde_json::from_str(state).map_err(corrupt)).collect()
    }

    async fn keep_timers(&mut self, keeps: &[Keep<'_>]) -> Result<(), db::Error> {
        let (mut gone, mut set): (Vec<Set<'_>>, Vec<Set<'_>>) = (Vec::new(), Vec::new());
        for keep in keeps {
            let (was, is) = (keep.before(), timers(keep.after, keep.calendar));
            let is_kept =
                |old: &Timer| is.iter().any(|timer| (timer.part, timer.kind) == (old.part, old.kind));
            gone.extend(was.iter().filter(|old| !is_kept(old)).map(|old| (keep, *old)));
            set.extend(is.iter().filter(|timer| !was.contains(timer)).map(|timer| (keep, *timer)));
        }
        // What is raised has no timers yet.
        let is_old = |keep: &&Keep<'_>| keep.is_anew() && keep.after.version > 1;
        let anew: Vec<String> = keeps.iter().filter(is_old).map(|keep| keep.after.number.clone()).collect();
        if !anew.is_empty() {
            let mut query = QueryBuilder::new("DELETE FROM timers WHERE ");
            push_numbers(&mut query, "case_number IN (", &anew);
            query.build().execute(&mut *self).await?;
        }
        for chunk in gone.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new("DELETE FROM timers WHERE (case_number, part, kind) IN (");
            query.push_values(chunk, |mut row, (keep, timer)| {
                row.push_bind(keep.after.number.clone())
                    .push_bind(i64::from(timer.part))
                    .push_bind(timer.kind.as_str());
            });
            query.push(")").build().execute(&mut *self).await?;
        }
        for chunk in set.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new(
                "INSERT INTO timers (case_number, part, kind, due_time, ready_time, attempts, calendar_id, \
                 calendar_version) ",
            );
            query.push_values(chunk, |mut row, (keep, timer)| {
                let reference = keep.calendar.reference();
                row.push_bind(keep.after.number.clone())
                    .push_bind(i64::from(timer.part))
                    .push_bind(timer.kind.as_str())
                    .push_bind(timer.at)
                    .push_bind(timer.at)
                    .push_bind(0_i64)
                    .push_bind(reference.id.clone())
                    .push_bind(keep.seen.unwrap_or(reference.version));
            });
            query.push(
                " ON CONFLICT (case_number, part, kind) DO UPDATE SET due_time = excluded.due_time, \
                 ready_time = excluded.ready_time, holder = NULL, attempts = 0, \
                 calendar_id = excluded.calendar_id, calendar_version = excluded.calendar_version",
            );
            query.build().execute(&mut *self).await?;
        }
        Ok(())
    }

    async fn hold_case(&mut self, case: &Case, calendar: &Calendar) -> Result<bool, db::Error> {
        let held = sqlx::query("UPDATE cases SET next_due_time = $3 WHERE number = $1 AND version = $2")
            .bind(&case.number)
            .bind(case.version)
            .bind(due(case, calendar))
            .execute(&mut *self)
            .await?;
        Ok(held.rows_affected() == 1)
    }

    async fn write_climbed(&mut self, climbed: &[Climbed<'_>]) -> Result<HashSet<String>, db::Error> {
        let mut written = HashSet::with_capacity(climbed.len());
        for chunk in climbed.chunks(ROWS_A_STATEMENT) {
            let rows: Vec<(&Climbed<'_>, String)> = chunk
                .iter()
                .map(|one| Ok((one, serde_json::to_string(&one.after).map_err(corrupt)?)))
                .collect::<Result<_, db::Error>>()?;
            let mut query = QueryBuilder::new("WITH v (number, read, version, due, at, state) AS (");
            query.push_values(rows, |mut row, (one, state)| {
                row.push_bind(one.after.number.clone())
                    .push_bind(one.before.version)
                    .push_bind(one.after.version)
                    .push_bind(due(&one.after, one.calendar))
                    .push_bind(one.after.update_time)
                    .push_bind(state);
            });
            query.push(
                ") UPDATE cases SET version = v.version, next_due_time = v.due, update_time = v.at, state = v.state \
                 FROM v WHERE cases.number = v.number AND cases.version = v.read RETURNING cases.number",
            );
            let numbers: Vec<String> = query.build_query_scalar().fetch_all(&mut *self).await?;
            written.extend(numbers);
        }
        Ok(written)
    }

    async fn insert_histories(&mut self, climbed: &[Climbed<'_>]) -> Result<(), db::Error> {
        let all =
            climbed.iter().flat_map(|one| one.history.iter().map(|recorded| (&one.after.number, recorded)));
        let rows: Vec<_> = all
            .map(|(number, recorded)| {
                Ok((number, recorded, serde_json::to_string(&recorded.event).map_err(corrupt)?))
            })
            .collect::<Result<_, db::Error>>()?;
        for chunk in rows.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new(
                "INSERT INTO case_events (case_number, version, actor, organization, occur_time, event) ",
            );
            query.push_values(chunk, |mut row, (number, recorded, event)| {
                row.push_bind((*number).clone())
                    .push_bind(recorded.version)
                    .push_bind(recorded.by.name.clone())
                    .push_bind(recorded.by.organization.clone())
                    .push_bind(recorded.time)
                    .push_bind(event.clone());
            });
            query.build().execute(&mut *self).await?;
        }
        Ok(())
    }
}

/// What is due next; nothing where the calendar is not published that far.
fn due(case: &Case, calendar: &Calendar) -> Option<DateTime<Utc>> {
    next_due(case, calendar).ok().flatten().map(|due| due.at)
}

fn corrupt(error: serde_json::Error) -> db::Error {
    db::Error::Corrupt(error.to_string())
}
