//! Volunteers as callers give them, read into the domain.

use chrono::NaiveDate;
use minqing_platform::field::{
    Faults, count, date, division_code, each, is_given, mask, named, optional_text, text,
};
use minqing_platform::identity_number::IdentityNumber;
use minqing_platform::named::member;
use minqing_platform::phone::Phone;
use minqing_platform::seal::Keyring;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;

use crate::domain::access::PURPOSE;
use crate::domain::post::Strain;
use crate::domain::volunteer::{
    Availability, Changes, DAY_MINUTES, DISPLAY_NAME_MAX, Dated, Guardian, NOTE_MAX, NewVolunteer, Personal,
    WORD_MAX, WORDS_MAX, Weekly,
};
use crate::numbers;
use crate::store::sealed::{identity_index, seal_personal};

/// The fields of a volunteer that an update can change.
const CHANGEABLE: &[&str] = &[
    "display_name",
    "identity_number",
    "phone",
    "division_code",
    "skills",
    "languages",
    "availability",
    "health_limits",
    "person",
];
/// The most spans of a week, and of single days.
const WEEKLY_MAX: usize = 50;
const DATED_MAX: usize = 200;

/// Reads an identity number. What was sent is never repeated: it is somebody's.
fn identity_number(field: &str, given: &str, today: NaiveDate) -> Result<IdentityNumber, Violation> {
    if given.is_empty() {
        return Err(Violation::required(field));
    }
    IdentityNumber::parse(given, today).map_err(|error| Violation::new(field, error.reason(), error))
}

/// Reads a telephone, which may be left out, into its normal form.
fn phone(field: &str, given: &str) -> Result<String, Violation> {
    if given.is_empty() {
        return Ok(String::new());
    }
    let phone = Phone::parse(given, None);
    phone.map(|phone| phone.expose().to_owned()).map_err(|error| Violation::new(field, error.reason(), error))
}

fn words(field: &str, given: &[String]) -> Result<Vec<String>, Violation> {
    count(field, given.len(), 0, WORDS_MAX)?;
    let mut words = each(field, given, |field, word| text(field, word, WORD_MAX))?;
    words.sort();
    words.dedup();
    Ok(words)
}

fn strains(field: &str, given: &[i32]) -> Result<Vec<Strain>, Violation> {
    let mut strains: Vec<Strain> = each(field, given, |field, number| member(field, *number))?;
    strains.sort();
    strains.dedup();
    Ok(strains)
}

/// Reads a span of minutes of a day.
fn span(field: &str, from: i32, to: i32) -> Result<(u16, u16), Violation> {
    let minute = |minute: i32| u16::try_from(minute).ok().filter(|minute| *minute <= DAY_MINUTES);
    match (minute(from), minute(to)) {
        (Some(from), Some(to)) if from < to => Ok((from, to)),
        _ => {
            let text = format!("must lead from one minute of a day to a later one, at most {DAY_MINUTES}");
            Err(Violation::new(format!("{field}.to_minute"), "INVALID_SPAN", text))
        }
    }
}

fn availability(field: &str, given: Option<&proto::Availability>) -> Result<Availability, Violation> {
    let Some(given) = given else { return Ok(Availability::default()) };
    let (weekly, dated) = (format!("{field}.weekly"), format!("{field}.dated"));
    count(&weekly, given.weekly.len(), 0, WEEKLY_MAX)?;
    count(&dated, given.dated.len(), 0, DATED_MAX)?;
    let mut weekly = each(&weekly, &given.weekly, |field, given| {
        let weekday = u8::try_from(given.weekday).ok().filter(|weekday| (1..=7).contains(weekday));
        let wrong = || Violation::new(format!("{field}.weekday"), "OUT_OF_RANGE", "must be 1 to 7");
        let (from, to) = span(field, given.from_minute, given.to_minute)?;
        Ok(Weekly { weekday: weekday.ok_or_else(wrong)?, from, to })
    })?;
    let mut dated = each(&dated, &given.dated, |field, given| {
        let day = format!("{field}.date");
        let (from, to) = span(field, given.from_minute, given.to_minute)?;
        let date = date(&day, &given.date)?.ok_or_else(|| Violation::required(&day))?;
        Ok(Dated { date, from, to, available: given.available })
    })?;
    weekly.sort();
    dated.sort();
    Ok(Availability { weekly, dated })
}

/// Reads a record in the registry (`people/x`), which may be left out.
fn person(field: &str, given: &str) -> Result<Option<String>, Violation> {
    (!given.is_empty()).then(|| named(field, "people", given).map(|id| format!("people/{id}"))).transpose()
}

/// Reads somebody who registers; `field` is the path of the volunteer.
///
/// # Errors
/// Every field that is not valid.
pub fn new_volunteer(
    keyring: &Keyring,
    field: &str,
    given: Option<&proto::Volunteer>,
    today: NaiveDate,
) -> Result<NewVolunteer, Vec<Violation>> {
    let given = given.ok_or_else(|| vec![Violation::required(field)])?;
    let at = |name: &str| format!("{field}.{name}");
    let mut faults = Faults::default();
    let name = faults.take(text(&at("display_name"), &given.display_name, DISPLAY_NAME_MAX));
    let identity = faults.take(identity_number(&at("identity_number"), &given.identity_number, today));
    let phone = faults.take(phone(&at("phone"), &given.phone));
    let home = faults.take(division_code(&at("division_code"), &given.division_code));
    let skills = faults.take(words(&at("skills"), &given.skills));
    let languages = faults.take(words(&at("languages"), &given.languages));
    let availability = faults.take(availability(&at("availability"), given.availability.as_ref()));
    let health_limits = faults.take(strains(&at("health_limits"), &given.health_limits));
    let person = faults.take(person(&at("person"), &given.person));
    let read = || {
        let (name, identity, person) = (name?, identity?, person?);
        let (phone, home, skills) = (phone?, home?, skills?);
        let (languages, availability, health_limits) = (languages?, availability?, health_limits?);
        let number = numbers::draw();
        let identity_number = identity.expose().to_owned();
        let identity_index = identity_index(keyring, &identity_number);
        let personal = Personal { display_name: name, identity_number, phone, guardian: None };
        Some(NewVolunteer {
            account: person.clone(),
            person,
            birth_date: identity.birth_date(),
            skills,
            languages,
            availability,
            health_limits,
            home,
            sealed: seal_personal(keyring, &number, &personal),
            identity_index,
            number,
        })
    };
    faults.or(read())
}

/// What an update changes of what is sealed.
#[derive(Debug, Clone, Default)]
pub struct Resealing {
    display_name: Option<String>,
    identity_number: Option<String>,
    phone: Option<String>,
}

impl Resealing {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.display_name.is_none() && self.identity_number.is_none() && self.phone.is_none()
    }

    /// The personal data with the changes, and the hash of another identity number.
    pub fn applied(self, keyring: &Keyring, mut personal: Personal) -> (Personal, Option<Vec<u8>>) {
        let index = self.identity_number.as_deref().map(|number| identity_index(keyring, number));
        personal.display_name = self.display_name.unwrap_or(personal.display_name);
        personal.identity_number = self.identity_number.unwrap_or(personal.identity_number);
        personal.phone = self.phone.unwrap_or(personal.phone);
        (personal, index)
    }
}

/// Reads what an update changes.
///
/// # Errors
/// The mask names another field, or a field that changes is not valid.
pub fn volunteer_changes(
    given: &proto::Volunteer,
    paths: Option<&prost_types::FieldMask>,
    today: NaiveDate,
) -> Result<(Changes, Resealing), Vec<Violation>> {
    mask("update_mask", paths, CHANGEABLE).map_err(|fault| vec![fault])?;
    let mut faults = Faults::default();
    let (mut changes, mut sealed) = (Changes::default(), Resealing::default());
    let gives = |name: &str, in_body: bool| is_given(paths, name, in_body);
    if gives("display_name", !given.display_name.is_empty()) {
        sealed.display_name =
            faults.take(text("volunteer.display_name", &given.display_name, DISPLAY_NAME_MAX));
        changes.renamed = true;
    }
    if gives("identity_number", !given.identity_number.is_empty()) {
        let read = identity_number("volunteer.identity_number", &given.identity_number, today);
        let read = faults.take(read);
        changes.birth_date = read.as_ref().map(IdentityNumber::birth_date);
        sealed.identity_number = read.map(|read| read.expose().to_owned());
    }
    if gives("phone", !given.phone.is_empty()) {
        sealed.phone = faults.take(phone("volunteer.phone", &given.phone));
        changes.phone = true;
    }
    if gives("division_code", !given.division_code.is_empty()) {
        changes.home = faults.take(division_code("volunteer.division_code", &given.division_code));
    }
    if gives("skills", !given.skills.is_empty()) {
        changes.skills = faults.take(words("volunteer.skills", &given.skills));
    }
    if gives("languages", !given.languages.is_empty()) {
        changes.languages = faults.take(words("volunteer.languages", &given.languages));
    }
    if gives("availability", given.availability.is_some()) {
        changes.availability =
            faults.take(availability("volunteer.availability", given.availability.as_ref()));
    }
    if gives("health_limits", !given.health_limits.is_empty()) {
        changes.health_limits = faults.take(strains("volunteer.health_limits", &given.health_limits));
    }
    if gives("person", !given.person.is_empty()) {
        changes.account = faults.take(person("volunteer.person", &given.person));
    }
    faults.or(Some((changes, sealed)))
}

/// Reads who stands for a minor.
///
/// # Errors
/// Every field that is not valid.
pub fn guardian(given: Option<&proto::Guardian>) -> Result<Guardian, Vec<Violation>> {
    let given = given.ok_or_else(|| vec![Violation::required("guardian")])?;
    let mut faults = Faults::default();
    let display_name = faults.take(text("guardian.display_name", &given.display_name, DISPLAY_NAME_MAX));
    let relation = faults.take(text("guardian.relation", &given.relation, WORD_MAX));
    if given.phone.is_empty() {
        faults.take::<()>(Err(Violation::required("guardian.phone")));
    }
    let phone = faults.take(phone("guardian.phone", &given.phone));
    let read = || Some(Guardian { display_name: display_name?, relation: relation?, phone: phone? });
    faults.or(read())
}

/// Reads a date that must be given.
///
/// # Errors
/// It is left out, or is no date.
pub fn day(field: &str, given: &str) -> Result<NaiveDate, Violation> {
    date(field, given)?.ok_or_else(|| Violation::required(field))
}

/// Reads an evidence, a reference or a reason.
///
/// # Errors
/// It is empty or too long.
pub fn note(field: &str, given: &str) -> Result<String, Violation> {
    text(field, given, NOTE_MAX)
}

/// Reads such a text, which may be left out.
///
/// # Errors
/// It is too long.
pub fn optional_note(field: &str, given: &str) -> Result<String, Violation> {
    optional_text(field, given, NOTE_MAX)
}

/// Reads why something usually masked must be seen.
///
/// # Errors
/// It is shorter or longer than a purpose.
pub fn purpose(field: &str, given: &str) -> Result<String, Violation> {
    let purpose = text(field, given, *PURPOSE.end())?;
    if purpose.chars().count() < *PURPOSE.start() {
        return Err(Violation::new(field, "TOO_SHORT", format!("at least {} characters", PURPOSE.start())));
    }
    Ok(purpose)
}
