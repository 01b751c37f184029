//! The catalogue as a file: CSV in UTF-8 with a header. What is exported is what is imported.

use std::collections::HashMap;

use chrono::NaiveDate;
use csv::{ByteRecord, ReaderBuilder, WriterBuilder};
use minqing_platform::code::Code;
use minqing_platform::field::{self as common, Faults};
use minqing_platform::period::Period;
use minqing_platform::status::Violation;

use super::item::field::{self, NAME_MAX};
use super::item::{Facts, Item, promise_holds, text};

/// The most rows of one file.
pub const ROWS_MAX: usize = 5_000;
/// The most bytes of one file: with room to spare in a message of 4 MiB.
pub const BYTES_MAX: usize = 3 * 1024 * 1024;
/// The most faults that are named; the rest shows when these are mended.
const FAULTS_MAX: usize = 50;

/// The columns, in the order in which they are written.
pub const COLUMNS: [&str; 15] = [
    "id",
    "display_name",
    "division_code",
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
    "effective_from",
    "effective_to",
];

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line on which it begins; the header is line 1.
    pub line: u64,
    /// The last part of the item's name.
    pub id: String,
    /// Where it is offered.
    pub division: Code,
    /// What can change.
    pub facts: Facts,
    /// The first day in force; today when left out.
    pub from: Option<NaiveDate>,
    /// The first day no longer in force.
    pub to: Option<NaiveDate>,
}

/// What is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line; the header is line 1.
    pub line: u64,
    /// The column's name; empty where the fault is not in one column.
    pub column: String,
    /// The stable reason.
    pub reason: &'static str,
    /// What a person reads.
    pub message: String,
}

impl Fault {
    /// A fault.
    pub fn new(line: u64, column: &str, reason: &'static str, message: impl ToString) -> Self {
        Self { line, column: column.to_owned(), reason, message: message.to_string() }
    }

    /// A fault as a violation of the field that held the file, with file, line and column.
    pub fn violation(&self, field: &str, file_name: &str) -> Violation {
        let file = if file_name.is_empty() { "the file" } else { file_name };
        let column = if self.column.is_empty() { String::new() } else { format!(", column {}", self.column) };
        Violation::new(field, self.reason, format!("{file}, line {}{column}: {}", self.line, self.message))
    }
}

/// Writes items. Their texts hold nothing that a spreadsheet takes for a formula.
pub fn write<'a>(items: impl IntoIterator<Item = &'a Item>) -> Vec<u8> {
    let mut content = Vec::new();
    let mut writer = WriterBuilder::new().from_writer(&mut content);
    // Writing to memory does not fail, and every record has as many fields as the header.
    let mut put = |record: &[String; 15]| drop(writer.write_record(record));
    put(&COLUMNS.map(ToOwned::to_owned));
    for item in items {
        put(&cells(item));
    }
    drop(writer);
    content
}

fn cells(item: &Item) -> [String; 15] {
    let facts = &item.facts;
    [
        item.id.clone(),
        facts.display_name.clone(),
        item.division.to_string(),
        facts.department.trim_start_matches("organizations/").to_owned(),
        text::names(&facts.levels),
        text::names(&facts.case_types),
        text::limit(facts.promised),
        facts.statutory.map(text::limit).unwrap_or_default(),
        facts.function.clone(),
        facts.calendar.clone(),
        text::documents(&facts.documents),
        text::lines(&facts.legal_basis),
        text::lines(&facts.keywords),
        item.effective.from.to_string(),
        item.effective.to.map(|day| day.to_string()).unwrap_or_default(),
    ]
}

/// Reads a file, whole or not at all.
///
/// # Errors
/// The faults, each with its place; at most 50.
pub fn read(content: &[u8]) -> Result<Vec<Row>, Vec<Fault>> {
    let text = decode(content).map_err(|fault| vec![fault])?;
    let mut reader = ReaderBuilder::new().flexible(false).from_reader(text.as_bytes());
    let header = reader.byte_headers().map_err(|error| vec![broken(&error, text)])?;
    let columns = Columns::read(header).map_err(|fault| vec![fault])?;
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    let mut seen: HashMap<String, u64> = HashMap::new();
    for record in reader.byte_records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                // What follows may have slipped: nothing more can be told of it.
                faults.push(broken(&error, text));
                break;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        if rows.len() == ROWS_MAX {
            faults.push(Fault::new(line, "", "TOO_MANY_ROWS", format!("a file has at most {ROWS_MAX} rows")));
        }
        match columns.row(line, &record) {
            Ok(row) => {
                if let Some(first) = seen.insert(row.id.clone(), line) {
                    let message = format!("{} is on line {first} already", row.id);
                    faults.push(Fault::new(line, "id", "DUPLICATE_ROW", message));
                }
                rows.push(row);
            }
            Err(wrong) => faults.extend(wrong),
        }
        if faults.len() >= FAULTS_MAX || rows.len() > ROWS_MAX {
            break;
        }
    }
    faults.truncate(FAULTS_MAX);
    if faults.is_empty() { Ok(rows) } else { Err(faults) }
}

/// UTF-8, with or without a byte order mark, and with every quote closed.
fn decode(content: &[u8]) -> Result<&str, Fault> {
    if content.len() > BYTES_MAX {
        return Err(Fault::new(1, "", "FILE_TOO_LARGE", format!("a file has at most {BYTES_MAX} bytes")));
    }
    let text = std::str::from_utf8(content).map_err(|error| {
        let message = format!("byte {} is not UTF-8; save the file as UTF-8", error.valid_up_to());
        Fault::new(line_at(&content[..error.valid_up_to()]), "", "NOT_UTF8", message)
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // The reader takes the end of the file for a closing quote, and so would take half a row for a whole one.
    if text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1 {
        let line = line_at(text.trim_end().as_bytes());
        return Err(Fault::new(line, "", "TRUNCATED_FILE", "the file ends within a quoted field"));
    }
    Ok(text)
}

fn line_at(before: &[u8]) -> u64 {
    1 + before.iter().filter(|byte| **byte == b'\n').map(|_| 1).sum::<u64>()
}

/// A row with too few or too many fields; on the last line it tells of a file that was cut off.
fn broken(error: &csv::Error, text: &str) -> Fault {
    let line = error.position().map_or(1, csv::Position::line);
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            let last = line >= line_at(text.trim_end().as_bytes());
            let reason = if last && len < expected_len { "TRUNCATED_FILE" } else { "FIELD_COUNT" };
            Fault::new(line, "", reason, format!("the row has {len} fields, the header {expected_len}"))
        }
        _ => Fault::new(line, "", "NOT_CSV", error),
    }
}

/// Where each of [`COLUMNS`] stands.
struct Columns([usize; 15]);

impl Columns {
    fn read(header: &ByteRecord) -> Result<Self, Fault> {
        let known = |field: &[u8]| COLUMNS.iter().any(|name| name.as_bytes() == field);
        if let Some(stray) = header.iter().find(|field| !known(field)) {
            let stray = String::from_utf8_lossy(stray).into_owned();
            return Err(Fault::new(1, &stray, "UNKNOWN_COLUMN", "the catalogue has no such column"));
        }
        let mut places = [0; 15];
        for (place, name) in places.iter_mut().zip(COLUMNS) {
            let mut found = header.iter().enumerate().filter(|(_, field)| *field == name.as_bytes());
            let missing = || Fault::new(1, name, "MISSING_COLUMN", "the header lacks this column");
            *place = found.next().ok_or_else(missing)?.0;
            if found.next().is_some() {
                return Err(Fault::new(1, name, "DUPLICATE_COLUMN", "the header has this column twice"));
            }
        }
        Ok(Self(places))
    }

    fn row(&self, line: u64, record: &ByteRecord) -> Result<Row, Vec<Fault>> {
        let cell = |name: &str| {
            let place = COLUMNS.iter().position(|column| *column == name).map_or(0, |index| self.0[index]);
            std::str::from_utf8(record.get(place).unwrap_or_default()).unwrap_or_default().trim()
        };
        read_row(line, cell).map_err(|violations| {
            let fault = |violation: Violation| {
                // `documents[2].name` is in the column `documents`.
                let column = violation.field.split(['[', '.']).next().unwrap_or_default();
                Fault::new(line, column, violation.reason, violation.description)
            };
            violations.into_iter().map(fault).collect()
        })
    }
}

fn read_row<'a>(line: u64, cell: impl Fn(&str) -> &'a str) -> Result<Row, Vec<Violation>> {
    let mut faults = Faults::default();
    let id = match cell("id") {
        // Without an id the same file again would create everything again.
        "" => faults.take(Err(Violation::required("id"))),
        id => faults.take(common::new_id("id", id)),
    };
    let division = faults.take(common::division_code("division_code", cell("division_code")));
    let from = faults.take(common::date("effective_from", cell("effective_from")));
    let to = faults.take(common::date("effective_to", cell("effective_to")));
    let facts = match facts(&cell) {
        Ok(facts) => Some(facts),
        Err(wrong) => {
            faults.extend(wrong);
            None
        }
    };
    if let (Some(Some(from)), Some(to)) = (from, to)
        && (Period { from, to }).is_empty()
    {
        let message = format!("is not after {from}, on which it begins");
        faults.take::<()>(Err(Violation::new("effective_to", "ENDS_BEFORE_IT_BEGINS", message)));
    }
    let read = || Some(Row { line, id: id?, division: division?, facts: facts?, from: from?, to: to? });
    faults.or(read())
}

fn facts<'a>(cell: &impl Fn(&str) -> &'a str) -> Result<Facts, Vec<Violation>> {
    let mut faults = Faults::default();
    let named =
        |collection: &str, id: &str| if id.is_empty() { String::new() } else { format!("{collection}/{id}") };
    let limit = |column: &str| match cell(column) {
        "" => Ok(None),
        written => text::limit_of(written)
            .ok_or_else(|| {
                let message = format!("{written:?} is no limit; write a number and a unit: 5 working_days");
                Violation::new(column, "INVALID_LIMIT", message)
            })
            .and_then(|read| field::limit(column, read).map(Some)),
    };
    let invalid =
        |column: &'static str| move |message: String| Violation::new(column, "INVALID_ENUM", message);
    let display_name = faults.take(field::plain("display_name", cell("display_name"), NAME_MAX));
    let department =
        faults.take(field::department("department", &named("organizations", cell("department"))));
    let levels = text::members(cell("levels")).map_err(invalid("levels"));
    let levels = faults.take(levels.and_then(|levels| field::levels("levels", levels)));
    let case_types = faults.take(text::members(cell("case_types")).map_err(invalid("case_types")));
    let promised =
        limit("promised_limit").and_then(|limit| limit.ok_or_else(|| Violation::required("promised_limit")));
    let promised = faults.take(promised);
    let statutory = faults.take(limit("statutory_limit"));
    let function = faults.take(field::function("function", cell("function")));
    let calendar = faults.take(field::calendar("calendar", &named("calendars", cell("calendar"))));
    let documents = text::documents_of(cell("documents"))
        .map_err(|message| Violation::new("documents", "INVALID_DOCUMENT", message))
        .and_then(|documents| field::documents("documents", &documents));
    let documents = faults.take(documents);
    let legal_basis = faults.take(field::legal_basis("legal_basis", &text::texts(cell("legal_basis"))));
    let keywords = faults.take(field::keywords("keywords", &text::texts(cell("keywords"))));
    let read = || {
        let case_types = field::case_types(case_types?);
        let (display_name, department, levels) = (display_name?, department?, levels?);
        let (promised, statutory, function, calendar) = (promised?, statutory?, function?, calendar?);
        let (documents, legal_basis, keywords) = (documents?, legal_basis?, keywords?);
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
    let facts = faults.or(read())?;
    promise_holds(&facts)
        .map_err(|refusal| vec![Violation::new("promised_limit", refusal.reason, refusal.message)])?;
    Ok(facts)
}

#[cfg(test)]
mod tests;
