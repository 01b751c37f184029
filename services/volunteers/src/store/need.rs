//! What is stored of needs.

use chrono::{DateTime, Utc};
use minqing_platform::code::Code;
use minqing_platform::error::Error;
use minqing_platform::journal::Change;
use uuid::Uuid;

use crate::domain::need::{Command, Need, Promise, Recorded, Source, Status, Submission};

/// Something that is to happen to a need.
#[derive(Debug, Clone)]
pub struct Act<'a> {
    /// The need.
    pub id: Uuid,
    /// The version the caller read, if they said so.
    pub version: Option<i64>,
    /// What.
    pub command: &'a Command,
    /// How soon the next step is promised.
    pub promise: Promise,
    /// For a proposal: how many needs the team can have at a time.
    pub capacity: u32,
}

/// Who may see which needs.
#[derive(Debug, Clone)]
pub enum Whose {
    /// Those in these divisions or grids: each a code that they begin with. None is none at all.
    Within(Vec<String>),
    /// Those that an account raised.
    Raiser(String),
    /// Those that a team has.
    Team(String),
}

/// Which needs are listed.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Of these.
    pub whose: Whose,
    /// Only in this status.
    pub status: Option<Status>,
    /// Only from there.
    pub source: Option<Source>,
    /// Only for this post.
    pub post: Option<String>,
    /// Only of this team.
    pub team: Option<String>,
    /// Only in this division or grid.
    pub area: Option<Code>,
    /// Only with the next step due before.
    pub due_before: Option<DateTime<Utc>>,
    /// Only those whose answer cases did not take.
    pub answer_refused: bool,
}

/// What cases are to be told of.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct CaseCall {
    /// By which cases know the call when it comes again.
    pub id: Uuid,
    /// The need it is about.
    pub need_id: Uuid,
    /// The part of the corps.
    pub assignment: String,
    /// `sign`, `reply`, `resolve` or `return`.
    pub kind: String,
    /// Why, of a return.
    pub reason: String,
    /// In words.
    pub text: String,
    /// How often it was tried.
    pub attempts: i64,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Cases took it.
    Taken,
    /// They did not, for this reason, and will not.
    Refused(String),
    /// They could not be reached; it is tried again then.
    Later(DateTime<Utc>),
}

/// Needs as they are stored.
#[async_trait::async_trait]
pub trait NeedStore: Send + Sync {
    /// One need.
    async fn need(&self, id: Uuid) -> Result<Option<Need>, Error>;

    /// Needs, the newest first, after a place in that order.
    async fn needs(
        &self,
        filter: &Filter,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<(i64, Need)>, Error>;

    /// What happened to a need, after a version.
    async fn need_history(&self, id: Uuid, after: i64, limit: i64) -> Result<Vec<Recorded>, Error>;

    /// Raises a need.
    async fn submit_need(&self, change: &Change, submission: Submission) -> Result<Need, Error>;

    /// Lets something happen to a need.
    async fn act_on_need(&self, change: &Change, act: Act<'_>) -> Result<Need, Error>;

    /// Makes a need of a part of the corps in a case, unless it was made before, and keeps how far cases were heard of.
    /// `None` as the submission keeps only that.
    async fn hear_of_case(
        &self,
        change: &Change,
        submission: Option<Submission>,
        cursor: &str,
    ) -> Result<(), Error>;

    /// How far cases were heard of; empty at the beginning.
    async fn case_cursor(&self) -> Result<String, Error>;

    /// The need of a part of the corps in a case.
    async fn need_of_assignment(&self, assignment: &str) -> Result<Option<Need>, Error>;

    /// Takes up calls to cases that are due, of each part the oldest; nobody else does so until `until`.
    async fn claim_case_calls(
        &self,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<CaseCall>, Error>;

    /// Keeps what became of a call.
    async fn settle_case_call(&self, change: &Change, call: &CaseCall, told: &Told) -> Result<(), Error>;

    /// Needs whose proposal is due, the oldest first.
    async fn lapsed_proposals(&self, now: DateTime<Utc>, limit: i64) -> Result<Vec<Need>, Error>;
}
