//! Residents between messages and domain.

use chrono::NaiveDate;
use minqing_platform::error::Error;
use minqing_platform::seal::Keyring;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;

use super::household::Sight;
use super::{person_name, text, timestamp};
use crate::domain::resident::{
    BIRTH_YEARS, DISPLAY_NAME_MAX, NewResident, Personal, Relation, Resident, Update,
};
use crate::store::sealed;
use minqing_platform::identity_number::IdentityNumber;
use minqing_platform::phone::Phone;

/// A resident as a message.
///
/// # Errors
/// What is sealed does not open.
pub fn resident(keyring: &Keyring, resident: Resident, sight: Sight) -> Result<proto::Resident, Error> {
    let personal = sealed::open_personal(keyring, &resident.household, resident.number, &resident.sealed)?;
    let personal = if sight == Sight::Whole { personal } else { personal.masked() };
    Ok(proto::Resident {
        name: format!("households/{}/residents/{}", resident.household, resident.number),
        display_name: personal.display_name,
        relation: resident.relation.number(),
        identity_number: personal.identity_number.unwrap_or_default(),
        phone: personal.phone.unwrap_or_default(),
        birth_year: personal.birth_year.unwrap_or_default(),
        person: resident.person.map(|person| format!("people/{person}")).unwrap_or_default(),
        effective_from: resident.effective.from.to_string(),
        effective_to: resident.effective.to.map(|day| day.to_string()).unwrap_or_default(),
        create_time: Some(timestamp(resident.create_time)),
        update_time: Some(timestamp(resident.update_time)),
        etag: resident.version.to_string(),
    })
}

/// Reads a relation.
///
/// # Errors
/// Unspecified, or a number that is none.
pub fn relation(field: &str, number: i32) -> Result<Relation, Violation> {
    match number {
        0 => Err(Violation::required(field)),
        number => Relation::of_number(number).ok_or_else(|| {
            Violation::new(field, "INVALID_ENUM", format!("{number} is no household relation"))
        }),
    }
}

/// Reads an identity number, which may be left out, into its normal form. What was sent is never repeated.
///
/// # Errors
/// It is none.
pub fn identity_number(field: &str, text: &str, today: NaiveDate) -> Result<Option<String>, Violation> {
    if text.is_empty() {
        return Ok(None);
    }
    IdentityNumber::parse(text, today)
        .map(|number| Some(number.expose().to_owned()))
        .map_err(|error| Violation::new(field, error.reason(), error))
}

/// Reads a telephone number, which may be left out, into its normal form. What was sent is never repeated.
///
/// # Errors
/// It is none.
pub fn phone(field: &str, text: &str) -> Result<Option<String>, Violation> {
    if text.is_empty() {
        return Ok(None);
    }
    Phone::parse(text, None)
        .map(|phone| Some(phone.expose().to_owned()))
        .map_err(|error| Violation::new(field, error.reason(), error))
}

/// Reads a year of birth, which may be left out.
///
/// # Errors
/// A year in which nobody who lives was born.
pub fn birth_year(field: &str, year: i32, today: NaiveDate) -> Result<Option<i32>, Violation> {
    use chrono::Datelike as _;
    match year {
        0 => Ok(None),
        year if BIRTH_YEARS.contains(&year) && year <= today.year() => Ok(Some(year)),
        _ => Err(Violation::new(field, "BIRTH_YEAR_OUT_OF_RANGE", "is not between 1880 and this year")),
    }
}

/// What is personal, as a message gives it.
pub(super) struct Given<'a> {
    pub display_name: &'a str,
    pub identity_number: &'a str,
    pub phone: &'a str,
    pub birth_year: i32,
}

/// Reads what is personal.
pub(super) fn personal(
    path: &dyn Fn(&str) -> String,
    given: &Given<'_>,
    today: NaiveDate,
) -> Result<Personal, Vec<Violation>> {
    let parts = (
        text(&path("display_name"), given.display_name, DISPLAY_NAME_MAX),
        identity_number(&path("identity_number"), given.identity_number, today),
        phone(&path("phone"), given.phone),
        birth_year(&path("birth_year"), given.birth_year, today),
    );
    let personal = match parts {
        (Ok(display_name), Ok(identity_number), Ok(phone), Ok(birth_year)) => {
            Personal { display_name, identity_number, phone, birth_year }
        }
        (a, b, c, d) => {
            return Err([a.err(), b.err(), c.err(), d.err()].into_iter().flatten().collect());
        }
    };
    if !personal.birth_year_agrees() {
        let text = "is not the year in the identity number";
        return Err(vec![Violation::new(path("birth_year"), "BIRTH_YEAR_MISMATCH", text)]);
    }
    Ok(personal)
}

/// Reads a resident who is to be recorded.
///
/// # Errors
/// Every field that is not valid.
pub fn new_resident(given: &proto::Resident, today: NaiveDate) -> Result<NewResident, Vec<Violation>> {
    let path = |name: &str| format!("resident.{name}");
    let parts = Given {
        display_name: &given.display_name,
        identity_number: &given.identity_number,
        phone: &given.phone,
        birth_year: given.birth_year,
    };
    let person = person_of(&path("person"), &given.person);
    match (personal(&path, &parts, today), relation(&path("relation"), given.relation), person) {
        (Ok(personal), Ok(relation), Ok(person)) => Ok(NewResident { relation, personal, person }),
        (personal, relation, person) => {
            let mut faults = personal.err().unwrap_or_default();
            faults.extend([relation.err(), person.err()].into_iter().flatten());
            Err(faults)
        }
    }
}

fn person_of(field: &str, text: &str) -> Result<Option<String>, Violation> {
    (!text.is_empty()).then(|| person_name(field, text)).transpose()
}

/// What UpdateResident can change.
const RESIDENT_FIELDS: [&str; 6] =
    ["display_name", "relation", "identity_number", "phone", "birth_year", "person"];

/// Reads what is to change of a resident: the fields of the mask or, without one, those the body holds (AIP-134).
///
/// # Errors
/// Another field, or every one that is not valid.
pub fn resident_update(
    given: &proto::Resident,
    mask: Option<&prost_types::FieldMask>,
    today: NaiveDate,
) -> Result<Update, Vec<Violation>> {
    super::mask("update_mask", mask, &RESIDENT_FIELDS).map_err(|fault| vec![fault])?;
    let held = [
        !given.display_name.is_empty(),
        given.relation != 0,
        !given.identity_number.is_empty(),
        !given.phone.is_empty(),
        given.birth_year != 0,
        !given.person.is_empty(),
    ];
    let wanted = |name: &str| match mask.filter(|mask| !mask.paths.is_empty()) {
        Some(mask) => mask.paths.iter().any(|path| path == name),
        None => RESIDENT_FIELDS.iter().zip(held).any(|(field, held)| *field == name && held),
    };
    let mut faults = Vec::new();
    let path = |name: &str| format!("resident.{name}");
    let update = Update {
        display_name: wanted("display_name")
            .then(|| kept(text(&path("display_name"), &given.display_name, DISPLAY_NAME_MAX), &mut faults))
            .flatten(),
        relation: wanted("relation")
            .then(|| kept(relation(&path("relation"), given.relation), &mut faults))
            .flatten(),
        identity_number: wanted("identity_number")
            .then(|| {
                kept(identity_number(&path("identity_number"), &given.identity_number, today), &mut faults)
            })
            .flatten(),
        phone: wanted("phone").then(|| kept(phone(&path("phone"), &given.phone), &mut faults)).flatten(),
        birth_year: wanted("birth_year")
            .then(|| kept(birth_year(&path("birth_year"), given.birth_year, today), &mut faults))
            .flatten(),
        person: wanted("person")
            .then(|| kept(person_of(&path("person"), &given.person), &mut faults))
            .flatten(),
    };
    if faults.is_empty() { Ok(update) } else { Err(faults) }
}

/// Keeps a value, or its fault.
fn kept<T>(value: Result<T, Violation>, faults: &mut Vec<Violation>) -> Option<T> {
    value.map_err(|fault| faults.push(fault)).ok()
}
