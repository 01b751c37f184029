//! Where the edges of a polygon meet.
//!
//! An R-tree of the edges finds the few that can meet, so a map's polygon of n edges costs O(n log n). The predicates
//! are exact (adaptive precision), so there is no tolerance and no near miss.

use std::collections::BTreeMap;

use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{Coord, Line};
use rstar::{AABB, RTree, RTreeObject};

use super::fault::{Fault, Problem};
use super::latlng::LatLng;
use super::parse::RawPolygon;

/// How many pairs of edges are compared at most: many times what a map's border of 20,000 positions needs, and a tenth
/// of a second. Edges that all lie along each other would need 200 million.
const PAIRS_MAX: usize = 5_000_000;

/// Where two rings touch: at most one place a pair, or the area would fall apart.
pub(super) type Touches = BTreeMap<(usize, usize), Coord>;

/// An edge of a ring, from its position `number` to the next.
#[derive(Clone, Copy)]
struct Edge {
    ring: usize,
    number: usize,
    line: Line,
}

impl RTreeObject for Edge {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.line.start.into(), self.line.end.into())
    }
}

/// Checks that no ring meets itself and that rings meet each other in single places, which it gives.
pub(super) fn check(polygon: &RawPolygon) -> Result<Touches, Fault> {
    let edges: Vec<Edge> = polygon
        .rings
        .iter()
        .enumerate()
        .flat_map(|(ring, raw)| {
            raw.line.lines().enumerate().map(move |(number, line)| Edge { ring, number, line })
        })
        .collect();
    let tree = RTree::bulk_load(edges.clone());
    let mut touches = Touches::new();
    let mut pairs_left = PAIRS_MAX;
    for edge in &edges {
        let mut first: Option<(Edge, Coord)> = None;
        for other in tree.locate_in_envelope_intersecting(&edge.envelope()) {
            pairs_left = pairs_left.checked_sub(1).ok_or(Problem::TooTangled.at(polygon.place))?;
            if (other.ring, other.number) <= (edge.ring, edge.number) {
                continue;
            }
            let earlier =
                first.is_none_or(|(known, _)| (other.ring, other.number) < (known.ring, known.number));
            if let Some(at) = meet(polygon, edge, other, &mut touches)
                && earlier
            {
                first = Some((*other, at));
            }
        }
        // The order in which a tree answers is its own business; the fault named is always the first.
        if let Some((other, at)) = first {
            return Err(fault(polygon, edge, &other, at));
        }
    }
    Ok(touches)
}

/// Where two edges meet though they must not. A touch of two rings is noted; a second one elsewhere is a fault.
fn meet(polygon: &RawPolygon, edge: &Edge, other: &Edge, touches: &mut Touches) -> Option<Coord> {
    let met = line_intersection(edge.line, other.line)?;
    if edge.ring == other.ring {
        return meet_in_ring(polygon.rings[edge.ring].line.0.len() - 1, edge, other, met);
    }
    match met {
        LineIntersection::Collinear { intersection } => Some(intersection.start),
        LineIntersection::SinglePoint { intersection, is_proper: true } => Some(intersection),
        LineIntersection::SinglePoint { intersection, is_proper: false } => {
            let known = *touches.entry((edge.ring, other.ring)).or_insert(intersection);
            (known != intersection).then_some(intersection)
        }
    }
}

/// Neighbours share a position and nothing else; others share nothing.
fn meet_in_ring(edges: usize, edge: &Edge, other: &Edge, met: LineIntersection<f64>) -> Option<Coord> {
    let shared = if other.number == edge.number + 1 {
        Some(edge.line.end)
    } else if edge.number == 0 && other.number == edges - 1 {
        Some(edge.line.start)
    } else {
        None
    };
    match (met, shared) {
        // The ring turns back on itself: the tip of the spike is the shared position.
        (LineIntersection::Collinear { .. }, Some(tip)) => Some(tip),
        (LineIntersection::Collinear { intersection }, None) => Some(intersection.start),
        (LineIntersection::SinglePoint { .. }, Some(_)) => None,
        (LineIntersection::SinglePoint { intersection, .. }, None) => Some(intersection),
    }
}

fn fault(polygon: &RawPolygon, edge: &Edge, other: &Edge, at: Coord) -> Fault {
    let at = LatLng::from_coord(at);
    let ring = &polygon.rings[edge.ring];
    let place = ring.place.at(ring.numbers[edge.number]);
    if edge.ring == other.ring {
        return Problem::SelfIntersection { at, other: ring.numbers[other.number] }.at(place);
    }
    Problem::RingsMeet { at, other: other.ring }.at(place)
}
