use minqing_platform::clock::{Clock as _, Manual};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn code(text: &str) -> Code {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn now() -> DateTime<Utc> {
    Manual::at(DateTime::from_timestamp(1_700_000_000, 0).unwrap()).now()
}

/// A square of 0.01 degrees, so many squares east of a corner.
fn square(east: f64) -> Arc<Boundary> {
    let (west, east) = (119.5 + east * 0.01, 119.51 + east * 0.01);
    let ring = [[west, 32.0], [east, 32.0], [east, 32.01], [west, 32.01], [west, 32.0]];
    Arc::new(Boundary::from_value(json!({"type": "Polygon", "coordinates": [ring]})).unwrap())
}

fn new(code_text: &str, boundary: Option<Arc<Boundary>>) -> NewGrid {
    NewGrid { code: code(code_text), display_name: "前巷".to_owned(), boundary }
}

fn area(code: &str, east: f64) -> Area {
    new(code, Some(square(east))).begun(day("2026-01-01"), now()).area().unwrap()
}

#[test]
fn a_grid_begins_only_in_a_village_that_is_in_force_without_end() {
    let grid = code("321181100201001");
    let since = Period::since(day("2026-01-02"));
    let reason = |village, on| may_begin(&grid, village, day(on)).map_err(|refusal| refusal.reason);
    assert_eq!(reason(None, "2026-01-02"), Err("PARENT_MISSING"));
    assert_eq!(reason(Some(since), "2026-01-01"), Err("PARENT_NOT_IN_FORCE"));
    assert_eq!(reason(Some(since), "2026-01-02"), Ok(()));
    let ending = Period { to: Some(day("2027-01-01")), ..since };
    assert_eq!(reason(Some(ending), "2026-06-01"), Err("PARENT_NOT_IN_FORCE"));
}

#[test]
fn a_grid_ends_once_and_not_before_it_begins() {
    let mut grid = new("321181100201001", None).begun(day("2026-01-02"), now());
    let reason = |grid: &Grid, on| may_end(grid, day(on)).map_err(|refusal| refusal.reason);
    assert_eq!(reason(&grid, "2026-01-02"), Err("ENDS_BEFORE_IT_BEGINS"));
    assert_eq!(reason(&grid, "2026-01-03"), Ok(()));
    grid.effective.to = Some(day("2026-01-03"));
    assert_eq!(reason(&grid, "2026-02-03"), Err("ALREADY_ENDED"));
}

#[test]
fn the_boundary_of_a_grid_that_ended_stays_as_it_was() {
    let mut grid = new("321181100201001", Some(square(0.0))).begun(day("2026-01-02"), now());
    grid.effective.to = Some(day("2026-03-01"));
    let redraw = Update { boundary: Some(None), ..Update::default() };
    assert_eq!(may_update(&grid, &redraw).unwrap_err().reason, "ALREADY_ENDED");
    let rename = Update { display_name: Some("后巷".to_owned()), ..Update::default() };
    assert_eq!(may_update(&grid, &rename), Ok(()));
}

#[test]
fn an_update_to_what_is_there_changes_nothing() {
    let grid = new("321181100201001", Some(square(0.0))).begun(day("2026-01-02"), now());
    let same = Update { display_name: Some("前巷".to_owned()), boundary: Some(Some(square(0.0))) };
    assert!(same.against(&grid).is_empty());
    let moved = Update { display_name: None, boundary: Some(Some(square(3.0))) }.against(&grid);
    let changed = moved.of(&grid, now());
    assert_eq!((changed.version, changed.boundary), (2, Some(square(3.0))));
    assert_ne!(changed.centroid, grid.centroid);
    let bare = Update { display_name: None, boundary: Some(None) }.of(&grid, now());
    assert_eq!((bare.area_m2, bare.centroid), (0.0, None));
}

#[test]
fn successors_lie_in_the_same_village_and_have_codes_of_their_own() {
    let old = [code("321181100201001")];
    let reason = |news: &[NewGrid]| may_succeed(&old, news).map_err(|refusal| refusal.reason);
    assert_eq!(reason(&[new("321181100201002", None), new("321181100201003", None)]), Ok(()));
    assert_eq!(reason(&[new("321181100202002", None)]), Err("ANOTHER_PARENT"));
    assert_eq!(reason(&[new("321181100201001", None)]), Err("CODE_TWICE"));
    assert_eq!(reason(&[new("321181100201002", None), new("321181100201002", None)]), Err("CODE_TWICE"));
}

#[test]
fn neighbours_that_share_a_border_do_not_overlap() {
    let drawn = [area("321181100201001", 0.0), area("321181100201002", 1.0)];
    assert_eq!(overlaps([], &drawn, 10), []);
}

#[test]
fn an_overlap_is_told_once_with_both_codes_and_a_place_inside() {
    let drawn = [area("321181100201001", 0.0), area("321181100201002", 0.5)];
    let found = overlaps([], &drawn, 10);
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0].code, &found[0].conflict.code), (&drawn[0].code, &drawn[1].code));
    assert!(drawn.iter().all(|area| area.boundary.contains(found[0].conflict.overlap.at)));
}

#[test]
fn a_grid_that_is_redrawn_counts_as_it_will_be() {
    let there = [area("321181100201001", 0.0), area("321181100201002", 1.0)];
    let grown = area("321181100201002", 0.5);
    let shrunk = area("321181100201001", -0.5);
    assert_eq!(overlaps(there.clone(), std::slice::from_ref(&grown), 10).len(), 1);
    assert_eq!(overlaps(there, &[grown, shrunk], 10), []);
}

#[test]
fn grids_of_other_days_may_lie_over_each_other() {
    let mut past = area("321181100201001", 0.0);
    past.effective.to = Some(day("2026-02-01"));
    let mut future = area("321181100201002", 0.0);
    future.effective.from = day("2026-02-01");
    assert_eq!(overlaps([past.clone()], std::slice::from_ref(&future), 10), []);
    future.effective.from = day("2026-01-31");
    assert_eq!(overlaps([past], &[future], 10).len(), 1);
}

proptest! {
    #[test]
    fn a_grid_survives_being_remembered(east in 0.0..5.0, drawn: bool, ended in prop::option::of(1..400_i64)) {
        let mut grid = new("321181100201001", drawn.then(|| square(east))).begun(day("2026-01-02"), now());
        grid.effective.to = ended.map(|days| day("2026-01-02") + chrono::Duration::days(days));
        grid.successors = vec![code("321181100201002")];
        let text = serde_json::to_string(&grid).unwrap();
        let back: Grid = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(back, grid);
    }

    #[test]
    fn squares_overlap_exactly_when_they_are_nearer_than_their_width(places in prop::collection::vec(0..40_u32, 2..8)) {
        let areas: Vec<Area> = places
            .iter()
            .enumerate()
            .map(|(number, place)| area(&format!("3211811002010{number:02}"), f64::from(*place) * 0.5))
            .collect();
        let pairs = (0..places.len())
            .flat_map(|a| (a + 1..places.len()).map(move |b| (a, b)))
            .filter(|(a, b)| places[*a].abs_diff(places[*b]) < 2)
            .count();
        prop_assert_eq!(overlaps([], &areas, 1_000).len(), pairs);
    }
}
