//! Fields of requests, read into values, with the path of the field in what is wrong with them.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::code::{self, Code, Level};
use crate::status::Violation;

/// The most characters of the last part of a name (AIP-122).
const ID_MAX: usize = 63;

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
    text.parse().map_err(|error: code::Error| Violation::new(field, error.reason(), error))
}

/// Reads a code, which may be left out.
///
/// # Errors
/// It is no code.
pub fn optional_code(field: &str, text: &str) -> Result<Option<Code>, Violation> {
    (!text.is_empty()).then(|| code(field, text)).transpose()
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
    if code.level() == Level::Grid {
        return Err(Violation::new(
            field,
            "CODE_LENGTH",
            "a grid's code; a division has 2, 4, 6, 9 or 12 digits",
        ));
    }
    Ok(code)
}

/// Reads the name of a grid (`grids/321181100201001`).
///
/// # Errors
/// The field is empty, is no such name, or holds a division's code.
pub fn grid_name(field: &str, text: &str) -> Result<Code, Violation> {
    grid_code(field, name(field, "grids", text)?)
}

/// Reads the code of a grid; a division's is refused.
///
/// # Errors
/// The field is empty, or is no grid's code.
pub fn grid_code(field: &str, text: &str) -> Result<Code, Violation> {
    let code = code(field, text)?;
    if code.level() != Level::Grid {
        return Err(Violation::new(field, "CODE_LENGTH", "a division's code; a grid has 15 digits"));
    }
    Ok(code)
}

/// Reads every element of a list by the same rule; the paths in what is wrong name the element.
///
/// # Errors
/// What is wrong with the first element that cannot be read.
pub fn each<'a, T, R>(
    field: &str,
    items: &'a [T],
    read: impl Fn(&str, &'a T) -> Result<R, Violation>,
) -> Result<Vec<R>, Violation> {
    items.iter().enumerate().map(|(place, item)| read(&format!("{field}[{place}]"), item)).collect()
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

/// Reads the name of a resource whose last part callers choose (`people/x`); gives that part.
///
/// # Errors
/// The field is empty, or is no such name.
pub fn named(field: &str, collection: &str, text: &str) -> Result<String, Violation> {
    let id = name(field, collection, text)?;
    if is_id(id) { Ok(id.to_owned()) } else { Err(invalid_id(field)) }
}

/// Reads the name of a resource, which may be left out; gives its last part.
///
/// # Errors
/// It is no such name.
pub fn optional_named(field: &str, collection: &str, text: &str) -> Result<Option<String>, Violation> {
    (!text.is_empty()).then(|| named(field, collection, text)).transpose()
}

/// Reads the last part of a new resource's name; a fresh UUID when it is left out.
///
/// # Errors
/// It is no such part.
pub fn new_id(field: &str, text: &str) -> Result<String, Violation> {
    match text {
        "" => Ok(Uuid::now_v7().to_string()),
        id if is_id(id) => Ok(id.to_owned()),
        _ => Err(invalid_id(field)),
    }
}

fn is_id(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (1..=ID_MAX).contains(&text.len())
        && text.bytes().all(|byte| inner(byte) || byte == b'-')
        && text.bytes().next().is_some_and(inner)
        && text.bytes().last().is_some_and(inner)
}

fn invalid_id(field: &str) -> Violation {
    let form = format!("must end in 1 to {ID_MAX} lower-case letters, digits and inner hyphens");
    Violation::new(field, "INVALID_NAME", form)
}

/// Reads a text of 1 to `max` characters that may have several lines, without other control characters and without
/// blanks around it. Ends of lines become `\n`.
///
/// # Errors
/// It is empty, longer, or holds control characters.
pub fn prose(field: &str, content: &str, max: usize) -> Result<String, Violation> {
    let lines = content.replace("\r\n", "\n");
    let flat = |character: char| if matches!(character, '\n' | '\t') { ' ' } else { character };
    // Whatever is wrong with it is wrong with it on one line too.
    text(field, &lines.chars().map(flat).collect::<String>(), max)?;
    Ok(lines.trim().to_owned())
}

/// Reads a text of at most `max` characters that may have several lines, and may be left out.
///
/// # Errors
/// It is longer, or holds control characters.
pub fn optional_prose(field: &str, content: &str, max: usize) -> Result<String, Violation> {
    if content.trim().is_empty() { Ok(String::new()) } else { prose(field, content, max) }
}

/// Reads a text of at most `max` characters, which may be left out.
///
/// # Errors
/// It is longer, or holds control characters.
pub fn optional_text(field: &str, content: &str, max: usize) -> Result<String, Violation> {
    if content.trim().is_empty() { Ok(String::new()) } else { text(field, content, max) }
}

/// Reads an instant, which may be left out.
///
/// # Errors
/// It is no instant.
pub fn instant(
    field: &str,
    time: Option<&prost_types::Timestamp>,
) -> Result<Option<DateTime<Utc>>, Violation> {
    let Some(time) = time else { return Ok(None) };
    let nanos = u32::try_from(time.nanos).ok();
    let instant = nanos.and_then(|nanos| DateTime::from_timestamp(time.seconds, nanos));
    instant.map(Some).ok_or_else(|| Violation::new(field, "INVALID_TIME", "is no instant"))
}

/// Whether an update changes a field: the mask names it or, without a mask, the body holds it (AIP-134).
pub fn is_given(mask: Option<&prost_types::FieldMask>, field: &str, in_body: bool) -> bool {
    mask.map_or(in_body, |mask| mask.paths.iter().any(|path| path == field))
}

/// What is wrong with a message, gathered over its fields.
#[derive(Debug, Default)]
pub struct Faults(Vec<Violation>);

impl Faults {
    /// A field's value, or `None` when it is not valid, which is noted.
    pub fn take<T>(&mut self, read: Result<T, Violation>) -> Option<T> {
        read.map_err(|violation| self.0.push(violation)).ok()
    }

    /// Notes more.
    pub fn extend(&mut self, violations: Vec<Violation>) {
        self.0.extend(violations);
    }

    /// The message when nothing is wrong with it.
    ///
    /// # Errors
    /// What is wrong.
    pub fn or<T>(self, read: Option<T>) -> Result<T, Vec<Violation>> {
        match read {
            Some(read) if self.0.is_empty() => Ok(read),
            _ => Err(self.0),
        }
    }
}
