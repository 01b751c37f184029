//! What is stored of calendars.

use chrono::NaiveDate;
use minqing_platform::error::Error;
use minqing_platform::journal::Change;
use serde::{Deserialize, Serialize};

use crate::domain::calendar::national::Notice;
use crate::domain::calendar::record::{Changes, New, Record};
use crate::domain::calendar::{National, Ref};

/// What an import of a year's notice did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// The days that are otherwise than before, in their order.
    pub changed: Vec<NaiveDate>,
    /// The versions that it made, in the order of the calendars' ids.
    pub versions: Vec<Ref>,
}

/// Calendars as they are stored.
#[async_trait::async_trait]
pub trait CalendarStore: Send + Sync {
    /// One calendar: a version, or the newest.
    async fn calendar(&self, id: &str, version: Option<i64>) -> Result<Option<Record>, Error>;

    /// The newest version of a calendar. Cheap, for it is asked each time a cached calendar is used.
    async fn calendar_version(&self, id: &str) -> Result<Option<i64>, Error>;

    /// The newest versions of the calendars after an id, in the order of their ids; of one organization where it is
    /// given.
    async fn calendars(
        &self,
        organization: Option<&str>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Record>, Error>;

    /// The national days of an edition.
    async fn national(&self, edition: i64) -> Result<National, Error>;

    /// Creates a calendar.
    async fn create_calendar(&self, change: &Change, new: &New) -> Result<Record, Error>;

    /// Makes a calendar's next version; `version` is the one the caller read, if it said so.
    async fn update_calendar(
        &self,
        change: &Change,
        id: &str,
        changes: Changes,
        version: Option<i64>,
    ) -> Result<Record, Error>;

    /// Takes in a year's notice, and makes a new version of every calendar to which the national days apply; only looks
    /// what it would do when it is a trial.
    async fn import_holidays(&self, change: &Change, notice: &Notice, trial: bool)
    -> Result<Imported, Error>;

    /// Makes the calendar of China, and takes in those notices of whose years there is none yet: a newer program
    /// brings newer years. Changes nothing where all is there.
    async fn found_calendars(&self, change: &Change, notices: &[Notice]) -> Result<(), Error>;
}
