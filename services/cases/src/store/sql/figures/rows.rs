//! Rounds as they are kept to be counted, on one connection.

use chrono::{DateTime, Utc};
use minqing_platform::clock::civil_day;
use minqing_platform::db;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::{FromRow, PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;

use crate::domain::calendar::Calendar;
use crate::domain::case::{Case, Recorded};
use crate::domain::figures::{Facts, facts, facts_after};

/// Every column of a round, behind the name of its table.
macro_rules! columns {
    ($of:literal) => {
        concat!(
            $of,
            "case_number, ",
            $of,
            "round, ",
            $of,
            "version, ",
            $of,
            "division_code, ",
            $of,
            "organization, ",
            $of,
            "item, ",
            $of,
            "kind, ",
            $of,
            "door, ",
            $of,
            "status, ",
            $of,
            "left_out, ",
            $of,
            "begin_day, ",
            $of,
            "resolve_day, ",
            $of,
            "close_day, ",
            $of,
            "begin_time, ",
            $of,
            "accepted, ",
            $of,
            "dispatch_time, ",
            $of,
            "first_reply_time, ",
            $of,
            "resolve_time, ",
            $of,
            "close_time, ",
            $of,
            "due_time, ",
            $of,
            "responded, ",
            $of,
            "in_time, ",
            $of,
            "resolved, ",
            $of,
            "on_time, ",
            $of,
            "called_back, ",
            $of,
            "reached, ",
            $of,
            "solved, ",
            $of,
            "satisfaction, ",
            $of,
            "handled, ",
            $of,
            "reopened"
        )
    };
}

pub(super) use columns;

#[derive(FromRow)]
pub(super) struct FactsRow {
    case_number: String,
    round: i64,
    version: i64,
    division_code: String,
    organization: String,
    item: String,
    kind: String,
    door: String,
    status: String,
    begin_time: DateTime<Utc>,
    accepted: bool,
    dispatch_time: Option<DateTime<Utc>>,
    first_reply_time: Option<DateTime<Utc>>,
    resolve_time: Option<DateTime<Utc>>,
    close_time: Option<DateTime<Utc>>,
    due_time: Option<DateTime<Utc>>,
    in_time: Option<bool>,
    on_time: Option<bool>,
    called_back: bool,
    reached: bool,
    solved: Option<bool>,
    satisfaction: Option<String>,
    handled: Option<String>,
    reopened: bool,
}

impl FactsRow {
    pub(super) fn whole(self) -> Result<Facts, db::Error> {
        Ok(Facts {
            number: self.case_number,
            round: u32::try_from(self.round).map_err(|error| db::Error::Corrupt(error.to_string()))?,
            version: self.version,
            division_code: self.division_code,
            organization: self.organization,
            item: self.item,
            kind: self.kind.parse().map_err(db::Error::Corrupt)?,
            door: self.door.parse().map_err(db::Error::Corrupt)?,
            status: self.status.parse().map_err(db::Error::Corrupt)?,
            begin: self.begin_time,
            accepted: self.accepted,
            dispatch: self.dispatch_time,
            first_reply: self.first_reply_time,
            resolve: self.resolve_time,
            close: self.close_time,
            due: self.due_time,
            in_time: self.in_time,
            on_time: self.on_time,
            called_back: self.called_back,
            reached: self.reached,
            solved: self.solved,
            satisfaction: self
                .satisfaction
                .map(|text| text.parse())
                .transpose()
                .map_err(db::Error::Corrupt)?,
            handled: self.handled.map(|text| text.parse()).transpose().map_err(db::Error::Corrupt)?,
            reopened: self.reopened,
        })
    }
}

/// Reads what is kept as JSON.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, db::Error> {
    serde_json::from_str(text).map_err(|error| db::Error::Corrupt(error.to_string()))
}

/// Writes what is kept as JSON.
pub(super) fn write(value: &impl Serialize) -> Result<String, db::Error> {
    serde_json::to_string(value).map_err(|error| db::Error::Corrupt(error.to_string()))
}

/// What is counted of cases.
#[async_trait::async_trait]
pub(in crate::store::sql) trait FigureRows {
    /// Writes what some events change in the figures of a case; `before` is the case before them.
    async fn keep_figures(
        &mut self,
        before: Option<&Case>,
        history: &[Recorded],
        calendar: &Calendar,
    ) -> Result<(), db::Error>;

    /// Writes rounds.
    async fn write_rounds(&mut self, rounds: Vec<Facts>) -> Result<(), db::Error>;

    /// The rounds of some cases as they are kept.
    async fn rounds_of(&mut self, numbers: &[String]) -> Result<Vec<Facts>, db::Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl FigureRows for Conn {
    async fn keep_figures(
        &mut self,
        before: Option<&Case>,
        history: &[Recorded],
        calendar: &Calendar,
    ) -> Result<(), db::Error> {
        self.write_rounds(changed(before, history, calendar)).await
    }

    async fn write_rounds(&mut self, rounds: Vec<Facts>) -> Result<(), db::Error> {
        if rounds.is_empty() {
            return Ok(());
        }
        let mut query = QueryBuilder::new(concat!("INSERT INTO case_figures (", columns!(""), ") "));
        query.push_values(rounds, |mut row, facts| {
            let day = |instant: DateTime<Utc>| civil_day(instant).to_string();
            let left_out = facts.left_out().map_or("", |reason| reason.as_str());
            row.push_bind(facts.number)
                .push_bind(i64::from(facts.round))
                .push_bind(facts.version)
                .push_bind(facts.division_code)
                .push_bind(facts.organization)
                .push_bind(facts.item)
                .push_bind(facts.kind.as_str())
                .push_bind(facts.door.as_str())
                .push_bind(facts.status.as_str())
                .push_bind(left_out)
                .push_bind(day(facts.begin))
                .push_bind(facts.resolve.map(day))
                .push_bind(facts.close.map(day))
                .push_bind(facts.begin)
                .push_bind(facts.accepted)
                .push_bind(facts.dispatch)
                .push_bind(facts.first_reply)
                .push_bind(facts.resolve)
                .push_bind(facts.close)
                .push_bind(facts.due)
                .push_bind(facts.first_reply.is_some())
                .push_bind(facts.in_time)
                .push_bind(facts.resolve.is_some())
                .push_bind(facts.on_time)
                .push_bind(facts.called_back)
                .push_bind(facts.reached)
                .push_bind(facts.solved)
                .push_bind(facts.satisfaction.map(|said| said.as_str()))
                .push_bind(facts.handled.map(|with| with.as_str()))
                .push_bind(facts.reopened);
        });
        query.push(REPLACE);
        query.build().execute(&mut *self).await?;
        Ok(())
    }

    async fn rounds_of(&mut self, numbers: &[String]) -> Result<Vec<Facts>, db::Error> {
        let mut query =
            QueryBuilder::new(concat!("SELECT ", columns!(""), " FROM case_figures WHERE case_number IN ("));
        let mut list = query.separated(", ");
        for number in numbers {
            list.push_bind(number.clone());
        }
        query.push(") ORDER BY case_number, round");
        let found: Vec<FactsRow> = query.build_query_as().fetch_all(&mut *self).await?;
        found.into_iter().map(FactsRow::whole).collect()
    }
}

/// The rounds that some events let count otherwise. Most events count for nothing.
pub(in crate::store::sql) fn changed(
    before: Option<&Case>,
    history: &[Recorded],
    calendar: &Calendar,
) -> Vec<Facts> {
    let mut rounds = facts_after(before, history, calendar);
    // By another calendar what is kept may be different, whatever the case says.
    let kept = before.filter(|case| case.calendar.as_ref() == Some(calendar.reference()));
    let kept = kept.map(|case| facts(case, calendar));
    rounds.retain(|round| kept.as_ref().is_none_or(|kept| !kept.counts_like(round)));
    rounds
}

/// What changes of a round: not what it is of, nor when it began.
const REPLACE: &str = " ON CONFLICT (case_number, round) DO UPDATE SET version = excluded.version, \
     organization = excluded.organization, item = excluded.item, status = excluded.status, \
     left_out = excluded.left_out, resolve_day = excluded.resolve_day, close_day = excluded.close_day, \
     accepted = excluded.accepted, dispatch_time = excluded.dispatch_time, \
     first_reply_time = excluded.first_reply_time, resolve_time = excluded.resolve_time, \
     close_time = excluded.close_time, due_time = excluded.due_time, responded = excluded.responded, \
     in_time = excluded.in_time, resolved = excluded.resolved, on_time = excluded.on_time, \
     called_back = excluded.called_back, reached = excluded.reached, solved = excluded.solved, \
     satisfaction = excluded.satisfaction, handled = excluded.handled, reopened = excluded.reopened";
