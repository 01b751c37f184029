//! Between messages and domain: reading names, codes and dates with the path of the field, and writing answers.

mod appointment;
mod contact;
mod division;
mod grid;
mod household;
mod household_section;
mod organization;
mod person;
mod resident;

pub use minqing_platform::field::{
    Faults, code, count, date, division_code, division_name, each, effective_on, etag, grid_code, grid_name,
    is_given, mask, name, named, new_id, optional_code, optional_text, text, timestamp,
};
use minqing_platform::status::Violation;

pub use appointment::{appointment, appointment_name, new_appointment, role_of};
pub use contact::{
    answer, assigned, contact_link, contact_link_id, contact_position, coverage, date_or_today,
    kind_of_links, link_position, new_contact_link, scope, subject_id, uncovered_position, uncovered_token,
};
pub use division::{division, level_of, new_division, report};
pub use grid::{boundary, datum, grid, grid_basic, grid_fault, grid_report, lat_lng, new_grid};
pub use household::{
    Sight, household, household_name, import_report, new_household, numbered_name, record, record_fault,
};
pub use household_section::{consent, entries, new_consent, reading, section, section_name};
pub use organization::{
    function, kind_of, new_organization, optional_organization, organization, organization_changes,
    organization_name,
};
pub use person::{
    View, access_record, identity_index, new_person, person, person_changes, person_name, phone_index,
    purpose, repeated, subject,
};
pub use resident::{identity_number, new_resident, resident, resident_update};

use crate::domain::division_file::Fault;

/// A fault in a file, as a violation that names file, line and column.
pub fn fault(fault: &Fault) -> Violation {
    let column = if fault.column.is_empty() { String::new() } else { format!(", column {}", fault.column) };
    let place = format!("{}, line {}{column}", fault.file_name, fault.line);
    Violation::new("files", fault.reason, format!("{place}: {}", fault.message))
}
