//! What is to be inserted for records that are new.

use minqing_platform::journal::NewEvent;
use minqing_platform::seal::Keyring;
use serde_json::json;
use uuid::Uuid;

use super::super::household::event;
use super::rows::{HouseholdRow, IdentityRow, ResidentRow};
use crate::domain::household_import::{Record, numbered};
use crate::store::sealed;

/// What is to be inserted for records that are new.
#[derive(Default)]
pub(super) struct Fresh {
    pub households: Vec<HouseholdRow>,
    pub residents: Vec<ResidentRow>,
    pub identities: Vec<IdentityRow>,
    pub events: Vec<NewEvent>,
}

impl Fresh {
    /// Seals a record under an id of its own.
    pub fn add(&mut self, keyring: &Keyring, record: &Record, digest: Vec<u8>) {
        let id = Uuid::now_v7().to_string();
        for (place, resident) in record.residents.iter().enumerate() {
            let number = numbered(place);
            let sealed = sealed::seal_personal(keyring, &id, number, &resident.personal);
            let relation = resident.relation.number();
            self.residents.push(ResidentRow { household: id.clone(), number, relation, sealed });
            self.identities.extend(identity(keyring, record, place, (&id, number)));
        }
        let resident_count = i32::try_from(record.residents.len()).unwrap_or(i32::MAX);
        let payload = json!({"resident_count": resident_count});
        self.events.push(event("HouseholdCreated", &id, &record.grid, payload));
        self.households.push(HouseholdRow {
            id,
            grid: record.grid.to_string(),
            address: record.address.clone(),
            resident_count,
            head: record.head(),
            source_id: record.source_id.clone(),
            digest,
        });
    }
}

/// The identity number of the resident at a place of a record, to be taken for a resident who is stored.
pub(super) fn identity(
    keyring: &Keyring,
    record: &Record,
    place: usize,
    (household, number): (&str, i32),
) -> Option<IdentityRow> {
    let identity = record.residents[place].personal.identity_number.as_deref()?;
    Some(IdentityRow {
        index: sealed::identity_index(keyring, identity),
        household: household.to_owned(),
        number,
        record: i64::try_from(record.number).unwrap_or(i64::MAX),
        place: i32::try_from(place).unwrap_or(i32::MAX),
    })
}
