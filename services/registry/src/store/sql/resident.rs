//! Residents in SQL.

use chrono::NaiveDate;
use minqing_platform::db::{Postgres, Sqlite};
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _};
use minqing_platform::seal::Keyring;
use serde_json::json;
use sqlx::{PgConnection, SqliteConnection};
use trait_gen::trait_gen;

use super::Sql;
use super::access::AccessRows as _;
use super::household::{
    Changed, HouseholdRow, HouseholdRows as _, ResidentRow, event, head_of, resident_columns,
    select_households,
};
use crate::domain::access::Access;
use crate::domain::household::{self, Household};
use crate::domain::resident::{NewResident, Relation, Resident, Update};
use crate::store::resident::ResidentStore;
use crate::store::sealed;
use minqing_platform::period::Period;

/// Statements on residents inside a transaction that others need no part of.
#[async_trait::async_trait]
trait ResidentRows {
    /// A resident in force of a household that is locked.
    async fn resident_in_force(&mut self, household: &str, number: i32) -> Result<Resident, Error>;
    /// Refuses a person whom the registry does not have.
    async fn need_person(&mut self, person: Option<&str>) -> Result<(), Error>;
    /// Writes what residents changed of their household, and tells of it.
    async fn residents_changed(
        &mut self,
        change: &Change,
        old: &Household,
        count: i32,
        head: i32,
    ) -> Result<(), Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl ResidentRows for Conn {
    async fn resident_in_force(&mut self, household: &str, number: i32) -> Result<Resident, Error> {
        let all = self.residents_in_force(household).await?;
        let found = all.into_iter().find(|resident| resident.number == number);
        Ok(found.ok_or_else(|| {
            Refusal::missing(format!("resident {number} in force of household {household}"))
        })?)
    }

    async fn need_person(&mut self, person: Option<&str>) -> Result<(), Error> {
        let Some(person) = person else { return Ok(()) };
        if self.person_in_force(person).await? {
            return Ok(());
        }
        Err(Refusal::rule("PERSON_MISSING", format!("person {person} does not exist or ended")).into())
    }

    async fn residents_changed(
        &mut self,
        change: &Change,
        old: &Household,
        count: i32,
        head: i32,
    ) -> Result<(), Error> {
        let changed = Changed { resident_count: count, head, ..Changed::of(old) };
        self.change_household(change, old, &changed).await?;
        let payload = json!({"resident_count": count, "resident_count_before": old.resident_count});
        self.append(change, &[event("ResidentsChanged", &old.id, &old.grid, payload)]).await?;
        Ok(())
    }
}

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl ResidentStore for Sql<Db> {
    async fn resident(&self, household: &str, number: i32) -> Result<Option<Resident>, Error> {
        let row: Option<ResidentRow> = sqlx::query_as(concat!(
            "SELECT ",
            resident_columns!(),
            " FROM residents WHERE household_id = $1 AND number = $2"
        ))
        .bind(household)
        .bind(number)
        .fetch_optional(self.db.reads())
        .await?;
        Ok(row.map(Resident::try_from).transpose()?)
    }

    async fn residents(
        &self,
        household: &str,
        on: Option<NaiveDate>,
        after: i32,
        limit: i64,
    ) -> Result<Vec<Resident>, Error> {
        let rows: Vec<ResidentRow> = sqlx::query_as(concat!(
            "SELECT ",
            resident_columns!(),
            " FROM residents WHERE household_id = $1 AND number > $2 \
               AND ($3 IS NULL OR (effective_from <= $3 AND (effective_to IS NULL OR effective_to > $3))) \
             ORDER BY number LIMIT $4"
        ))
        .bind(household)
        .bind(after)
        .bind(on)
        .bind(limit)
        .fetch_all(self.db.reads())
        .await?;
        Ok(rows.into_iter().map(Resident::try_from).collect::<Result<_, _>>()?)
    }

    async fn create_resident(
        &self,
        change: &Change,
        keyring: &Keyring,
        household: &str,
        new: &NewResident,
        from: NaiveDate,
    ) -> Result<Resident, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let old = tx.lock_changeable(household, None).await?;
        tx.need_person(new.person.as_deref()).await?;
        let number = tx.last_resident_number(household).await?.saturating_add(1);
        let (count, leads) = (old.resident_count + 1, new.relation == Relation::Head);
        household::may_hold(head_of(&old), number, leads, count)?;
        let resident = Resident {
            household: household.to_owned(),
            number,
            relation: new.relation,
            sealed: sealed::seal_personal(keyring, household, number, &new.personal),
            person: new.person.clone(),
            effective: Period::since(from),
            create_time: change.now,
            update_time: change.now,
            version: 1,
        };
        tx.insert_resident(&resident).await?;
        if let Some(identity) = &new.personal.identity_number {
            tx.take_identity(&sealed::identity_index(keyring, identity), household, number).await?;
        }
        tx.residents_changed(change, &old, count, if leads { number } else { head_of(&old) }).await?;
        tx.remember(change, &resident).await?;
        tx.commit().await?;
        self.committed();
        Ok(resident)
    }

    async fn update_resident(
        &self,
        change: &Change,
        keyring: &Keyring,
        (household, number): (&str, i32),
        update: &Update,
        version: Option<i64>,
    ) -> Result<Resident, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let old = tx.lock_changeable(household, None).await?;
        let there = tx.resident_in_force(household, number).await?;
        if version.is_some_and(|version| version != there.version) {
            return Err(Refusal::stale().into());
        }
        tx.need_person(update.person.as_ref().and_then(|person| person.as_deref())).await?;
        let before = sealed::open_personal(keyring, household, number, &there.sealed)?;
        let after = update.of(before.clone());
        if !after.birth_year_agrees() {
            let text = "the year of birth is not the one in the identity number";
            return Err(Refusal::rule("BIRTH_YEAR_MISMATCH", text).into());
        }
        let relation = update.relation.unwrap_or(there.relation);
        household::may_hold(head_of(&old), number, relation == Relation::Head, old.resident_count)?;
        if before.identity_number != after.identity_number {
            if let Some(identity) = &before.identity_number {
                tx.free_identity(&sealed::identity_index(keyring, identity)).await?;
            }
            if let Some(identity) = &after.identity_number {
                tx.take_identity(&sealed::identity_index(keyring, identity), household, number).await?;
            }
        }
        let resident = Resident {
            relation,
            sealed: sealed::seal_personal(keyring, household, number, &after),
            person: update.person.clone().unwrap_or_else(|| there.person.clone()),
            update_time: change.now,
            version: there.version + 1,
            ..there
        };
        tx.update_resident_row(&resident).await?;
        let head = match (relation, head_of(&old)) {
            (Relation::Head, _) => number,
            (_, head) if head == number => 0,
            (_, head) => head,
        };
        tx.residents_changed(change, &old, old.resident_count, head).await?;
        tx.remember(change, &resident).await?;
        tx.commit().await?;
        self.committed();
        Ok(resident)
    }

    async fn end_resident(
        &self,
        change: &Change,
        keyring: &Keyring,
        (household, number): (&str, i32),
        day: NaiveDate,
    ) -> Result<Resident, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        let old = tx.lock_changeable(household, None).await?;
        let there = tx.resident_in_force(household, number).await?;
        household::may_end("stay of this resident", there.effective.from, day)?;
        tx.end_stays(change, keyring, std::slice::from_ref(&there), day).await?;
        let head = if head_of(&old) == number { 0 } else { head_of(&old) };
        tx.residents_changed(change, &old, old.resident_count - 1, head).await?;
        let resident = Resident {
            effective: Period { to: Some(day), ..there.effective },
            update_time: change.now,
            version: there.version + 1,
            ..there
        };
        tx.remember(change, &resident).await?;
        tx.commit().await?;
        self.committed();
        Ok(resident)
    }

    async fn reveal_resident(
        &self,
        access: &Access,
        household: &str,
        number: i32,
    ) -> Result<Option<Resident>, Error> {
        let mut tx = self.db.begin().await?;
        let row: Option<ResidentRow> = sqlx::query_as(concat!(
            "SELECT ",
            resident_columns!(),
            " FROM residents WHERE household_id = $1 AND number = $2"
        ))
        .bind(household)
        .bind(number)
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = row else { return Ok(None) };
        tx.insert_accesses(std::slice::from_ref(access)).await?;
        tx.commit().await?;
        Ok(Some(row.try_into()?))
    }

    async fn find_resident(
        &self,
        access: &Access,
        identity_index: &[u8],
        division: &str,
    ) -> Result<Option<(Household, Resident)>, Error> {
        let mut tx = self.db.begin().await?;
        let place: Option<(String, i32)> = sqlx::query_as(
            "SELECT i.household_id, i.number FROM resident_identities i JOIN households h ON h.id = i.household_id \
             WHERE i.identity_index = $1 AND h.grid_code >= $2 AND h.grid_code < $3",
        )
        .bind(identity_index)
        .bind(division)
        .bind(minqing_platform::code::range_end(division))
        .fetch_optional(&mut *tx)
        .await?;
        let Some((id, number)) = place else {
            tx.insert_accesses(std::slice::from_ref(access)).await?;
            tx.commit().await?;
            return Ok(None);
        };
        let household: HouseholdRow = sqlx::query_as(concat!(select_households!(), "WHERE h.id = $1"))
            .bind(&id)
            .fetch_one(&mut *tx)
            .await?;
        let resident = tx.resident_in_force(&id, number).await?;
        let found = Access { subject: format!("households/{id}"), ..access.clone() };
        tx.insert_accesses(&[found]).await?;
        tx.commit().await?;
        Ok(Some((household.try_into()?, resident)))
    }
}
