//! Items of the catalogue between messages and domain.

use chrono::NaiveDate;
use minqing_platform::field::{Faults, date, division_code, is_given, mask, named, new_id, timestamp};
use minqing_platform::period::Period;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;

use super::case::{case_limit, limit_message};
use super::each;
use crate::domain::calendar::Limit;
use crate::domain::case::CaseType;
use crate::domain::item::field::{self, NAME_MAX};
use crate::domain::item::{Changes, Document, Facts, Item, Level, NewItem};
use crate::domain::item_import::Report;
use minqing_platform::named::{member, number};

/// The fields of an item that an update can change.
const CHANGEABLE: &[&str] = &[
    "display_name",
    "department",
    "levels",
    "case_types",
    "promised_limit",
    "statutory_limit",
    "function",
    "calendar",
    "documents",
    "legal_basis",
    "keywords",
];

/// An item as a message.
pub fn item(item: Item) -> proto::Item {
    let facts = item.facts;
    let document = |document: Document| proto::ItemDocument {
        name: document.name,
        required: document.required,
        note: document.note,
    };
    proto::Item {
        name: format!("items/{}", item.id),
        display_name: facts.display_name,
        division_code: item.division.into(),
        department: facts.department,
        levels: facts.levels.into_iter().map(number).collect(),
        case_types: facts.case_types.into_iter().map(number).collect(),
        promised_limit: Some(limit_message(facts.promised)),
        statutory_limit: facts.statutory.map(limit_message),
        function: facts.function,
        calendar: format!("calendars/{}", facts.calendar),
        documents: facts.documents.into_iter().map(document).collect(),
        legal_basis: facts.legal_basis,
        keywords: facts.keywords,
        effective_from: item.effective.from.to_string(),
        effective_to: item.effective.to.map(|day| day.to_string()).unwrap_or_default(),
        version: i32::try_from(item.version).unwrap_or(i32::MAX),
        create_time: Some(timestamp(item.create_time)),
        update_time: Some(timestamp(item.update_time)),
        etag: item.version.to_string(),
    }
}

/// Reads the name of an item (`items/x`); gives its last part.
///
/// # Errors
/// The field is empty, or is no such name.
pub fn item_name(field: &str, text: &str) -> Result<String, Violation> {
    named(field, "items", text)
}

/// Reads types of case.
///
/// # Errors
/// One of them is none.
pub fn case_types(field: &str, types: &[i32]) -> Result<Vec<CaseType>, Violation> {
    Ok(field::case_types(each(field, types, |field, number| member(field, *number))?))
}

fn levels(field: &str, levels: &[i32]) -> Result<Vec<Level>, Violation> {
    field::levels(field, each(field, levels, |field, number| member(field, *number))?)
}

fn documents(field: &str, documents: &[proto::ItemDocument]) -> Result<Vec<Document>, Violation> {
    let document = |given: &proto::ItemDocument| Document {
        name: given.name.clone(),
        required: given.required,
        note: given.note.clone(),
    };
    field::documents(field, &documents.iter().map(document).collect::<Vec<_>>())
}

fn optional_limit(field: &str, limit: Option<&proto::Limit>) -> Result<Option<Limit>, Violation> {
    limit.map(|limit| case_limit(field, limit)).transpose()
}

/// Reads an item that is to begin.
///
/// # Errors
/// Every field that is not valid.
pub fn new_item(request: &proto::CreateItemRequest, today: NaiveDate) -> Result<NewItem, Vec<Violation>> {
    let given = request.item.as_ref().ok_or_else(|| vec![Violation::required("item")])?;
    let mut faults = Faults::default();
    let id = faults.take(new_id("item_id", &request.item_id));
    let division = faults.take(division_code("item.division_code", &given.division_code));
    let from = faults.take(date("item.effective_from", &given.effective_from));
    let facts = match facts(given) {
        Ok(facts) => Some(facts),
        Err(wrong) => {
            faults.extend(wrong);
            None
        }
    };
    let read = || {
        let effective = Period::since(from?.unwrap_or(today));
        Some(NewItem { id: id?, division: division?, facts: facts?, effective })
    };
    faults.or(read())
}

fn facts(given: &proto::Item) -> Result<Facts, Vec<Violation>> {
    let mut faults = Faults::default();
    let display_name = faults.take(field::plain("item.display_name", &given.display_name, NAME_MAX));
    let department = faults.take(field::department("item.department", &given.department));
    let levels = faults.take(levels("item.levels", &given.levels));
    let case_types = faults.take(case_types("item.case_types", &given.case_types));
    let promised = optional_limit("item.promised_limit", given.promised_limit.as_ref())
        .and_then(|limit| limit.ok_or_else(|| Violation::required("item.promised_limit")));
    let promised = faults.take(promised);
    let statutory = faults.take(optional_limit("item.statutory_limit", given.statutory_limit.as_ref()));
    let function = faults.take(field::function("item.function", &given.function));
    let calendar = faults.take(field::calendar("item.calendar", &given.calendar));
    let documents = faults.take(documents("item.documents", &given.documents));
    let legal_basis = faults.take(field::legal_basis("item.legal_basis", &given.legal_basis));
    let keywords = faults.take(field::keywords("item.keywords", &given.keywords));
    let read = || {
        let (display_name, department, levels) = (display_name?, department?, levels?);
        let (case_types, promised, statutory) = (case_types?, promised?, statutory?);
        let (function, calendar, documents) = (function?, calendar?, documents?);
        let (legal_basis, keywords) = (legal_basis?, keywords?);
        Some(Facts {
            display_name,
            department,
            levels,
            case_types,
            promised,
            statutory,
            function,
            calendar,
            documents,
            legal_basis,
            keywords,
        })
    };
    faults.or(read())
}

/// Reads what an update changes.
///
/// # Errors
/// The mask names another field, or a field that changes is not valid.
pub fn item_changes(
    given: &proto::Item,
    paths: Option<&prost_types::FieldMask>,
) -> Result<Changes, Vec<Violation>> {
    mask("update_mask", paths, CHANGEABLE).map_err(|fault| vec![fault])?;
    let mut faults = Faults::default();
    let mut changes = Changes::default();
    let changes_field = |name: &str, in_body: bool| is_given(paths, name, in_body);
    if changes_field("display_name", !given.display_name.is_empty()) {
        changes.display_name = faults.take(field::plain("item.display_name", &given.display_name, NAME_MAX));
    }
    if changes_field("department", !given.department.is_empty()) {
        changes.department = faults.take(field::department("item.department", &given.department));
    }
    if changes_field("levels", !given.levels.is_empty()) {
        changes.levels = faults.take(levels("item.levels", &given.levels));
    }
    if changes_field("case_types", !given.case_types.is_empty()) {
        changes.case_types = faults.take(case_types("item.case_types", &given.case_types));
    }
    if changes_field("promised_limit", given.promised_limit.is_some()) {
        let limit = optional_limit("item.promised_limit", given.promised_limit.as_ref());
        let limit = limit.and_then(|limit| limit.ok_or_else(|| Violation::required("item.promised_limit")));
        changes.promised = faults.take(limit);
    }
    if changes_field("statutory_limit", given.statutory_limit.is_some()) {
        changes.statutory =
            faults.take(optional_limit("item.statutory_limit", given.statutory_limit.as_ref()));
    }
    if changes_field("function", !given.function.is_empty()) {
        changes.function = faults.take(field::function("item.function", &given.function));
    }
    if changes_field("calendar", !given.calendar.is_empty()) {
        changes.calendar = faults.take(field::calendar("item.calendar", &given.calendar));
    }
    if changes_field("documents", !given.documents.is_empty()) {
        changes.documents = faults.take(documents("item.documents", &given.documents));
    }
    if changes_field("legal_basis", !given.legal_basis.is_empty()) {
        changes.legal_basis = faults.take(field::legal_basis("item.legal_basis", &given.legal_basis));
    }
    if changes_field("keywords", !given.keywords.is_empty()) {
        changes.keywords = faults.take(field::keywords("item.keywords", &given.keywords));
    }
    faults.or(Some(changes))
}

/// A report of an import as a message.
pub fn item_report(report: Report) -> proto::ImportItemsResponse {
    let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    proto::ImportItemsResponse {
        rows: count(report.rows),
        created: count(report.created),
        updated: count(report.updated),
        unchanged: count(report.unchanged),
        ended: count(report.ended),
    }
}
