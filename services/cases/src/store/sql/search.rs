//! Finding cases in SQL.
//!
//! A search goes down the postings of its rarest term, the newest first, and asks of each case whether it has the
//! other terms: so it reads in the order of its answer and stops when a page is full. How rare a term is, is asked of
//! the index where the page begins: how far back does its two-thousandth posting lie? Nothing is counted when a case
//! is written, which would make every two submissions wait for each other.

mod query;
mod rows;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use minqing_platform::db::{self, Postgres, Sqlite};
use minqing_platform::error::Error;
use sqlx::FromRow;
use trait_gen::trait_gen;

use query::Need;
pub(in crate::store::sql) use rows::TermRows;

use super::Sql;
use super::case::CaseRow;
use crate::domain::case::Case;
use crate::domain::search;
use crate::domain::similar::Frequencies;
use crate::store::search::{Found, Nearby, Search, SearchStore};

/// How many postings of its rarest term a search looks through at a time, and how often in one call: twice as many
/// keep nothing from being found, they only make the slowest call slower.
const DEPTH: i64 = 2_000;
const ROUNDS_MAX: usize = 2;
/// How far apart the order of time and the order of coming in can be: two replicas' clocks, and a call that waits for
/// its turn to write.
const SKEW: TimeDelta = TimeDelta::hours(1);
/// The newest cases in which words are counted.
const SAMPLE: i64 = 5_000;

/// One posting.
#[derive(FromRow)]
struct Depth {
    place: i64,
    seq: Option<i64>,
}

/// A range of places in the order in which cases came in, neither end included.
#[derive(Debug, Clone, Copy)]
struct Span {
    after: i64,
    before: i64,
}

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl SearchStore for Sql<Db> {
    async fn search_cases(&self, search: &Search, before: Option<i64>, limit: i64) -> Result<Found, Error> {
        let Some(need) = Need::of(search) else { return Ok(Found::default()) };
        let mut reads = self.db.reads().acquire().await?;
        let mut span = reads.span(search.from, search.before).await?;
        span.before = span.before.min(before.unwrap_or(i64::MAX));
        let mut found = Found::default();
        for _ in 0..ROUNDS_MAX {
            let (lead, floor) = reads.rarest(&need.terms, span).await?;
            let missing = limit - i64::try_from(found.cases.len()).unwrap_or(limit);
            // The postings down to the floor, that one too.
            let round = Span { after: floor.map_or(span.after, |floor| floor - 1), ..span };
            let mut select = query::select_found(&need, &lead, round, missing);
            let rows: Vec<CaseRow> = select.build_query_as().fetch_all(&mut *reads).await?;
            for row in rows {
                found.cases.push(row.whole()?);
            }
            found.rest = floor.filter(|_| i64::try_from(found.cases.len()).is_ok_and(|count| count < limit));
            match found.rest {
                None => break,
                Some(floor) => span.before = floor,
            }
        }
        Ok(found)
    }

    async fn word_frequencies(&self, words: &BTreeSet<String>) -> Result<Frequencies, Error> {
        let mut reads = self.db.reads().acquire().await?;
        let newest: Option<i64> =
            sqlx::query_scalar("SELECT MAX(seq) FROM cases").fetch_one(&mut *reads).await?;
        let newest = newest.unwrap_or(0);
        let counts = reads.count_terms(words, newest - SAMPLE).await?;
        Ok(Frequencies { sample: u32::try_from(newest.min(SAMPLE)).unwrap_or(0), counts })
    }

    async fn cases_nearby(&self, nearby: &Nearby) -> Result<Vec<Case>, Error> {
        let Some(need) = Need::nearby(nearby) else { return Ok(Vec::new()) };
        let mut reads = self.db.reads().acquire().await?;
        let span = reads.span(Some(nearby.since), None).await?;
        let mut select = query::select_nearby(nearby, &need, span.after);
        let found: Vec<CaseRow> = select.build_query_as().fetch_all(&mut *reads).await?;
        Ok(found.into_iter().map(|row| Ok(row.whole()?.1)).collect::<Result<_, db::Error>>()?)
    }
}

/// What several searches ask first.
#[async_trait::async_trait]
trait Bounds {
    /// Where a period lies in the order in which cases came in, somewhat wider than it is.
    async fn span(
        &mut self,
        from: Option<DateTime<Utc>>,
        before: Option<DateTime<Utc>>,
    ) -> Result<Span, db::Error>;

    /// The rarest of some terms within a span, and its posting down to which one round goes; none when it goes to the end.
    async fn rarest(
        &mut self,
        terms: &BTreeSet<String>,
        span: Span,
    ) -> Result<(String, Option<i64>), db::Error>;
}

#[trait_gen(Conn -> sqlx::SqliteConnection, sqlx::PgConnection)]
#[async_trait::async_trait]
impl Bounds for Conn {
    async fn span(
        &mut self,
        from: Option<DateTime<Utc>>,
        before: Option<DateTime<Utc>>,
    ) -> Result<Span, db::Error> {
        let mut span = Span { after: i64::MIN, before: i64::MAX };
        if let Some(from) = from {
            let last: Option<i64> = sqlx::query_scalar(
                "SELECT seq FROM cases WHERE create_time < $1 ORDER BY create_time DESC LIMIT 1",
            )
            .bind(from - SKEW)
            .fetch_optional(&mut *self)
            .await?;
            span.after = last.unwrap_or(span.after);
        }
        if let Some(before) = before {
            let first: Option<i64> = sqlx::query_scalar(
                "SELECT seq FROM cases WHERE create_time >= $1 ORDER BY create_time LIMIT 1",
            )
            .bind(before + SKEW)
            .fetch_optional(&mut *self)
            .await?;
            span.before = first.unwrap_or(span.before);
        }
        Ok(span)
    }

    async fn rarest(
        &mut self,
        terms: &BTreeSet<String>,
        span: Span,
    ) -> Result<(String, Option<i64>), db::Error> {
        let mut select = query::select_depths(terms, span, DEPTH);
        let depths: Vec<Depth> = select.build_query_as().fetch_all(&mut *self).await?;
        // Without so many postings at all, a term is the rarest there can be.
        let rarest = depths.into_iter().min_by_key(|depth| depth.seq);
        let place = rarest.as_ref().and_then(|depth| usize::try_from(depth.place).ok()).unwrap_or(0);
        let lead = terms.iter().nth(place).cloned().unwrap_or_default();
        Ok((lead, rarest.and_then(|depth| depth.seq)))
    }
}

/// Facts that somebody still owes something.
fn open() -> Vec<String> {
    search::open_statuses().collect()
}
