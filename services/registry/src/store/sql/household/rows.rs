//! Statements on households and residents inside a transaction.

use chrono::NaiveDate;
use minqing_platform::db;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _, NewEvent};
use minqing_platform::seal::Keyring;
use serde_json::json;
use sqlx::{PgConnection, SqliteConnection};
use trait_gen::trait_gen;
use uuid::Uuid;

use super::row::{Changed, HouseholdRow, ResidentRow, resident_columns, select_households};
use crate::domain::household::{self, Household, NewHousehold};
use crate::domain::resident::Resident;
use crate::store::sealed;
use minqing_platform::code::Code;
use minqing_platform::period::Period;

/// An event on a household.
pub(in crate::store::sql) fn event(
    kind: &'static str,
    id: &str,
    grid: &Code,
    payload: serde_json::Value,
) -> NewEvent {
    NewEvent { kind, subject: format!("households/{id}"), division_code: grid.to_string(), payload }
}

/// The refusal of a household that is not there.
pub(in crate::store::sql) fn missing(id: &str) -> Error {
    Refusal::missing(format!("household {id}")).into()
}

/// Statements on households and residents inside a transaction.
#[async_trait::async_trait]
pub(in crate::store::sql) trait HouseholdRows {
    /// A household, locked until the transaction ends.
    async fn lock_household(&mut self, id: &str) -> Result<Option<Household>, Error>;
    /// A household that can change, locked until the transaction ends.
    async fn lock_changeable(&mut self, id: &str, version: Option<i64>) -> Result<Household, Error>;
    /// The days of a grid, if it exists.
    async fn grid_period(&mut self, code: &Code) -> Result<Option<Period>, Error>;
    async fn insert_household(
        &mut self,
        change: &Change,
        new: &NewHousehold,
        from: NaiveDate,
    ) -> Result<Household, Error>;
    /// Writes a household that is locked.
    async fn change_household(
        &mut self,
        change: &Change,
        old: &Household,
        changed: &Changed<'_>,
    ) -> Result<Household, Error>;
    /// All residents of a household that have not moved out.
    async fn residents_in_force(&mut self, household: &str) -> Result<Vec<Resident>, Error>;
    /// The greatest number of a resident there ever was; 0 when there was none.
    async fn last_resident_number(&mut self, household: &str) -> Result<i32, Error>;
    async fn insert_resident(&mut self, resident: &Resident) -> Result<(), Error>;
    /// Writes what can change of a resident.
    async fn update_resident_row(&mut self, resident: &Resident) -> Result<(), Error>;
    /// Ends the stay of residents of one household, and frees their identity numbers.
    async fn end_stays(
        &mut self,
        change: &Change,
        keyring: &Keyring,
        residents: &[Resident],
        day: NaiveDate,
    ) -> Result<(), Error>;
    /// Frees an identity number.
    async fn free_identity(&mut self, index: &[u8]) -> Result<(), Error>;
    /// Takes an identity number for a resident.
    async fn take_identity(&mut self, index: &[u8], household: &str, number: i32) -> Result<(), Error>;
    /// Whether a person's record is in force.
    async fn person_in_force(&mut self, id: &str) -> Result<bool, Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl HouseholdRows for Conn {
    async fn lock_household(&mut self, id: &str) -> Result<Option<Household>, Error> {
        // Writing the row to itself takes its lock on PostgreSQL; on SQLite the transaction holds the only one.
        let locked = sqlx::query("UPDATE households SET version = version WHERE id = $1")
            .bind(id)
            .execute(&mut *self)
            .await?;
        if locked.rows_affected() == 0 {
            return Ok(None);
        }
        let row: Option<HouseholdRow> = sqlx::query_as(concat!(select_households!(), "WHERE h.id = $1"))
            .bind(id)
            .fetch_optional(&mut *self)
            .await?;
        Ok(row.map(Household::try_from).transpose()?)
    }

    async fn lock_changeable(&mut self, id: &str, version: Option<i64>) -> Result<Household, Error> {
        let there = self.lock_household(id).await?.ok_or_else(|| missing(id))?;
        if version.is_some_and(|version| version != there.version) {
            return Err(Refusal::stale().into());
        }
        household::may_change(&there)?;
        Ok(there)
    }

    async fn grid_period(&mut self, code: &Code) -> Result<Option<Period>, Error> {
        let row: Option<(NaiveDate, Option<NaiveDate>)> =
            sqlx::query_as("SELECT effective_from, effective_to FROM grids WHERE code = $1")
                .bind(code.as_str())
                .fetch_optional(&mut *self)
                .await?;
        Ok(row.map(|(from, to)| Period { from, to }))
    }

    async fn insert_household(
        &mut self,
        change: &Change,
        new: &NewHousehold,
        from: NaiveDate,
    ) -> Result<Household, Error> {
        let id = Uuid::now_v7().to_string();
        sqlx::query(
            "INSERT INTO households (id, grid_code, address, address_key, resident_count, head_number, source, source_id, \
             source_digest, effective_from, create_time, update_time, version) \
             VALUES ($1, $2, $3, $4, 0, 0, '', '', $5, $6, $7, $7, 1)",
        )
        .bind(&id)
        .bind(new.grid.as_str())
        .bind(&new.address)
        .bind(crate::domain::address::key(&new.address))
        .bind(Vec::<u8>::new())
        .bind(from)
        .bind(change.now)
        .execute(&mut *self)
        .await?;
        let payload = json!({"effective_from": from, "resident_count": 0});
        self.append(change, &[event("HouseholdCreated", &id, &new.grid, payload)]).await?;
        Ok(Household {
            id,
            grid: new.grid.clone(),
            address: new.address.clone(),
            resident_count: 0,
            head: None,
            effective: Period::since(from),
            create_time: change.now,
            update_time: change.now,
            version: 1,
        })
    }

    async fn change_household(
        &mut self,
        change: &Change,
        old: &Household,
        changed: &Changed<'_>,
    ) -> Result<Household, Error> {
        sqlx::query(
            "UPDATE households SET grid_code = $2, address = $3, address_key = $4, resident_count = $5, \
             head_number = $6, effective_to = $7, update_time = $8, version = version + 1 WHERE id = $1",
        )
        .bind(&old.id)
        .bind(changed.grid.as_str())
        .bind(changed.address)
        .bind(crate::domain::address::key(changed.address))
        .bind(changed.resident_count)
        .bind(changed.head)
        .bind(changed.effective_to)
        .bind(change.now)
        .execute(&mut *self)
        .await?;
        let row: HouseholdRow = sqlx::query_as(concat!(select_households!(), "WHERE h.id = $1"))
            .bind(&old.id)
            .fetch_one(&mut *self)
            .await?;
        Ok(row.try_into()?)
    }

    async fn residents_in_force(&mut self, household: &str) -> Result<Vec<Resident>, Error> {
        let rows: Vec<ResidentRow> = sqlx::query_as(concat!(
            "SELECT ",
            resident_columns!(),
            " FROM residents WHERE household_id = $1 AND effective_to IS NULL ORDER BY number"
        ))
        .bind(household)
        .fetch_all(&mut *self)
        .await?;
        Ok(rows.into_iter().map(Resident::try_from).collect::<Result<_, _>>()?)
    }

    async fn last_resident_number(&mut self, household: &str) -> Result<i32, Error> {
        let (last,): (i32,) =
            sqlx::query_as("SELECT COALESCE(MAX(number), 0) FROM residents WHERE household_id = $1")
                .bind(household)
                .fetch_one(&mut *self)
                .await?;
        Ok(last)
    }

    async fn insert_resident(&mut self, resident: &Resident) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO residents (household_id, number, relation, sealed, person_id, effective_from, create_time, \
             update_time, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&resident.household)
        .bind(resident.number)
        .bind(resident.relation.number())
        .bind(&resident.sealed)
        .bind(&resident.person)
        .bind(resident.effective.from)
        .bind(resident.create_time)
        .bind(resident.update_time)
        .bind(resident.version)
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn update_resident_row(&mut self, resident: &Resident) -> Result<(), Error> {
        sqlx::query(
            "UPDATE residents SET relation = $3, sealed = $4, person_id = $5, update_time = $6, version = $7 \
             WHERE household_id = $1 AND number = $2",
        )
        .bind(&resident.household)
        .bind(resident.number)
        .bind(resident.relation.number())
        .bind(&resident.sealed)
        .bind(&resident.person)
        .bind(resident.update_time)
        .bind(resident.version)
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn end_stays(
        &mut self,
        change: &Change,
        keyring: &Keyring,
        residents: &[Resident],
        day: NaiveDate,
    ) -> Result<(), Error> {
        for Resident { household, number, sealed, .. } in residents {
            sqlx::query(
                "UPDATE residents SET effective_to = $3, update_time = $4, version = version + 1 \
                 WHERE household_id = $1 AND number = $2",
            )
            .bind(household)
            .bind(number)
            .bind(day)
            .bind(change.now)
            .execute(&mut *self)
            .await?;
            let personal = sealed::open_personal(keyring, household, *number, sealed)?;
            if let Some(identity) = &personal.identity_number {
                self.free_identity(&sealed::identity_index(keyring, identity)).await?;
            }
        }
        Ok(())
    }

    async fn free_identity(&mut self, index: &[u8]) -> Result<(), Error> {
        sqlx::query("DELETE FROM resident_identities WHERE identity_index = $1")
            .bind(index)
            .execute(&mut *self)
            .await?;
        Ok(())
    }

    async fn take_identity(&mut self, index: &[u8], household: &str, number: i32) -> Result<(), Error> {
        let insert = sqlx::query(
            "INSERT INTO resident_identities (identity_index, household_id, number) VALUES ($1, $2, $3)",
        )
        .bind(index)
        .bind(household)
        .bind(number)
        .execute(&mut *self)
        .await;
        match insert.map_err(db::Error::from) {
            Err(db::Error::Duplicate) => {
                let text = "a resident in force of some household has this identity number";
                Err(Refusal::rule("IDENTITY_NUMBER_TAKEN", text).into())
            }
            other => Ok(other.map(drop)?),
        }
    }

    async fn person_in_force(&mut self, id: &str) -> Result<bool, Error> {
        let row: Option<(i32,)> =
            sqlx::query_as("SELECT 1 FROM people WHERE id = $1 AND effective_to IS NULL")
                .bind(id)
                .fetch_optional(&mut *self)
                .await?;
        Ok(row.is_some())
    }
}
