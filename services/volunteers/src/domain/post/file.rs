//! Posts as a file: CSV in UTF-8 with a header. What is exported is what is imported.

use std::collections::HashMap;

use chrono::NaiveDate;
use csv::{ByteRecord, ReaderBuilder, WriterBuilder};
use minqing_platform::field::{self as common, Faults};
use minqing_platform::period::Period;
use minqing_platform::status::Violation;

use super::field::{self, NAME_MAX, REQUIREMENTS_MAX};
use super::{Category, Post, Strain};
use crate::domain::need::Risk;

/// The posts that come with the program: five categories, 32 kinds. See `data/SOURCE.md`.
pub const CARRIED: &str = include_str!("../../../data/posts.csv");
/// The most rows of one file.
pub const ROWS_MAX: usize = 1_000;
/// The most bytes of one file.
pub const BYTES_MAX: usize = 1024 * 1024;
/// The most faults that are named; the rest shows when these are mended.
const FAULTS_MAX: usize = 50;

/// The columns, in the order in which they are written.
pub const COLUMNS: [&str; 13] = [
    "id",
    "category",
    "display_name",
    "english_name",
    "skills",
    "requirements",
    "risk",
    "age_min",
    "age_max",
    "insurance",
    "strains",
    "effective_from",
    "effective_to",
];

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line on which it begins; the header is line 1.
    pub line: u64,
    /// The post, but for its version and its first day.
    pub post: Post,
    /// The first day in force; today when left out.
    pub from: Option<NaiveDate>,
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

/// Writes posts. Their texts hold nothing that a spreadsheet takes for a formula.
pub fn write<'a>(posts: impl IntoIterator<Item = &'a Post>) -> Vec<u8> {
    let mut content = Vec::new();
    let mut writer = WriterBuilder::new().from_writer(&mut content);
    // Writing to memory does not fail, and every record has as many fields as the header.
    let mut put = |record: &[String; 13]| drop(writer.write_record(record));
    put(&COLUMNS.map(ToOwned::to_owned));
    for post in posts {
        put(&cells(post));
    }
    drop(writer);
    content
}

fn cells(post: &Post) -> [String; 13] {
    [
        post.id.clone(),
        post.category.to_string(),
        post.display_name.clone(),
        post.english_name.clone(),
        post.skills.join("\n"),
        post.requirements.clone(),
        post.risk.to_string(),
        post.age_min.to_string(),
        post.age_max.map(|years| years.to_string()).unwrap_or_default(),
        if post.insurance { "yes".to_owned() } else { "no".to_owned() },
        post.strains.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        post.effective.from.to_string(),
        post.effective.to.map(|day| day.to_string()).unwrap_or_default(),
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
                if let Some(first) = seen.insert(row.post.id.clone(), line) {
                    let message = format!("{} is on line {first} already", row.post.id);
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
struct Columns([usize; 13]);

impl Columns {
    fn read(header: &ByteRecord) -> Result<Self, Fault> {
        let known = |field: &[u8]| COLUMNS.iter().any(|name| name.as_bytes() == field);
        if let Some(stray) = header.iter().find(|field| !known(field)) {
            let stray = String::from_utf8_lossy(stray).into_owned();
            return Err(Fault::new(1, &stray, "UNKNOWN_COLUMN", "posts have no such column"));
        }
        let mut places = [0; 13];
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
                // `skills[2]` is in the column `skills`.
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
    let category = faults.take(parsed::<Category>("category", cell("category")));
    let display_name = faults.take(field::plain("display_name", cell("display_name"), NAME_MAX));
    let english_name = faults.take(field::plain("english_name", cell("english_name"), NAME_MAX));
    let skills: Vec<String> = cell("skills").lines().map(|skill| skill.trim().to_owned()).collect();
    let skills = faults.take(field::skills("skills", &skills));
    let requirements =
        faults.take(field::optional_plain("requirements", cell("requirements"), REQUIREMENTS_MAX));
    let risk = faults.take(parsed::<Risk>("risk", cell("risk")));
    let age_min = faults.take(years("age_min", cell("age_min")));
    let age_max = match cell("age_max") {
        "" => Some(None),
        given => faults.take(years("age_max", given)).map(Some),
    };
    let insurance = faults.take(yes_or_no("insurance", cell("insurance")));
    let strains = faults.take(strains("strains", cell("strains")));
    let from = faults.take(common::date("effective_from", cell("effective_from")));
    let to = faults.take(common::date("effective_to", cell("effective_to")));
    if let (Some(least), Some(Some(most))) = (age_min, age_max)
        && most < least
    {
        let message = format!("is less than {least}, the youngest");
        faults.take::<()>(Err(Violation::new("age_max", "AGES_CROSSED", message)));
    }
    let read = || {
        let from = from?;
        let post = Post {
            id: id?,
            category: category?,
            display_name: display_name?,
            english_name: english_name?,
            skills: skills?,
            requirements: requirements?,
            risk: risk?,
            age_min: age_min?,
            age_max: age_max?,
            insurance: insurance?,
            strains: strains?,
            version: 1,
            effective: Period { from: from.unwrap_or(NaiveDate::MIN), to: to? },
        };
        Some(Row { line, post, from })
    };
    faults.or(read())
}

fn parsed<T: std::str::FromStr<Err = String>>(column: &str, text: &str) -> Result<T, Violation> {
    text.parse().map_err(|message: String| Violation::new(column, "INVALID_ENUM", message))
}

fn years(column: &str, text: &str) -> Result<u32, Violation> {
    let years = text.parse().map_err(|_| Violation::new(column, "INVALID_NUMBER", "must be whole years"))?;
    field::age(column, years)
}

fn yes_or_no(column: &str, text: &str) -> Result<bool, Violation> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(Violation::new(column, "INVALID_ENUM", "must be yes or no")),
    }
}

fn strains(column: &str, text: &str) -> Result<Vec<Strain>, Violation> {
    let mut strains: Vec<Strain> =
        text.split_whitespace().map(|word| parsed(column, word)).collect::<Result<_, _>>()?;
    strains.sort();
    strains.dedup();
    Ok(strains)
}
