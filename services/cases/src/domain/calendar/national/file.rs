//! Files of days: CSV with the columns `date`, `name` and `is_off_day` (1 or 0), as they are commonly published. A column
//! `year`, where there is one, must say the year asked for; further columns are not read.

use std::collections::HashMap;

use chrono::NaiveDate;
use csv::{ByteRecord, ReaderBuilder};

use super::{DAYS_MAX, Kind, NAME_MAX, Named, Notice, Wrong, belongs};

/// The most bytes of a file: a notice's days are a few kilobytes.
pub const BYTES_MAX: usize = 200_000;

/// What is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct Fault {
    /// The line; the header is line 1.
    pub line: u64,
    /// The column's name; empty where the fault is not in one column.
    pub column: &'static str,
    /// The stable reason.
    pub reason: &'static str,
    /// What a person reads.
    pub message: String,
}

impl Fault {
    fn new(line: u64, column: &'static str, reason: &'static str, message: impl Into<String>) -> Self {
        Self { line, column, reason, message: message.into() }
    }
}

/// A row, and the year and the notice it says it belongs to.
struct Row {
    line: u64,
    year: Option<i32>,
    notice: String,
    day: Named,
}

/// Reads the file of one year's notice, whole or not at all.
///
/// # Errors
/// What is wrong with each row that cannot be used, or with the file.
pub fn read(year: i32, content: &[u8]) -> Result<Vec<Named>, Vec<Fault>> {
    let rows = rows(content)?;
    let mut faults = Vec::new();
    let mut lines = HashMap::new();
    for row in &rows {
        if row.year.is_some_and(|said| said != year) {
            let text = format!("the row is of another year than {year}");
            faults.push(Fault::new(row.line, "year", "YEAR_MISMATCH", text));
        } else if !belongs(year, row.day.date) {
            let text = format!("{} in the notice for {year}: {}", row.day.date, Wrong::OutsideYear);
            faults.push(Fault::new(row.line, "date", Wrong::OutsideYear.reason(), text));
        }
        if let Some(first) = lines.insert(row.day.date, row.line) {
            let text = format!("{} is on line {first} already", row.day.date);
            faults.push(Fault::new(row.line, "date", Wrong::Twice.reason(), text));
        }
    }
    if rows.len() > DAYS_MAX {
        let text = format!("a year's notice names at most {DAYS_MAX} days");
        faults.push(Fault::new(rows[DAYS_MAX].line, "", "TOO_MANY_ROWS", text));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut days: Vec<Named> = rows.into_iter().map(|row| row.day).collect();
    days.sort_by_key(|day| day.date);
    Ok(days)
}

/// Reads a file of several years, each row with its year and its notice's address in the column `notice`.
pub(super) fn notices(content: &str) -> Result<Vec<Notice>, Vec<Fault>> {
    let mut notices: Vec<Notice> = Vec::new();
    for row in rows(content.as_bytes())? {
        let year = row.year.ok_or_else(|| vec![Fault::new(row.line, "year", "REQUIRED_FIELD", "no year")])?;
        match notices.last_mut() {
            Some(notice) if notice.year == year => notice.days.push(row.day),
            _ => notices.push(Notice { year, source: row.notice, days: vec![row.day] }),
        }
    }
    Ok(notices)
}

fn rows(content: &[u8]) -> Result<Vec<Row>, Vec<Fault>> {
    let text = decode(content).map_err(|fault| vec![fault])?;
    let mut reader = ReaderBuilder::new().flexible(false).from_reader(text.as_bytes());
    let header = reader.byte_headers().map_err(|error| vec![broken(&error)])?;
    let columns = Columns::read(header).map_err(|fault| vec![fault])?;
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    for record in reader.byte_records() {
        match record.map_err(|error| broken(&error)).and_then(|record| columns.row(&record)) {
            Ok(row) => rows.push(row),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(rows) } else { Err(faults) }
}

/// UTF-8, with or without a byte order mark, with every quote closed: the reader takes the end of the file for a closing
/// quote, and so would take half a row for a whole one.
fn decode(content: &[u8]) -> Result<&str, Fault> {
    if content.len() > BYTES_MAX {
        return Err(Fault::new(1, "", "TOO_LONG", format!("at most {BYTES_MAX} bytes")));
    }
    let line_at = |before: &[u8]| 1 + before.iter().filter(|byte| **byte == b'\n').map(|_| 1).sum::<u64>();
    let text = std::str::from_utf8(content).map_err(|error| {
        let line = line_at(&content[..error.valid_up_to()]);
        Fault::new(line, "", "NOT_UTF8", "is not UTF-8; save the file as UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1 {
        let line = line_at(text.trim_end().as_bytes());
        return Err(Fault::new(line, "", "TRUNCATED_FILE", "the file ends within a quoted field"));
    }
    Ok(text)
}

fn broken(error: &csv::Error) -> Fault {
    let line = error.position().map_or(1, csv::Position::line);
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            let text = format!("the row has {len} fields, the header {expected_len}");
            Fault::new(line, "", "FIELD_COUNT", text)
        }
        _ => Fault::new(line, "", "NOT_CSV", error.to_string()),
    }
}

/// Where the columns stand.
struct Columns {
    date: usize,
    name: usize,
    off: usize,
    year: Option<usize>,
    notice: Option<usize>,
}

impl Columns {
    fn read(header: &ByteRecord) -> Result<Self, Fault> {
        let place = |name: &str| header.iter().position(|field| field.trim_ascii() == name.as_bytes());
        let needed = |name: &'static str| {
            let text = format!("the header has no column {name}");
            place(name).ok_or_else(|| Fault::new(1, name, "MISSING_COLUMN", text))
        };
        let (date, name, off) = (needed("date")?, needed("name")?, needed("is_off_day")?);
        Ok(Self { date, name, off, year: place("year"), notice: place("notice") })
    }

    fn row(&self, record: &ByteRecord) -> Result<Row, Fault> {
        let line = record.position().map_or(0, csv::Position::line);
        let field =
            |place: usize| String::from_utf8_lossy(record.get(place).unwrap_or_default()).trim().to_owned();
        let text = field(self.date);
        // chrono alone would also take one-digit months.
        let date = (text.len() == 10).then(|| NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok()).flatten();
        let date = date.ok_or_else(|| {
            Fault::new(line, "date", "INVALID_DATE", format!("{text:?} is no date such as 2026-01-31"))
        })?;
        let name = field(self.name);
        if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
            let text = format!("a name has 1 to {NAME_MAX} characters");
            return Err(Fault::new(line, "name", "NAME_LENGTH", text));
        }
        let kind = match field(self.off).as_str() {
            "1" | "true" => Kind::Off,
            "0" | "false" => Kind::MakeUp,
            other => {
                let text = format!("{other:?} is neither 1 (a day off) nor 0 (a make-up working day)");
                return Err(Fault::new(line, "is_off_day", "INVALID_FLAG", text));
            }
        };
        let year = self.year.map(|place| {
            field(place).parse().map_err(|_| Fault::new(line, "year", "INVALID_YEAR", "is no year"))
        });
        let notice = self.notice.map(field).unwrap_or_default();
        Ok(Row { line, year: year.transpose()?, notice, day: Named { date, name, kind } })
    }
}
