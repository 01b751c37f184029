//! The import of households in SQL: one transaction, few statements of many rows.

mod fresh;
mod rows;

use std::collections::{HashMap, HashSet};

use futures::TryStreamExt as _;
use futures::stream::BoxStream;
use minqing_platform::db::{self, Postgres, Sqlite};
use minqing_platform::error::Error;
use minqing_platform::journal::{Change, Journal as _};
use minqing_platform::seal::Keyring;
use serde_json::json;
use sqlx::{PgConnection, SqliteConnection};
use trait_gen::trait_gen;

use super::Sql;
use super::household::{Changed, HouseholdRows as _, event, missing};
use crate::domain::household::Household;
use crate::domain::household_import::{self as import, Fault, Record, Report};
use crate::domain::resident::{Relation, Resident};
use crate::store::household_import::{HouseholdImportStore, Import};
use crate::store::sealed;
use fresh::{Fresh, identity};
use minqing_platform::code::Code;
use minqing_platform::period::Period;
use rows::{ImportRows as _, Known};

/// How many grids an import remembers to be in force; it forgets them all when there are more.
const GRIDS_REMEMBERED_MAX: usize = 20_000;

/// What an import carries from one batch of records to the next.
struct Progress {
    report: Report,
    grids: HashSet<Code>,
}

fn fault(record: &Record, field: &str, reason: &'static str, message: String) -> Error {
    let fault = Fault { record: record.number, field: field.to_owned(), reason, message };
    crate::convert::record_fault(&fault).into()
}

/// Refuses a record twice in one batch; what is further apart is found at the end.
fn refuse_twice(batch: &[Record]) -> Result<(), Error> {
    let mut seen = HashMap::new();
    for record in batch {
        if let Some(first) = seen.insert(record.source_id.as_str(), record.number) {
            let text = format!("record {first} has the same source_id");
            return Err(fault(record, "source_id", "DUPLICATE_RECORD", text));
        }
    }
    Ok(())
}

/// Refuses what lies outside of the areas where the caller may import.
fn refuse_outside(import: &Import, record: &Record, grid: &Code) -> Result<(), Error> {
    if import.scopes.iter().any(|scope| grid.as_str().starts_with(scope)) {
        return Ok(());
    }
    let text = format!("grid {grid} lies outside of the areas where the caller may import");
    Err(fault(record, "grid_code", "OUT_OF_SCOPE", text))
}

/// The steps of an import inside its transaction.
#[async_trait::async_trait]
trait ImportSteps {
    async fn import_batch(
        &mut self,
        change: &Change,
        keyring: &Keyring,
        import: &Import,
        batch: &[Record],
        progress: &mut Progress,
    ) -> Result<(), Error>;
    /// Refuses grids that are not in force.
    async fn need_grids(
        &mut self,
        import: &Import,
        batch: &[Record],
        known: &mut HashSet<Code>,
    ) -> Result<(), Error>;
    async fn insert_fresh(&mut self, change: &Change, import: &Import, fresh: Fresh) -> Result<(), Error>;
    /// Brings a household that is there to what a record says.
    async fn import_changed(
        &mut self,
        change: &Change,
        keyring: &Keyring,
        import: &Import,
        household: &str,
        record: &Record,
        report: &mut Report,
    ) -> Result<(), Error>;
    /// Brings its residents there. Gives the number of the head, 0 for none.
    async fn import_residents(
        &mut self,
        change: &Change,
        keyring: &Keyring,
        import: &Import,
        household: &Household,
        record: &Record,
        report: &mut Report,
    ) -> Result<i32, Error>;
}

#[trait_gen(Conn -> SqliteConnection, PgConnection)]
#[async_trait::async_trait]
impl ImportSteps for Conn {
    async fn import_batch(
        &mut self,
        change: &Change,
        keyring: &Keyring,
        import: &Import,
        batch: &[Record],
        progress: &mut Progress,
    ) -> Result<(), Error> {
        refuse_twice(batch)?;
        self.need_grids(import, batch, &mut progress.grids).await?;
        self.stage_keys(batch).await?;
        let known = self.known(&import.source, batch).await?;
        let mut fresh = Fresh::default();
        let report = &mut progress.report;
        for record in batch {
            report.records += 1;
            refuse_outside(import, record, &record.grid)?;
            let digest = sealed::record_digest(keyring, &record.content());
            match known.get(&record.source_id) {
                None => {
                    report.created += 1;
                    report.residents_created += u64::try_from(record.residents.len()).unwrap_or(0);
                    fresh.add(keyring, record, digest);
                }
                Some(Known { ended: true, .. }) => report.ended += 1,
                Some(there) if there.digest == digest => report.unchanged += 1,
                Some(there) => {
                    refuse_outside(import, record, &there.grid)?;
                    report.updated += 1;
                    self.import_changed(change, keyring, import, &there.id, record, report).await?;
                    self.set_digest(&there.id, &digest).await?;
                }
            }
        }
        self.insert_fresh(change, import, fresh).await
    }

    async fn need_grids(
        &mut self,
        import: &Import,
        batch: &[Record],
        known: &mut HashSet<Code>,
    ) -> Result<(), Error> {
        if known.len() > GRIDS_REMEMBERED_MAX {
            known.clear();
        }
        let unknown: HashSet<&Code> =
            batch.iter().map(|record| &record.grid).filter(|grid| !known.contains(*grid)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let unknown: Vec<&Code> = unknown.into_iter().collect();
        known.extend(self.grids_in_force(&unknown, import.day).await?);
        match batch.iter().find(|record| !known.contains(&record.grid)) {
            None => Ok(()),
            Some(record) => {
                let text = format!("grid {} is not in force on {}", record.grid, import.day);
                Err(fault(record, "grid_code", "GRID_NOT_IN_FORCE", text))
            }
        }
    }

    async fn insert_fresh(&mut self, change: &Change, import: &Import, fresh: Fresh) -> Result<(), Error> {
        self.insert_households(change, import, fresh.households).await.map_err(raced)?;
        self.insert_residents(change, import, fresh.residents).await?;
        self.stage_identities(fresh.identities).await?;
        Ok(self.append(change, &fresh.events).await?)
    }

    async fn import_changed(
        &mut self,
        change: &Change,
        keyring: &Keyring,
        import: &Import,
        household: &str,
        record: &Record,
        report: &mut Report,
    ) -> Result<(), Error> {
        let old = self.lock_household(household).await?.ok_or_else(|| missing(household))?;
        let before = *report;
        let head = self.import_residents(change, keyring, import, &old, record, report).await?;
        let resident_count = i32::try_from(record.residents.len()).unwrap_or(i32::MAX);
        let changed = Changed {
            grid: &record.grid,
            address: &record.address,
            resident_count,
            head,
            effective_to: None,
        };
        self.change_household(change, &old, &changed).await?;
        let mut events = Vec::new();
        if old.grid != record.grid {
            let payload =
                || json!({"from_grid": old.grid, "to_grid": record.grid, "resident_count": resident_count});
            events.push(event("HouseholdMoved", household, &old.grid, payload()));
            events.push(event("HouseholdMoved", household, &record.grid, payload()));
        }
        let residents =
            |report: &Report| (report.residents_created, report.residents_updated, report.residents_ended);
        if residents(&before) != residents(report) {
            let payload =
                json!({"resident_count": resident_count, "resident_count_before": old.resident_count});
            events.push(event("ResidentsChanged", household, &record.grid, payload));
        }
        Ok(self.append(change, &events).await?)
    }

    async fn import_residents(
        &mut self,
        change: &Change,
        keyring: &Keyring,
        import: &Import,
        household: &Household,
        record: &Record,
        report: &mut Report,
    ) -> Result<i32, Error> {
        let there = self.residents_in_force(&household.id).await?;
        let known = opened(keyring, &there)?;
        let mut numbers: Vec<i32> = vec![0; record.residents.len()];
        let difference = import::compare(known, &record.residents);
        let of = |number: i32| there.iter().find(|resident| resident.number == number);
        let ended: Vec<Resident> =
            difference.ended.iter().filter_map(|known| of(known.number)).cloned().collect();
        self.end_stays(change, keyring, &ended, import.day).await?;
        let mut identities = Vec::new();
        for (known, place) in &difference.updated {
            let (Some(old), new) = (of(known.number), &record.residents[*place]) else { continue };
            numbers[*place] = known.number;
            if known.personal.identity_number != new.personal.identity_number {
                if let Some(identity) = &known.personal.identity_number {
                    self.free_identity(&sealed::identity_index(keyring, identity)).await?;
                }
                identities.extend(identity(keyring, record, *place, (&household.id, known.number)));
            }
            let sealed = sealed::seal_personal(keyring, &household.id, known.number, &new.personal);
            self.update_resident_row(&Resident {
                relation: new.relation,
                sealed,
                update_time: change.now,
                version: old.version + 1,
                ..old.clone()
            })
            .await?;
        }
        let mut number = self.last_resident_number(&household.id).await?;
        for place in &difference.created {
            number += 1;
            numbers[*place] = number;
            let new = &record.residents[*place];
            identities.extend(identity(keyring, record, *place, (&household.id, number)));
            let resident = Resident {
                household: household.id.clone(),
                number,
                relation: new.relation,
                sealed: sealed::seal_personal(keyring, &household.id, number, &new.personal),
                person: None,
                effective: Period::since(import.day),
                create_time: change.now,
                update_time: change.now,
                version: 1,
            };
            self.insert_resident(&resident).await?;
        }
        self.stage_identities(identities).await?;
        let count = |count: usize| u64::try_from(count).unwrap_or(0);
        report.residents_created += count(difference.created.len());
        report.residents_updated += count(difference.updated.len());
        report.residents_ended += count(difference.ended.len());
        Ok(head(record, &numbers, &there, &ended))
    }
}

/// What was not there when it was looked for, and is when it is written: somebody else records the same at this moment.
/// Tried again, the import is told where.
fn raced(error: Error) -> Error {
    match error {
        Error::Database(db::Error::Duplicate) => Error::Database(db::Error::Conflict),
        other => other,
    }
}

/// Residents with what is personal of them.
fn opened(keyring: &Keyring, residents: &[Resident]) -> Result<Vec<import::Known>, Error> {
    let open = |resident: &Resident| {
        let personal =
            sealed::open_personal(keyring, &resident.household, resident.number, &resident.sealed)?;
        Ok(import::Known { number: resident.number, relation: resident.relation, personal })
    };
    residents.iter().map(open).collect()
}

/// The number of the head that a record names, 0 for none: one who is new or changed has it in `numbers`; one who stayed
/// as they were is the head there was.
fn head(record: &Record, numbers: &[i32], there: &[Resident], ended: &[Resident]) -> i32 {
    let Some(place) = record.residents.iter().position(|resident| resident.relation == Relation::Head) else {
        return 0;
    };
    if numbers[place] != 0 {
        return numbers[place];
    }
    let gone = |resident: &Resident| ended.iter().any(|gone| gone.number == resident.number);
    let stays = |resident: &&Resident| {
        resident.relation == Relation::Head && !gone(resident) && !numbers.contains(&resident.number)
    };
    there.iter().find(stays).map_or(0, |resident| resident.number)
}

#[trait_gen(Db -> Sqlite, Postgres)]
#[async_trait::async_trait]
impl HouseholdImportStore for Sql<Db> {
    async fn import_households(
        &self,
        change: &Change,
        keyring: &Keyring,
        import: &Import,
        mut records: BoxStream<'_, Result<Vec<Record>, Error>>,
    ) -> Result<Report, Error> {
        let mut tx = self.db.begin().await?;
        tx.begin_staging().await?;
        let mut progress = Progress { report: Report::default(), grids: HashSet::new() };
        while let Some(batch) = records.try_next().await? {
            tx.import_batch(change, keyring, import, &batch, &mut progress).await?;
        }
        tx.end_staging().await.map_err(raced)?;
        if import.validate_only {
            tx.rollback().await?;
            return Ok(progress.report);
        }
        tx.commit().await?;
        self.committed();
        Ok(progress.report)
    }
}
