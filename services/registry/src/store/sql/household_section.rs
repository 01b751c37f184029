//! Sections of households' files, and consents, in SQL.

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::db::{self, Postgres, Sqlite};
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, Journal as _};
use sqlx::{FromRow, PgConnection, SqliteConnection};
use trait_gen::trait_gen;

use super::Sql;
use super::access::AccessRows as _;
use super::household::{HouseholdRows as _, missing};
use crate::domain::access::Access;
use crate::domain::household_section::{
    self as section, Consent, Kind, NewConsent, Purpose, Reading, Section,
};
use crate::store::household_section::SectionStore;

/// The most consents of one household.
const CONSENTS_MAX: i32 = 1_000;

#[derive(FromRow)]
struct ConsentRow {
    household_id: String,
    number: i32,
    resident_number: i32,
    sections: String,
    purposes: String,
    effective_to: NaiveDate,
    evidence: String,
    create_time: DateTime<Utc>,
    withdraw_time: Option<DateTime<Utc>>,
}

impl TryFrom<ConsentRow> for Consent {
    type Error = db::Error;

    fn try_from(row: ConsentRow) -> Result<Self, db::Error> {
        let strange = |text: &str| db::Error::Corrupt(format!("{text:?} is neither a section nor a purpose"));
        let sections = row.sections.split(',').map(|id| Kind::of_str(id).ok_or_else(|| strange(id)));
        let purposes = row.purposes.split(',').map(|id| Purpose::of_str(id).ok_or_else(|| strange(id)));
        Ok(Self {
            household: row.household_id,
            number: row.number,
            resident: row.resident_number,
            sections: sections.collect::<Result<_, _>>()?,
            purposes: purposes.collect::<Result<_, _>>()?,
            until: row.effective_to,
            evidence: row.evidence,
            create_time: row.create_time,
            withdraw_time: row.withdraw_time,
        })
    }
}

#[derive(FromRow)]
struct SectionRow {
    sealed: Vec<u8>,
    update_time: DateTime<Utc>,
    version: i64,
}

/// Statements on sections and consents inside a transaction.
#[async_trait::async_trait]
trait SectionRows {
    /// The consents that were not withdrawn and hold on a day.
    async fn consents_in_force(&mut self, household: &str, day: NaiveDate) -> Result<Vec<Consent>, Error>;
    async fn section(&mut self, household: &str, kind: Kind) -> Result<Option<SectionRow>, Error>;
    async fn put_section(
        &mut self,
        change: &Change,
        place: (&str, Kind),
        sealed: &[u8],
        version: i64,
    ) -> Result<(), Error>;
    async fn consent(&mut self, household: &str, number: i32) -> Result<Option<Consent>, Error>;
    async fn last_consent_number(&mut self, household: &str) -> Result<i32, Error>;
    async fn insert_consent(&mut self, consent: &Consent) -> Result<(), Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl SectionRows for Conn {
    async fn consents_in_force(&mut self, household: &str, day: NaiveDate) -> Result<Vec<Consent>, Error> {
        let rows: Vec<ConsentRow> = sqlx::query_as(
            "SELECT household_id, number, resident_number, sections, purposes, effective_to, evidence, create_time, \
             withdraw_time FROM household_consents \
             WHERE household_id = $1 AND withdraw_time IS NULL AND effective_to > $2 ORDER BY number",
        )
        .bind(household)
        .bind(day)
        .fetch_all(&mut *self)
        .await?;
        Ok(rows.into_iter().map(Consent::try_from).collect::<Result<_, _>>()?)
    }

    async fn section(&mut self, household: &str, kind: Kind) -> Result<Option<SectionRow>, Error> {
        Ok(sqlx::query_as(
            "SELECT sealed, update_time, version FROM household_sections WHERE household_id = $1 AND kind = $2",
        )
        .bind(household)
        .bind(kind.as_str())
        .fetch_optional(&mut *self)
        .await?)
    }

    async fn put_section(
        &mut self,
        change: &Change,
        (household, kind): (&str, Kind),
        sealed: &[u8],
        version: i64,
    ) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO household_sections (household_id, kind, sealed, update_time, version) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (household_id, kind) DO UPDATE SET \
             sealed = excluded.sealed, update_time = excluded.update_time, version = excluded.version",
        )
        .bind(household)
        .bind(kind.as_str())
        .bind(sealed)
        .bind(change.now)
        .bind(version)
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn consent(&mut self, household: &str, number: i32) -> Result<Option<Consent>, Error> {
        let row: Option<ConsentRow> = sqlx::query_as(
            "SELECT household_id, number, resident_number, sections, purposes, effective_to, evidence, create_time, \
             withdraw_time FROM household_consents WHERE household_id = $1 AND number = $2",
        )
        .bind(household)
        .bind(number)
        .fetch_optional(&mut *self)
        .await?;
        Ok(row.map(Consent::try_from).transpose()?)
    }

    async fn last_consent_number(&mut self, household: &str) -> Result<i32, Error> {
        let (last,): (i32,) =
            sqlx::query_as("SELECT COALESCE(MAX(number), 0) FROM household_consents WHERE household_id = $1")
                .bind(household)
                .fetch_one(&mut *self)
                .await?;
        Ok(last)
    }

    async fn insert_consent(&mut self, consent: &Consent) -> Result<(), Error> {
        let sections: Vec<&str> = consent.sections.iter().map(|kind| kind.as_str()).collect();
        let purposes: Vec<&str> = consent.purposes.iter().map(|purpose| purpose.as_str()).collect();
        sqlx::query(
            "INSERT INTO household_consents (household_id, number, resident_number, sections, purposes, effective_to, \
             evidence, create_time) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&consent.household)
        .bind(consent.number)
        .bind(consent.resident)
        .bind(sections.join(","))
        .bind(purposes.join(","))
        .bind(consent.until)
        .bind(&consent.evidence)
        .bind(consent.create_time)
        .execute(&mut *self)
        .await?;
        Ok(())
    }
}

fn of_row((household, kind): (&str, Kind), row: Option<SectionRow>, purposes: Vec<Purpose>) -> Section {
    let version = row.as_ref().map_or(0, |row| row.version);
    let update_time = row.as_ref().map(|row| row.update_time);
    let sealed = row.map(|row| row.sealed);
    Section { household: household.to_owned(), kind, sealed, update_time, version, purposes }
}

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl SectionStore for Sql<Db> {
    async fn read_section(
        &self,
        access: &Access,
        (household, kind): (&str, Kind),
        reading: &Reading,
        own: bool,
        day: NaiveDate,
    ) -> Result<Section, Error> {
        let mut tx = self.db.begin().await?;
        // Locked, so that a withdrawal is either before this reading, and stops it, or after it.
        tx.lock_household(household).await?.ok_or_else(|| missing(household))?;
        let consents = tx.consents_in_force(household, day).await?;
        let ground = section::may_read(kind, reading, own, &consents, day)?;
        let row = tx.section(household, kind).await?;
        tx.insert_accesses(&[Access { purpose: reading.told(Some(ground)), ..access.clone() }]).await?;
        tx.commit().await?;
        Ok(of_row((household, kind), row, section::purposes(kind, &consents, day)))
    }

    async fn write_section(
        &self,
        change: &Change,
        access: &Access,
        (household, kind): (&str, Kind),
        sealed: &[u8],
        version: Option<i64>,
        day: NaiveDate,
    ) -> Result<Section, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        tx.lock_changeable(household, None).await?;
        let there = tx.section(household, kind).await?.map_or(0, |row| row.version);
        if version.is_some_and(|version| version != there) {
            return Err(Refusal::stale().into());
        }
        tx.put_section(change, (household, kind), sealed, there + 1).await?;
        tx.insert_accesses(std::slice::from_ref(access)).await?;
        let consents = tx.consents_in_force(household, day).await?;
        let written = Section {
            household: household.to_owned(),
            kind,
            sealed: Some(sealed.to_vec()),
            update_time: Some(change.now),
            version: there + 1,
            purposes: section::purposes(kind, &consents, day),
        };
        tx.remember(change, &written).await?;
        tx.commit().await?;
        Ok(written)
    }

    async fn record_consent(
        &self,
        change: &Change,
        household: &str,
        new: &NewConsent,
        day: NaiveDate,
    ) -> Result<Consent, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        tx.lock_changeable(household, None).await?;
        section::may_consent(new, day)?;
        let residents = tx.residents_in_force(household).await?;
        if !residents.iter().any(|resident| resident.number == new.resident) {
            let text = format!("resident {} is none in force of household {household}", new.resident);
            return Err(Refusal::rule("RESIDENT_MISSING", text).into());
        }
        let number = tx.last_consent_number(household).await?.saturating_add(1);
        if number > CONSENTS_MAX {
            let text = format!("a household has at most {CONSENTS_MAX} consents");
            return Err(Refusal::rule("TOO_MANY_CONSENTS", text).into());
        }
        let consent = Consent {
            household: household.to_owned(),
            number,
            resident: new.resident,
            sections: new.sections.clone(),
            purposes: new.purposes.clone(),
            until: new.until,
            evidence: new.evidence.clone(),
            create_time: change.now,
            withdraw_time: None,
        };
        tx.insert_consent(&consent).await?;
        tx.remember(change, &consent).await?;
        tx.commit().await?;
        Ok(consent)
    }

    async fn withdraw_consent(
        &self,
        change: &Change,
        household: &str,
        number: i32,
    ) -> Result<Consent, Error> {
        let mut tx = self.db.begin().await?;
        if let Some(before) = tx.replayed(change).await? {
            return Ok(before);
        }
        tx.lock_household(household).await?.ok_or_else(|| missing(household))?;
        let name = || format!("consent {number} of household {household}");
        let there = tx.consent(household, number).await?.ok_or_else(|| Refusal::missing(name()))?;
        if let Some(time) = there.withdraw_time {
            let text = format!("{} was withdrawn at {time}", name());
            return Err(Refusal::rule("ALREADY_WITHDRAWN", text).into());
        }
        sqlx::query(
            "UPDATE household_consents SET withdraw_time = $3 WHERE household_id = $1 AND number = $2",
        )
        .bind(household)
        .bind(number)
        .bind(change.now)
        .execute(&mut *tx)
        .await?;
        let withdrawn = Consent { withdraw_time: Some(change.now), ..there };
        tx.remember(change, &withdrawn).await?;
        tx.commit().await?;
        Ok(withdrawn)
    }

    async fn consents(&self, household: &str, after: i32, limit: i64) -> Result<Vec<Consent>, Error> {
        let rows: Vec<ConsentRow> = sqlx::query_as(
            "SELECT household_id, number, resident_number, sections, purposes, effective_to, evidence, create_time, \
             withdraw_time FROM household_consents WHERE household_id = $1 AND number > $2 ORDER BY number LIMIT $3",
        )
        .bind(household)
        .bind(after)
        .bind(limit)
        .fetch_all(self.db.reads())
        .await?;
        Ok(rows.into_iter().map(Consent::try_from).collect::<Result<_, _>>()?)
    }
}
