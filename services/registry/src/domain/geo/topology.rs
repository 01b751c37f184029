//! Whether rings that do not cross make an area: holes inside the outer ring, not inside each other, and polygons
//! beside each other.

use geo::coordinate_position::{CoordPos, coord_pos_relative_to_ring};
use geo::{BoundingRect, Coord, LineString, Polygon};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree, RTreeObject};

use super::fault::{Fault, Place, Problem};
use super::latlng::LatLng;
use super::overlap;
use super::parse::{RawPolygon, RawRing};
use super::segments::{self, Touches};

/// Polygons of one boundary may lie over each other by the rounding of their positions, and no more.
const POLYGON_OVERLAP_MAX_M2: f64 = 1.0;
/// How many positions are compared at most to find polygons that lie over each other.
const POSITIONS_COMPARED_MAX: usize = 1_000_000;

type Numbered = GeomWithData<Rectangle<[f64; 2]>, usize>;

/// Checks one polygon.
pub(super) fn check_polygon(polygon: &RawPolygon) -> Result<(), Fault> {
    let touches = segments::check(polygon)?;
    let Some((outer, holes)) = polygon.rings.split_first() else {
        return Err(Problem::Empty.at(polygon.place));
    };
    for (index, hole) in holes.iter().enumerate() {
        let (number, coord) = untouched(hole, &touches, (0, index + 1));
        if coord_pos_relative_to_ring(coord, &outer.line) == CoordPos::Outside {
            return Err(Problem::HoleOutside { at: LatLng::from_coord(coord) }.at(hole.place.at(number)));
        }
    }
    check_nesting(holes, &touches)
}

/// Rings that do not cross and touch in one place at most lie wholly inside or wholly outside each other, so one
/// position tells of all, if it is not the one that touches.
fn untouched(ring: &RawRing, touches: &Touches, pair: (usize, usize)) -> (usize, Coord) {
    let touch = touches.get(&pair);
    let index = ring.line.0.iter().position(|coord| Some(coord) != touch).unwrap_or(0);
    (ring.numbers[index], ring.line.0[index])
}

fn check_nesting(holes: &[RawRing], touches: &Touches) -> Result<(), Fault> {
    let tree =
        RTree::bulk_load(holes.iter().enumerate().filter_map(|(i, hole)| numbered(&hole.line, i)).collect());
    for (index, hole) in holes.iter().enumerate() {
        let Some(rectangle) = numbered(&hole.line, index) else { continue };
        for around in tree.locate_in_envelope_intersecting(&rectangle.envelope()) {
            let other = around.data;
            let pair = (index.min(other) + 1, index.max(other) + 1);
            let (number, coord) = untouched(hole, touches, pair);
            if other != index && coord_pos_relative_to_ring(coord, &holes[other].line) == CoordPos::Inside {
                let problem = Problem::NestedHoles { other: other + 1, at: LatLng::from_coord(coord) };
                return Err(problem.at(hole.place.at(number)));
            }
        }
    }
    Ok(())
}

/// Checks that the polygons of a MultiPolygon do not lie over each other. They may share edges.
pub(super) fn check_apart(polygons: &[Polygon]) -> Result<(), Fault> {
    let tree: RTree<Numbered> = RTree::bulk_load(
        polygons.iter().enumerate().filter_map(|(i, p)| numbered(p.exterior(), i)).collect(),
    );
    let mut compared = 0;
    for (index, polygon) in polygons.iter().enumerate() {
        let Some(rectangle) = numbered(polygon.exterior(), index) else { continue };
        for beside in tree.locate_in_envelope_intersecting(&rectangle.envelope()) {
            let other = beside.data;
            if other >= index {
                continue;
            }
            let place = Place { polygon: Some(index), ..Place::default() };
            compared += polygon.exterior().0.len() + polygons[other].exterior().0.len();
            if compared > POSITIONS_COMPARED_MAX {
                return Err(Problem::TooTangled.at(place));
            }
            if let Some(over) = overlap::of_shapes(polygon, &polygons[other], POLYGON_OVERLAP_MAX_M2) {
                return Err(Problem::PolygonsOverlap { other, at: over.at }.at(place));
            }
        }
    }
    Ok(())
}

fn numbered(line: &LineString, number: usize) -> Option<Numbered> {
    let rect = line.bounding_rect()?;
    let corners = AABB::from_corners(rect.min().into(), rect.max().into());
    Some(GeomWithData::new(Rectangle::from_aabb(corners), number))
}
