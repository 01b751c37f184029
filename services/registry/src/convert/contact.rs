//! The contact chain between messages and domain.

use chrono::NaiveDate;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use uuid::Uuid;

use super::{Faults, date, division_name, grid_name, household_name, name, person_name, timestamp};
use crate::domain::contact::{Answer, Coverage, Kind, Level, Officer, Shortage};
use crate::domain::contact_link::ContactLink;
use crate::store::contact::{Assigned, Position, Uncovered};
use minqing_platform::code::{Code, Level as CodeLevel};

/// The most people who are named at one level. A city may have thousands of cadres; whoever asks for help needs a few.
const PERSONS_MAX: usize = 50;
/// Between the parts of a place in a list; no code, key of an address or id holds it.
const BETWEEN: char = '\n';

/// Reads a date, or today when it is left out.
///
/// # Errors
/// It is no ISO 8601 calendar date.
pub fn date_or_today(field: &str, text: &str, today: NaiveDate) -> Result<NaiveDate, Violation> {
    Ok(date(field, text)?.unwrap_or(today))
}

/// Reads the name of a grid or of a division.
///
/// # Errors
/// The field is empty, or is neither.
pub fn scope(field: &str, text: &str) -> Result<Code, Violation> {
    match text.split_once('/') {
        Some(("grids", _)) => grid_name(field, text),
        Some(("divisions", _)) => division_name(field, text),
        _ if text.is_empty() => Err(Violation::required(field)),
        _ => {
            Err(Violation::new(field, "INVALID_NAME", "must be of the form grids/{code} or divisions/{code}"))
        }
    }
}

/// Reads the name of a household or of a person, and gives its id: ids of households and of people are kept apart by
/// the kinds of links.
///
/// # Errors
/// It is neither.
pub fn subject_id(field: &str, text: &str) -> Result<(String, bool), Violation> {
    match text.split_once('/') {
        Some(("households", _)) => Ok((household_name(field, text)?, true)),
        Some(("people", _)) => Ok((person_name(field, text)?, false)),
        _ => Err(Violation::new(field, "INVALID_NAME", "must be of the form households/{id} or people/{id}")),
    }
}

/// Reads a link that is to be made by hand: the ids of the household and of the member. `field` is the path of its
/// message.
///
/// # Errors
/// Every field that is not valid; a link between people, which only a plan makes.
pub fn new_contact_link(field: &str, given: &proto::ContactLink) -> Result<(Uuid, String), Vec<Violation>> {
    let at = |name: &str| format!("{field}.{name}");
    let mut faults = Faults::default();
    let household = faults.take(household_uuid(&at("subject"), &given.subject));
    let member = faults.take(person_name(&at("contact"), &given.contact));
    faults.or(household.zip(member))
}

fn household_uuid(field: &str, text: &str) -> Result<Uuid, Violation> {
    if text.starts_with("people/") {
        let text = "must be a household: links between people are made by AssignContacts";
        return Err(Violation::new(field, "SUBJECT_NOT_OF_KIND", text));
    }
    let id = household_name(field, text)?;
    id.parse().map_err(|_| Violation::new(field, "INVALID_NAME", "must be of the form households/{uuid}"))
}

/// Reads the name of a link (`contactLinks/{id}`).
///
/// # Errors
/// The field is empty, or is no such name.
pub fn contact_link_id(field: &str, text: &str) -> Result<Uuid, Violation> {
    let id = name(field, "contactLinks", text)?;
    id.parse().map_err(|_| Violation::new(field, "INVALID_NAME", "must be of the form contactLinks/{uuid}"))
}

/// Reads a kind of links, which may be left out.
///
/// # Errors
/// It is none.
pub fn kind_of_links(field: &str, kind: i32) -> Result<Option<Kind>, Violation> {
    match proto::ContactKind::try_from(kind) {
        Ok(proto::ContactKind::Unspecified) => Ok(None),
        Ok(proto::ContactKind::HouseholdToMember) => Ok(Some(Kind::HouseholdToMember)),
        Ok(proto::ContactKind::MemberToBackbone) => Ok(Some(Kind::MemberToBackbone)),
        Ok(proto::ContactKind::BackboneToLead) => Ok(Some(Kind::BackboneToLead)),
        Err(_) => Err(Violation::new(field, "INVALID_ENUM", format!("{kind} is no kind of contact link"))),
    }
}

/// A link as a message.
pub fn contact_link(link: ContactLink) -> proto::ContactLink {
    let planned = link.id.is_none();
    let subjects = if link.kind == Kind::HouseholdToMember { "households" } else { "people" };
    proto::ContactLink {
        name: link.id.map(|id| format!("contactLinks/{id}")).unwrap_or_default(),
        grid: format!("grids/{}", link.grid),
        kind: kind(link.kind).into(),
        subject: format!("{subjects}/{}", link.subject),
        contact: format!("people/{}", link.contact),
        effective_from: link.effective.from.to_string(),
        effective_to: link.effective.to.map(|day| day.to_string()).unwrap_or_default(),
        resident_count: count(link.resident_count),
        create_time: (!planned).then(|| timestamp(link.create_time)),
        update_time: (!planned).then(|| timestamp(link.update_time)),
        etag: if planned { String::new() } else { link.version.to_string() },
    }
}

/// The place of a link in a list, as a page token has it.
pub fn link_position(link: &ContactLink) -> String {
    let id = link.id.unwrap_or_default();
    [link.grid.as_str(), &(link.kind as i32 + 1).to_string(), &link.subject, &id.to_string()]
        .join(&BETWEEN.to_string())
}

/// The place that a page token has.
pub fn contact_position(text: &str) -> Position {
    let mut parts = text.split(BETWEEN);
    let mut next = || parts.next().unwrap_or_default();
    let (grid, kind, subject, id) = (next(), next(), next(), next());
    Position {
        grid: grid.to_owned(),
        kind: kind.parse().unwrap_or(0),
        subject: subject.to_owned(),
        id: id.parse().unwrap_or_default(),
    }
}

/// The place of a household in a list, as a page token has it.
pub fn uncovered_token(place: &Uncovered) -> String {
    [place.grid.as_str(), &place.address_key, &place.household].join(&BETWEEN.to_string())
}

/// The place that a page token has.
pub fn uncovered_position(text: &str) -> Uncovered {
    let mut parts = text.split(BETWEEN);
    let mut next = || parts.next().unwrap_or_default().to_owned();
    Uncovered { grid: next(), address_key: next(), household: next() }
}

/// What an assignment did, as a message.
pub fn assigned(assigned: Assigned, grid: &Code) -> proto::AssignContactsResponse {
    let links = |links: Vec<ContactLink>| links.into_iter().map(contact_link).collect();
    let uncovered = assigned.coverage.uncovered_listed.clone();
    proto::AssignContactsResponse {
        created: links(assigned.created),
        ended: links(assigned.ended),
        coverage: Some(coverage(grid, assigned.coverage, uncovered, String::new())),
        shortage: (!assigned.shortage.is_none()).then(|| shortage(assigned.shortage)),
    }
}

fn shortage(shortage: Shortage) -> proto::ContactShortage {
    proto::ContactShortage {
        household_count: count(shortage.households),
        resident_count: count(shortage.residents),
        members_missing: count(shortage.members_missing),
        members_unassigned: count(shortage.members_unassigned),
        backbones_missing: count(shortage.backbones_missing),
        backbones_unassigned: count(shortage.backbones_unassigned),
        leads_missing: count(shortage.leads_missing),
    }
}

/// How far an area is covered, as a message, with a page of the ids of households that are not.
pub fn coverage(
    scope: &Code,
    coverage: Coverage,
    uncovered: Vec<String>,
    next_page_token: String,
) -> proto::ContactCoverage {
    let load = |load: crate::domain::contact::Load| proto::ContactLoad {
        person: format!("people/{}", load.person),
        kind: kind(load.kind).into(),
        load: count(load.load),
        capacity: count(load.kind.capacity()),
    };
    proto::ContactCoverage {
        scope: area(scope),
        household_count: count(coverage.households),
        uncovered_household_count: count(coverage.uncovered_households),
        resident_count: count(coverage.residents),
        uncovered_resident_count: count(coverage.uncovered_residents),
        member_count: count(coverage.members),
        uncovered_member_count: count(coverage.uncovered_members),
        backbone_count: count(coverage.backbones),
        uncovered_backbone_count: count(coverage.uncovered_backbones),
        lead_count: count(coverage.leads),
        overloaded_count: count(coverage.overloaded),
        overloaded: coverage.overloaded_listed.into_iter().map(load).collect(),
        uncovered_households: uncovered.into_iter().map(|id| format!("households/{id}")).collect(),
        next_page_token,
    }
}

/// Who is answerable at a level, as a message.
pub fn answer(answer: Answer) -> proto::ContactAnswer {
    let vacant = answer.is_vacant();
    let (acting, acting_level) = match answer.acting {
        Some(acting) => (persons(acting.officers), level(acting.level)),
        None => (Vec::new(), proto::ContactLevel::Unspecified),
    };
    proto::ContactAnswer {
        level: level(answer.level).into(),
        area: area(&answer.area),
        persons: persons(answer.officers),
        vacant,
        acting,
        acting_level: acting_level.into(),
    }
}

fn persons(mut officers: Vec<Officer>) -> Vec<proto::ContactPerson> {
    officers.sort_by(|a, b| (&a.display_name, &a.name).cmp(&(&b.display_name, &b.name)));
    let person =
        |officer: Officer| proto::ContactPerson { name: officer.name, display_name: officer.display_name };
    officers.into_iter().take(PERSONS_MAX).map(person).collect()
}

fn area(code: &Code) -> String {
    if code.level() == CodeLevel::Grid { format!("grids/{code}") } else { format!("divisions/{code}") }
}

const fn kind(kind: Kind) -> proto::ContactKind {
    match kind {
        Kind::HouseholdToMember => proto::ContactKind::HouseholdToMember,
        Kind::MemberToBackbone => proto::ContactKind::MemberToBackbone,
        Kind::BackboneToLead => proto::ContactKind::BackboneToLead,
    }
}

const fn level(level: Level) -> proto::ContactLevel {
    match level {
        Level::Member => proto::ContactLevel::Member,
        Level::Backbone => proto::ContactLevel::Backbone,
        Level::Lead => proto::ContactLevel::Lead,
        Level::Village => proto::ContactLevel::Village,
        Level::Town => proto::ContactLevel::Town,
        Level::City => proto::ContactLevel::City,
    }
}

fn count(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
