//! What is stored, side by side with what it must follow from.

use chrono::{DateTime, Utc};
use minqing_platform::error::Error;

use crate::domain::case::{Case, Recorded};

/// A case as its row has it, beside its history.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Its place in the order of all cases.
    pub seq: i64,
    /// The case as it is kept.
    pub case: Case,
    /// The history, from the beginning.
    pub history: Vec<Recorded>,
    /// What is kept of it for lists.
    pub columns: Columns,
    /// Its parts as they are kept for lists.
    pub parts: Vec<StoredPart>,
}

/// What is kept of a case for lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// The number.
    pub number: String,
    /// The version.
    pub version: i64,
    /// The status.
    pub status: String,
    /// The type as it came in.
    pub kind: String,
    /// The door.
    pub door: String,
    /// The place.
    pub division_code: String,
    /// The item.
    pub item: String,
    /// The owner's organization.
    pub owner_organization: String,
    /// When it came in.
    pub create_time: DateTime<Utc>,
    /// When something happened last.
    pub update_time: DateTime<Utc>,
}

/// A part as it is kept for lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPart {
    /// Which.
    pub id: i64,
    /// The organization.
    pub organization: String,
    /// The status.
    pub status: String,
    /// When it was dispatched.
    pub start_time: DateTime<Utc>,
}

impl Columns {
    /// What must be kept of a case.
    pub fn of(case: &Case) -> Self {
        Self {
            number: case.number.clone(),
            version: case.version,
            status: case.status.to_string(),
            kind: case.first_kind.to_string(),
            door: case.door.to_string(),
            division_code: case.place.code.to_string(),
            item: case.item.as_ref().map(|item| item.name.clone()).unwrap_or_default(),
            owner_organization: case.owner.organization.clone().unwrap_or_default(),
            create_time: case.create_time,
            update_time: case.update_time,
        }
    }
}

impl StoredPart {
    /// What must be kept of a case's parts.
    pub fn of(case: &Case) -> Vec<Self> {
        let part = |part: &crate::domain::case::Assignment| Self {
            id: i64::from(part.id),
            organization: part.organization.clone(),
            status: part.status.to_string(),
            start_time: part.start_time,
        };
        case.assignments.iter().map(part).collect()
    }
}

/// Reads everything, page by page.
#[async_trait::async_trait]
pub trait CheckStore: Send + Sync {
    /// Cases after a place in the order of all, with all that is kept of them.
    async fn stored_after(&self, seq: i64, limit: i64) -> Result<Vec<Stored>, Error>;
}
