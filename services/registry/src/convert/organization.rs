//! Organizations between messages and domain.

use chrono::NaiveDate;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;

use super::{
    Faults, code, count, date, division_code, is_given, named, new_id, optional_text, text, timestamp,
};
use crate::domain::organization::{
    Changes, DISPLAY_NAME_MAX, FUNCTIONS_MAX, Facts, JURISDICTION_MAX, Kind, NewOrganization, Organization,
    PHONE_MAX, TEXT_MAX, is_function,
};
use minqing_platform::code::Code;

/// The fields of an organization that an update can change.
const CHANGEABLE: &[&str] = &[
    "display_name",
    "parent",
    "division_code",
    "jurisdiction",
    "functions",
    "phone",
    "address",
    "opening_hours",
];

/// An organization as a message.
pub fn organization(organization: Organization) -> proto::Organization {
    let facts = organization.facts;
    proto::Organization {
        name: format!("organizations/{}", organization.id),
        display_name: facts.display_name,
        kind: kind(organization.kind).into(),
        parent: facts.parent.map(|id| format!("organizations/{id}")).unwrap_or_default(),
        division_code: facts.division.into(),
        jurisdiction: facts.jurisdiction.into_iter().map(String::from).collect(),
        functions: facts.functions,
        phone: facts.phone,
        address: facts.address,
        opening_hours: facts.opening_hours,
        effective_from: organization.effective.from.to_string(),
        effective_to: organization.effective.to.map(|day| day.to_string()).unwrap_or_default(),
        create_time: Some(timestamp(organization.create_time)),
        update_time: Some(timestamp(organization.update_time)),
        etag: organization.version.to_string(),
    }
}

const fn kind(kind: Kind) -> proto::OrganizationKind {
    match kind {
        Kind::Department => proto::OrganizationKind::Department,
        Kind::ServiceCentreCity => proto::OrganizationKind::ServiceCentreCity,
        Kind::ServiceCentreTown => proto::OrganizationKind::ServiceCentreTown,
        Kind::ServiceCentreVillage => proto::OrganizationKind::ServiceCentreVillage,
        Kind::Window => proto::OrganizationKind::Window,
        Kind::Studio => proto::OrganizationKind::Studio,
        Kind::MediationCommittee => proto::OrganizationKind::MediationCommittee,
        Kind::Company => proto::OrganizationKind::Company,
        Kind::Branch => proto::OrganizationKind::Branch,
        Kind::VolunteerCorps => proto::OrganizationKind::VolunteerCorps,
        Kind::CharityFederation => proto::OrganizationKind::CharityFederation,
    }
}

/// Reads a kind, which may be left out.
///
/// # Errors
/// A number that is no kind.
pub fn kind_of(field: &str, value: i32) -> Result<Option<Kind>, Violation> {
    let said = proto::OrganizationKind::try_from(value)
        .map_err(|_| Violation::new(field, "INVALID_ENUM", format!("{value} is no kind of organization")))?;
    Ok(Kind::ALL.into_iter().find(|known| kind(*known) == said))
}

/// Reads the name of an organization (`organizations/x`); gives its last part.
///
/// # Errors
/// The field is empty, or is no such name.
pub fn organization_name(field: &str, text: &str) -> Result<String, Violation> {
    named(field, "organizations", text)
}

/// Reads the name of an organization, which may be left out.
///
/// # Errors
/// It is no such name.
pub fn optional_organization(field: &str, text: &str) -> Result<Option<String>, Violation> {
    (!text.is_empty()).then(|| organization_name(field, text)).transpose()
}

/// Reads a function to look for, which may be left out.
///
/// # Errors
/// It is no keyword.
pub fn function(field: &str, text: &str) -> Result<String, Violation> {
    if text.is_empty() || is_function(text) {
        return Ok(text.to_owned());
    }
    Err(Violation::new(field, "INVALID_FUNCTION", "must be letters, digits, - and _; at most 50 characters"))
}

fn functions(field: &str, texts: &[String]) -> Result<Vec<String>, Violation> {
    count(field, texts.len(), 0, FUNCTIONS_MAX)?;
    if let Some(place) = texts.iter().position(|text| !is_function(text)) {
        let fault = "must be letters, digits, - and _; 1 to 50 characters";
        return Err(Violation::new(format!("{field}[{place}]"), "INVALID_FUNCTION", fault));
    }
    let mut functions = texts.to_vec();
    functions.sort();
    functions.dedup();
    Ok(functions)
}

fn jurisdiction(field: &str, texts: &[String], min: usize) -> Result<Vec<Code>, Violation> {
    count(field, texts.len(), min, JURISDICTION_MAX)?;
    let codes = texts.iter().enumerate().map(|(place, text)| code(&format!("{field}[{place}]"), text));
    let mut codes: Vec<Code> = codes.collect::<Result<_, _>>()?;
    codes.sort();
    codes.dedup();
    Ok(codes)
}

/// Reads an organization that is to begin; `field` is the path of the request, empty for the root.
///
/// # Errors
/// Every field that is not valid.
pub fn new_organization(
    field: &str,
    request: &proto::CreateOrganizationRequest,
    today: NaiveDate,
) -> Result<NewOrganization, Vec<Violation>> {
    let at = |name: &str| if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") };
    let body = |name: &str| at(&format!("organization.{name}"));
    let given = request.organization.as_ref().ok_or_else(|| vec![Violation::required(at("organization"))])?;
    let mut faults = Faults::default();
    let id = faults.take(new_id(&at("organization_id"), &request.organization_id));
    let kind = faults.take(
        kind_of(&body("kind"), given.kind)
            .and_then(|kind| kind.ok_or_else(|| Violation::required(body("kind")))),
    );
    let display_name = faults.take(text(&body("display_name"), &given.display_name, DISPLAY_NAME_MAX));
    let parent = faults.take(optional_organization(&body("parent"), &given.parent));
    let division = faults.take(division_code(&body("division_code"), &given.division_code));
    let codes = faults.take(jurisdiction(&body("jurisdiction"), &given.jurisdiction, 0));
    let functions = faults.take(functions(&body("functions"), &given.functions));
    let phone = faults.take(optional_text(&body("phone"), &given.phone, PHONE_MAX));
    let address = faults.take(optional_text(&body("address"), &given.address, TEXT_MAX));
    let opening_hours = faults.take(optional_text(&body("opening_hours"), &given.opening_hours, TEXT_MAX));
    let from = faults.take(date(&body("effective_from"), &given.effective_from));
    let read = || {
        let (kind, division, mut jurisdiction) = (kind?, division?, codes?);
        if jurisdiction.is_empty() {
            jurisdiction.push(division.clone());
        }
        let (display_name, parent, functions) = (display_name?, parent?, functions?);
        let (phone, address, opening_hours) = (phone?, address?, opening_hours?);
        let facts =
            Facts { display_name, parent, division, jurisdiction, functions, phone, address, opening_hours };
        Some(NewOrganization { id: id?, kind, facts, from: from?.unwrap_or(today) })
    };
    faults.or(read())
}

/// Reads what an update changes.
///
/// # Errors
/// The mask names another field, or a field that changes is not valid.
pub fn organization_changes(
    given: &proto::Organization,
    mask: Option<&prost_types::FieldMask>,
) -> Result<Changes, Vec<Violation>> {
    super::mask("update_mask", mask, CHANGEABLE).map_err(|fault| vec![fault])?;
    let mut faults = Faults::default();
    let mut changes = Changes::default();
    let field = |name: &str| format!("organization.{name}");
    if is_given(mask, "display_name", !given.display_name.is_empty()) {
        changes.display_name =
            faults.take(text(&field("display_name"), &given.display_name, DISPLAY_NAME_MAX));
    }
    if is_given(mask, "parent", !given.parent.is_empty()) {
        changes.parent = faults.take(optional_organization(&field("parent"), &given.parent));
    }
    if is_given(mask, "division_code", !given.division_code.is_empty()) {
        changes.division = faults.take(division_code(&field("division_code"), &given.division_code));
    }
    if is_given(mask, "jurisdiction", !given.jurisdiction.is_empty()) {
        changes.jurisdiction = faults.take(jurisdiction(&field("jurisdiction"), &given.jurisdiction, 1));
    }
    if is_given(mask, "functions", !given.functions.is_empty()) {
        changes.functions = faults.take(functions(&field("functions"), &given.functions));
    }
    if is_given(mask, "phone", !given.phone.is_empty()) {
        changes.phone = faults.take(optional_text(&field("phone"), &given.phone, PHONE_MAX));
    }
    if is_given(mask, "address", !given.address.is_empty()) {
        changes.address = faults.take(optional_text(&field("address"), &given.address, TEXT_MAX));
    }
    if is_given(mask, "opening_hours", !given.opening_hours.is_empty()) {
        changes.opening_hours =
            faults.take(optional_text(&field("opening_hours"), &given.opening_hours, TEXT_MAX));
    }
    faults.or(Some(changes))
}
