//! What of a volunteer is sealed, and to which place the sealed text is bound.

use minqing_platform::error::Error;
use minqing_platform::seal::Keyring;

use crate::domain::volunteer::Personal;

/// The purpose of the hashes by which it is known that a person is registered already.
const IDENTITY_INDEX: &str = "volunteers.identity_index";

/// Seals what is personal of a volunteer.
pub fn seal_personal(keyring: &Keyring, number: &str, personal: &Personal) -> Vec<u8> {
    let text = serde_json::to_string(personal).unwrap_or_default();
    keyring.seal(&text, &place(number))
}

/// Opens what is personal of a volunteer.
///
/// # Errors
/// It was sealed with an unknown key or changed: a fault of the configuration or of the data, not of the caller.
pub fn open_personal(keyring: &Keyring, number: &str, sealed: &[u8]) -> Result<Personal, Error> {
    let place = place(number);
    let text = keyring.open(sealed, &place).map_err(|error| Error::Internal(format!("{place}: {error}")))?;
    serde_json::from_str(&text).map_err(|_| Error::Internal(format!("{place}: does not hold a volunteer")))
}

/// The keyed hash of an identity number in its normal form.
pub fn identity_index(keyring: &Keyring, identity_number: &str) -> Vec<u8> {
    keyring.index(IDENTITY_INDEX, identity_number).to_vec()
}

fn place(number: &str) -> String {
    format!("volunteers.sealed/{number}")
}
