//! What is stored of reminders, supervision, criticism and limits that were missed.

use chrono::{DateTime, Utc};
use minqing_platform::code::Code;
use minqing_platform::error::Error;

use crate::domain::case::{Case, Status, Told, ToldKind};

/// Which records are listed.
#[derive(Debug, Clone, Default)]
pub struct ToldFilter {
    /// Only these kinds; none is none at all.
    pub kinds: Vec<ToldKind>,
    /// Only in these divisions or grids, each a code that they begin with, or of `organizations`. Neither is none at all.
    pub within: Vec<String>,
    /// Or of these organizations.
    pub organizations: Vec<String>,
    /// Only of this case.
    pub case: Option<String>,
    /// Only of this organization.
    pub organization: Option<String>,
    /// Only in this division or grid.
    pub area: Option<Code>,
    /// Only from this instant on.
    pub from: Option<DateTime<Utc>>,
    /// Only before this instant.
    pub to: Option<DateTime<Utc>>,
}

/// Where a record stands in the list of all: when, of which case, which event.
pub type ToldKey = (DateTime<Utc>, String, i64);

/// Records as they are stored. They are written with the cases (see [`super::CaseStore`]), in the same transactions.
#[async_trait::async_trait]
pub trait ToldStore: Send + Sync {
    /// Records with their cases, the newest first, after a place in that order.
    async fn told(
        &self,
        filter: &ToldFilter,
        before: Option<&ToldKey>,
        limit: i64,
    ) -> Result<Vec<(Told, Case)>, Error>;

    /// One record: the event of a version of a case.
    async fn told_one(&self, number: &str, version: i64) -> Result<Option<Told>, Error>;

    /// Cases in a status, the newest first, before a place in the order of all; only in these divisions or grids.
    async fn cases_in(
        &self,
        status: Status,
        within: &[String],
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<(i64, Case)>, Error>;
}
