//! What is stored of matchings.

use chrono::NaiveDate;
use minqing_platform::code::Code;
use minqing_platform::error::Error;
use minqing_platform::journal::Change;
use uuid::Uuid;

use crate::domain::matching::facts;
use crate::domain::matching::run::{Match, Matching, Outcome, Progress, Run};
use crate::domain::need::Promise;

/// The most open needs of one matching.
pub const NEEDS_MAX: usize = 50_000;
/// The most teams of one matching.
pub const TEAMS_MAX: usize = 10_000;

/// What goes into a matching.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The open needs of the area; one more than [`NEEDS_MAX`] at most.
    pub needs: Vec<facts::Need>,
    /// The teams that serve there; one more than [`TEAMS_MAX`] at most.
    pub teams: Vec<facts::Team>,
}

/// A matching as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its place in the list of all.
    pub seq: i64,
    /// What it says of itself.
    pub matching: Matching,
    /// Whether it is through.
    pub progress: Progress,
    /// How many of its matches were proposed.
    pub proposed: i64,
    /// How many were skipped.
    pub skipped: i64,
}

/// What came of a need, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredMatch {
    /// The match.
    pub one: Match,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was skipped or has no team.
    pub reason: String,
}

/// Which matches are listed.
#[derive(Debug, Clone, Default)]
pub struct MatchFilter {
    /// Only those of which this became.
    pub outcome: Option<Outcome>,
    /// Only those of this team.
    pub team: Option<String>,
}

/// Matchings as they are stored.
#[async_trait::async_trait]
pub trait MatchingStore: Send + Sync {
    /// What goes into a matching of an area on a day.
    async fn matching_inputs(&self, area: &Code, day: NaiveDate) -> Result<Inputs, Error>;

    /// The matching that the same request made before.
    async fn matching_of_request(&self, change: &Change) -> Result<Option<Uuid>, Error>;

    /// Keeps a matching whose matches are yet to be proposed; gives its id, or that of the one the same request made before.
    async fn keep_matching(&self, change: &Change, run: &Run) -> Result<Uuid, Error>;

    /// Proposes the next matches of a matching to their teams, a bounded number in one transaction; `false` when none are left.
    async fn propose_matches(&self, change: &Change, id: Uuid, promise: Promise) -> Result<bool, Error>;

    /// One matching.
    async fn matching(&self, id: Uuid) -> Result<Option<Stored>, Error>;

    /// Matchings of areas in these divisions or grids (each a code that they begin with), the newest first, before a place.
    async fn matchings(
        &self,
        within: &[String],
        area: Option<&Code>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Stored>, Error>;

    /// What came of the needs of a matching, in the order of their ids, after one.
    async fn matches(
        &self,
        id: Uuid,
        filter: &MatchFilter,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<StoredMatch>, Error>;

    /// A matching with all that it was made of.
    async fn matching_run(&self, id: Uuid) -> Result<Option<Run>, Error>;
}
