//! Files of official codes: CSV with a header whose columns tell the level, as the National Bureau of Statistics'
//! codes are commonly published (`code,name,streetCode,provinceCode,cityCode,areaCode`).

use std::collections::HashMap;

use csv::{ByteRecord, ReaderBuilder};

use super::division::DISPLAY_NAME_MAX;
use minqing_platform::code::{Code, Level};

/// The most rows of one file; the whole country has about 620,000 villages.
pub const ROWS_MAX: usize = 1_000_000;

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line in the file; the header is line 1.
    pub line: u64,
    /// The code.
    pub code: Code,
    /// The name.
    pub display_name: String,
}

/// A file that was read whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The file's name, for reports.
    pub file_name: String,
    /// The level of all its rows.
    pub level: Level,
    /// Its rows, in their order.
    pub rows: Vec<Row>,
}

/// What is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file_name}, line {line}: {message}")]
pub struct Fault {
    /// The file.
    pub file_name: String,
    /// The line; the header is line 1.
    pub line: u64,
    /// The column's name; empty where the fault is not in one column.
    pub column: String,
    /// The stable reason.
    pub reason: &'static str,
    /// What a person reads.
    pub message: String,
}

/// A fault before its file is named.
struct Found(u64, &'static str, &'static str, String);

/// The columns that tell the level, the lowest first: the first one that a header has decides.
const PARENT_COLUMNS: [(&str, Level); 4] = [
    ("streetCode", Level::Village),
    ("areaCode", Level::Town),
    ("cityCode", Level::County),
    ("provinceCode", Level::Prefecture),
];

/// Reads a file, whole or not at all.
///
/// # Errors
/// The first fault, with its place.
pub fn read(file_name: &str, content: &[u8]) -> Result<File, Fault> {
    read_rows(content).map(|(level, rows)| File { file_name: file_name.to_owned(), level, rows }).map_err(
        |Found(line, column, reason, message)| Fault {
            file_name: file_name.to_owned(),
            line,
            column: column.to_owned(),
            reason,
            message,
        },
    )
}

fn read_rows(content: &[u8]) -> Result<(Level, Vec<Row>), Found> {
    let text = decode(content)?;
    let mut reader = ReaderBuilder::new().flexible(false).from_reader(text.as_bytes());
    let columns = Columns::read(reader.byte_headers().map_err(|error| broken(&error, text))?)?;
    let mut rows = Vec::new();
    let mut seen = HashMap::new();
    for record in reader.byte_records() {
        let record = record.map_err(|error| broken(&error, text))?;
        let line = record.position().map_or(0, csv::Position::line);
        let row = columns.row(line, &record)?;
        if let Some(first) = seen.insert(row.code.clone(), line) {
            return Err(Found(
                line,
                "code",
                "DUPLICATE_ROW",
                format!("{} is on line {first} already", row.code),
            ));
        }
        if rows.len() == ROWS_MAX {
            return Err(Found(line, "", "TOO_MANY_ROWS", format!("a file has at most {ROWS_MAX} rows")));
        }
        rows.push(row);
    }
    Ok((columns.level, rows))
}

/// UTF-8, with or without a byte order mark, and with every quote closed.
fn decode(content: &[u8]) -> Result<&str, Found> {
    let text = std::str::from_utf8(content).map_err(|error| {
        let before = &content[..error.valid_up_to()];
        let text = format!("byte {} is not UTF-8; save the file as UTF-8", error.valid_up_to());
        Found(line_at(before), "", "NOT_UTF8", text)
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // The reader below takes the end of the file for a closing quote, and so would take half a row for a whole one.
    if text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1 {
        let line = line_at(text.trim_end().as_bytes());
        return Err(Found(line, "", "TRUNCATED_FILE", "the file ends within a quoted field".to_owned()));
    }
    Ok(text)
}

fn line_at(before: &[u8]) -> u64 {
    1 + before.iter().filter(|byte| **byte == b'\n').map(|_| 1).sum::<u64>()
}

/// A row with too few or too many fields; on the last line it tells of a file that was cut off.
fn broken(error: &csv::Error, text: &str) -> Found {
    let line = error.position().map_or(1, csv::Position::line);
    let last = line >= line_at(text.trim_end().as_bytes());
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } if last && len < expected_len => {
            Found(line, "", "TRUNCATED_FILE", format!("the last row has {len} of {expected_len} fields"))
        }
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            Found(line, "", "FIELD_COUNT", format!("the row has {len} fields, the header {expected_len}"))
        }
        _ => Found(line, "", "NOT_CSV", error.to_string()),
    }
}

/// Where the columns stand.
struct Columns {
    level: Level,
    code: usize,
    name: usize,
    /// Columns that hold the codes above, each with its name.
    above: Vec<(&'static str, usize)>,
}

impl Columns {
    fn read(header: &ByteRecord) -> Result<Self, Found> {
        let place = |name: &str| header.iter().position(|field| field == name.as_bytes());
        let needed = |name: &'static str| {
            place(name)
                .ok_or_else(|| Found(1, name, "MISSING_COLUMN", format!("the header has no column {name}")))
        };
        let above: Vec<_> =
            PARENT_COLUMNS.iter().filter_map(|(name, _)| place(name).map(|index| (*name, index))).collect();
        let level = PARENT_COLUMNS
            .iter()
            .find(|(name, _)| above.first().is_some_and(|(first, _)| first == name))
            .map_or(Level::Province, |(_, level)| *level);
        Ok(Self { level, code: needed("code")?, name: needed("name")?, above })
    }

    fn row(&self, line: u64, record: &ByteRecord) -> Result<Row, Found> {
        let field =
            |index: usize| String::from_utf8_lossy(record.get(index).unwrap_or_default()).trim().to_owned();
        let text = field(self.code);
        let code: Code = text.parse().map_err(|error: minqing_platform::code::Error| {
            Found(line, "code", error.reason(), error.to_string())
        })?;
        if code.level() != self.level || text.len() != self.level.digits() {
            let digits = self.level.digits();
            return Err(Found(
                line,
                "code",
                "CODE_LENGTH",
                format!("{text:?} should have {digits} digits in this file"),
            ));
        }
        for (column, index) in &self.above {
            let above = field(*index);
            if above.is_empty() || !text.starts_with(&above) {
                let message = format!("{text} does not lie in {above:?}, which the row names");
                return Err(Found(line, column, "CODE_MISMATCH", message));
            }
        }
        let display_name = field(self.name);
        if display_name.is_empty() || display_name.chars().count() > DISPLAY_NAME_MAX {
            let message = format!("a name has 1 to {DISPLAY_NAME_MAX} characters");
            return Err(Found(line, "name", "NAME_LENGTH", message));
        }
        Ok(Row { line, code, display_name })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADER: &str = "code,name,streetCode,provinceCode,cityCode,areaCode\n";

    fn refused(body: &str) -> (u64, &'static str, String) {
        let fault = read("f.csv", format!("{HEADER}{body}").as_bytes()).unwrap_err();
        (fault.line, fault.reason, fault.column)
    }

    #[test]
    fn the_columns_tell_the_level() {
        let town = "code,name,areaCode,provinceCode,cityCode\n321181100,\"司徒镇\",321181,32,3211\n";
        let file = read("streets.csv", town.as_bytes()).unwrap();
        assert_eq!((file.level, file.rows[0].display_name.as_str()), (Level::Town, "司徒镇"));
        assert_eq!(read("p.csv", b"code,name\n32,x\n").unwrap().level, Level::Province);
        assert_eq!(
            read("c.csv", b"\xef\xbb\xbfcode,name,provinceCode\r\n3211,x,32\r\n").unwrap().level,
            Level::Prefecture
        );
    }

    #[test]
    fn each_fault_is_named_with_its_line_and_column() {
        let good = "321181100201,\"a\",321181100,32,3211,321181\n";
        assert_eq!(refused(&format!("{good}{good}")), (3, "DUPLICATE_ROW", "code".into()));
        assert_eq!(refused("32118110020,a,321181100,32,3211,321181\n"), (2, "CODE_LENGTH", "code".into()));
        assert_eq!(refused("321181100,a,321181100,32,3211,321181\n"), (2, "CODE_LENGTH", "code".into()));
        assert_eq!(
            refused("32118110020x,a,321181100,32,3211,321181\n"),
            (2, "CODE_NOT_DIGITS", "code".into())
        );
        assert_eq!(
            refused("321181100201,a,321181101,32,3211,321181\n"),
            (2, "CODE_MISMATCH", "streetCode".into())
        );
        assert_eq!(refused("321181100201,,321181100,32,3211,321181\n"), (2, "NAME_LENGTH", "name".into()));
        assert_eq!(refused(&format!("321181100202,a,321181100\n{good}")), (2, "FIELD_COUNT", String::new()));
    }

    #[test]
    fn a_file_that_was_cut_off_is_refused() {
        let good = "321181100201,\"a\",321181100,32,3211,321181\n";
        assert_eq!(refused(&format!("{good}321181100202,\"前巷")), (3, "TRUNCATED_FILE", String::new()));
        assert_eq!(refused(&format!("{good}321181100202,\"b\",3211")), (3, "TRUNCATED_FILE", String::new()));
        assert_eq!(refused(&format!("{good}321181100202,\"b\",321181100,32,3211,\n")).1, "CODE_MISMATCH");
    }

    #[test]
    fn another_encoding_is_refused_with_its_line() {
        let gbk = [HEADER.as_bytes(), b"321181100201,\xb5\xa4\xd1\xf4,321181100,32,3211,321181\n"].concat();
        let fault = read("gbk.csv", &gbk).unwrap_err();
        assert_eq!((fault.line, fault.reason), (2, "NOT_UTF8"));
    }

    #[test]
    fn a_header_without_code_or_name_is_refused() {
        assert_eq!(read("f.csv", b"id,name\n1,x\n").unwrap_err().reason, "MISSING_COLUMN");
        assert_eq!(read("f.csv", b"").unwrap_err().reason, "MISSING_COLUMN");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(content in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = read("f.csv", &content);
        }

        #[test]
        fn no_beginning_of_a_good_file_reads_as_more_rows_than_it_shows(cut in 0..200_usize) {
            let good = format!("{HEADER}321181100201,\"a\",321181100,32,3211,321181\n321181100202,\"b\",321181100,32,3211,321181\n");
            let cut = cut.min(good.len());
            if let Ok(file) = read("f.csv", &good.as_bytes()[..cut]) {
                let whole_lines = good[..cut].trim_end().lines().count() - 1;
                prop_assert!(file.rows.len() == whole_lines);
            }
        }
    }
}
