use proptest::prelude::*;

use super::{boundary, rectangle, stars};
use crate::domain::geo::{OVERLAP_TOLERANCE_M2, overlap, union};

#[test]
fn neighbours_that_share_a_border_do_not_overlap() {
    let west = boundary(&[&rectangle(0.0, 0.0, 1.0, 1.0)]);
    let east = boundary(&[&rectangle(1.0, 0.3, 1.0, 1.0)]);
    assert_eq!(overlap(&west, &east, 0.5), None);
    assert_eq!(overlap(&west, &boundary(&[&rectangle(5.0, 0.0, 1.0, 1.0)]), 0.0), None);
}

#[test]
fn what_lies_over_another_is_told_with_its_size_and_place() {
    let west = boundary(&[&rectangle(0.0, 0.0, 2.0, 2.0)]);
    let east = boundary(&[&rectangle(1.0, 1.0, 2.0, 2.0)]);
    let shared = overlap(&west, &east, OVERLAP_TOLERANCE_M2).unwrap();
    let expected = boundary(&[&rectangle(1.0, 1.0, 1.0, 1.0)]).area_m2();
    assert!((shared.area_m2 - expected).abs() < 1.0, "{} is not {expected}", shared.area_m2);
    assert!(west.contains(shared.at) && east.contains(shared.at));
    // A sliver within the tolerance is a matter of drawing.
    let close = boundary(&[&rectangle(1.999, 0.0, 2.0, 2.0)]);
    assert!(overlap(&west, &close, OVERLAP_TOLERANCE_M2).is_none());
    assert!(overlap(&west, &close, 1.0).is_some());
}

#[test]
fn a_grid_in_the_hole_of_another_does_not_overlap() {
    let ring = boundary(&[&rectangle(0.0, 0.0, 10.0, 10.0), &rectangle(2.0, 2.0, 5.0, 5.0)]);
    assert_eq!(overlap(&ring, &boundary(&[&rectangle(2.0, 2.0, 5.0, 5.0)]), 0.5), None);
}

#[test]
fn neighbours_put_together_are_one_area() {
    let parts = [
        boundary(&[&rectangle(0.0, 0.0, 1.0, 1.0)]),
        boundary(&[&rectangle(1.0, 0.0, 1.0, 2.0)]),
        boundary(&[&rectangle(5.0, 0.0, 1.0, 1.0)]),
    ];
    let whole = union(&parts).unwrap();
    let sum: f64 = parts.iter().map(|part| part.area_m2()).sum();
    assert!((whole.area_m2() - sum).abs() < 1.0);
    assert_eq!(whole.to_value()["type"], "MultiPolygon");
    assert_eq!(whole.to_value()["coordinates"].as_array().unwrap().len(), 2);
}

proptest! {
    #[test]
    fn the_union_has_what_both_have_less_what_they_share(a in stars((0.0, 0.0)), b in stars((0.7, 0.3))) {
        let (a, b) = (boundary(&[&a]), boundary(&[&b]));
        let shared = overlap(&a, &b, 0.0).map_or(0.0, |overlap| overlap.area_m2);
        // Two stars may enclose gaps, which the union closes when they are small.
        if let Ok(whole) = union([&a, &b]) {
            let expected = a.area_m2() + b.area_m2() - shared;
            prop_assert!((whole.area_m2() - expected).abs() < 300.0, "{} is not {expected}", whole.area_m2());
        }
        prop_assert_eq!(overlap(&a, &b, 1.0).is_some(), overlap(&b, &a, 1.0).is_some());
    }
}
