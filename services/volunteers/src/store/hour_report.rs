//! What is stored of hours that volunteers report themselves.

use chrono::{DateTime, Utc};
use minqing_platform::code::Code;
use minqing_platform::error::Error;
use minqing_platform::journal::Change;
use uuid::Uuid;

use crate::domain::hour_report::{HourReport, Reviewer, Source, State};

/// Which reports are listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those in these divisions, each a code that they begin with,
    pub within: Vec<String>,
    /// and those of this team. Of neither is none at all.
    pub of_team: Option<String>,
    /// Of those only the ones of this team.
    pub team: Option<String>,
    /// Only in this division or grid.
    pub area: Option<Code>,
    /// Only of this queue.
    pub source: Option<Source>,
    /// Only those that stand so.
    pub state: Option<State>,
    /// Only those drawn for a spot check, or not.
    pub spot_check: Option<bool>,
}

/// Where a report stands in the list of all: when it was made, and which one.
pub type Key = (DateTime<Utc>, Uuid);

/// Reports of hours as they are stored.
#[async_trait::async_trait]
pub trait HourReportStore: Send + Sync {
    /// One report.
    async fn hour_report(&self, id: Uuid) -> Result<Option<HourReport>, Error>;

    /// Reports, the longest waiting first, after a place in that order.
    async fn hour_reports(
        &self,
        filter: &Filter,
        after: Option<Key>,
        limit: i64,
    ) -> Result<Vec<HourReport>, Error>;

    /// A volunteer's own reports, the newest first, after a place in that order.
    async fn own_hour_reports(
        &self,
        volunteer: &str,
        after: Option<Key>,
        limit: i64,
    ) -> Result<Vec<HourReport>, Error>;

    /// Keeps a new report. Refused where one of the same sign-up waits or was accepted (`REPORTED_ALREADY`).
    async fn create_hour_report(&self, change: &Change, new: &HourReport) -> Result<HourReport, Error>;

    /// Accepts a report, entering its hours in the same transaction, or declines it.
    async fn review_hour_report(
        &self,
        change: &Change,
        id: Uuid,
        (accept, comment): (bool, &str),
        by: Reviewer<'_>,
    ) -> Result<HourReport, Error>;
}
