//! What is stored of figures.

use chrono::{DateTime, Utc};
use minqing_platform::error::Error;
use minqing_platform::journal::Change;

use crate::domain::case::Case;
use crate::domain::figures::{Facts, Group, Query, Selection};

/// The most groups of one answer.
pub const GROUPS_MAX: usize = 5_000;
/// The most rounds that published figures count.
pub const SNAPSHOT_ROWS_MAX: u64 = 200_000;

/// Whose rounds are counted: those in these areas, and those of these organizations. Neither is none at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Areas, each a code that they begin with.
    pub within: Vec<String>,
    /// Organizations (`organizations/x`) that lead.
    pub organizations: Vec<String>,
}

impl Scope {
    /// Everything.
    pub fn everything() -> Self {
        Self { within: vec![String::new()], organizations: Vec::new() }
    }
}

/// What is listed of a figure.
#[derive(Debug, Clone)]
pub struct Listed<'a> {
    /// What it is of.
    pub query: &'a Query,
    /// Whose.
    pub scope: &'a Scope,
    /// In published figures, by their id, instead of among what is counted now.
    pub snapshot: Option<&'a str>,
    /// Only of this group.
    pub group: Option<&'a str>,
    /// Which rounds.
    pub selection: &'a Selection,
}

/// Where a round stands in the order of all.
pub type RoundKey = (String, i64);

/// Figures that are to be published.
#[derive(Debug, Clone)]
pub struct NewSnapshot {
    /// The last part of the name.
    pub id: String,
    /// The title.
    pub display_name: String,
    /// What they are of.
    pub query: Query,
}

/// Figures that were published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The last part of the name.
    pub id: String,
    /// The title.
    pub display_name: String,
    /// What they are of.
    pub query: Query,
    /// The groups.
    pub groups: Vec<Group>,
    /// SHA-256 over all of it and the rounds with their versions, in hexadecimal digits.
    pub hash: String,
    /// When.
    pub publish_time: DateTime<Utc>,
}

/// Figures as they are stored. What they count is written with the cases (see [`super::CaseStore`]), in the same
/// transactions.
#[async_trait::async_trait]
pub trait FigureStore: Send + Sync {
    /// The groups, in the order of their keys; one more than [`GROUPS_MAX`] when there are more.
    async fn figures(&self, query: &Query, scope: &Scope) -> Result<Vec<Group>, Error>;

    /// What a figure counts, with the cases, after a place in the order of all.
    async fn figure_rounds(
        &self,
        listed: &Listed<'_>,
        after: Option<&RoundKey>,
        limit: i64,
    ) -> Result<Vec<(Facts, Case)>, Error>;

    /// Freezes figures of everything that the query is about.
    async fn publish_figures(&self, change: &Change, new: NewSnapshot) -> Result<Snapshot, Error>;

    /// Published figures.
    async fn snapshot(&self, id: &str) -> Result<Option<Snapshot>, Error>;

    /// Published figures, the newest first, after a place in that order.
    async fn snapshots(
        &self,
        before: Option<&(DateTime<Utc>, String)>,
        limit: i64,
    ) -> Result<Vec<Snapshot>, Error>;

    /// Published figures counted again from what was frozen with them, with the hash that this gives.
    async fn recounted(&self, snapshot: &Snapshot) -> Result<(Vec<Group>, String), Error>;
}
