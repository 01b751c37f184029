//! Households in SQL.

mod row;
mod rows;

use chrono::NaiveDate;
use minqing_platform::db::{Postgres, Sqlite};
use minqing_platform::error::Error;
use minqing_platform::journal::{Change, Journal as _};
use minqing_platform::seal::Keyring;
use serde_json::json;
use trait_gen::trait_gen;

pub(super) use row::{Changed, HouseholdRow, ResidentRow, head_of, resident_columns, select_households};
pub(super) use rows::{HouseholdRows, event, missing};

use super::Sql;
use crate::domain::household::{self, Household, NewHousehold};
use crate::store::household::{Filter, HouseholdStore, Position};

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl HouseholdStore for Sql<Db> {
    async fn household(&self, id: &str) -> Result<Option<Household>, Error> {
        let row: Option<HouseholdRow> = sqlx::query_as(concat!(select_households!(), "WHERE h.id = $1"))
            .bind(id)
            .fetch_optional(self.db.reads())
            .await?;
        Ok(row.map(Household::try_from).transpose()?)
    }

    async fn households(
        &self,
        filter: &Filter,
        after: &Position,
        limit: i64,
    ) -> Result<Vec<Household>, Error> {
        let rows: Vec<HouseholdRow> = sqlx::query_as(concat!(
            select_households!(),
            "WHERE h.grid_code >= $1 AND h.grid_code < $2 \
               AND (h.grid_code, h.address_key, h.id) > ($3, $4, $5) \
               AND ($6 IS NULL OR (h.effective_from <= $6 AND (h.effective_to IS NULL OR h.effective_to > $6))) \
             ORDER BY h.grid_code, h.address_key, h.id LIMIT $7"
        ))
        .bind(filter.within.as_str())
        .bind(filter.within.range_end())
        .bind(&after.grid)
        .bind(&after.address_key)
        .bind(&after.id)
        .bind(filter.on)
        .bind(limit)
        .fetch_all(self.db.reads())
        .await?;
        Ok(rows.into_iter().map(Household::try_from).collect::<Result<_, _>>()?)
    }

    async fn households_of(&self, person: &str) -> Result<Vec<Household>, Error> {
        let rows: Vec<HouseholdRow> = sqlx::query_as(concat!(
            select_households!(),
            "WHERE h.effective_to IS NULL AND h.id IN \
               (SELECT household_id FROM residents WHERE person_id = $1 AND effective_to IS NULL) \
             ORDER BY h.id LIMIT 100"
        ))
        .bind(person)
        .fetch_all(self.db.reads())
        .await?;
        Ok(rows.into_iter().map(Household::try_from).collect::<Result<_, _>>()?)
    }

    async fn lives_in(&self, person: &str, household: &str) -> Result<bool, Error> {
        let row: Option<(i32,)> = sqlx::query_as(
            "SELECT 1 FROM residents r JOIN households h ON h.id = r.household_id \
             WHERE r.household_id = $1 AND r.person_id = $2 AND r.effective_to IS NULL AND h.effective_to IS NULL \
             LIMIT 1",
        )
        .bind(household)
        .bind(person)
        .fetch_optional(self.db.reads())
        .await?;
        Ok(row.is_some())
    }

    async fn create_household(
        &self,
        change: &Change,
        new: &NewHousehold,
        from: NaiveDate,
    ) -> Result<Household, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        household::may_live_in(&new.grid, tx.grid_period(&new.grid).await?, from)?;
        let made = tx.insert_household(change, new, from).await?;
        tx.remember(change, &made).await?;
        tx.commit().await?;
        self.committed();
        Ok(made)
    }

    async fn update_household(
        &self,
        change: &Change,
        id: &str,
        address: &str,
        version: Option<i64>,
    ) -> Result<Household, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let old = tx.lock_changeable(id, version).await?;
        let changed = tx.change_household(change, &old, &Changed { address, ..Changed::of(&old) }).await?;
        tx.remember(change, &changed).await?;
        tx.commit().await?;
        self.committed();
        Ok(changed)
    }

    async fn move_household(
        &self,
        change: &Change,
        id: &str,
        to: &NewHousehold,
        day: NaiveDate,
        version: Option<i64>,
    ) -> Result<Household, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let old = tx.lock_changeable(id, version).await?;
        household::may_live_in(&to.grid, tx.grid_period(&to.grid).await?, day)?;
        let changed = Changed { grid: &to.grid, address: &to.address, ..Changed::of(&old) };
        let moved = tx.change_household(change, &old, &changed).await?;
        // One event for those who follow the grid it leaves, one for those of the grid it enters.
        let payload =
            || json!({"from_grid": old.grid, "to_grid": to.grid, "resident_count": old.resident_count});
        let mut events = vec![event("HouseholdMoved", id, &to.grid, payload())];
        if old.grid != to.grid {
            events.insert(0, event("HouseholdMoved", id, &old.grid, payload()));
        }
        tx.append(change, &events).await?;
        tx.remember(change, &moved).await?;
        tx.commit().await?;
        self.committed();
        Ok(moved)
    }

    async fn end_household(
        &self,
        change: &Change,
        keyring: &Keyring,
        id: &str,
        day: NaiveDate,
    ) -> Result<Household, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let old = tx.lock_changeable(id, None).await?;
        household::may_end("household", old.effective.from, day)?;
        let residents = tx.residents_in_force(id).await?;
        tx.end_stays(change, keyring, &residents, day).await?;
        // The head stays named, so that the ended record still says whose household it was.
        let changed = Changed { resident_count: 0, effective_to: Some(day), ..Changed::of(&old) };
        let ended = tx.change_household(change, &old, &changed).await?;
        let payload = json!({"effective_to": day, "residents_ended": residents.len()});
        tx.append(change, &[event("HouseholdEnded", id, &old.grid, payload)]).await?;
        tx.remember(change, &ended).await?;
        tx.commit().await?;
        self.committed();
        Ok(ended)
    }
}
