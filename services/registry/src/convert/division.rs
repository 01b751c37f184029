//! Divisions between messages and domain.

use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;

use super::{division_code, text, timestamp};
use crate::domain::division::{DISPLAY_NAME_MAX, Division, NewDivision};
use crate::domain::division_import::Report;
use minqing_platform::code::Level;

/// A division as a message.
pub fn division(division: Division) -> proto::Division {
    let name = |code: &minqing_platform::code::Code| format!("divisions/{code}");
    proto::Division {
        name: name(&division.code),
        level: level(division.code.level()).into(),
        parent: division.code.parent().as_ref().map(name).unwrap_or_default(),
        code: division.code.into(),
        display_name: division.display_name,
        effective_from: division.effective.from.to_string(),
        effective_to: division.effective.to.map(|day| day.to_string()).unwrap_or_default(),
        successors: division.successors.iter().map(name).collect(),
        create_time: Some(timestamp(division.create_time)),
        update_time: Some(timestamp(division.update_time)),
        etag: division.version.to_string(),
    }
}

/// A level as a message has it.
pub const fn level(level: Level) -> proto::DivisionLevel {
    match level {
        Level::Province => proto::DivisionLevel::Province,
        Level::Prefecture => proto::DivisionLevel::Prefecture,
        Level::County => proto::DivisionLevel::County,
        Level::Town => proto::DivisionLevel::Town,
        Level::Village => proto::DivisionLevel::Village,
        // A grid is no division and is never asked for as one.
        Level::Grid => proto::DivisionLevel::Unspecified,
    }
}

/// Reads a level, which may be left out.
///
/// # Errors
/// A number that is no level.
pub fn level_of(field: &str, value: i32) -> Result<Option<Level>, Violation> {
    let wrong = || Violation::new(field, "INVALID_ENUM", format!("{value} is no division level"));
    Ok(match proto::DivisionLevel::try_from(value).map_err(|_| wrong())? {
        proto::DivisionLevel::Unspecified => None,
        proto::DivisionLevel::Province => Some(Level::Province),
        proto::DivisionLevel::Prefecture => Some(Level::Prefecture),
        proto::DivisionLevel::County => Some(Level::County),
        proto::DivisionLevel::Town => Some(Level::Town),
        proto::DivisionLevel::Village => Some(Level::Village),
    })
}

/// Reads a division that is to begin; `field` is the path of its message.
///
/// # Errors
/// Every field that is not valid.
pub fn new_division(field: &str, code: &str, display_name: &str) -> Result<NewDivision, Vec<Violation>> {
    let code = division_code(&format!("{field}.code"), code);
    let display_name = text(&format!("{field}.display_name"), display_name, DISPLAY_NAME_MAX);
    match (code, display_name) {
        (Ok(code), Ok(display_name)) => Ok(NewDivision { code, display_name }),
        (code, name) => Err([code.err(), name.err()].into_iter().flatten().collect()),
    }
}

/// A report as a message.
pub fn report(report: Report) -> proto::DivisionFileReport {
    let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    proto::DivisionFileReport {
        file_name: report.file_name,
        level: level(report.level).into(),
        rows: count(report.rows),
        created: count(report.created),
        renamed: count(report.renamed),
        unchanged: count(report.unchanged),
        implied: count(report.implied),
        ended: count(report.ended),
    }
}
