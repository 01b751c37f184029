//! Fields of an item, read by the same rules from a message and from a file. Each answers with the path it was given.

use minqing_platform::field::{count, each, named, optional_text, text};
use minqing_platform::status::Violation;

use super::text::BAR;
use super::{Document, Level};
use crate::domain::calendar::{self, Limit};
use crate::domain::case::CaseType;

/// The most characters of a name: of an item, of a document.
pub const NAME_MAX: usize = 100;
/// The most characters of a function, and of a keyword.
pub const WORD_MAX: usize = 50;
/// The most characters of a note, and of a ground.
pub const TEXT_MAX: usize = 200;
/// The most documents, and the most keywords.
pub const DOCUMENTS_MAX: usize = 50;
/// The most grounds.
pub const GROUNDS_MAX: usize = 20;
/// The most working days of a limit.
pub const WORKING_DAYS_MAX: u32 = 60;
/// The most minutes of working time of a limit.
pub const WORKING_MINUTES_MAX: u32 = 28_800;
/// The most minutes round the clock of a limit.
pub const MINUTES_MAX: u32 = 129_600;

/// What a spreadsheet takes for the beginning of a formula.
const FORMULA: [char; 4] = ['=', '+', '-', '@'];

/// Reads a text of 1 to `max` characters that a spreadsheet does not take for a formula: the catalogue travels as CSV.
///
/// # Errors
/// It is empty, longer, holds control characters, or begins like a formula.
pub fn plain(field: &str, content: &str, max: usize) -> Result<String, Violation> {
    let content = text(field, content, max)?;
    if content.starts_with(FORMULA) {
        return Err(Violation::new(field, "FORMULA", "must not begin with =, +, - or @"));
    }
    Ok(content)
}

/// Reads the department (`organizations/x`).
///
/// # Errors
/// It is empty, or no such name.
pub fn department(field: &str, name: &str) -> Result<String, Violation> {
    Ok(format!("organizations/{}", named(field, "organizations", name)?))
}

/// Reads the levels.
///
/// # Errors
/// There is none.
pub fn levels(field: &str, mut levels: Vec<Level>) -> Result<Vec<Level>, Violation> {
    levels.sort();
    levels.dedup();
    if levels.is_empty() { Err(Violation::required(field)) } else { Ok(levels) }
}

/// Reads the types of case.
pub fn case_types(mut types: Vec<CaseType>) -> Vec<CaseType> {
    types.sort();
    types.dedup();
    types
}

/// Reads a limit.
///
/// # Errors
/// It is nothing, or longer than a limit may be.
pub fn limit(field: &str, limit: Limit) -> Result<Limit, Violation> {
    let (length, max) = match limit {
        Limit::WorkingDays(days) => (days, WORKING_DAYS_MAX),
        Limit::WorkingMinutes(minutes) => (minutes, WORKING_MINUTES_MAX),
        Limit::Minutes(minutes) => (minutes, MINUTES_MAX),
    };
    if (1..=max).contains(&length) {
        return Ok(limit);
    }
    Err(Violation::new(field, "OUT_OF_RANGE", format!("must be 1 to {max} in this unit")))
}

/// Reads a function, which may be left out.
///
/// # Errors
/// It is no keyword of the registry.
pub fn function(field: &str, function: &str) -> Result<String, Violation> {
    let inner = |character: char| character.is_alphanumeric() || character == '-' || character == '_';
    if function.chars().count() <= WORD_MAX && function.chars().all(inner) && !function.starts_with(FORMULA) {
        return Ok(function.to_owned());
    }
    let text = format!("must be letters, digits, - and _, not - at first; at most {WORD_MAX} characters");
    Err(Violation::new(field, "INVALID_FUNCTION", text))
}

/// Reads a calendar (`calendars/x`), which may be left out; gives its id.
///
/// # Errors
/// It is no such name.
pub fn calendar(field: &str, name: &str) -> Result<String, Violation> {
    if name.is_empty() { Ok(calendar::CHINA.to_owned()) } else { named(field, "calendars", name) }
}

/// Reads documents.
///
/// # Errors
/// There are too many, or one is not valid.
pub fn documents(field: &str, documents: &[Document]) -> Result<Vec<Document>, Violation> {
    count(field, documents.len(), 0, DOCUMENTS_MAX)?;
    each(field, documents, |field, document| {
        let at = format!("{field}.name");
        let name = plain(&at, &document.name, NAME_MAX)?;
        if name.contains(BAR) {
            return Err(Violation::new(at, "INVALID_CHARACTER", "must not hold |"));
        }
        let note = optional_text(&format!("{field}.note"), &document.note, TEXT_MAX)?;
        Ok(Document { name, required: document.required, note })
    })
}

/// Reads the grounds, in their order.
///
/// # Errors
/// There are too many, or one is not valid.
pub fn legal_basis(field: &str, grounds: &[String]) -> Result<Vec<String>, Violation> {
    count(field, grounds.len(), 0, GROUNDS_MAX)?;
    each(field, grounds, |field, ground| plain(field, ground, TEXT_MAX))
}

/// Reads keywords.
///
/// # Errors
/// There are too many, or one is not valid.
pub fn keywords(field: &str, keywords: &[String]) -> Result<Vec<String>, Violation> {
    count(field, keywords.len(), 0, DOCUMENTS_MAX)?;
    let mut keywords = each(field, keywords, |field, keyword| plain(field, keyword, WORD_MAX))?;
    keywords.sort();
    keywords.dedup();
    Ok(keywords)
}
