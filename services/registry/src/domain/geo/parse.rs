//! From the JSON of a geometry to rings of positions, with the place of whatever is wrong.
//!
//! Walked by hand over the JSON value: a general GeoJSON reader refuses a wrong file without saying where in it.

use geo::{Coord, LineString};
use serde::Deserialize;
use serde_json::Value;

use super::boundary::POSITIONS_MAX;
use super::fault::{Fault, Place, Problem};
use super::latlng::{LatLng, OutOfRange, likely_in_china};

/// The members of a geometry that matter. Derived, so that a member given twice is refused.
#[derive(Debug, Deserialize)]
pub(super) struct Geometry {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    coordinates: Value,
    #[serde(default)]
    crs: Option<Value>,
}

/// A polygon as the file has it: rings that are closed, in range and long enough, with each position's own number.
pub(super) struct RawPolygon {
    pub place: Place,
    pub rings: Vec<RawRing>,
}

/// A ring without positions that repeat the one before.
pub(super) struct RawRing {
    pub place: Place,
    pub line: LineString,
    /// For each position kept, its number in the file.
    pub numbers: Vec<usize>,
}

/// The polygons of a geometry.
pub(super) fn polygons(geometry: &Geometry) -> Result<Vec<RawPolygon>, Fault> {
    check_system(geometry.crs.as_ref())?;
    check_size(&geometry.coordinates)?;
    let whole = Place::default();
    match geometry.kind.as_str() {
        "Polygon" => Ok(vec![polygon(&geometry.coordinates, whole)?]),
        "MultiPolygon" => non_empty(&geometry.coordinates, "an array of polygons", whole)?
            .iter()
            .enumerate()
            .map(|(index, value)| polygon(value, Place { polygon: Some(index), ..whole }))
            .collect(),
        other => Err(Problem::NotAnArea(other.chars().take(40).collect()).at(whole)),
    }
}

/// The `crs` member is of an older GeoJSON; programs still write it. Only names of WGS-84, and of CGCS2000, which
/// differs from it by centimetres, pass.
pub(super) fn check_system(crs: Option<&Value>) -> Result<(), Fault> {
    let Some(crs) = crs.filter(|crs| !crs.is_null()) else { return Ok(()) };
    let name = crs.pointer("/properties/name").and_then(Value::as_str).unwrap_or_default();
    let accepted = ["CRS84", "EPSG::4326", "EPSG:4326", "EPSG::4490", "EPSG:4490"];
    if accepted.iter().any(|end| name.ends_with(end)) {
        return Ok(());
    }
    let shown = if name.is_empty() { crs.to_string() } else { name.to_owned() };
    Err(Problem::ForeignSystem(shown.chars().take(80).collect()).at(Place::default()))
}

/// Counts before anything is built, so that a hostile file costs no memory.
fn check_size(coordinates: &Value) -> Result<(), Fault> {
    let found = positions(coordinates, 0);
    if found > POSITIONS_MAX {
        return Err(Problem::TooManyPositions { found, max: POSITIONS_MAX }.at(Place::default()));
    }
    Ok(())
}

/// Arrays that hold no arrays, at most four deep: positions, whatever is wrong with them.
fn positions(value: &Value, depth: usize) -> usize {
    match value.as_array() {
        Some(items) if depth < 4 && items.iter().any(Value::is_array) => {
            items.iter().map(|item| positions(item, depth + 1)).sum()
        }
        _ => 1,
    }
}

fn polygon(value: &Value, place: Place) -> Result<RawPolygon, Fault> {
    let rings = non_empty(value, "an array of rings", place)?
        .iter()
        .enumerate()
        .map(|(index, ring_value)| ring(ring_value, Place { ring: Some(index), ..place }))
        .collect::<Result<_, _>>()?;
    Ok(RawPolygon { place, rings })
}

fn non_empty<'a>(value: &'a Value, expected: &'static str, place: Place) -> Result<&'a [Value], Fault> {
    match value.as_array() {
        None => Err(Problem::Expected(expected).at(place)),
        Some(items) if items.is_empty() => Err(Problem::Empty.at(place)),
        Some(items) => Ok(items),
    }
}

fn ring(value: &Value, place: Place) -> Result<RawRing, Fault> {
    let items = value.as_array().ok_or_else(|| Problem::Expected("an array of positions").at(place))?;
    let mut line: Vec<Coord> = Vec::with_capacity(items.len());
    let mut numbers = Vec::with_capacity(items.len());
    for (number, item) in items.iter().enumerate() {
        let coord = position(item, place.at(number))?;
        if line.last() != Some(&coord) {
            line.push(coord);
            numbers.push(number);
        }
    }
    if let (Some(&first), Some(&last)) = (line.first(), line.last())
        && items.len() >= 2
        && first != last
    {
        let (first, last) = (LatLng::from_coord(first), LatLng::from_coord(last));
        return Err(Problem::OpenRing { first, last }.at(place.at(items.len() - 1)));
    }
    if items.len() < 4 || line.len() < 4 {
        let different = line.len().saturating_sub(1);
        return Err(Problem::TooFewPositions { found: items.len(), different }.at(place));
    }
    Ok(RawRing { place, line: LineString(line), numbers })
}

/// A position: longitude, latitude and perhaps a height, which is dropped.
fn position(value: &Value, place: Place) -> Result<Coord, Fault> {
    let expected = || Problem::Expected("a position [longitude, latitude]").at(place);
    let items = value.as_array().filter(|items| (2..=3).contains(&items.len())).ok_or_else(expected)?;
    let longitude = items[0].as_f64().ok_or_else(expected)?;
    let latitude = items[1].as_f64().ok_or_else(expected)?;
    match LatLng::new(latitude, longitude) {
        Err(OutOfRange::Latitude { exchanged, .. }) => {
            Err(Problem::OutOfRange { longitude, latitude, exchanged }.at(place))
        }
        Err(OutOfRange::Longitude { .. }) => {
            Err(Problem::OutOfRange { longitude, latitude, exchanged: false }.at(place))
        }
        // In the west of China both orders are on the earth; only one of them is in China.
        Ok(_) if !likely_in_china(latitude, longitude) && likely_in_china(longitude, latitude) => {
            Err(Problem::Exchanged { longitude, latitude }.at(place))
        }
        Ok(_) => Ok(Coord { x: rounded(longitude), y: rounded(latitude) }),
    }
}

/// To 9 decimals, a tenth of a millimetre. So few digits survive being written and read again unchanged, which makes
/// a second import of the same file a comparison of equals. Adding zero turns -0.0 into 0.0.
pub(super) fn rounded(degrees: f64) -> f64 {
    (degrees * 1e9).round() / 1e9 + 0.0
}
