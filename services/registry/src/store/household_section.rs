//! What is stored of the sections of households' files and of the consents to read them.

use chrono::NaiveDate;
use minqing_platform::error::Error;
use minqing_platform::journal::Change;

use crate::domain::access::Access;
use crate::domain::household_section::{Consent, Kind, NewConsent, Reading, Section};

/// Sections and consents as they are stored.
#[async_trait::async_trait]
pub trait SectionStore: Send + Sync {
    /// Reads a section where that is permitted, together with the record of the reading, whose purpose then says by
    /// what right. `own` says whether the reader lives in the household.
    async fn read_section(
        &self,
        access: &Access,
        (household, kind): (&str, Kind),
        reading: &Reading,
        own: bool,
        day: NaiveDate,
    ) -> Result<Section, Error>;

    /// Writes a section, together with the record of the writing; `version` is the one the writer read, if they said so.
    async fn write_section(
        &self,
        change: &Change,
        access: &Access,
        (household, kind): (&str, Kind),
        sealed: &[u8],
        version: Option<i64>,
        day: NaiveDate,
    ) -> Result<Section, Error>;

    /// Records a consent.
    async fn record_consent(
        &self,
        change: &Change,
        household: &str,
        new: &NewConsent,
        day: NaiveDate,
    ) -> Result<Consent, Error>;

    /// Withdraws a consent.
    async fn withdraw_consent(&self, change: &Change, household: &str, number: i32)
    -> Result<Consent, Error>;

    /// Consents of a household after a number, in the order of their numbers.
    async fn consents(&self, household: &str, after: i32, limit: i64) -> Result<Vec<Consent>, Error>;
}
