use proptest::prelude::*;
use serde_json::Value;

use super::{boundary, polygon, rectangle, stars};
use crate::domain::geo::{Boundary, LatLng};

#[test]
fn the_area_is_that_of_the_ellipsoid() {
    // A hundredth of a degree squared at 32° north: GeographicLib gives 1,047,748.3 m².
    let square = boundary(&[&rectangle(0.0, 0.0, 10.0, 10.0)]);
    assert!((square.area_m2() - SQUARE_M2).abs() < 1.0, "{}", square.area_m2());
    let ring = boundary(&[&rectangle(0.0, 0.0, 10.0, 10.0), &rectangle(2.0, 2.0, 5.0, 5.0)]);
    assert!((ring.area_m2() / square.area_m2() - 0.75).abs() < 1e-4);
}

const SQUARE_M2: f64 = 1_047_748.3;

#[test]
fn the_centroid_is_moved_into_an_area_that_bends_around_it() {
    let square = boundary(&[&rectangle(0.0, 0.0, 2.0, 2.0)]).centroid();
    assert!((square.longitude() - 119.501).abs() < 1e-9 && (square.latitude() - 32.001).abs() < 1e-9);
    let horseshoe = [
        (0.0, 0.0),
        (10.0, 0.0),
        (10.0, 10.0),
        (9.0, 10.0),
        (9.0, 1.0),
        (1.0, 1.0),
        (1.0, 10.0),
        (0.0, 10.0),
        (0.0, 0.0),
    ];
    let bent = boundary(&[&horseshoe]);
    assert!(bent.contains(bent.centroid()));
}

#[test]
fn a_hole_is_not_inside_but_its_border_is() {
    let ring = boundary(&[&rectangle(0.0, 0.0, 10.0, 10.0), &rectangle(2.0, 2.0, 5.0, 5.0)]);
    let at = |x: f64, y: f64| ring.contains(LatLng::new(32.0 + y / 1000.0, 119.5 + x / 1000.0).unwrap());
    assert!(at(1.0, 1.0));
    assert!(!at(3.0, 3.0));
    assert!(at(0.0, 0.0));
    assert!(!at(-1.0, 0.0));
}

#[test]
fn heights_are_dropped_and_the_direction_does_not_matter() {
    let flat: Value = serde_json::from_str(
        r#"{"type":"Polygon","coordinates":[[[119,32],[119.1,32],[119.1,32.1],[119,32]]]}"#,
    )
    .unwrap();
    let tall: Value = serde_json::from_str(
        r#"{"type":"MultiPolygon","coordinates":[[[[119,32,5],[119.1,32.1,5],[119.1,32,5],[119.1,32,5],[119,32,5]]]]}"#,
    )
    .unwrap();
    assert_eq!(Boundary::from_value(flat).unwrap(), Boundary::from_value(tall).unwrap());
}

proptest! {
    #[test]
    fn a_boundary_comes_back_from_its_text_unchanged(ring in stars((0.0, 0.0))) {
        let boundary = Boundary::from_value(polygon(&[&ring])).unwrap();
        let text = boundary.to_value().to_string();
        prop_assert_eq!(&Boundary::restore(serde_json::from_str(&text).unwrap()).unwrap(), &boundary);
        prop_assert_eq!(&Boundary::from_value(serde_json::from_str(&text).unwrap()).unwrap(), &boundary);
    }

    #[test]
    fn the_centroid_lies_inside(ring in stars((0.0, 0.0))) {
        let boundary = Boundary::from_value(polygon(&[&ring])).unwrap();
        prop_assert!(boundary.contains(boundary.centroid()));
    }
}
