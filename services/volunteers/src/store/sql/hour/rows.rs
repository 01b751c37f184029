//! Entries as rows, and what appends to their chain on one connection.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use minqing_platform::db;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _, NewEvent};
use serde_json::json;
use sqlx::{FromRow, PgConnection, QueryBuilder, SqliteConnection};
use trait_gen::trait_gen;
use uuid::Uuid;

use crate::domain::hour::chain::{Hash, Head};
use crate::domain::hour::honour::Honour;
use crate::domain::hour::{
    Entry, Facts, NewCorrection, NewEntry, SPAN_MAX, Source, check, correct, facts, overlap, overlapping,
};

/// Rows in one statement: eighteen values each, below either database's limit.
const ROWS_A_STATEMENT: usize = 1_000;
/// The most entries appended in one transaction, while which others wait.
pub(in crate::store::sql) const BATCH_MAX: usize = 5_000;

/// The columns of [`Row`].
macro_rules! columns {
    () => {
        "seq, volunteer, team, post, activity, shift, need, division_code, from_time, to_time, minutes, source, \
         corrects, reason, recorder, certifier, record_time, hash"
    };
}
pub(in crate::store::sql) use columns;

#[derive(FromRow)]
pub(in crate::store::sql) struct Row {
    seq: i64,
    volunteer: String,
    team: String,
    post: String,
    activity: Option<String>,
    shift: Option<String>,
    need: Option<String>,
    division_code: String,
    from_time: DateTime<Utc>,
    to_time: DateTime<Utc>,
    minutes: i64,
    source: String,
    corrects: Option<i64>,
    reason: String,
    recorder: String,
    certifier: String,
    record_time: DateTime<Utc>,
    hash: Vec<u8>,
}

impl Row {
    pub(in crate::store::sql) fn whole(self) -> Result<Entry, db::Error> {
        let facts = Facts {
            volunteer: self.volunteer,
            team: self.team,
            post: self.post,
            activity: self.activity,
            shift: self.shift,
            need: self.need,
            division_code: self.division_code,
            from: self.from_time,
            to: self.to_time,
            minutes: self.minutes,
            source: self.source.parse().map_err(db::Error::Corrupt)?,
            corrects: self.corrects,
            reason: self.reason,
            recorder: self.recorder,
            certifier: self.certifier,
            record_time: self.record_time,
        };
        Ok(Entry { seq: self.seq, facts, hash: hash(&self.hash)? })
    }
}

pub(in crate::store::sql) fn hash(bytes: &[u8]) -> Result<Hash, db::Error> {
    bytes.try_into().map_err(|_| db::Error::Corrupt(format!("a hash has {} bytes", bytes.len())))
}

#[derive(FromRow)]
pub(super) struct HonourRow {
    id: Uuid,
    kind: String,
    volunteer: String,
    need: Option<String>,
    text: String,
    giver: String,
    create_time: DateTime<Utc>,
}

impl HonourRow {
    pub(super) fn whole(self) -> Result<Honour, db::Error> {
        let Self { id, kind, volunteer, need, text, giver, create_time } = self;
        let kind = kind.parse().map_err(db::Error::Corrupt)?;
        Ok(Honour { id, kind, volunteer, need, text, giver, create_time })
    }
}

/// One event for each division of a batch: a feed needs no line for each entry.
fn events(entries: &[Entry]) -> Vec<NewEvent> {
    let mut by_division: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        by_division.entry(&entry.facts.division_code).or_default().push(entry);
    }
    let event = |(division, entries): (&str, Vec<&Entry>)| {
        let first = entries.first()?;
        let kind = if first.facts.source == Source::Correction { "HoursCorrected" } else { "HoursEntered" };
        Some(NewEvent {
            kind,
            subject: format!("hourEntries/{}", first.seq),
            division_code: division.to_owned(),
            payload: json!({
                "entries": entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(),
                "minutes": entries.iter().map(|entry| entry.facts.minutes).sum::<i64>(),
            }),
        })
    };
    by_division.into_iter().filter_map(event).collect()
}

/// Hours, as a connection inside a transaction sees them.
///
/// Rows are locked in this order: the totals of the persons, by number; then the head of the chain. So a transaction that
/// appends does it once, last; one that appended twice could wait for another that waits for it, and be told to try
/// again. Others wait only from the lock of the head to the commit.
#[async_trait::async_trait]
pub(in crate::store::sql) trait HourRows {
    /// Enters service: checks it, counts it for each person, and chains it. Gives the places in the chain.
    ///
    /// # Errors
    /// What [`check`] refuses; `HOURS_OVERLAP` where a person has hours at that time already, in this batch or
    /// before, corrected away or not counted among them; `HOURS_TOO_MANY` beyond [`BATCH_MAX`].
    async fn append_hours(&mut self, change: &Change, new: &[NewEntry]) -> Result<Vec<i64>, Error>;
    /// Enters a correction.
    async fn append_correction(
        &mut self,
        change: &Change,
        new: &NewCorrection,
        own: Option<&str>,
    ) -> Result<Entry, Error>;
    /// One entry.
    async fn hour_entry(&mut self, seq: i64) -> Result<Option<Entry>, db::Error>;
    /// The minutes of an entry as corrected so far.
    async fn counted_minutes(&mut self, seq: i64) -> Result<i64, db::Error>;
    /// Adds to the totals of persons, which locks them.
    async fn add_to_totals(&mut self, facts: &[Facts]) -> Result<(), db::Error>;
    /// Somebody among these who has hours at that time already.
    async fn overlapping_hours(&mut self, new: &[NewEntry]) -> Result<Option<String>, db::Error>;
    /// Chains entries.
    async fn chain_hours(&mut self, change: &Change, facts: Vec<Facts>) -> Result<Vec<Entry>, db::Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl HourRows for Conn {
    async fn append_hours(&mut self, change: &Change, new: &[NewEntry]) -> Result<Vec<i64>, Error> {
        if new.len() > BATCH_MAX {
            let text = format!("at most {BATCH_MAX} entries at once");
            return Err(Refusal::rule("HOURS_TOO_MANY", text).into());
        }
        for one in new {
            check(one, change.now)?;
        }
        if let Some((one, _)) = overlap(new) {
            return Err(overlapping(&one.volunteer).into());
        }
        if new.is_empty() {
            return Ok(Vec::new());
        }
        let facts: Vec<Facts> = new.iter().map(|new| facts(new, change.now)).collect();
        self.add_to_totals(&facts).await?;
        if let Some(volunteer) = self.overlapping_hours(new).await? {
            return Err(overlapping(&volunteer).into());
        }
        let entries = self.chain_hours(change, facts).await?;
        Ok(entries.iter().map(|entry| entry.seq).collect())
    }

    async fn append_correction(
        &mut self,
        change: &Change,
        new: &NewCorrection,
        own: Option<&str>,
    ) -> Result<Entry, Error> {
        let missing = || Refusal::missing(format!("hourEntries/{}", new.of));
        let entry = self.hour_entry(new.of).await?.ok_or_else(missing)?;
        // The person's total is locked before what counts is read: of two corrections at once one sees the other.
        let none = Facts { minutes: 0, source: Source::Correction, ..entry.facts.clone() };
        self.add_to_totals(&[none]).await?;
        let counted = self.counted_minutes(new.of).await?;
        let facts = correct(&entry, counted, own, new, change.now)?;
        self.add_to_totals(std::slice::from_ref(&facts)).await?;
        let chained = self.chain_hours(change, vec![facts]).await?;
        chained.into_iter().next().ok_or_else(|| Error::Internal("an entry was not chained".to_owned()))
    }

    async fn hour_entry(&mut self, seq: i64) -> Result<Option<Entry>, db::Error> {
        let found: Option<Row> =
            sqlx::query_as(concat!("SELECT ", columns!(), " FROM hour_entries WHERE seq = $1"))
                .bind(seq)
                .fetch_optional(&mut *self)
                .await?;
        found.map(Row::whole).transpose()
    }

    async fn counted_minutes(&mut self, seq: i64) -> Result<i64, db::Error> {
        let counted: Option<i64> = sqlx::query_scalar(
            "SELECT CAST(SUM(minutes) AS BIGINT) FROM hour_entries WHERE seq = $1 OR corrects = $1",
        )
        .bind(seq)
        .fetch_one(&mut *self)
        .await?;
        Ok(counted.unwrap_or(0))
    }

    async fn add_to_totals(&mut self, facts: &[Facts]) -> Result<(), db::Error> {
        let mut totals: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
        for facts in facts {
            let total = totals.entry(&facts.volunteer).or_default();
            total.0 += facts.minutes;
            total.1 += i64::from(facts.source != Source::Correction);
        }
        // In the order of their numbers, so that two batches never wait for each other.
        let totals: Vec<_> = totals.into_iter().collect();
        for chunk in totals.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new("INSERT INTO hour_totals (volunteer, minutes, times) ");
            query.push_values(chunk, |mut row, (volunteer, (minutes, times))| {
                row.push_bind((*volunteer).to_owned()).push_bind(*minutes).push_bind(*times);
            });
            query.push(
                " ON CONFLICT (volunteer) DO UPDATE SET minutes = hour_totals.minutes + excluded.minutes, \
                 times = hour_totals.times + excluded.times",
            );
            query.build().execute(&mut *self).await?;
        }
        Ok(())
    }

    async fn overlapping_hours(&mut self, new: &[NewEntry]) -> Result<Option<String>, db::Error> {
        for chunk in new.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new("WITH given (volunteer, earliest, from_time, to_time) AS (");
            query.push_values(chunk, |mut row, new| {
                row.push_bind(new.volunteer.clone())
                    .push_bind(new.from - SPAN_MAX)
                    .push_bind(new.from)
                    .push_bind(new.to);
            });
            // An entry lasts a day at most, so one that is still on began within the day: the index is walked over so much.
            query.push(
                ") SELECT g.volunteer FROM given g WHERE EXISTS (SELECT 1 FROM hour_entries e \
                 WHERE e.volunteer = g.volunteer AND e.from_time >= g.earliest AND e.from_time < g.to_time \
                 AND e.to_time > g.from_time AND e.corrects IS NULL \
                 AND e.minutes + COALESCE((SELECT SUM(c.minutes) FROM hour_entries c WHERE c.corrects = e.seq), 0) > 0) \
                 LIMIT 1",
            );
            let found: Option<String> = query.build_query_scalar().fetch_optional(&mut *self).await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    async fn chain_hours(&mut self, change: &Change, facts: Vec<Facts>) -> Result<Vec<Entry>, db::Error> {
        // Writing the row as it is locks it on either database.
        let (seq, before): (i64, Vec<u8>) =
            sqlx::query_as("UPDATE hour_chain SET seq = seq WHERE id = 1 RETURNING seq, hash")
                .fetch_one(&mut *self)
                .await?;
        let mut head = Head { seq, hash: hash(&before)? };
        let entries = head.append(facts);
        for chunk in entries.chunks(ROWS_A_STATEMENT) {
            let mut query = QueryBuilder::new(concat!("INSERT INTO hour_entries (", columns!(), ") "));
            query.push_values(chunk, |mut row, Entry { seq, facts, hash }| {
                row.push_bind(*seq)
                    .push_bind(facts.volunteer.clone())
                    .push_bind(facts.team.clone())
                    .push_bind(facts.post.clone())
                    .push_bind(facts.activity.clone())
                    .push_bind(facts.shift.clone())
                    .push_bind(facts.need.clone())
                    .push_bind(facts.division_code.clone())
                    .push_bind(facts.from)
                    .push_bind(facts.to)
                    .push_bind(facts.minutes)
                    .push_bind(facts.source.as_str())
                    .push_bind(facts.corrects)
                    .push_bind(facts.reason.clone())
                    .push_bind(facts.recorder.clone())
                    .push_bind(facts.certifier.clone())
                    .push_bind(facts.record_time)
                    .push_bind(hash.to_vec());
            });
            query.build().execute(&mut *self).await?;
        }
        sqlx::query("UPDATE hour_chain SET seq = $1, hash = $2 WHERE id = 1")
            .bind(head.seq)
            .bind(head.hash.to_vec())
            .execute(&mut *self)
            .await?;
        self.append(change, &events(&entries)).await?;
        Ok(entries)
    }
}
