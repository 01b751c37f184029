//! Between messages and domain: reading names, codes and dates with the path of the field, and writing answers.

mod division;
mod grid;

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::status::Violation;

pub use division::{division, level_of, new_division, report};
pub use grid::{
    boundary, datum, grid, grid_basic, grid_code, grid_fault, grid_name, grid_report, lat_lng, new_grid,
};

use crate::domain::code::Code;
use crate::domain::division_file::Fault;

/// Reads a resource name of one collection (`divisions/321181`); gives what stands behind the slash.
///
/// # Errors
/// The field is empty, or is no such name.
pub fn name<'a>(field: &str, collection: &str, text: &'a str) -> Result<&'a str, Violation> {
    if text.is_empty() {
        return Err(Violation::required(field));
    }
    let rest = text.strip_prefix(collection).and_then(|rest| rest.strip_prefix('/'));
    rest.filter(|id| !id.is_empty() && !id.contains('/')).ok_or_else(|| {
        Violation::new(field, "INVALID_NAME", format!("must be of the form {collection}/{{id}}"))
    })
}

/// Reads a code.
///
/// # Errors
/// The field is empty, or is no code.
pub fn code(field: &str, text: &str) -> Result<Code, Violation> {
    if text.is_empty() {
        return Err(Violation::required(field));
    }
    text.parse().map_err(|error: crate::domain::code::Error| Violation::new(field, error.reason(), error))
}

/// Reads the name of a division (`divisions/321181`).
///
/// # Errors
/// The field is empty, is no such name, or holds a grid's code.
pub fn division_name(field: &str, text: &str) -> Result<Code, Violation> {
    division_code(field, name(field, "divisions", text)?)
}

/// Reads the code of a division; a grid's is refused.
///
/// # Errors
/// The field is empty, or is no division's code.
pub fn division_code(field: &str, text: &str) -> Result<Code, Violation> {
    let code = code(field, text)?;
    if code.level() == crate::domain::code::Level::Grid {
        return Err(Violation::new(
            field,
            "CODE_LENGTH",
            "a grid's code; a division has 2, 4, 6, 9 or 12 digits",
        ));
    }
    Ok(code)
}

/// Reads a date, which may be left out.
///
/// # Errors
/// It is no ISO 8601 calendar date.
pub fn date(field: &str, text: &str) -> Result<Option<NaiveDate>, Violation> {
    if text.is_empty() {
        return Ok(None);
    }
    // chrono alone would also take one-digit months.
    let shaped = text.len() == 10 && text.is_ascii();
    let day = shaped.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten();
    day.map(Some).ok_or_else(|| Violation::new(field, "INVALID_DATE", "must be a date such as 2026-01-31"))
}

/// Reads the day on which records listed must be in force: a date, `all`, or today when left out.
///
/// # Errors
/// It is neither.
pub fn effective_on(field: &str, text: &str, today: NaiveDate) -> Result<Option<NaiveDate>, Violation> {
    if text == "all" { Ok(None) } else { Ok(Some(date(field, text)?.unwrap_or(today))) }
}

/// Reads a text of 1 to `max` characters, without control characters and without blanks around it.
///
/// # Errors
/// It is empty, longer, or holds control characters.
pub fn text(field: &str, text: &str, max: usize) -> Result<String, Violation> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Violation::required(field));
    }
    if text.chars().count() > max {
        return Err(Violation::new(field, "TOO_LONG", format!("at most {max} characters")));
    }
    if text.chars().any(char::is_control) {
        return Err(Violation::new(field, "CONTROL_CHARACTER", "must not hold control characters"));
    }
    Ok(text.to_owned())
}

/// Reads an etag, which may be left out, as the version it stands for.
///
/// # Errors
/// It is none that this service gave.
pub fn etag(field: &str, text: &str) -> Result<Option<i64>, Violation> {
    if text.is_empty() {
        return Ok(None);
    }
    let version = text.trim_matches('"').parse();
    version.map(Some).map_err(|_| Violation::new(field, "INVALID_ETAG", "is not an etag this service gave"))
}

/// Checks that a list has at least one element and at most `max`.
///
/// # Errors
/// It is empty or longer.
pub fn count(field: &str, count: usize, min: usize, max: usize) -> Result<(), Violation> {
    if (min..=max).contains(&count) {
        return Ok(());
    }
    Err(Violation::new(field, "COUNT", format!("has {count} elements; {min} to {max} are allowed")))
}

/// An instant as a message has it.
pub fn timestamp(instant: DateTime<Utc>) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: instant.timestamp(),
        nanos: i32::try_from(instant.timestamp_subsec_nanos()).unwrap_or(0),
    }
}

/// A fault in a file, as a violation that names file, line and column.
pub fn fault(fault: &Fault) -> Violation {
    let column = if fault.column.is_empty() { String::new() } else { format!(", column {}", fault.column) };
    let place = format!("{}, line {}{column}", fault.file_name, fault.line);
    Violation::new("files", fault.reason, format!("{place}: {}", fault.message))
}

/// Checks that an update mask, which may be left out, names only fields that can change.
///
/// # Errors
/// It names another field.
pub fn mask(field: &str, mask: Option<&prost_types::FieldMask>, allowed: &[&str]) -> Result<(), Violation> {
    let stray = mask.and_then(|mask| mask.paths.iter().find(|path| !allowed.contains(&path.as_str())));
    stray.map_or(Ok(()), |path| {
        let text = format!("{path:?} cannot be changed; these can: {}", allowed.join(", "));
        Err(Violation::new(field, "INVALID_MASK", text))
    })
}
