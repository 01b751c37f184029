//! Files of grids: GeoJSON FeatureCollections with a code, a name and a boundary each.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::boundary::Boundary;
use super::fault::{Fault, Place, Problem};
use super::parse::{self, Geometry};

/// The most features of a file; a province of 22,000 villages has about 220,000 grids.
pub const FEATURES_MAX: usize = 500_000;
/// How many faults of a file are told; a file with more is wrong as a whole.
const FAULTS_MAX: usize = 20;

/// One feature of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// Its number in the file, from 0.
    pub number: usize,
    /// Its property `code`, not yet checked to be the code of a grid.
    pub code: String,
    /// Its property `name`.
    pub name: String,
    /// Its geometry; absent when null.
    pub boundary: Option<Boundary>,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FaultyFile {
    /// Its bytes are not UTF-8.
    #[error("not UTF-8 at byte {offset}")]
    NotUtf8 {
        /// The first byte that is not, from 0.
        offset: usize,
    },
    /// It is not the JSON of a FeatureCollection: cut off, a member absent, of another type or there twice.
    #[error("line {line}, column {column}: {message}")]
    Malformed {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// It is some other GeoJSON.
    #[error("a file of grids is a FeatureCollection, not a {0}")]
    NotACollection(String),
    /// Its coordinates are not in WGS-84.
    #[error("{0}")]
    ForeignSystem(Problem),
    /// It has more than [`FEATURES_MAX`] features.
    #[error("it has {0} features, more than {FEATURES_MAX}")]
    TooManyFeatures(usize),
    /// Some features are wrong; the first 20 of them.
    #[error("{}", list(.0))]
    Features(Vec<FeatureFault>),
}

impl FaultyFile {
    /// The stable reason.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::NotUtf8 { .. } => "FILE_NOT_UTF8",
            Self::Malformed { .. } => "FILE_MALFORMED",
            Self::NotACollection(_) => "FILE_NOT_A_FEATURE_COLLECTION",
            Self::ForeignSystem(_) => "FILE_FOREIGN_REFERENCE_SYSTEM",
            Self::TooManyFeatures(_) => "FILE_TOO_MANY_FEATURES",
            Self::Features(_) => "FILE_FEATURES_INVALID",
        }
    }
}

fn list(faults: &[FeatureFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// What is wrong with a feature.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("features[{number}]: {problem}")]
pub struct FeatureFault {
    /// Its number in the file, from 0.
    pub number: usize,
    /// What is wrong.
    pub problem: FeatureProblem,
}

/// What can be wrong with a feature.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FeatureProblem {
    /// It is not a Feature but something else.
    #[error("type: a Feature is expected, not a {0}")]
    NotAFeature(String),
    /// A property is absent, empty or of another type.
    #[error("properties.{0}: a text is needed")]
    NoProperty(&'static str),
    /// Its code was there before.
    #[error("properties.code: {code} is the code of features[{first}] too")]
    DuplicateCode {
        /// The code.
        code: String,
        /// The first feature that has it.
        first: usize,
    },
    /// Its geometry is no boundary.
    #[error("geometry.{0}")]
    Geometry(#[from] Fault),
}

#[derive(Deserialize)]
struct Collection {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    crs: Option<Value>,
    #[serde(default)]
    features: Vec<RawFeature>,
}

#[derive(Deserialize)]
struct RawFeature {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    properties: Option<Properties>,
    #[serde(default)]
    geometry: Option<Geometry>,
}

#[derive(Deserialize, Default)]
struct Properties {
    #[serde(default)]
    code: Value,
    #[serde(default)]
    name: Value,
}

/// The features of a file, in its order.
///
/// # Errors
/// [`FaultyFile`]: the file is taken whole or not at all, and up to 20 wrong features are told at once.
pub fn features(content: &[u8]) -> Result<Vec<Feature>, FaultyFile> {
    let collection = collection(content)?;
    let mut features = Vec::with_capacity(collection.features.len());
    let mut faults = Vec::new();
    let mut codes: HashMap<String, usize> = HashMap::with_capacity(collection.features.len());
    for (number, raw) in collection.features.into_iter().enumerate() {
        match feature(number, raw, &mut codes) {
            Ok(feature) => features.push(feature),
            Err(problem) => faults.push(FeatureFault { number, problem }),
        }
        if faults.len() == FAULTS_MAX {
            break;
        }
    }
    if faults.is_empty() { Ok(features) } else { Err(FaultyFile::Features(faults)) }
}

fn collection(content: &[u8]) -> Result<Collection, FaultyFile> {
    let text =
        std::str::from_utf8(content).map_err(|error| FaultyFile::NotUtf8 { offset: error.valid_up_to() })?;
    // Programs on Windows begin their files with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let collection: Collection = serde_json::from_str(text).map_err(|error| FaultyFile::Malformed {
        line: error.line(),
        column: error.column(),
        message: error.to_string().chars().take(200).collect(),
    })?;
    if collection.kind != "FeatureCollection" {
        return Err(FaultyFile::NotACollection(collection.kind.chars().take(40).collect()));
    }
    parse::check_system(collection.crs.as_ref()).map_err(|fault| FaultyFile::ForeignSystem(fault.problem))?;
    if collection.features.len() > FEATURES_MAX {
        return Err(FaultyFile::TooManyFeatures(collection.features.len()));
    }
    Ok(collection)
}

fn feature(
    number: usize,
    raw: RawFeature,
    codes: &mut HashMap<String, usize>,
) -> Result<Feature, FeatureProblem> {
    if raw.kind != "Feature" {
        return Err(FeatureProblem::NotAFeature(raw.kind.chars().take(40).collect()));
    }
    let properties = raw.properties.unwrap_or_default();
    let code = text(&properties.code).ok_or(FeatureProblem::NoProperty("code"))?;
    let name = text(&properties.name).ok_or(FeatureProblem::NoProperty("name"))?;
    if let Some(&first) = codes.get(&code) {
        return Err(FeatureProblem::DuplicateCode { code, first });
    }
    codes.insert(code.clone(), number);
    let boundary = raw.geometry.as_ref().map(Boundary::from_geometry).transpose()?;
    Ok(Feature { number, code, name, boundary })
}

/// A text; or a whole number, which is how some programs write a code.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.as_u64()?.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// The place of a fault inside the file, for callers that list field paths.
impl FeatureFault {
    /// `features[3].geometry.coordinates[0][2]`, and the like.
    pub fn path(&self) -> String {
        let number = self.number;
        match &self.problem {
            FeatureProblem::NotAFeature(_) => format!("features[{number}].type"),
            FeatureProblem::NoProperty(name) => format!("features[{number}].properties.{name}"),
            FeatureProblem::DuplicateCode { .. } => format!("features[{number}].properties.code"),
            FeatureProblem::Geometry(Fault { place, .. }) if *place == Place::default() => {
                format!("features[{number}].geometry")
            }
            FeatureProblem::Geometry(fault) => format!("features[{number}].geometry.{}", fault.place),
        }
    }
}
