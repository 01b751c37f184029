//! Timers in SQL.

mod rows;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use minqing_platform::db::{self, Postgres, Sqlite};
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _};
use trait_gen::trait_gen;
use uuid::Uuid;

use rows::{Keep, TimerRows as _};

use super::Sql;
use super::case::events_of_feed;
use super::figures::{FigureRows as _, changed_rounds};
use super::told::ToldRows as _;
use crate::domain::calendar::Calendar;
use crate::domain::case::{self, Case, Command, Context, Party, Recorded, Target, Timer, told};
use crate::store::timer::{Claimed, Climb, TimerStore};

/// What became of a case in which rungs were climbed.
struct Climbed<'a> {
    before: Case,
    after: Case,
    history: Vec<Recorded>,
    calendar: &'a Calendar,
}

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl TimerStore for Sql<Db> {
    async fn next_timer(&self) -> Result<Option<DateTime<Utc>>, Error> {
        let next = "SELECT ready_time FROM timers WHERE ready_time IS NOT NULL ORDER BY ready_time LIMIT 1";
        Ok(sqlx::query_scalar(next).fetch_optional(self.db.reads()).await?)
    }

    async fn wake_timers(&self, now: DateTime<Utc>) -> Result<u64, Error> {
        // Nearly always there are none: that is found out without a place in the queue of writers.
        let waiting: Option<String> =
            sqlx::query_scalar(rows::WAITING).fetch_optional(self.db.reads()).await?;
        if waiting.is_none() {
            return Ok(0);
        }
        let mut tx = self.db.begin().await?;
        let woken = sqlx::query(rows::WAKE).bind(now).execute(&mut *tx).await?.rows_affected();
        tx.commit().await?;
        Ok(woken)
    }

    async fn claim_timers(
        &self,
        holder: Uuid,
        now: DateTime<Utc>,
        lease_end: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<Claimed>, Error> {
        let mut tx = self.db.begin().await?;
        let claimed: Vec<rows::ClaimedRow> = sqlx::query_as(rows::CLAIM)
            .bind(holder)
            .bind(lease_end)
            .bind(now)
            .bind(limit)
            .fetch_all(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(claimed.into_iter().map(rows::ClaimedRow::whole).collect::<Result<_, db::Error>>()?)
    }

    async fn release_timers(
        &self,
        holder: Uuid,
        numbers: &[String],
        ready: DateTime<Utc>,
    ) -> Result<(), Error> {
        if numbers.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        rows::release(holder, numbers, ready).build().execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn settle_timers(&self, number: &str, calendar: &Calendar, seen: Option<i64>) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        let found = tx.numbered(&[number.to_owned()]).await?.pop();
        let case = found.ok_or_else(|| Refusal::missing(format!("case {number}")))?;
        // The calendar is the one of the case, and nothing happens to the case until this is done.
        let is_kept = case.calendar.as_ref().is_none_or(|kept| kept == calendar.reference());
        if !is_kept || !tx.hold_case(&case, calendar).await? {
            return Err(db::Error::Conflict.into());
        }
        tx.keep_timers(&[Keep { before: None, after: &case, calendar, seen }]).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn climb(&self, change: &Change, climbs: &[Climb]) -> Result<Vec<String>, Error> {
        let numbers: Vec<String> = climbs.iter().map(|climb| climb.number.clone()).collect();
        if numbers.is_empty() {
            return Ok(numbers);
        }
        let mut tx = self.db.begin().await?;
        let found: HashMap<String, Case> =
            tx.numbered(&numbers).await?.into_iter().map(|case| (case.number.clone(), case)).collect();
        let climbed = climbs.iter().filter_map(|climb| climbed(climb, found.get(&climb.number)?, change));
        let mut climbed: Vec<Climbed<'_>> = climbed.collect();
        // Those that changed while this was decided are left out.
        let written = tx.write_climbed(&climbed).await?;
        climbed.retain(|climbed| written.contains(&climbed.after.number));
        if climbed.is_empty() {
            return Ok(Vec::new());
        }
        tx.insert_histories(&climbed).await?;
        let keeps: Vec<Keep<'_>> = climbed
            .iter()
            .map(|one| Keep {
                before: Some(&one.before),
                after: &one.after,
                calendar: one.calendar,
                seen: None,
            })
            .collect();
        tx.keep_timers(&keeps).await?;
        let records =
            climbed.iter().flat_map(|one| told(Some(&one.before), &one.history)).collect::<Vec<_>>();
        tx.insert_told(&records).await?;
        // What is not done counts as late once something happened after it was due, as it does here.
        let rounds = climbed
            .iter()
            .flat_map(|one| changed_rounds(Some(&one.before), &one.history, one.calendar))
            .collect();
        tx.write_rounds(rounds).await?;
        let events: Vec<_> = climbed
            .iter()
            .flat_map(|one| events_of_feed(Some(&one.before), &one.after, &one.history))
            .collect();
        tx.append(change, &events).await?;
        tx.commit().await?;
        self.committed();
        Ok(climbed.into_iter().map(|one| one.after.number).collect())
    }

    async fn cases_numbered(&self, numbers: &[String]) -> Result<Vec<Case>, Error> {
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.db.reads().acquire().await?.numbered(numbers).await?)
    }

    async fn timers_of(&self, numbers: &[String]) -> Result<Vec<(String, Timer)>, Error> {
        Ok(self.db.reads().acquire().await?.timers_kept(numbers).await?)
    }
}

/// What time has to know of a case that something happened to.
#[async_trait::async_trait]
pub(super) trait TimeRows {
    /// Sets what falls due next, and writes what those above keep in view.
    async fn keep_time(
        &mut self,
        before: Option<&Case>,
        after: &Case,
        history: &[Recorded],
        calendar: &Calendar,
    ) -> Result<(), db::Error>;

    /// The timers of some cases.
    async fn timers_kept(&mut self, numbers: &[String]) -> Result<Vec<(String, Timer)>, db::Error>;

    /// Sets the timers of a case anew, whatever is there.
    async fn renew_timers(&mut self, case: &Case, calendar: &Calendar) -> Result<(), db::Error>;
}

#[trait_gen(Conn -> sqlx::SqliteConnection, sqlx::PgConnection)]
#[async_trait::async_trait]
impl TimeRows for Conn {
    async fn keep_time(
        &mut self,
        before: Option<&Case>,
        after: &Case,
        history: &[Recorded],
        calendar: &Calendar,
    ) -> Result<(), db::Error> {
        self.keep_timers(&[Keep { before, after, calendar, seen: None }]).await?;
        self.insert_told(&told(before, history)).await
    }

    async fn timers_kept(&mut self, numbers: &[String]) -> Result<Vec<(String, Timer)>, db::Error> {
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = rows::select_timers(numbers);
        let found: Vec<rows::TimerRow> = query.build_query_as().fetch_all(&mut *self).await?;
        found.into_iter().map(rows::TimerRow::whole).collect()
    }

    async fn renew_timers(&mut self, case: &Case, calendar: &Calendar) -> Result<(), db::Error> {
        sqlx::query("DELETE FROM timers WHERE case_number = $1")
            .bind(&case.number)
            .execute(&mut *self)
            .await?;
        self.keep_timers(&[Keep { before: None, after: case, calendar, seen: None }]).await
    }
}

/// What becomes of a case by climbing; nothing where it is no longer as it was, or a rule stands against it.
fn climbed<'a>(climb: &'a Climb, case: &Case, change: &Change) -> Option<Climbed<'a>> {
    let is_same = case.version == climb.version && case.calendar.as_ref() == Some(climb.calendar.reference());
    if !is_same {
        return None;
    }
    let by = Party::system();
    let context = Context { now: change.now, by: by.clone(), calendar: &climb.calendar };
    let (mut after, mut history) = (case.clone(), Vec::new());
    for (part, rung, to) in &climb.steps {
        let command = Command::On(*part, Target::Escalate(*rung, to.clone()));
        for event in case::decide(&after, &command, &context).ok()? {
            let recorded = Recorded { version: after.version + 1, event, by: by.clone(), time: change.now };
            after = case::apply(Some(after), &recorded)?;
            history.push(recorded);
        }
    }
    Some(Climbed { before: case.clone(), after, history, calendar: &climb.calendar })
}
