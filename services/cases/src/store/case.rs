//! What is stored of cases.

use chrono::{DateTime, Utc};
use minqing_platform::code::Code;
use minqing_platform::error::Error;
use minqing_platform::journal::Change;

use crate::domain::attachment::Claim;
use crate::domain::calendar::Calendar;
use crate::domain::case::{
    AssignmentStatus, Case, CaseType, Command, Door, Party, Recorded, Status, Submission,
};

/// Who raised a case: sealed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reporter {
    /// The name.
    pub name: Option<Vec<u8>>,
    /// The telephone number.
    pub phone: Option<Vec<u8>>,
    /// By which cases of one number are found.
    pub phone_index: Option<Vec<u8>>,
    /// Who speaks for them.
    pub proxy: Option<String>,
}

/// A case that is to be raised.
#[derive(Debug, Clone)]
pub struct NewCase {
    /// The case.
    pub submission: Submission,
    /// Who raised it.
    pub reporter: Reporter,
    /// Files that were uploaded for it.
    pub claims: Vec<Claim>,
}

/// Something that is to happen to a case.
#[derive(Debug, Clone)]
pub struct Act<'a> {
    /// The case.
    pub number: &'a str,
    /// The version the caller read, if they said so.
    pub version: Option<i64>,
    /// What.
    pub command: Command,
    /// Who.
    pub by: Party,
    /// The calendar that the case has, as the caller saw it, or the one it is to have.
    pub calendar: &'a Calendar,
}

/// Which cases are listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only in these divisions or grids: each a code that they begin with. None is none at all.
    pub within: Vec<String>,
    /// Only of this division or grid.
    pub area: Option<Code>,
    /// Only in this status.
    pub status: Option<Status>,
    /// Only of this type, as they came in.
    pub kind: Option<CaseType>,
    /// Only through this door.
    pub door: Option<Door>,
    /// Only of this item.
    pub item: String,
    /// Only owned by this organization.
    pub organization: String,
    /// Only with something due before.
    pub due_before: Option<DateTime<Utc>>,
    /// Terms of the index that a case must not have: that it is against the caller.
    pub hidden: Vec<String>,
}

/// Which parts are listed.
#[derive(Debug, Clone, Default)]
pub struct PartFilter {
    /// Only of this case.
    pub case: Option<String>,
    /// Those of these organizations,
    pub units: Vec<String>,
    /// and those of cases in these divisions or grids: each a code that they begin with. Of neither is none at all.
    pub within: Vec<String>,
    /// Of those only the ones of this organization.
    pub organization: Option<String>,
    /// Only in this status.
    pub status: Option<AssignmentStatus>,
    /// Only due before.
    pub due_before: Option<DateTime<Utc>>,
    /// Terms of the index that the case must not have: that it is against the caller.
    pub hidden: Vec<String>,
}

/// Where a part stands in the list of all: when it was dispatched, of which case, which one.
pub type PartKey = (DateTime<Utc>, String, i64);

/// Cases as they are stored.
#[async_trait::async_trait]
pub trait CaseStore: Send + Sync {
    /// One case.
    async fn case(&self, number: &str) -> Result<Option<Case>, Error>;

    /// Cases, the newest first, after a place in that order.
    async fn cases(
        &self,
        filter: &Filter,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<(i64, Case)>, Error>;

    /// What happened to a case, after a version.
    async fn history(&self, number: &str, after: i64, limit: i64) -> Result<Vec<Recorded>, Error>;

    /// Parts with their cases, the newest first, after a place in that order.
    async fn parts(
        &self,
        filter: &PartFilter,
        before: Option<&PartKey>,
        limit: i64,
    ) -> Result<Vec<(PartKey, Case)>, Error>;

    /// The cases as a request left them that was sent before: by [`CaseStore::submit_case`], [`CaseStore::act`],
    /// [`CaseStore::merge_case`] and [`CaseStore::split_case`].
    async fn replayed(&self, change: &Change) -> Result<Option<Vec<Case>>, Error>;

    /// Who raised a case.
    async fn reporter(&self, number: &str) -> Result<Option<Reporter>, Error>;

    /// Who raised a case, with a record that somebody read it, and for what.
    async fn read_reporter(
        &self,
        change: &Change,
        number: &str,
        purpose: &str,
    ) -> Result<Option<Reporter>, Error>;

    /// Raises a case. `by` is who submits it.
    async fn submit_case(
        &self,
        change: &Change,
        new: NewCase,
        by: Party,
        calendar: &Calendar,
    ) -> Result<Case, Error>;

    /// Lets something happen to a case.
    async fn act(&self, change: &Change, act: Act<'_>) -> Result<Case, Error>;

    /// Carries a case on in another one, whose calendar is `other_calendar`.
    async fn merge_case(
        &self,
        change: &Change,
        act: Act<'_>,
        into: &str,
        other_calendar: &Calendar,
    ) -> Result<Case, Error>;

    /// Carries a case on in several new ones; each has the same raiser. Gives the case and the new ones.
    async fn split_case(
        &self,
        change: &Change,
        act: Act<'_>,
        parts: Vec<NewCase>,
    ) -> Result<(Case, Vec<Case>), Error>;
}
