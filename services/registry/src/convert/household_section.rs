//! Sections of households' files, consents and readings between messages and domain.

use minqing_platform::error::Error;
use minqing_platform::seal::Keyring;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;

use super::household::{inner_name, numbered_name};
use super::{count, date, text, timestamp};
use crate::domain::household_section::{
    Consent, ENTRIES_MAX, Entry, Kind, LegalBasis, NewConsent, Purpose, REFERENCE_MAX, Reading, Section,
    TEXT_MAX, TITLE_MAX,
};
use crate::store::sealed;

/// Reads the name of a section (`households/{uuid}/sections/medical`).
///
/// # Errors
/// The field is empty, or is no such name.
pub fn section_name(field: &str, text: &str) -> Result<(String, Kind), Violation> {
    let form = "households/{household}/sections/{section}";
    let (household, id) = inner_name(field, "sections", text, form)?;
    let kind = Kind::of_str(id).ok_or_else(|| {
        let all = Kind::ALL.map(Kind::as_str).join(", ");
        Violation::new(field, "INVALID_NAME", format!("the sections are {all}"))
    })?;
    Ok((household, kind))
}

/// A section as a message.
///
/// # Errors
/// What is sealed does not open.
pub fn section(keyring: &Keyring, section: Section) -> Result<proto::HouseholdSection, Error> {
    let entries = match &section.sealed {
        Some(sealed) => sealed::open_entries(keyring, &section.household, section.kind, sealed)?,
        None => Vec::new(),
    };
    let entry = |entry: Entry| proto::SectionEntry {
        title: entry.title,
        text: entry.text,
        date: entry.date.map(|date| date.to_string()).unwrap_or_default(),
    };
    Ok(proto::HouseholdSection {
        name: format!("households/{}/sections/{}", section.household, section.kind.as_str()),
        kind: section.kind.number(),
        entries: entries.into_iter().map(entry).collect(),
        purposes: section.purposes.into_iter().map(Purpose::number).collect(),
        update_time: section.update_time.map(timestamp),
        etag: section.version.to_string(),
    })
}

/// Reads the entries of a section.
///
/// # Errors
/// Every field that is not valid.
pub fn entries(field: &str, given: &[proto::SectionEntry]) -> Result<Vec<Entry>, Vec<Violation>> {
    count(field, given.len(), 0, ENTRIES_MAX).map_err(|fault| vec![fault])?;
    let mut faults = Vec::new();
    let mut entries = Vec::with_capacity(given.len());
    for (index, given) in given.iter().enumerate() {
        let path = |name: &str| format!("{field}[{index}].{name}");
        let title = text(&path("title"), &given.title, TITLE_MAX);
        let date = date(&path("date"), &given.date);
        if given.text.chars().count() > TEXT_MAX {
            faults.push(Violation::new(path("text"), "TOO_LONG", format!("at most {TEXT_MAX} characters")));
        }
        match (title, date) {
            (Ok(title), Ok(date)) => entries.push(Entry { title, text: given.text.clone(), date }),
            (title, date) => faults.extend([title.err(), date.err()].into_iter().flatten()),
        }
    }
    if faults.is_empty() { Ok(entries) } else { Err(faults) }
}

/// Reads why personal data is to be read. A resident of the household may leave it out; nobody else may call a file
/// their own.
///
/// # Errors
/// It is missing, or every field that is not valid.
pub fn reading(field: &str, given: Option<&proto::Reading>, own: bool) -> Result<Reading, Vec<Violation>> {
    let Some(given) = given else {
        return if own { Ok(Reading::own()) } else { Err(vec![Violation::required(field)]) };
    };
    let path = |name: &str| format!("{field}.{name}");
    if own && given.purpose == Purpose::OwnFile.number() {
        return Ok(Reading::own());
    }
    let purpose = purpose(&path("purpose"), given.purpose);
    let reference = text(&path("reference"), &given.reference, REFERENCE_MAX);
    let basis = match given.legal_basis {
        0 => Ok(None),
        1 => Ok(Some(LegalBasis::Emergency)),
        2 => Ok(Some(LegalBasis::StatutoryDuty)),
        other => {
            Err(Violation::new(path("legal_basis"), "INVALID_ENUM", format!("{other} is no legal basis")))
        }
    };
    match (purpose, reference, basis) {
        (Ok(purpose), Ok(reference), Ok(basis)) => Ok(Reading { purpose, reference, basis }),
        (purpose, reference, basis) => {
            Err([purpose.err(), reference.err(), basis.err()].into_iter().flatten().collect())
        }
    }
}

/// Reads a purpose for which others than the residents may read.
fn purpose(field: &str, number: i32) -> Result<Purpose, Violation> {
    match Purpose::ALL.into_iter().find(|purpose| purpose.number() == number) {
        _ if number == 0 => Err(Violation::required(field)),
        Some(Purpose::OwnFile) => Err(Violation::new(
            field,
            "NOT_OWN_FILE",
            "only a resident reads a household's file as their own",
        )),
        Some(purpose) => Ok(purpose),
        None => Err(Violation::new(field, "INVALID_ENUM", format!("{number} is no purpose"))),
    }
}

fn kind(field: &str, number: i32) -> Result<Kind, Violation> {
    match Kind::ALL.into_iter().find(|kind| kind.number() == number) {
        _ if number == 0 => Err(Violation::required(field)),
        Some(kind) => Ok(kind),
        None => Err(Violation::new(field, "INVALID_ENUM", format!("{number} is no section"))),
    }
}

/// Reads a consent that is to be recorded for a household.
///
/// # Errors
/// Every field that is not valid.
pub fn new_consent(household: &str, given: &proto::HouseholdConsent) -> Result<NewConsent, Vec<Violation>> {
    let resident =
        numbered_name("consent.resident", "residents", &given.resident).and_then(|(of, number)| {
            let text = "is a resident of another household";
            (of == household)
                .then_some(number)
                .ok_or_else(|| Violation::new("consent.resident", "ANOTHER_HOUSEHOLD", text))
        });
    let sections = list("consent.sections", &given.sections, Kind::ALL.len(), kind);
    let purposes = list("consent.purposes", &given.purposes, Purpose::ALL.len(), purpose);
    let until = date("consent.until", &given.until)
        .and_then(|day| day.ok_or_else(|| Violation::required("consent.until")));
    let evidence = text("consent.evidence", &given.evidence, REFERENCE_MAX);
    match (resident, sections, purposes, until, evidence) {
        (Ok(resident), Ok(sections), Ok(purposes), Ok(until), Ok(evidence)) => {
            Ok(NewConsent { resident, sections, purposes, until, evidence })
        }
        (a, b, c, d, e) => Err([a.err(), b.err(), c.err(), d.err(), e.err()].into_iter().flatten().collect()),
    }
}

/// Reads a list of values of an enum: at least one, each counted once, in their order.
fn list<T: Ord>(
    field: &str,
    given: &[i32],
    max: usize,
    read: impl Fn(&str, i32) -> Result<T, Violation>,
) -> Result<Vec<T>, Violation> {
    count(field, given.len(), 1, max)?;
    let value = |(index, number): (usize, &i32)| read(&format!("{field}[{index}]"), *number);
    let mut values = given.iter().enumerate().map(value).collect::<Result<Vec<_>, _>>()?;
    values.sort();
    values.dedup();
    Ok(values)
}

/// A consent as a message.
pub fn consent(consent: Consent) -> proto::HouseholdConsent {
    let household = format!("households/{}", consent.household);
    proto::HouseholdConsent {
        name: format!("{household}/consents/{}", consent.number),
        resident: format!("{household}/residents/{}", consent.resident),
        sections: consent.sections.into_iter().map(Kind::number).collect(),
        purposes: consent.purposes.into_iter().map(Purpose::number).collect(),
        until: consent.until.to_string(),
        evidence: consent.evidence,
        create_time: Some(timestamp(consent.create_time)),
        withdraw_time: consent.withdraw_time.map(timestamp),
    }
}
