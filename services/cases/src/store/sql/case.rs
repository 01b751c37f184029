//! Cases in SQL.

mod feed;
mod rows;

use chrono::{DateTime, Utc};
use minqing_platform::db::{Postgres, Sqlite};
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _};
use serde::{Deserialize, Serialize};
use trait_gen::trait_gen;

pub(in crate::store::sql) use feed::events as events_of_feed;
use rows::PartRow;
pub(in crate::store::sql) use rows::{CaseRow, CaseRows};

use super::Sql;
use super::attachment::AttachmentRows;
use super::dispatch::LessonRows as _;
use super::figures::FigureRows as _;
use super::search::TermRows as _;
use super::timer::TimeRows as _;
use crate::domain::calendar::Calendar;
use crate::domain::case::{self, Case, Command, Context, Event, Party, Recorded};
use crate::domain::dispatch::taught;
use crate::store::case::{Act, CaseStore, Filter, NewCase, PartFilter, PartKey, Reporter};

/// The most events of one case that are read to replay an answer.
const HISTORY_MAX: i64 = 10_000;

/// What is remembered of an answer: the case as it was, which its history tells again.
#[derive(Serialize, Deserialize)]
struct Outcome(Vec<(String, i64)>);

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl CaseStore for Sql<Db> {
    async fn case(&self, number: &str) -> Result<Option<Case>, Error> {
        Ok(self.db.reads().acquire().await?.case(number).await?)
    }

    async fn cases(
        &self,
        filter: &Filter,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<(i64, Case)>, Error> {
        let mut query = rows::select_cases(filter, before, limit);
        let found: Vec<CaseRow> = query.build_query_as().fetch_all(self.db.reads()).await?;
        Ok(found.into_iter().map(CaseRow::whole).collect::<Result<_, _>>()?)
    }

    async fn history(&self, number: &str, after: i64, limit: i64) -> Result<Vec<Recorded>, Error> {
        Ok(self.db.reads().acquire().await?.case_events(number, after, limit).await?)
    }

    async fn parts(
        &self,
        filter: &PartFilter,
        before: Option<&PartKey>,
        limit: i64,
    ) -> Result<Vec<(PartKey, Case)>, Error> {
        let mut query = rows::select_parts(filter, before, limit);
        let found: Vec<PartRow> = query.build_query_as().fetch_all(self.db.reads()).await?;
        Ok(found.into_iter().map(PartRow::whole).collect::<Result<_, _>>()?)
    }

    async fn replayed(&self, change: &Change) -> Result<Option<Vec<Case>>, Error> {
        let mut reads = self.db.reads().acquire().await?;
        match reads.replayed(change).await? {
            Some(Outcome(before)) => reads.as_they_were(before).await.map(Some),
            None => Ok(None),
        }
    }

    async fn reporter(&self, number: &str) -> Result<Option<Reporter>, Error> {
        Ok(self.db.reads().acquire().await?.reporter(number).await?)
    }

    async fn read_reporter(
        &self,
        change: &Change,
        number: &str,
        purpose: &str,
    ) -> Result<Option<Reporter>, Error> {
        let mut tx = self.db.begin().await?;
        let found = tx.reporter(number).await?;
        if found.is_some() {
            tx.insert_reading(change, number, purpose).await?;
        }
        tx.commit().await?;
        Ok(found)
    }

    async fn submit_case(
        &self,
        change: &Change,
        new: NewCase,
        by: Party,
        calendar: &Calendar,
    ) -> Result<Case, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(Outcome(before)) = tx.replayed(change).await? {
            return only(tx.as_they_were(before).await?);
        }
        let made = tx.raise(change, new, by, calendar).await?;
        tx.remember(change, &outcome([&made])).await?;
        tx.commit().await?;
        self.committed();
        Ok(made)
    }

    async fn act(&self, change: &Change, act: Act<'_>) -> Result<Case, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(Outcome(before)) = tx.replayed(change).await? {
            return only(tx.as_they_were(before).await?);
        }
        let after = tx.happen(change, &act).await?;
        tx.remember(change, &outcome([&after])).await?;
        tx.commit().await?;
        self.committed();
        Ok(after)
    }

    async fn merge_case(
        &self,
        change: &Change,
        act: Act<'_>,
        into: &str,
        other_calendar: &Calendar,
    ) -> Result<Case, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(Outcome(before)) = tx.replayed(change).await? {
            return only(tx.as_they_were(before).await?);
        }
        let from = tx.case(act.number).await?;
        let from = from.ok_or_else(|| Refusal::missing(format!("case {}", act.number)))?;
        let command = Command::Absorb { from: from.number, kind: from.kind, against: from.against };
        let absorb =
            Act { number: into, version: None, command, by: act.by.clone(), calendar: other_calendar };
        tx.happen(change, &absorb).await?;
        let after = tx.happen(change, &act).await?;
        tx.remember(change, &outcome([&after])).await?;
        tx.commit().await?;
        self.committed();
        Ok(after)
    }

    async fn split_case(
        &self,
        change: &Change,
        act: Act<'_>,
        parts: Vec<NewCase>,
    ) -> Result<(Case, Vec<Case>), Error> {
        let mut tx = self.db.begin().await?;
        if let Some(Outcome(before)) = tx.replayed(change).await? {
            let mut were = tx.as_they_were(before).await?.into_iter();
            let first = were.next().ok_or_else(lost)?;
            return Ok((first, were.collect()));
        }
        let after = tx.happen(change, &act).await?;
        let mut made = Vec::with_capacity(parts.len());
        for part in parts {
            made.push(tx.raise(change, part, act.by.clone(), act.calendar).await?);
        }
        tx.remember(change, &outcome(std::iter::once(&after).chain(&made))).await?;
        tx.commit().await?;
        self.committed();
        Ok((after, made))
    }
}

fn outcome<'a>(cases: impl IntoIterator<Item = &'a Case>) -> Outcome {
    Outcome(cases.into_iter().map(|case| (case.number.clone(), case.version)).collect())
}

fn only(cases: Vec<Case>) -> Result<Case, Error> {
    cases.into_iter().next().ok_or_else(lost)
}

fn lost() -> Error {
    Error::Internal("a remembered case has no history".to_owned())
}

/// What several methods do within a transaction.
#[async_trait::async_trait]
pub(in crate::store::sql) trait CaseWork {
    /// Raises a case.
    async fn raise(
        &mut self,
        change: &Change,
        new: NewCase,
        by: Party,
        calendar: &Calendar,
    ) -> Result<Case, Error>;

    /// Lets something happen to a case.
    async fn happen(&mut self, change: &Change, act: &Act<'_>) -> Result<Case, Error>;

    /// Cases as they were at a version.
    async fn as_they_were(&mut self, cases: Vec<(String, i64)>) -> Result<Vec<Case>, Error>;
}

#[trait_gen(Conn -> sqlx::SqliteConnection, sqlx::PgConnection)]
#[async_trait::async_trait]
impl CaseWork for Conn {
    async fn raise(
        &mut self,
        change: &Change,
        new: NewCase,
        by: Party,
        calendar: &Calendar,
    ) -> Result<Case, Error> {
        let NewCase { submission, reporter, claims } = new;
        let history = record(0, case::submit(submission)?, &by, change.now);
        let made = case::replay(&history).ok_or_else(lost)?;
        self.insert_case(&made, calendar).await?;
        self.insert_case_events(&made.number, &history).await?;
        self.insert_reporter(&made.number, &reporter).await?;
        AttachmentRows::bind_attachments(self, change, &made.number, &claims).await?;
        self.insert_case_terms(&made).await?;
        self.keep_figures(None, &history, calendar).await?;
        self.keep_time(None, &made, &history, calendar).await?;
        self.append(change, &feed::events(None, &made, &history)).await?;
        Ok(made)
    }

    async fn happen(&mut self, change: &Change, act: &Act<'_>) -> Result<Case, Error> {
        let before = self.case(act.number).await?;
        let before = before.ok_or_else(|| Refusal::missing(format!("case {}", act.number)))?;
        if act.version.is_some_and(|version| version != before.version) {
            return Err(Refusal::stale().into());
        }
        check_calendar(&before, act)?;
        // The clock of another replica may be ahead of this one's; a history does not run backwards.
        let now = change.now.max(before.update_time);
        let context = Context { now, by: act.by.clone(), calendar: act.calendar };
        let history = record(before.version, case::decide(&before, &act.command, &context)?, &act.by, now);
        let applied = history.iter().fold(Some(before.clone()), case::apply);
        let after = applied.ok_or_else(lost)?;
        // Whoever read the same version and was slower finds another one, and is told.
        if !self.update_case(&after, before.version, act.calendar).await? {
            return Err(minqing_platform::db::Error::Conflict.into());
        }
        self.insert_case_events(&after.number, &history).await?;
        self.write_parts(&before, &after, act.calendar).await?;
        self.move_case_terms(&before, &after).await?;
        self.keep_figures(Some(&before), &history, act.calendar).await?;
        self.keep_time(Some(&before), &after, &history, act.calendar).await?;
        for (lesson, cases) in taught::lessons(&after, &history) {
            self.note_lessons(&[lesson], cases, now).await?;
        }
        self.append(change, &feed::events(Some(&before), &after, &history)).await?;
        Ok(after)
    }

    async fn as_they_were(&mut self, cases: Vec<(String, i64)>) -> Result<Vec<Case>, Error> {
        let mut were = Vec::with_capacity(cases.len());
        for (number, version) in cases {
            let history = self.case_events(&number, 0, version.min(HISTORY_MAX)).await?;
            were.push(case::replay(&history).ok_or_else(lost)?);
        }
        Ok(were)
    }
}

/// The caller brings the calendar; if the case was given another one meanwhile, they start again.
fn check_calendar(case: &Case, act: &Act<'_>) -> Result<(), Error> {
    let kept = match &act.command {
        Command::Accept { .. } | Command::RenewCalendar { .. } => return Ok(()),
        _ => case.calendar.as_ref(),
    };
    if kept.is_some_and(|kept| kept != act.calendar.reference()) {
        return Err(minqing_platform::db::Error::Conflict.into());
    }
    Ok(())
}

fn record(version: i64, events: Vec<Event>, by: &Party, now: DateTime<Utc>) -> Vec<Recorded> {
    (version + 1..)
        .zip(events)
        .map(|(version, event)| Recorded { version, event, by: by.clone(), time: now })
        .collect()
}
