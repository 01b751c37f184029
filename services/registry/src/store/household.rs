//! What is stored of households.

use chrono::NaiveDate;
use minqing_platform::error::Error;
use minqing_platform::journal::Change;
use minqing_platform::seal::Keyring;

use crate::domain::household::{Household, NewHousehold};
use minqing_platform::code::Code;

/// Which households are listed.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Only those in this division or grid.
    pub within: Code,
    /// Only those in force on this day.
    pub on: Option<NaiveDate>,
}

/// A place in the order of households: by grid, then by address, then by id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Position {
    /// The code of the grid.
    pub grid: String,
    /// The key of the address.
    pub address_key: String,
    /// The id.
    pub id: String,
}

/// Households as they are stored.
#[async_trait::async_trait]
pub trait HouseholdStore: Send + Sync {
    /// One household.
    async fn household(&self, id: &str) -> Result<Option<Household>, Error>;

    /// Households after a place in their order.
    async fn households(
        &self,
        filter: &Filter,
        after: &Position,
        limit: i64,
    ) -> Result<Vec<Household>, Error>;

    /// The households in force in which a person lives, in the order of their ids; at most 100.
    async fn households_of(&self, person: &str) -> Result<Vec<Household>, Error>;

    /// Whether a person is a resident in force of a household in force.
    async fn lives_in(&self, person: &str, household: &str) -> Result<bool, Error>;

    /// Creates a household.
    async fn create_household(
        &self,
        change: &Change,
        new: &NewHousehold,
        from: NaiveDate,
    ) -> Result<Household, Error>;

    /// Changes the address; `version` is the one the caller read, if it said so.
    async fn update_household(
        &self,
        change: &Change,
        id: &str,
        address: &str,
        version: Option<i64>,
    ) -> Result<Household, Error>;

    /// Moves a household to a grid that is in force on a day; `version` is the one the caller read, if it said so.
    async fn move_household(
        &self,
        change: &Change,
        id: &str,
        to: &NewHousehold,
        day: NaiveDate,
        version: Option<i64>,
    ) -> Result<Household, Error>;

    /// Ends a household, and the stay of all its residents.
    async fn end_household(
        &self,
        change: &Change,
        keyring: &Keyring,
        id: &str,
        day: NaiveDate,
    ) -> Result<Household, Error>;
}
