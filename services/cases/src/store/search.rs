//! How cases are found: by their words, and what may be about the same matter.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use minqing_platform::error::Error;

use crate::domain::case::Case;
use crate::domain::similar::Frequencies;

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Terms that a case must all have: words, and facts by which it is filtered. At least one.
    pub terms: BTreeSet<String>,
    /// Groups of areas, each a code or the beginning of one: a case must lie in one area of each group.
    pub areas: Vec<Vec<String>>,
    /// Facts that a case must not have: that it is against the caller.
    pub hidden: Vec<String>,
    /// Only cases that came in at this instant or later.
    pub from: Option<DateTime<Utc>>,
    /// Only cases that came in before this instant.
    pub before: Option<DateTime<Utc>>,
}

/// A page of what was found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Cases with their places in the order in which they came in, the newest first.
    pub cases: Vec<(i64, Case)>,
    /// Where to go on when so much was looked through that the search was broken off: there may be more before this place.
    pub rest: Option<i64>,
}

/// Where candidates for the same matter are looked for.
#[derive(Debug, Clone, Default)]
pub struct Nearby {
    /// Words of which a case must have one: the rarest of the matter, few.
    pub words: Vec<String>,
    /// Facts of which a case must have one: that it lies in a village or a cell of the map. Empty is anywhere.
    pub places: Vec<String>,
    /// Areas, each a code or the beginning of one, of which a case must lie in one.
    pub within: Vec<String>,
    /// Facts that a case must not have.
    pub hidden: Vec<String>,
    /// From when on cases are looked for, ended ones too; from before it open ones only.
    pub since: DateTime<Utc>,
    /// How many at most.
    pub limit: i64,
}

/// Finding cases.
#[async_trait::async_trait]
pub trait SearchStore: Send + Sync {
    /// Cases, the newest first, before a place in that order. What one call looks through is bounded.
    async fn search_cases(&self, search: &Search, before: Option<i64>, limit: i64) -> Result<Found, Error>;

    /// In how many of the newest cases each word is.
    async fn word_frequencies(&self, words: &BTreeSet<String>) -> Result<Frequencies, Error>;

    /// Cases that have most of the words, the newest first among equals.
    async fn cases_nearby(&self, nearby: &Nearby) -> Result<Vec<Case>, Error>;
}
