//! What is stored, side by side with what it must follow from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use minqing_platform::error::Error;
use uuid::Uuid;

use crate::domain::calendar::Calendar;
use crate::domain::case::{Case, Recorded, Timer, Told};
use crate::domain::dispatch::learnt::Lesson;
use crate::domain::figures::Facts;

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
    /// What else is kept that follows from its history.
    pub derived: Derived,
    /// Of the terms that it had once and does not have now, those by which it is found all the same.
    pub outdated: BTreeSet<String>,
    /// The observations that became this case, and what the one has become that the case says it came from.
    pub observations: Vec<Uuid>,
    /// The case that the observation became from which this one says it came; none where there is no such observation.
    pub origin: Option<Option<String>>,
}

/// What is kept of a case that follows from its history and the calendars it had.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Derived {
    /// What is due next.
    pub next_due: Option<DateTime<Utc>>,
    /// When each part is due.
    pub part_dues: BTreeMap<i64, Option<DateTime<Utc>>>,
    /// What falls due by itself, in the order of parts and kinds.
    pub timers: Vec<Timer>,
    /// Reminders, supervision, criticism, limits that were missed.
    pub told: Vec<Told>,
    /// What is counted of its rounds.
    pub rounds: Vec<Facts>,
    /// Of the terms by which it is to be found, those by which it is.
    pub terms: BTreeSet<String>,
}

/// A case with all that is to be kept of it.
#[derive(Debug, Clone)]
pub struct Rebuilt {
    /// The case that its history makes.
    pub case: Case,
    /// The calendar it has.
    pub calendar: Arc<Calendar>,
    /// What follows from its history.
    pub derived: Derived,
}

/// What is kept of all cases together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// Events of all histories: where there are more, something moved here. The feed would not tell: it waits for whatever
    /// else goes on in the same server.
    pub events: i64,
    /// Terms of all cases.
    pub terms: i64,
    /// Cases that each organization had, as they were learnt or wait to be.
    pub learnt: BTreeMap<String, i64>,
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

    /// What is kept of all cases together. It reads whole tables.
    async fn totals(&self) -> Result<Totals, Error>;

    /// Writes a case, and all that is kept of it, anew; `false` when something happened to it meanwhile. An observation from
    /// which it came is tied to it again, if that is tied to no other.
    async fn rebuild_case(&self, rebuilt: &Rebuilt) -> Result<bool, Error>;

    /// Forgets what was learnt from dispatches, to be learnt anew.
    async fn forget_lessons(&self) -> Result<(), Error>;

    /// Notes lessons, to be counted by and by.
    async fn note_taught(&self, lessons: &[(Lesson, i64)], now: DateTime<Utc>) -> Result<(), Error>;
}
