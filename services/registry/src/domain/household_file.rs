//! Files of households: CSV in UTF-8 with a header, one row a resident; the rows of a household follow each other.
//!
//! The columns, in any order: `household_id`, `grid_code`, `address`, `resident_name`, `relation`, `identity_number`,
//! `phone`. A household without residents is one row whose last four are empty.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use chrono::NaiveDate;
use csv::{ByteRecord, ReaderBuilder};

use super::address::ADDRESS_MAX;
use super::division_file::Fault;
use super::household::RESIDENTS_MAX;
use super::household_import::{Record, SOURCE_MAX};
use super::resident::{DISPLAY_NAME_MAX, NewResident, Personal, Relation};
use minqing_platform::code::{self, Code, Level};
use minqing_platform::identity_number::IdentityNumber;
use minqing_platform::phone::Phone;

/// The columns, in the order in which a row is taken apart.
const COLUMNS: [&str; 7] =
    ["household_id", "grid_code", "address", "resident_name", "relation", "identity_number", "phone"];

/// A fault before its file is named.
struct Found(u64, &'static str, &'static str, String);

/// Counts the quotes of a file as it goes by: an odd number at its end tells that it ends within a quoted field, which the
/// reader below would take for a whole one.
struct Quotes<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Quotes<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        let quotes = buffer[..length].iter().map(|byte| u64::from(*byte == b'"')).sum::<u64>();
        self.count.set(self.count.get() + quotes);
        Ok(length)
    }
}

/// A file that is read household by household: it is never whole in memory.
pub struct Households<R> {
    file_name: String,
    reader: csv::Reader<Quotes<R>>,
    quotes: Rc<Cell<u64>>,
    /// Where each of [`COLUMNS`] stands.
    places: [usize; 7],
    today: NaiveDate,
    /// The household whose rows are being read.
    pending: Option<Record>,
    records: u64,
    done: bool,
}

/// Reads a file's header; the rest is read as households are taken. `today` bounds dates of birth.
///
/// # Errors
/// The file cannot be read, or lacks a column.
pub fn read<R: Read>(file_name: &str, file: R, today: NaiveDate) -> Result<Households<R>, Fault> {
    let quotes = Rc::new(Cell::new(0));
    let file = Quotes { inner: file, count: quotes.clone() };
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(file);
    let places = columns(&mut reader).map_err(|found| placed(file_name, found))?;
    let file_name = file_name.to_owned();
    Ok(Households { file_name, reader, quotes, places, today, pending: None, records: 0, done: false })
}

fn columns<R: Read>(reader: &mut csv::Reader<R>) -> Result<[usize; 7], Found> {
    let header = reader.byte_headers().map_err(|error| Found(1, "", "NOT_READ", error.to_string()))?;
    let mut places = [0; 7];
    for (place, name) in places.iter_mut().zip(COLUMNS) {
        // A byte order mark belongs to no name.
        let named = |field: &[u8]| field.strip_prefix(b"\xef\xbb\xbf").unwrap_or(field) == name.as_bytes();
        *place = header
            .iter()
            .position(named)
            .ok_or_else(|| Found(1, name, "MISSING_COLUMN", format!("the header has no column {name}")))?;
    }
    Ok(places)
}

fn placed(file_name: &str, Found(line, column, reason, message): Found) -> Fault {
    Fault { file_name: file_name.to_owned(), line, column: column.to_owned(), reason, message }
}

/// A row, taken apart.
struct Row {
    line: u64,
    household: String,
    grid: Code,
    address: String,
    resident: Option<NewResident>,
}

impl<R: Read> Iterator for Households<R> {
    type Item = Result<Record, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let next = self.household().map_err(|found| placed(&self.file_name, found)).transpose();
        self.done = !matches!(next, Some(Ok(_)));
        next
    }
}

impl<R: Read> Households<R> {
    /// The next household; none at the end of the file.
    fn household(&mut self) -> Result<Option<Record>, Found> {
        while let Some(row) = self.row()? {
            match &mut self.pending {
                Some(record) if record.source_id == row.household => join(record, row)?,
                pending => {
                    self.records += 1;
                    let begun = Record {
                        number: self.records,
                        source_id: row.household,
                        grid: row.grid,
                        address: row.address,
                        residents: row.resident.into_iter().collect(),
                    };
                    if let Some(whole) = pending.replace(begun) {
                        return Ok(Some(whole));
                    }
                }
            }
        }
        Ok(self.pending.take())
    }

    fn row(&mut self) -> Result<Option<Row>, Found> {
        let mut record = ByteRecord::new();
        let read = self.reader.read_byte_record(&mut record);
        let line = record.position().map_or(1, csv::Position::line);
        let more = read.map_err(|error| Found(line, "", "NOT_READ", error.to_string()))?;
        let columns = self.reader.byte_headers().map_or(0, ByteRecord::len);
        // The last row of a file that was cut off is short, or ends within quotes.
        if (!more || self.reader.is_done()) && self.quotes.get() % 2 == 1 {
            let text = "the file ends within a quoted field".to_owned();
            return Err(Found(line, "", "TRUNCATED_FILE", text));
        }
        if !more {
            return Ok(None);
        }
        if record.len() != columns {
            let text = format!("the row has {} fields, the header {columns}", record.len());
            // Nothing after a row that is too short: the file was cut off there.
            let last = !self.reader.read_byte_record(&mut ByteRecord::new()).unwrap_or(true);
            let reason = if last && record.len() < columns { "TRUNCATED_FILE" } else { "FIELD_COUNT" };
            return Err(Found(line, "", reason, text));
        }
        parse(line, &record, &self.places, self.today).map(Some)
    }
}

fn parse(line: u64, record: &ByteRecord, places: &[usize; 7], today: NaiveDate) -> Result<Row, Found> {
    let mut fields = [""; 7];
    for ((field, place), column) in fields.iter_mut().zip(places).zip(COLUMNS) {
        let bytes = record.get(*place).unwrap_or_default();
        let text = std::str::from_utf8(bytes);
        let not_utf8 = |_| Found(line, column, "NOT_UTF8", "is not UTF-8; save the file as UTF-8".to_owned());
        *field = text.map_err(not_utf8)?.trim();
    }
    let [household, grid, address, name, relation, identity_number, phone] = fields;
    length(line, COLUMNS[0], household, SOURCE_MAX)?;
    length(line, COLUMNS[2], address, ADDRESS_MAX)?;
    let grid: Code = grid
        .parse()
        .map_err(|error: code::Error| Found(line, COLUMNS[1], error.reason(), error.to_string()))?;
    if grid.level() != Level::Grid {
        return Err(Found(line, COLUMNS[1], "CODE_LENGTH", format!("{grid} should have 15 digits")));
    }
    let resident = if [name, relation, identity_number, phone].iter().all(|field| field.is_empty()) {
        None
    } else {
        Some(resident(line, [name, relation, identity_number, phone], today)?)
    };
    Ok(Row { line, household: household.to_owned(), grid, address: address.to_owned(), resident })
}

fn length(line: u64, column: &'static str, text: &str, max: usize) -> Result<(), Found> {
    match text.chars().count() {
        0 => Err(Found(line, column, "REQUIRED_FIELD", "must be given".to_owned())),
        count if count > max => Err(Found(line, column, "TOO_LONG", format!("at most {max} characters"))),
        _ => Ok(()),
    }
}

fn resident(
    line: u64,
    [name, relation, identity_number, phone]: [&str; 4],
    today: NaiveDate,
) -> Result<NewResident, Found> {
    length(line, COLUMNS[3], name, DISPLAY_NAME_MAX)?;
    let known = Relation::of_word(relation).ok_or_else(|| {
        let text = format!("{relation:?} is none of 户主, 配偶, 子女, 孙辈, 父母, 祖辈, 兄弟姐妹, 其他");
        Found(line, COLUMNS[4], "UNKNOWN_RELATION", text)
    })?;
    let number = |text: &str| {
        IdentityNumber::parse(text, today)
            .map(|number| number.expose().to_owned())
            .map_err(|error| Found(line, COLUMNS[5], error.reason(), error.to_string()))
    };
    let phone_of = |text: &str| {
        Phone::parse(text, None)
            .map(|phone| phone.expose().to_owned())
            .map_err(|error| Found(line, COLUMNS[6], error.reason(), error.to_string()))
    };
    let personal = Personal {
        display_name: name.to_owned(),
        identity_number: (!identity_number.is_empty()).then(|| number(identity_number)).transpose()?,
        phone: (!phone.is_empty()).then(|| phone_of(phone)).transpose()?,
        birth_year: None,
    };
    Ok(NewResident { relation: known, personal, person: None })
}

/// Adds a further row of a household to it.
fn join(record: &mut Record, row: Row) -> Result<(), Found> {
    let Row { line, grid, address, resident, .. } = row;
    if grid != record.grid {
        let text = format!("the rows of household {} name several grids", record.source_id);
        return Err(Found(line, COLUMNS[1], "ROWS_DIFFER", text));
    }
    if address != record.address {
        let text = format!("the rows of household {} name several addresses", record.source_id);
        return Err(Found(line, COLUMNS[2], "ROWS_DIFFER", text));
    }
    let Some(resident) = resident else {
        let text =
            format!("household {} has rows already, so this one must name a resident", record.source_id);
        return Err(Found(line, COLUMNS[3], "REQUIRED_FIELD", text));
    };
    let heads = |resident: &NewResident| resident.relation == Relation::Head;
    if heads(&resident) && record.residents.iter().any(heads) {
        let text = format!("household {} has a head already", record.source_id);
        return Err(Found(line, COLUMNS[4], "HEAD_EXISTS", text));
    }
    record.residents.push(resident);
    if record.residents.len() > usize::try_from(RESIDENTS_MAX).unwrap_or(usize::MAX) {
        let text = format!("a household has at most {RESIDENTS_MAX} residents");
        return Err(Found(line, COLUMNS[0], "TOO_MANY_RESIDENTS", text));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
