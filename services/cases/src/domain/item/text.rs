//! Values of an item as one text: in a cell of a file, and in a column of a table. None of the texts within holds a line
//! break, so that lists stand one a line.

use std::str::FromStr;

use super::Document;
use crate::domain::calendar::Limit;

const WORKING_DAYS: &str = "working_days";
const WORKING_MINUTES: &str = "working_minutes";
const MINUTES: &str = "minutes";

/// What parts a document's name from what follows.
pub const BAR: char = '|';
const REQUIRED: &str = "required";
const OPTIONAL: &str = "optional";

/// A limit: `5 working_days`.
pub fn limit(limit: Limit) -> String {
    match limit {
        Limit::WorkingDays(length) => format!("{length} {WORKING_DAYS}"),
        Limit::WorkingMinutes(length) => format!("{length} {WORKING_MINUTES}"),
        Limit::Minutes(length) => format!("{length} {MINUTES}"),
    }
}

/// Reads a limit; `None` when it is none.
pub fn limit_of(text: &str) -> Option<Limit> {
    let (length, unit) = text.split_once(' ')?;
    let length = length.parse().ok()?;
    match unit.trim() {
        WORKING_DAYS => Some(Limit::WorkingDays(length)),
        WORKING_MINUTES => Some(Limit::WorkingMinutes(length)),
        MINUTES => Some(Limit::Minutes(length)),
        _ => None,
    }
}

/// Names of an enumeration, with blanks between.
pub fn names<T: ToString>(members: &[T]) -> String {
    members.iter().map(T::to_string).collect::<Vec<_>>().join(" ")
}

/// Reads names of an enumeration.
///
/// # Errors
/// What is wrong with the first that is none.
pub fn members<T: FromStr<Err = String>>(text: &str) -> Result<Vec<T>, String> {
    text.split_whitespace().map(str::parse).collect()
}

/// Texts, one a line.
pub fn lines(texts: &[String]) -> String {
    texts.join("\n")
}

/// Reads texts, one a line; empty lines are none.
pub fn texts(lines: &str) -> Vec<String> {
    lines.lines().map(str::trim).filter(|line| !line.is_empty()).map(ToOwned::to_owned).collect()
}

/// Documents, one a line: `name|required|note`, the note left out where there is none.
pub fn documents(documents: &[Document]) -> String {
    let line = |document: &Document| {
        let Document { name, required, note } = document;
        let required = if *required { REQUIRED } else { OPTIONAL };
        if note.is_empty() {
            format!("{name}{BAR}{required}")
        } else {
            format!("{name}{BAR}{required}{BAR}{note}")
        }
    };
    documents.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Reads documents, one a line.
///
/// # Errors
/// What is wrong with the first line that is none.
pub fn documents_of(lines: &str) -> Result<Vec<Document>, String> {
    texts(lines)
        .iter()
        .map(|line| {
            let mut parts = line.splitn(3, BAR).map(str::trim);
            let name = parts.next().unwrap_or_default().to_owned();
            let required = match parts.next() {
                Some(REQUIRED) => true,
                Some(OPTIONAL) => false,
                _ => {
                    return Err(format!(
                        "{line:?} does not say {REQUIRED} or {OPTIONAL} after the name and a bar"
                    ));
                }
            };
            Ok(Document { name, required, note: parts.next().unwrap_or_default().to_owned() })
        })
        .collect()
}
