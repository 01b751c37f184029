//! Files of grids: GeoJSON FeatureCollections, each feature with the code and the name of a grid and its boundary.

use std::sync::Arc;

use super::geo::{self, FaultyFile, Feature};
use super::grid::{DISPLAY_NAME_MAX, NewGrid};
use minqing_platform::code::{Code, Level};

/// The most faults that are told at once.
pub const FAULTS_MAX: usize = 20;

/// A file that was read whole.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// The file's name, for reports.
    pub file_name: String,
    /// Its features, in their order.
    pub rows: Vec<Row>,
}

/// One feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its number in the file, from 0.
    pub number: usize,
    /// The grid.
    pub grid: NewGrid,
}

/// What is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{file_name}, {place}: {message}")]
pub struct Fault {
    /// The file.
    pub file_name: String,
    /// Where in it: a line and a column, or the path of a member (`features[3].properties.code`).
    pub place: String,
    /// The stable reason.
    pub reason: &'static str,
    /// What a person reads.
    pub message: String,
}

impl Fault {
    /// A fault of a feature's property.
    pub fn of_property(
        file_name: &str,
        number: usize,
        name: &str,
        reason: &'static str,
        message: String,
    ) -> Self {
        let place = format!("features[{number}].properties.{name}");
        Self { file_name: file_name.to_owned(), place, reason, message }
    }
}

/// Reads a file, whole or not at all.
///
/// # Errors
/// Up to [`FAULTS_MAX`] faults, each with its place.
pub fn read(file_name: &str, content: &[u8]) -> Result<File, Vec<Fault>> {
    let features = geo::features(content).map_err(|faulty| faults(file_name, &faulty))?;
    let mut rows = Vec::with_capacity(features.len());
    let mut found = Vec::new();
    for feature in features {
        match row(file_name, feature) {
            Ok(row) => rows.push(row),
            Err(fault) => found.push(fault),
        }
        if found.len() == FAULTS_MAX {
            break;
        }
    }
    if found.is_empty() { Ok(File { file_name: file_name.to_owned(), rows }) } else { Err(found) }
}

fn row(file_name: &str, feature: Feature) -> Result<Row, Fault> {
    let Feature { number, code, name, boundary } = feature;
    let fault =
        |property: &str, reason, message| Fault::of_property(file_name, number, property, reason, message);
    let code: Code = code
        .parse()
        .map_err(|error: minqing_platform::code::Error| fault("code", error.reason(), error.to_string()))?;
    if code.level() != Level::Grid {
        let message = format!("{code} is the code of a division; a grid has 15 digits");
        return Err(fault("code", "CODE_LENGTH", message));
    }
    if name.chars().count() > DISPLAY_NAME_MAX || name.chars().any(char::is_control) {
        let message = format!("a name has 1 to {DISPLAY_NAME_MAX} characters and no control characters");
        return Err(fault("name", "NAME_LENGTH", message));
    }
    Ok(Row { number, grid: NewGrid { code, display_name: name, boundary: boundary.map(Arc::new) } })
}

fn faults(file_name: &str, faulty: &FaultyFile) -> Vec<Fault> {
    let fault = |place: String, message: String| Fault {
        file_name: file_name.to_owned(),
        place,
        reason: faulty.reason(),
        message,
    };
    match faulty {
        FaultyFile::Features(features) => {
            features.iter().map(|found| fault(found.path(), found.problem.to_string())).collect()
        }
        FaultyFile::NotUtf8 { offset } => {
            vec![fault(format!("byte {offset}"), "not UTF-8; save the file as UTF-8".to_owned())]
        }
        FaultyFile::Malformed { line, column, message } => {
            vec![fault(format!("line {line}, column {column}"), message.clone())]
        }
        FaultyFile::NotACollection(_) => vec![fault("type".to_owned(), faulty.to_string())],
        FaultyFile::ForeignSystem(_) => vec![fault("crs".to_owned(), faulty.to_string())],
        FaultyFile::TooManyFeatures(_) => vec![fault("features".to_owned(), faulty.to_string())],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(features: &str) -> String {
        format!("{{\"type\":\"FeatureCollection\",\"features\":[{features}]}}")
    }

    fn feature(code: &str, name: &str, geometry: &str) -> String {
        format!(
            "{{\"type\":\"Feature\",\"properties\":{{\"code\":\"{code}\",\"name\":\"{name}\"}},\"geometry\":{geometry}}}"
        )
    }

    #[test]
    fn a_feature_is_a_grid_with_or_without_a_boundary() {
        let square = r#"{"type":"Polygon","coordinates":[[[119.5,32],[119.6,32],[119.6,32.1],[119.5,32.1],[119.5,32]]]}"#;
        let both =
            [feature("321181100201001", "前巷一", square), feature("321181100201002", "前巷二", "null")]
                .join(",");
        let read = read("grids.geojson", file(&both).as_bytes()).unwrap();
        assert!(read.rows[0].grid.boundary.is_some() && read.rows[1].grid.boundary.is_none());
        assert_eq!((read.rows[1].number, read.rows[1].grid.display_name.as_str()), (1, "前巷二"));
    }

    #[test]
    fn each_fault_is_named_with_its_feature() {
        let wrong = [
            feature("321181100201", "village", "null"),
            feature("32118110020100x", "letters", "null"),
            feature("321181100201003", &"长".repeat(101), "null"),
        ];
        let faults = read("g.geojson", file(&wrong.join(",")).as_bytes()).unwrap_err();
        let told: Vec<_> = faults.iter().map(|fault| (fault.place.as_str(), fault.reason)).collect();
        assert_eq!(
            told,
            [
                ("features[0].properties.code", "CODE_LENGTH"),
                ("features[1].properties.code", "CODE_NOT_DIGITS"),
                ("features[2].properties.name", "NAME_LENGTH"),
            ]
        );
    }

    #[test]
    fn a_ring_that_crosses_itself_is_refused_with_its_place() {
        let bow = r#"{"type":"Polygon","coordinates":[[[119.5,32],[119.6,32.1],[119.6,32],[119.5,32.1],[119.5,32]]]}"#;
        let faults = read("g.geojson", file(&feature("321181100201001", "a", bow)).as_bytes()).unwrap_err();
        assert_eq!(faults[0].reason, "FILE_FEATURES_INVALID");
        assert!(faults[0].place.starts_with("features[0].geometry.coordinates[0][0]"), "{}", faults[0]);
    }

    #[test]
    fn a_file_that_was_cut_off_is_refused_with_its_line() {
        let whole = file(&feature("321181100201001", "a", "null"));
        let faults = read("g.geojson", &whole.as_bytes()[..whole.len() - 1]).unwrap_err();
        assert_eq!(faults[0].reason, "FILE_MALFORMED");
        assert!(faults[0].place.starts_with("line 1"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(content in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read("g.geojson", &content);
        }
    }
}
