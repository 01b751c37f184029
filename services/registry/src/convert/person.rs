//! People between messages and domain: sealing numbers on the way in, masking or opening them on the way out.

use chrono::NaiveDate;
use minqing_platform::error::Error;
use minqing_platform::mask;
use minqing_platform::seal::Keyring;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;

use super::{
    Faults, date, division_code, is_given, named, new_appointment, new_id, optional_text, text, timestamp,
};
use crate::domain::access::{Access, PURPOSE};
use crate::domain::person::{
    APPOINTMENTS_MAX, Changes, DISPLAY_NAME_MAX, NewPerson, Person, Repeated, SUBJECTS_MAX, Sealed, Subject,
    WORK_PHONE_MAX, normal_identity_number, normal_phone,
};

/// The fields of a person that an update can change.
const CHANGEABLE: &[&str] =
    &["display_name", "division_code", "work_phone", "phone", "identity_number", "subjects"];
/// The columns of the sealed numbers, which also keep their hashes apart.
const PHONE: &str = "people.phone";
const IDENTITY_NUMBER: &str = "people.identity_number";
/// The most bytes of an issuer's name and of a subject; of the latter `OpenID` Connect allows no more.
const SUBJECT_BYTES_MAX: usize = 255;

/// How much of a person is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// What is public of an officer.
    Public,
    /// To those who keep the record: numbers masked.
    Masked,
    /// For a stated purpose that was recorded: numbers in full.
    Full,
}

/// A person as a message.
///
/// # Errors
/// A number does not open: a fault of the keys or of the data.
pub fn person(keyring: &Keyring, person: Person, view: View) -> Result<proto::Person, Error> {
    let opened =
        |column: &str, sealed: Option<Vec<u8>>, masked: fn(&str) -> String| -> Result<String, Error> {
            let (Some(sealed), View::Masked | View::Full) = (sealed, view) else { return Ok(String::new()) };
            let place = format!("{column}/{}", person.id);
            let plain = keyring
                .open(&sealed, &place)
                .map_err(|error| Error::Internal(format!("{place}: {error}")))?;
            Ok(if view == View::Full { plain } else { masked(&plain) })
        };
    let phone = opened(PHONE, person.phone, mask::mask_phone)?;
    let identity_number = opened(IDENTITY_NUMBER, person.identity_number, mask::mask_identity_number)?;
    let subjects = if view == View::Public { Vec::new() } else { person.subjects };
    Ok(proto::Person {
        name: format!("people/{}", person.id),
        display_name: person.display_name,
        division_code: person.division.into(),
        work_phone: person.work_phone,
        phone,
        identity_number,
        subjects: subjects
            .into_iter()
            .map(|subject| proto::Subject { issuer: subject.issuer, subject: subject.subject })
            .collect(),
        effective_from: person.effective.from.to_string(),
        effective_to: person.effective.to.map(|day| day.to_string()).unwrap_or_default(),
        create_time: Some(timestamp(person.create_time)),
        update_time: Some(timestamp(person.update_time)),
        etag: person.version.to_string(),
    })
}

/// Reads the name of a person (`people/x`); gives its last part.
///
/// # Errors
/// The field is empty, or is no such name.
pub fn person_name(field: &str, text: &str) -> Result<String, Violation> {
    named(field, "people", text)
}

/// The keyed hash by which a phone is found.
///
/// # Errors
/// It is no phone.
pub fn phone_index(keyring: &Keyring, field: &str, text: &str) -> Result<Vec<u8>, Violation> {
    Ok(keyring.index(PHONE, &phone(field, text)?).to_vec())
}

/// The keyed hash by which an identity number is found.
///
/// # Errors
/// It is no identity number.
pub fn identity_index(keyring: &Keyring, field: &str, text: &str) -> Result<Vec<u8>, Violation> {
    Ok(keyring.index(IDENTITY_NUMBER, &identity_number(field, text)?).to_vec())
}

/// Reads why something usually masked must be seen.
///
/// # Errors
/// It is shorter or longer than a purpose.
pub fn purpose(field: &str, text: &str) -> Result<String, Violation> {
    let text = super::text(field, text, *PURPOSE.end())?;
    if text.chars().count() < *PURPOSE.start() {
        return Err(Violation::new(field, "TOO_SHORT", format!("at least {} characters", PURPOSE.start())));
    }
    Ok(text)
}

// The violations never repeat what was sent: they are logged and shown where the number must not be.
fn phone(field: &str, text: &str) -> Result<String, Violation> {
    normal_phone(text)
        .ok_or_else(|| Violation::new(field, "INVALID_PHONE", "must be a phone of 5 to 15 digits"))
}

fn identity_number(field: &str, text: &str) -> Result<String, Violation> {
    let fault = "must be an identity number: 18 characters with a date and a right check character";
    normal_identity_number(text).ok_or_else(|| Violation::new(field, "INVALID_IDENTITY_NUMBER", fault))
}

type Normal = fn(&str, &str) -> Result<String, Violation>;

fn sealed(
    keyring: &Keyring,
    (column, normal): (&str, Normal),
    id: &str,
    (field, text): (&str, &str),
) -> Result<Option<Sealed>, Violation> {
    if text.is_empty() {
        return Ok(None);
    }
    let number = normal(field, text)?;
    let text = keyring.seal(&number, &format!("{column}/{id}"));
    Ok(Some(Sealed { text, index: keyring.index(column, &number).to_vec() }))
}

/// Reads an account; `field` is the path of its message.
///
/// # Errors
/// A part is missing or too long.
pub fn subject(field: &str, given: &proto::Subject) -> Result<Subject, Violation> {
    for (name, text) in [("issuer", &given.issuer), ("subject", &given.subject)] {
        let field = format!("{field}.{name}");
        if text.is_empty() {
            return Err(Violation::required(field));
        }
        if text.len() > SUBJECT_BYTES_MAX {
            return Err(Violation::new(field, "TOO_LONG", format!("at most {SUBJECT_BYTES_MAX} bytes")));
        }
        if text.chars().any(char::is_control) {
            return Err(Violation::new(field, "CONTROL_CHARACTER", "must not hold control characters"));
        }
    }
    Ok(Subject { issuer: given.issuer.clone(), subject: given.subject.clone() })
}

fn subjects(field: &str, given: &[proto::Subject]) -> Result<Vec<Subject>, Violation> {
    super::count(field, given.len(), 0, SUBJECTS_MAX)?;
    let read = given.iter().enumerate().map(|(place, given)| subject(&format!("{field}[{place}]"), given));
    let mut subjects: Vec<Subject> = read.collect::<Result<_, _>>()?;
    subjects.sort();
    subjects.dedup();
    Ok(subjects)
}

/// Reads a person to be recorded; `field` is the path of the request, empty for the root.
///
/// # Errors
/// Every field that is not valid.
pub fn new_person(
    keyring: &Keyring,
    field: &str,
    request: &proto::CreatePersonRequest,
    today: NaiveDate,
) -> Result<NewPerson, Vec<Violation>> {
    let at = |name: &str| if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") };
    let body = |name: &str| at(&format!("person.{name}"));
    let given = request.person.as_ref().ok_or_else(|| vec![Violation::required(at("person"))])?;
    let mut faults = Faults::default();
    let id = faults.take(new_id(&at("person_id"), &request.person_id)).unwrap_or_default();
    let display_name = faults.take(text(&body("display_name"), &given.display_name, DISPLAY_NAME_MAX));
    let division = faults.take(division_code(&body("division_code"), &given.division_code));
    let work_phone = faults.take(optional_text(&body("work_phone"), &given.work_phone, WORK_PHONE_MAX));
    let phone = faults.take(sealed(keyring, (PHONE, phone), &id, (&body("phone"), &given.phone)));
    let number = (body("identity_number"), &given.identity_number);
    let number = faults.take(sealed(keyring, (IDENTITY_NUMBER, identity_number), &id, (&number.0, number.1)));
    let subjects = faults.take(subjects(&body("subjects"), &given.subjects));
    let from =
        faults.take(date(&body("effective_from"), &given.effective_from)).map(|day| day.unwrap_or(today));
    faults.take(super::count(&at("appointments"), request.appointments.len(), 0, APPOINTMENTS_MAX));
    let mut appointments = Vec::new();
    for (place, given) in request.appointments.iter().enumerate() {
        let field = at(&format!("appointments[{place}]"));
        match new_appointment(&field, given, from.unwrap_or(today)) {
            Ok(appointment) => appointments.push(appointment),
            Err(violations) => faults.extend(violations),
        }
    }
    let read = || {
        Some(NewPerson {
            id,
            display_name: display_name?,
            division: division?,
            work_phone: work_phone?,
            phone: phone?,
            identity_number: number?,
            subjects: subjects?,
            from: from?,
            appointments,
        })
    };
    faults.or(read())
}

/// Reads what an update changes.
///
/// # Errors
/// The mask names another field, or a field that changes is not valid.
pub fn person_changes(
    keyring: &Keyring,
    id: &str,
    given: &proto::Person,
    mask: Option<&prost_types::FieldMask>,
) -> Result<Changes, Vec<Violation>> {
    super::mask("update_mask", mask, CHANGEABLE).map_err(|fault| vec![fault])?;
    let mut faults = Faults::default();
    let mut changes = Changes::default();
    if is_given(mask, "display_name", !given.display_name.is_empty()) {
        changes.display_name =
            faults.take(text("person.display_name", &given.display_name, DISPLAY_NAME_MAX));
    }
    if is_given(mask, "division_code", !given.division_code.is_empty()) {
        changes.division = faults.take(division_code("person.division_code", &given.division_code));
    }
    if is_given(mask, "work_phone", !given.work_phone.is_empty()) {
        changes.work_phone =
            faults.take(optional_text("person.work_phone", &given.work_phone, WORK_PHONE_MAX));
    }
    if is_given(mask, "phone", !given.phone.is_empty()) {
        changes.phone = faults.take(sealed(keyring, (PHONE, phone), id, ("person.phone", &given.phone)));
    }
    if is_given(mask, "identity_number", !given.identity_number.is_empty()) {
        let text = ("person.identity_number", given.identity_number.as_str());
        changes.identity_number = faults.take(sealed(keyring, (IDENTITY_NUMBER, identity_number), id, text));
    }
    if is_given(mask, "subjects", !given.subjects.is_empty()) {
        changes.subjects = faults.take(subjects("person.subjects", &given.subjects));
    }
    faults.or(Some(changes))
}

/// What stands twice in a batch, as a violation that names request and field. It never says what is repeated.
pub fn repeated(repeated: &Repeated) -> Violation {
    let Repeated { field, reason, first, place } = repeated;
    let path = format!("requests[{place}].person.{field}");
    Violation::new(path, reason, format!("requests[{first}] has the same {field}"))
}

/// A record of access as a message.
pub fn access_record(record: Access) -> proto::AccessRecord {
    proto::AccessRecord {
        name: format!("{}/accessRecords/{}", record.subject, record.id),
        actor: record.actor,
        purpose: record.purpose,
        fields: record.fields,
        occur_time: Some(timestamp(record.occur_time)),
    }
}
