//! Households and residents between messages and domain.

use chrono::NaiveDate;
use minqing_platform::error::Error;
use minqing_platform::seal::Keyring;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use uuid::Uuid;

use super::resident::{Given, personal, relation};
use super::{grid_code, grid_name, text, timestamp};
use crate::domain::address::{self, ADDRESS_MAX};
use crate::domain::household::{Household, NewHousehold, RESIDENTS_MAX};
use crate::domain::household_import::{Fault, Record, Report, SOURCE_MAX};
use crate::domain::resident::{NewResident, Relation};
use crate::store::sealed;

/// How much of a record an answer shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// What anybody may see who may see that it is there.
    Masked,
    /// All of it.
    Whole,
}

/// A household as a message; its head is masked always.
///
/// # Errors
/// What is sealed of the head does not open.
pub fn household(keyring: &Keyring, household: Household, sight: Sight) -> Result<proto::Household, Error> {
    let name = format!("households/{}", household.id);
    let (head, head_display_name) = match &household.head {
        None => (String::new(), String::new()),
        Some(head) => {
            let personal = sealed::open_personal(keyring, &household.id, head.number, &head.sealed)?;
            (format!("{name}/residents/{}", head.number), personal.masked().display_name)
        }
    };
    Ok(proto::Household {
        name,
        grid: format!("grids/{}", household.grid),
        address: match sight {
            Sight::Masked => address::masked(&household.address),
            Sight::Whole => household.address,
        },
        resident_count: household.resident_count,
        head,
        head_display_name,
        effective_from: household.effective.from.to_string(),
        effective_to: household.effective.to.map(|day| day.to_string()).unwrap_or_default(),
        create_time: Some(timestamp(household.create_time)),
        update_time: Some(timestamp(household.update_time)),
        etag: household.version.to_string(),
    })
}

/// Reads the name of a household (`households/{uuid}`); gives the id.
///
/// # Errors
/// The field is empty, or is no such name.
pub fn household_name(field: &str, text: &str) -> Result<String, Violation> {
    household_id(field, super::name(field, "households", text)?, "households/{household}")
}

fn household_id(field: &str, id: &str, form: &str) -> Result<String, Violation> {
    let wrong = || Violation::new(field, "INVALID_NAME", format!("must be of the form {form}"));
    Uuid::parse_str(id).map(|id| id.to_string()).map_err(|_| wrong())
}

/// Reads the name of something numbered in a household (`households/{uuid}/residents/3`); gives the id of the household
/// and the number.
///
/// # Errors
/// The field is empty, or is no such name.
pub fn numbered_name(field: &str, collection: &str, text: &str) -> Result<(String, i32), Violation> {
    let form = format!("households/{{household}}/{collection}/{{number}}");
    let (household, number) = inner_name(field, collection, text, &form)?;
    let number = number.parse().ok().filter(|number| *number > 0);
    let wrong = || Violation::new(field, "INVALID_NAME", format!("must be of the form {form}"));
    Ok((household, number.ok_or_else(wrong)?))
}

/// Parts a name within a household into the household's id and the last part.
pub(super) fn inner_name<'a>(
    field: &str,
    collection: &str,
    text: &'a str,
    form: &str,
) -> Result<(String, &'a str), Violation> {
    if text.is_empty() {
        return Err(Violation::required(field));
    }
    let mut parts = text.split('/');
    let taken = (parts.next(), parts.next(), parts.next(), parts.next(), parts.next());
    match taken {
        (Some("households"), Some(id), Some(inner), Some(last), None) if inner == collection => {
            Ok((household_id(field, id, form)?, last))
        }
        _ => Err(Violation::new(field, "INVALID_NAME", format!("must be of the form {form}"))),
    }
}

/// Reads a household that is to begin; `field` is the path of its message, empty for the request itself.
///
/// # Errors
/// Every field that is not valid.
pub fn new_household(field: &str, grid: &str, address: &str) -> Result<NewHousehold, Vec<Violation>> {
    let path = |name: &str| if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") };
    match (grid_name(&path("grid"), grid), text(&path("address"), address, ADDRESS_MAX)) {
        (Ok(grid), Ok(address)) => Ok(NewHousehold { grid, address }),
        (grid, address) => Err([grid.err(), address.err()].into_iter().flatten().collect()),
    }
}

/// Reads a record of an import.
///
/// # Errors
/// The first fault, with the number of the record and its field.
pub fn record(number: u64, given: &proto::HouseholdRecord, today: NaiveDate) -> Result<Record, Violation> {
    let placed = |fault: Violation| {
        let fault =
            Fault { record: number, field: fault.field, reason: fault.reason, message: fault.description };
        record_fault(&fault)
    };
    let mut residents = Vec::with_capacity(given.residents.len());
    let read = || -> Result<_, Violation> {
        let source_id = text("source_id", &given.source_id, SOURCE_MAX)?;
        let grid = grid_code("grid_code", &given.grid_code)?;
        let address = text("address", &given.address, ADDRESS_MAX)?;
        super::count("residents", given.residents.len(), 0, usize::try_from(RESIDENTS_MAX).unwrap_or(0))?;
        Ok((source_id, grid, address))
    };
    let (source_id, grid, address) = read().map_err(placed)?;
    for (place, resident) in given.residents.iter().enumerate() {
        residents.push(resident_record(place, resident, today).map_err(placed)?);
    }
    let heads = residents.iter().filter(|resident| resident.relation == Relation::Head).count();
    if heads > 1 {
        let text = format!("{heads} residents are the head; one can be");
        return Err(placed(Violation::new("residents", "HEAD_EXISTS", text)));
    }
    Ok(Record { number, source_id, grid, address, residents })
}

fn resident_record(
    place: usize,
    given: &proto::ResidentRecord,
    today: NaiveDate,
) -> Result<NewResident, Violation> {
    let path = |name: &str| format!("residents[{place}].{name}");
    let parts = Given {
        display_name: &given.display_name,
        identity_number: &given.identity_number,
        phone: &given.phone,
        birth_year: given.birth_year,
    };
    let first = |faults: Vec<Violation>| {
        faults.into_iter().next().unwrap_or_else(|| Violation::required(path("display_name")))
    };
    let relation = relation(&path("relation"), given.relation)?;
    let personal = personal(&path, &parts, today).map_err(first)?;
    Ok(NewResident { relation, personal, person: None })
}

/// A fault of a record, as a violation that names record and field.
pub fn record_fault(fault: &Fault) -> Violation {
    let place = format!("records[{}]", fault.record.saturating_sub(1));
    let field = if fault.field.is_empty() { place } else { format!("{place}.{}", fault.field) };
    Violation::new(field, fault.reason, format!("record {}: {}", fault.record, fault.message))
}

/// A report as a message.
pub fn import_report(report: Report) -> proto::ImportHouseholdsResponse {
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    proto::ImportHouseholdsResponse {
        records: count(report.records),
        created: count(report.created),
        updated: count(report.updated),
        unchanged: count(report.unchanged),
        ended: count(report.ended),
        residents_created: count(report.residents_created),
        residents_updated: count(report.residents_updated),
        residents_ended: count(report.residents_ended),
    }
}
