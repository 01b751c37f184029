//! Households and residents as rows.

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::db;
use sqlx::FromRow;

use super::super::division::code_of;
use crate::domain::household::{Head, Household};
use crate::domain::resident::{Relation, Resident};
use minqing_platform::code::Code;
use minqing_platform::period::Period;

/// A household with its head, from `households h`.
macro_rules! select_households {
    () => {
        "SELECT h.id, h.grid_code, h.address, h.address_key, h.resident_count, h.head_number, r.sealed AS head_sealed, \
         h.effective_from, h.effective_to, h.create_time, h.update_time, h.version FROM households h \
         LEFT JOIN residents r ON r.household_id = h.id AND r.number = h.head_number "
    };
}
pub(in crate::store::sql) use select_households;

/// The columns of a resident.
macro_rules! resident_columns {
    () => {
        "household_id, number, relation, sealed, person_id, effective_from, effective_to, create_time, update_time, \
         version"
    };
}
pub(in crate::store::sql) use resident_columns;

#[derive(FromRow)]
pub(in crate::store::sql) struct HouseholdRow {
    id: String,
    grid_code: String,
    address: String,
    resident_count: i32,
    head_number: i32,
    head_sealed: Option<Vec<u8>>,
    effective_from: NaiveDate,
    effective_to: Option<NaiveDate>,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl TryFrom<HouseholdRow> for Household {
    type Error = db::Error;

    fn try_from(row: HouseholdRow) -> Result<Self, db::Error> {
        Ok(Self {
            id: row.id,
            grid: code_of(&row.grid_code)?,
            address: row.address,
            resident_count: row.resident_count,
            head: row.head_sealed.map(|sealed| Head { number: row.head_number, sealed }),
            effective: Period { from: row.effective_from, to: row.effective_to },
            create_time: row.create_time,
            update_time: row.update_time,
            version: row.version,
        })
    }
}

#[derive(FromRow)]
pub(in crate::store::sql) struct ResidentRow {
    household_id: String,
    number: i32,
    relation: i32,
    sealed: Vec<u8>,
    person_id: Option<String>,
    effective_from: NaiveDate,
    effective_to: Option<NaiveDate>,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl TryFrom<ResidentRow> for Resident {
    type Error = db::Error;

    fn try_from(row: ResidentRow) -> Result<Self, db::Error> {
        let relation = Relation::of_number(row.relation)
            .ok_or_else(|| db::Error::Corrupt(format!("{} is no relation", row.relation)))?;
        Ok(Self {
            household: row.household_id,
            number: row.number,
            relation,
            sealed: row.sealed,
            person: row.person_id,
            effective: Period { from: row.effective_from, to: row.effective_to },
            create_time: row.create_time,
            update_time: row.update_time,
            version: row.version,
        })
    }
}

/// What changes of a household's own row.
pub(in crate::store::sql) struct Changed<'a> {
    pub grid: &'a Code,
    pub address: &'a str,
    pub resident_count: i32,
    /// The number of the head, 0 for none.
    pub head: i32,
    pub effective_to: Option<NaiveDate>,
}

impl<'a> Changed<'a> {
    /// Nothing yet.
    pub fn of(old: &'a Household) -> Self {
        Self {
            grid: &old.grid,
            address: &old.address,
            resident_count: old.resident_count,
            head: head_of(old),
            effective_to: old.effective.to,
        }
    }
}

/// The number of the head, 0 for none.
pub(in crate::store::sql) fn head_of(household: &Household) -> i32 {
    household.head.as_ref().map_or(0, |head| head.number)
}
