//! What is stored of residents. What is personal of them goes in and out of the database sealed only.

use chrono::NaiveDate;
use minqing_platform::error::Error;
use minqing_platform::journal::Change;
use minqing_platform::seal::Keyring;

use crate::domain::access::Access;
use crate::domain::household::Household;
use crate::domain::resident::{NewResident, Resident, Update};

/// Residents as they are stored.
#[async_trait::async_trait]
pub trait ResidentStore: Send + Sync {
    /// One resident.
    async fn resident(&self, household: &str, number: i32) -> Result<Option<Resident>, Error>;

    /// Residents of a household after a number, in the order of their numbers; those of a day, or all.
    async fn residents(
        &self,
        household: &str,
        on: Option<NaiveDate>,
        after: i32,
        limit: i64,
    ) -> Result<Vec<Resident>, Error>;

    /// Records a resident.
    async fn create_resident(
        &self,
        change: &Change,
        keyring: &Keyring,
        household: &str,
        new: &NewResident,
        from: NaiveDate,
    ) -> Result<Resident, Error>;

    /// Changes a resident; `version` is the one the caller read, if it said so.
    async fn update_resident(
        &self,
        change: &Change,
        keyring: &Keyring,
        (household, number): (&str, i32),
        update: &Update,
        version: Option<i64>,
    ) -> Result<Resident, Error>;

    /// A resident moves out.
    async fn end_resident(
        &self,
        change: &Change,
        keyring: &Keyring,
        (household, number): (&str, i32),
        day: NaiveDate,
    ) -> Result<Resident, Error>;

    /// One resident, together with the record of the reading.
    async fn reveal_resident(
        &self,
        access: &Access,
        household: &str,
        number: i32,
    ) -> Result<Option<Resident>, Error>;

    /// The resident in force with an identity number, by its keyed hash, whose household lies in a division; together
    /// with the record of the search, which is left of the household found, or else of the division.
    async fn find_resident(
        &self,
        access: &Access,
        identity_index: &[u8],
        division: &str,
    ) -> Result<Option<(Household, Resident)>, Error>;
}
