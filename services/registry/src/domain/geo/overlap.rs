//! Whether areas lie over each other, and areas put together.

use geo::{BooleanOps, InteriorPoint, MultiPolygon, Polygon, unary_union};
use rstar::{AABB, Envelope};
use serde_json::{Value, json};

use super::area;
use super::boundary::Boundary;
use super::fault::Fault;
use super::latlng::LatLng;
use super::parse::rounded;

/// Neighbouring boundaries may lie over each other by this much, in square metres: a strip of 10 cm along a
/// kilometre, what drawing the same border twice costs. More is a mistake.
pub const OVERLAP_TOLERANCE_M2: f64 = 100.0;
/// Gaps of less than this between areas that are put together are closed, in square metres.
const GAP_MAX_M2: f64 = OVERLAP_TOLERANCE_M2;

/// Metres in a degree at most: of latitude, at the poles.
const METRES_A_DEGREE_MAX: f64 = 111_700.0;

/// How two areas lie over each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overlap {
    /// The size of what they share, in square metres.
    pub area_m2: f64,
    /// A place inside the largest part of it.
    pub at: LatLng,
}

/// What two boundaries share, when it is more than a tolerance in square metres ([`OVERLAP_TOLERANCE_M2`] for grids).
/// A shared border is nothing.
pub fn overlap(a: &Boundary, b: &Boundary, tolerance_m2: f64) -> Option<Overlap> {
    // Most neighbours meet in a line, and their rectangles too: what those share bounds what the areas share, and is
    // found a hundred times sooner.
    if !a.bounds().intersects(&b.bounds()) || rectangle_m2_max(&a.bounds(), &b.bounds()) <= tolerance_m2 {
        return None;
    }
    of_shapes(a.shape(), b.shape(), tolerance_m2)
}

/// No less than the size of what two rectangles that meet share, in square metres.
fn rectangle_m2_max(a: &AABB<[f64; 2]>, b: &AABB<[f64; 2]>) -> f64 {
    let shared = a.intersection_area(b);
    // Both along a meridian and along a parallel a degree is shorter than this everywhere on the ellipsoid.
    shared * METRES_A_DEGREE_MAX * METRES_A_DEGREE_MAX
}

/// The same, of plain shapes.
pub(super) fn of_shapes(
    a: &impl BooleanOps<Scalar = f64>,
    b: &impl BooleanOps<Scalar = f64>,
    tolerance_m2: f64,
) -> Option<Overlap> {
    let shared = a.intersection(b);
    let sized: Vec<(f64, &Polygon)> = shared.iter().map(|part| (area::polygon_m2(part), part)).collect();
    let area_m2: f64 = sized.iter().map(|(size, _)| size).sum();
    let (_, largest) = sized.iter().max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    let at = LatLng::from_coord(largest.interior_point()?.0);
    (area_m2 > tolerance_m2).then_some(Overlap { area_m2, at })
}

/// The area of several boundaries together, for grids that merge. Gaps smaller than 100 m² inside are closed.
///
/// # Errors
/// [`Fault`] when what they make together is not a valid boundary: too many positions, or areas that meet in single
/// places only.
pub fn union<'a>(parts: impl IntoIterator<Item = &'a Boundary>) -> Result<Boundary, Fault> {
    let joined = unary_union(parts.into_iter().map(Boundary::shape));
    Boundary::from_value(geojson(&joined))
}

/// Through the same door as every other boundary, so that the checks are the same.
fn geojson(shape: &MultiPolygon) -> Value {
    let ring = |line: &geo::LineString| -> Vec<[f64; 2]> {
        line.0.iter().map(|coord| [rounded(coord.x), rounded(coord.y)]).collect()
    };
    let gap = |line: &&geo::LineString| area::ring_m2(line) >= GAP_MAX_M2;
    let rings = |polygon: &Polygon| -> Vec<Vec<[f64; 2]>> {
        std::iter::once(polygon.exterior()).chain(polygon.interiors().iter().filter(gap)).map(ring).collect()
    };
    let coordinates: Vec<_> = shape.iter().map(rings).collect();
    json!({"type": "MultiPolygon", "coordinates": coordinates})
}
