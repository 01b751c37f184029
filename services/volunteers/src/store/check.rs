//! What is stored, side by side with what it must follow from.

use chrono::{DateTime, Utc};
use minqing_platform::error::Error;
use uuid::Uuid;

use crate::domain::certificate::Certificate;
use crate::domain::hour::{Entry, Total};
use crate::domain::need::{Need, Recorded};

/// A need as its row has it, beside its history.
#[derive(Debug, Clone)]
pub struct StoredNeed {
    /// Its place in the order of all needs.
    pub seq: i64,
    /// The need as it is kept.
    pub need: Need,
    /// The history, from the beginning.
    pub history: Vec<Recorded>,
    /// What is kept of it for lists.
    pub columns: NeedColumns,
}

/// What is kept of a need for lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedColumns {
    /// The last part of the name.
    pub id: Uuid,
    /// The version.
    pub version: i64,
    /// The status.
    pub status: String,
    /// Where it came from.
    pub source: String,
    /// By whom it was raised.
    pub raiser: String,
    /// The place.
    pub division_code: String,
    /// The post; empty for none.
    pub post: String,
    /// The team; empty for none.
    pub team: String,
    /// The part of the corps in a case.
    pub assignment: Option<String>,
    /// When the next step is due.
    pub due: Option<DateTime<Utc>>,
    /// Whether cases refused an answer.
    pub answer_refused: bool,
    /// When it was raised.
    pub create_time: DateTime<Utc>,
    /// When something happened last.
    pub update_time: DateTime<Utc>,
}

impl NeedColumns {
    /// What must be kept of a need.
    pub fn of(need: &Need) -> Self {
        Self {
            id: need.id,
            version: need.version,
            status: need.status.to_string(),
            source: need.source.to_string(),
            raiser: need.raiser.clone(),
            division_code: need.place.code.to_string(),
            post: need.requirements.post.clone().unwrap_or_default(),
            team: need.team.clone().unwrap_or_default(),
            assignment: need.assignment.clone(),
            due: need.due,
            answer_refused: need.answer_refused.is_some(),
            create_time: need.create_time,
            update_time: need.update_time,
        }
    }
}

/// A certificate as its row has it, beside the hours that it certifies.
#[derive(Debug, Clone)]
pub struct StoredCertificate {
    /// The number.
    pub number: String,
    /// Whose it is.
    pub volunteer: String,
    /// Where the holder belonged.
    pub division_code: String,
    /// All of it.
    pub certificate: Certificate,
    /// The entries of its days, up to the place of the chain at which it was issued.
    pub entries: Vec<Entry>,
}

/// Reads everything, page by page.
#[async_trait::async_trait]
pub trait CheckStore: Send + Sync {
    /// The totals of hours as they are kept, by volunteer, after a number.
    async fn hour_totals_after(&self, volunteer: &str, limit: i64) -> Result<Vec<(String, Total)>, Error>;

    /// Needs after a place in the order of all, with all that is kept of them.
    async fn stored_needs_after(&self, seq: i64, limit: i64) -> Result<Vec<StoredNeed>, Error>;

    /// How many needs each team has, as it is kept, after a team's id.
    async fn team_loads_after(&self, team: &str, limit: i64) -> Result<Vec<(String, i64)>, Error>;

    /// Certificates after a number, in the order of their numbers, with the hours that they certify.
    async fn stored_certificates_after(
        &self,
        number: &str,
        limit: i64,
    ) -> Result<Vec<StoredCertificate>, Error>;

    /// How many certificates each year has, as it is counted.
    async fn certificate_years(&self) -> Result<Vec<(i64, i64)>, Error>;
}
