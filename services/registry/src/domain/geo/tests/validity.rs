use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ORIGIN, polygon, positions, rectangle, stars};
use crate::domain::geo::{Boundary, Fault, LatLng, POSITIONS_MAX, Place, Problem};

fn fault(value: Value) -> Fault {
    Boundary::from_value(value).unwrap_err()
}

fn at(x: f64, y: f64) -> LatLng {
    LatLng::new(ORIGIN.1 + y / 1000.0, ORIGIN.0 + x / 1000.0).unwrap()
}

fn near(a: LatLng, b: LatLng) -> bool {
    (a.latitude() - b.latitude()).abs() < 1e-8 && (a.longitude() - b.longitude()).abs() < 1e-8
}

#[test]
fn a_ring_that_crosses_itself_is_refused_where_it_crosses() {
    let bowtie = [(0.0, 0.0), (2.0, 2.0), (2.0, 0.0), (0.0, 2.0), (0.0, 0.0)];
    let fault = fault(polygon(&[&bowtie]));
    assert_eq!(fault.place.to_string(), "coordinates[0][0]");
    let Problem::SelfIntersection { at: place, other: 2 } = fault.problem else { panic!("{fault}") };
    assert!(near(place, at(1.0, 1.0)), "{place:?}");
}

#[test]
fn the_place_of_a_crossing_counts_repeated_positions_and_the_polygon() {
    let good = positions(&rectangle(10.0, 10.0, 1.0, 1.0));
    let bowtie = positions(&[(0.0, 2.0), (0.0, 2.0), (0.0, 0.0), (2.0, 2.0), (2.0, 0.0), (0.0, 2.0)]);
    let fault = fault(json!({"type": "MultiPolygon", "coordinates": [[good], [bowtie]]}));
    assert_eq!(fault.place, Place { polygon: Some(1), ring: Some(0), position: Some(2) });
    assert_eq!(fault.place.to_string(), "coordinates[1][0][2]");
}

#[test]
fn an_open_ring_is_refused_at_its_last_position() {
    let fault = fault(polygon(&[&[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]]));
    assert_eq!(fault.place.to_string(), "coordinates[0][3]");
    assert!(
        matches!(fault.problem, Problem::OpenRing { first, last } if near(first, at(0.0, 0.0)) && near(last, at(0.0, 1.0)))
    );
}

#[test]
fn a_ring_of_too_few_positions_is_refused() {
    let short = fault(polygon(&[&[(0.0, 0.0), (1.0, 0.0), (0.0, 0.0)]]));
    assert!(matches!(short.problem, Problem::TooFewPositions { found: 3, different: 2 }));
    let same = fault(polygon(&[&[(0.0, 0.0); 6]]));
    assert!(matches!(same.problem, Problem::TooFewPositions { found: 6, .. }));
    assert!(matches!(fault(polygon(&[&[]])).problem, Problem::TooFewPositions { found: 0, .. }));
}

#[test]
fn a_spike_and_a_ring_that_touches_itself_are_refused() {
    let spike = [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (2.0, 4.0), (2.0, 2.0), (0.0, 2.0), (0.0, 0.0)];
    assert!(
        matches!(fault(polygon(&[&spike])).problem, Problem::SelfIntersection { at: place, .. } if near(place, at(2.0, 4.0)) || near(place, at(2.0, 2.0)))
    );
    let eight = [(0.0, 0.0), (2.0, 0.0), (1.0, 1.0), (2.0, 2.0), (0.0, 2.0), (1.0, 1.0), (0.0, 0.0)];
    assert!(
        matches!(fault(polygon(&[&eight])).problem, Problem::SelfIntersection { at: place, .. } if near(place, at(1.0, 1.0)))
    );
    let flat = [(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (0.0, 0.0)];
    assert!(matches!(fault(polygon(&[&flat])).problem, Problem::SelfIntersection { .. }));
}

#[test]
fn holes_lie_inside_the_outer_ring_and_beside_each_other() {
    let outer = rectangle(0.0, 0.0, 10.0, 10.0);
    let hole = rectangle(2.0, 2.0, 3.0, 3.0);
    assert!(Boundary::from_value(polygon(&[&outer, &hole, &rectangle(6.0, 6.0, 1.0, 1.0)])).is_ok());

    let outside = fault(polygon(&[&outer, &rectangle(20.0, 20.0, 1.0, 1.0)]));
    assert_eq!(outside.place.to_string(), "coordinates[1][0]");
    assert!(matches!(outside.problem, Problem::HoleOutside { .. }));

    let crossing = fault(polygon(&[&outer, &rectangle(8.0, 2.0, 5.0, 3.0)]));
    assert!(
        matches!(crossing.problem, Problem::RingsMeet { at: place, other: 1 } if near(place, at(10.0, 2.0))),
        "{crossing}"
    );

    let nested = fault(polygon(&[&outer, &hole, &rectangle(3.0, 3.0, 1.0, 1.0)]));
    assert_eq!(nested.place.ring, Some(2));
    assert!(matches!(nested.problem, Problem::NestedHoles { other: 1, .. }));

    let along = fault(polygon(&[&outer, &rectangle(0.0, 2.0, 3.0, 3.0)]));
    assert!(matches!(along.problem, Problem::RingsMeet { other: 1, .. }));
}

#[test]
fn a_hole_may_touch_the_outer_ring_once() {
    let outer = rectangle(0.0, 0.0, 10.0, 10.0);
    let once = [(0.0, 5.0), (3.0, 4.0), (3.0, 6.0), (0.0, 5.0)];
    assert!(Boundary::from_value(polygon(&[&outer, &once])).is_ok());
    let twice = [(0.0, 5.0), (5.0, 4.0), (10.0, 5.0), (5.0, 6.0), (0.0, 5.0)];
    assert!(matches!(fault(polygon(&[&outer, &twice])).problem, Problem::RingsMeet { other: 1, .. }));
    let outside = [(0.0, 5.0), (-3.0, 4.0), (-3.0, 6.0), (0.0, 5.0)];
    assert!(matches!(fault(polygon(&[&outer, &outside])).problem, Problem::HoleOutside { .. }));
}

#[test]
fn polygons_of_one_boundary_lie_beside_each_other() {
    let multi = |other: &[(f64, f64)]| json!({"type": "MultiPolygon", "coordinates": [[positions(&rectangle(0.0, 0.0, 2.0, 2.0))], [positions(other)]]});
    assert!(Boundary::from_value(multi(&rectangle(2.0, 0.0, 2.0, 2.0))).is_ok());
    let over = fault(multi(&rectangle(1.0, 1.0, 3.0, 3.0)));
    assert_eq!(over.place.polygon, Some(1));
    let Problem::PolygonsOverlap { other: 0, at: place } = over.problem else { panic!("{over}") };
    assert!(place.longitude() > ORIGIN.0 + 0.001 && place.longitude() < ORIGIN.0 + 0.002);
}

#[test]
fn exchanged_coordinates_are_refused_with_the_hint() {
    let danyang = json!({"type": "Polygon", "coordinates": [[[32.0, 119.5], [32.1, 119.5], [32.1, 119.6], [32.0, 119.5]]]});
    let refusal = fault(danyang);
    assert_eq!(refusal.place.to_string(), "coordinates[0][0]");
    assert!(matches!(refusal.problem, Problem::OutOfRange { exchanged: true, .. }));
    assert!(refusal.to_string().contains("exchanged"));
    // Urumqi: both orders are on the earth.
    let urumqi =
        json!({"type": "Polygon", "coordinates": [[[43.8, 87.6], [43.9, 87.6], [43.9, 87.7], [43.8, 87.6]]]});
    assert!(matches!(fault(urumqi).problem, Problem::Exchanged { .. }));
}

#[test]
fn what_is_no_area_is_refused_with_its_place() {
    let cases = [
        (json!({"type": "Point", "coordinates": [119.5, 32.0]}), "coordinates", "not a Point"),
        (json!({"type": "Polygon"}), "coordinates", "an array of rings"),
        (json!({"type": "Polygon", "coordinates": []}), "coordinates", "empty"),
        (json!({"type": "Polygon", "coordinates": [7]}), "coordinates[0]", "an array of positions"),
        (json!({"type": "Polygon", "coordinates": [[[1.0, 2.0], "x"]]}), "coordinates[0][1]", "a position"),
        (json!({"type": "Polygon", "coordinates": [[[1.0]]]}), "coordinates[0][0]", "a position"),
        (json!({"type": "MultiPolygon", "coordinates": [[]]}), "coordinates[0]", "empty"),
        (json!([1, 2]), "coordinates", "not a GeoJSON geometry"),
        (
            json!({"type": "Polygon", "crs": {"properties": {"name": "EPSG:3857"}}}),
            "coordinates",
            "EPSG:3857",
        ),
    ];
    for (value, place, text) in cases {
        let fault = fault(value.clone());
        assert_eq!(fault.place.to_string(), place, "{value}");
        assert!(fault.problem.to_string().contains(text), "{fault}");
    }
}

/// A ring of n positions on a circle.
fn circle(count: usize) -> Vec<(f64, f64)> {
    let mut ring: Vec<(f64, f64)> = (0..count)
        .map(|i| std::f64::consts::TAU * i as f64 / count as f64)
        .map(|angle| (10.0 * angle.cos(), 10.0 * angle.sin()))
        .collect();
    ring.push(ring[0]);
    ring
}

#[test]
fn the_most_positions_pass_and_one_more_does_not() {
    let most = Boundary::from_value(polygon(&[&circle(POSITIONS_MAX - 1)])).unwrap();
    assert_eq!(most.positions(), POSITIONS_MAX);
    let over = fault(polygon(&[&circle(POSITIONS_MAX)]));
    assert_eq!(over.problem, Problem::TooManyPositions { found: POSITIONS_MAX + 1, max: POSITIONS_MAX });
}

#[test]
fn edges_that_all_lie_along_each_other_are_given_up_on() {
    // A comb of long, slanted teeth: the rectangle around every edge meets every other.
    let teeth = 9_000;
    let mut ring: Vec<(f64, f64)> = Vec::new();
    for tooth in 0..teeth {
        let x = f64::from(tooth) * 0.0001;
        ring.push((x, 0.0));
        ring.push((x + 1000.0, 1000.0));
    }
    ring.push((5000.0, -1.0));
    ring.push(ring[0]);
    assert_eq!(fault(polygon(&[&ring])).problem, Problem::TooTangled);
}

proptest! {
    #[test]
    fn stars_are_areas(ring in stars((0.0, 0.0))) {
        prop_assert!(Boundary::from_value(polygon(&[&ring])).is_ok());
    }

    #[test]
    fn exchanging_two_neighbours_of_a_circle_is_a_crossing_on_the_edges_named(count in 6..60usize, which in any::<prop::sample::Index>()) {
        let mut twisted = circle(count);
        let first = 1 + which.index(count - 2);
        twisted.swap(first, first + 1);
        let fault = fault(polygon(&[&twisted]));
        let Problem::SelfIntersection { at: place, other } = fault.problem else { panic!("{fault}") };
        // The place named lies on both of the edges named.
        let number = fault.place.position.unwrap();
        for edge in [number, other] {
            let ends = [twisted[edge], twisted[edge + 1]];
            prop_assert!(on_edge(place, ends), "{place:?} is not on {ends:?}");
        }
    }

    #[test]
    fn the_answer_is_that_of_comparing_every_two_edges(points in prop::collection::vec((0..12i32, 0..12i32), 3..9)) {
        // Whole degrees, so that positions in a line are exactly in a line.
        let mut ring: Vec<[i32; 2]> = points.iter().map(|(x, y)| [100 + x, 20 + y]).collect();
        ring.push(ring[0]);
        ring.dedup();
        prop_assume!(ring.len() >= 4);
        let value = json!({"type": "Polygon", "coordinates": [ring]});
        prop_assert_eq!(Boundary::from_value(value).is_ok(), is_simple(&points));
    }
}

fn on_edge(place: LatLng, ends: [(f64, f64); 2]) -> bool {
    let (x, y) = ((place.longitude() - ORIGIN.0) * 1000.0, (place.latitude() - ORIGIN.1) * 1000.0);
    let [(ax, ay), (bx, by)] = ends;
    let length = (bx - ax).hypot(by - ay);
    let away = ((bx - ax) * (y - ay) - (by - ay) * (x - ax)).abs() / length;
    away < 1e-4 && (x - ax).hypot(y - ay) + (x - bx).hypot(y - by) < length + 1e-4
}

/// In whole numbers, where nothing is rounded: no two edges share more than neighbours do.
fn is_simple(points: &[(i32, i32)]) -> bool {
    let mut ring = points.to_vec();
    ring.push(ring[0]);
    ring.dedup();
    let edges = ring.len() - 1;
    let mut seen = std::collections::HashSet::new();
    if !ring[..edges].iter().all(|point| seen.insert(*point)) {
        return false;
    }
    let turn = |a: (i32, i32), b: (i32, i32), c: (i32, i32)| {
        ((b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)).signum()
    };
    let on = |a: (i32, i32), b: (i32, i32), c: (i32, i32)| {
        turn(a, b, c) == 0
            && (a.0.min(b.0)..=a.0.max(b.0)).contains(&c.0)
            && (a.1.min(b.1)..=a.1.max(b.1)).contains(&c.1)
    };
    for i in 0..edges {
        for j in i + 1..edges {
            let (a, b, c, d) = (ring[i], ring[i + 1], ring[j], ring[j + 1]);
            let neighbours = j == i + 1 || (i == 0 && j == edges - 1);
            let proper = turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;
            let touching = [(a, b, c), (a, b, d), (c, d, a), (c, d, b)]
                .iter()
                .filter(|(p, q, r)| on(*p, *q, *r))
                .count();
            // Neighbours share one position, which each of the four tests that name it sees: exactly two.
            if proper || touching > if neighbours { 2 } else { 0 } {
                return false;
            }
        }
    }
    true
}
