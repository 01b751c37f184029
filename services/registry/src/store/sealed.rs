//! What of a household's file is sealed, and to which place each sealed text is bound.

use minqing_platform::error::Error;
use minqing_platform::seal::Keyring;

use crate::domain::household_section::{Entry, Kind};
use crate::domain::resident::Personal;

/// The purpose of the hashes by which residents are found by identity numbers.
const IDENTITY_INDEX: &str = "resident_identities.identity_index";
/// The purpose of the hashes that tell whether an imported record changed.
const RECORD_DIGEST: &str = "households.source_digest";

/// Seals what is personal of a resident.
pub fn seal_personal(keyring: &Keyring, household: &str, number: i32, personal: &Personal) -> Vec<u8> {
    let text = serde_json::to_string(personal).unwrap_or_default();
    keyring.seal(&text, &resident_place(household, number))
}

/// Opens what is personal of a resident.
///
/// # Errors
/// It was sealed with an unknown key or changed: a fault of the configuration or of the data, not of the caller.
pub fn open_personal(
    keyring: &Keyring,
    household: &str,
    number: i32,
    sealed: &[u8],
) -> Result<Personal, Error> {
    let place = resident_place(household, number);
    let text = keyring.open(sealed, &place).map_err(|error| Error::Internal(format!("{place}: {error}")))?;
    serde_json::from_str(&text).map_err(|_| Error::Internal(format!("{place}: does not hold a resident")))
}

/// The keyed hash by which a resident is found by the identity number, given in its normal form.
pub fn identity_index(keyring: &Keyring, number: &str) -> Vec<u8> {
    keyring.index(IDENTITY_INDEX, number).to_vec()
}

/// The keyed hash of an imported record. Keyed, since the numbers in a record could be guessed from a plain one.
pub fn record_digest(keyring: &Keyring, content: &str) -> Vec<u8> {
    keyring.index(RECORD_DIGEST, content).to_vec()
}

/// Seals the entries of a section.
pub fn seal_entries(keyring: &Keyring, household: &str, kind: Kind, entries: &[Entry]) -> Vec<u8> {
    let text = serde_json::to_string(entries).unwrap_or_default();
    keyring.seal(&text, &section_place(household, kind))
}

/// Opens the entries of a section.
///
/// # Errors
/// See [`open_personal`].
pub fn open_entries(
    keyring: &Keyring,
    household: &str,
    kind: Kind,
    sealed: &[u8],
) -> Result<Vec<Entry>, Error> {
    let place = section_place(household, kind);
    let text = keyring.open(sealed, &place).map_err(|error| Error::Internal(format!("{place}: {error}")))?;
    serde_json::from_str(&text).map_err(|_| Error::Internal(format!("{place}: does not hold entries")))
}

fn resident_place(household: &str, number: i32) -> String {
    format!("residents.sealed/{household}/{number}")
}

fn section_place(household: &str, kind: Kind) -> String {
    format!("household_sections.sealed/{household}/{}", kind.as_str())
}
