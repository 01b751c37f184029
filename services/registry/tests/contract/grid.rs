//! Grids as they are stored.

use std::sync::Arc;

use minqing_platform::error::Error;
use minqing_registry::domain::geo::Boundary;
use minqing_registry::domain::grid::{Grid, NewGrid, Update};
use minqing_registry::store::Shared;
use minqing_registry::store::grid::{Filter, POSITIONS_A_PAGE};
use minqing_testkit::{Database, on_both_databases};
use serde_json::json;

use super::{change, change_again, code, day, expect_events, open_with_villages, reason};

on_both_databases! {
    a_grid_is_read_as_it_was_created;
    a_grid_begins_only_in_a_village_in_force;
    a_code_is_given_once;
    a_boundary_over_another_in_force_is_refused_with_both_grids;
    a_boundary_over_one_in_another_county_is_refused_too;
    grids_may_lie_over_each_other_on_different_days;
    of_two_that_draw_the_same_place_at_once_one_wins;
    a_grid_begins_or_its_village_ends_but_not_both;
    a_grid_is_renamed_and_redrawn;
    a_redrawn_grid_must_not_lie_over_another;
    a_stale_version_is_refused;
    a_grid_that_ended_is_not_redrawn;
    a_grid_ends_once;
    a_split_ends_one_and_begins_others_in_its_place;
    a_split_whose_parts_lie_over_each_other_is_refused_whole;
    a_merge_puts_the_areas_together;
    a_merge_of_grids_of_two_villages_is_refused_whole;
    a_request_that_comes_again_is_answered_as_before;
    grids_are_listed_by_place_name_and_day;
    pages_follow_each_other_and_end_where_boundaries_grow_too_large;
}

/// A square of 0.01 degrees, so many squares east and north of a corner.
pub(super) fn square(east: f64, north: f64) -> Arc<Boundary> {
    rectangle(119.5 + east * 0.01, 32.0 + north * 0.01, 0.01)
}

fn rectangle(west: f64, south: f64, side: f64) -> Arc<Boundary> {
    let (east, north) = (west + side, south + side);
    let ring = [[west, south], [east, south], [east, north], [west, north], [west, south]];
    Arc::new(Boundary::from_value(json!({"type": "Polygon", "coordinates": [ring]})).unwrap())
}

pub(super) fn new(code_text: &str, name: &str, boundary: Option<Arc<Boundary>>) -> NewGrid {
    NewGrid { code: code(code_text), display_name: name.to_owned(), boundary }
}

pub(super) async fn create(store: &Shared, new: NewGrid, from: &str) -> Result<Grid, Error> {
    store.create_grid(&change(), &new, day(from)).await
}

/// Two squares beside each other in the first village: 001 in the west, 002 in the east.
pub(super) async fn with_two_grids(database: &Database) -> Shared {
    let store = open_with_villages(database).await;
    create(&store, new("321181100201001", "西", Some(square(0.0, 0.0))), "2026-02-01").await.unwrap();
    create(&store, new("321181100201002", "东", Some(square(1.0, 0.0))), "2026-02-01").await.unwrap();
    store
}

pub(super) async fn read(store: &Shared, text: &str) -> Grid {
    store.grid(&code(text)).await.unwrap().unwrap()
}

async fn a_grid_is_read_as_it_was_created(database: Database) {
    let store = open_with_villages(&database).await;
    let drawn =
        create(&store, new("321181100201001", "西", Some(square(0.0, 0.0))), "2026-02-01").await.unwrap();
    let bare = create(&store, new("321181100201002", "东", None), "2026-02-01").await.unwrap();
    assert_eq!(read(&store, "321181100201001").await, drawn);
    assert_eq!(read(&store, "321181100201002").await, bare);
    // A square of 0.01 degrees at 32 degrees north: about 944 m by 1,109 m.
    assert!((1_030_000.0..1_060_000.0).contains(&drawn.area_m2), "{}", drawn.area_m2);
    assert_eq!((bare.area_m2, bare.centroid), (0.0, None));
    assert_eq!(store.grid(&code("321181100201003")).await.unwrap(), None);
    let codes = [code("321181100201002"), code("321181100201003"), code("321181100201001")];
    assert_eq!(store.grids_of(&codes).await.unwrap(), [drawn, bare]);
    assert!(store.grids_of(&[]).await.unwrap().is_empty());
}

async fn a_grid_begins_only_in_a_village_in_force(database: Database) {
    let store = open_with_villages(&database).await;
    let orphan = create(&store, new("321181100999001", "x", None), "2026-02-01").await;
    assert_eq!(reason(orphan), "PARENT_MISSING");
    let early = create(&store, new("321181100201001", "x", None), "2025-12-31").await;
    assert_eq!(reason(early), "PARENT_NOT_IN_FORCE");
    store.end_division(&change(), &code("321181100202"), day("2026-06-01")).await.unwrap();
    let outliving = create(&store, new("321181100202001", "x", None), "2026-02-01").await;
    assert_eq!(reason(outliving), "PARENT_NOT_IN_FORCE");
}

async fn a_code_is_given_once(database: Database) {
    let store = with_two_grids(&database).await;
    let again = create(&store, new("321181100201001", "x", None), "2026-03-01").await;
    assert_eq!(reason(again), "ALREADY_EXISTS");
    assert_eq!(read(&store, "321181100201001").await.display_name, "西");
}

async fn a_boundary_over_another_in_force_is_refused_with_both_grids(database: Database) {
    let store = with_two_grids(&database).await;
    let over = create(&store, new("321181100202001", "x", Some(square(1.5, 0.5))), "2026-03-01").await;
    let Err(Error::Refused(refusal)) = over else { panic!("not refused: {over:?}") };
    assert_eq!(refusal.reason, "GRID_OVERLAP");
    for part in ["321181100202001", "321181100201002", "longitude 119.5", "latitude 32.00"] {
        assert!(refusal.message.contains(part), "{}", refusal.message);
    }
    assert_eq!(store.grid(&code("321181100202001")).await.unwrap(), None);
    create(&store, new("321181100202001", "x", Some(square(2.0, 0.0))), "2026-03-01").await.unwrap();
}

async fn a_boundary_over_one_in_another_county_is_refused_too(database: Database) {
    let store = with_two_grids(&database).await;
    for code in ["3212", "321283", "321283100", "321283100201"] {
        store.create_division(&change(), &super::new_division(code, "x"), day("2026-01-01")).await.unwrap();
    }
    let over = create(&store, new("321283100201001", "x", Some(square(0.2, 0.2))), "2026-03-01").await;
    assert_eq!(reason(over), "GRID_OVERLAP");
}

async fn grids_may_lie_over_each_other_on_different_days(database: Database) {
    let store = with_two_grids(&database).await;
    store.end_grid(&change(), &code("321181100201001"), day("2026-05-01")).await.unwrap();
    let successor = |from| create(&store, new("321181100201003", "x", Some(square(0.0, 0.0))), from);
    assert_eq!(reason(successor("2026-04-30").await), "GRID_OVERLAP");
    successor("2026-05-01").await.unwrap();
}

async fn of_two_that_draw_the_same_place_at_once_one_wins(database: Database) {
    let store = open_with_villages(&database).await;
    let mut racers = tokio::task::JoinSet::new();
    for number in 0..8 {
        let store = store.clone();
        // In two villages, so that no lock of a village could order them.
        let code = format!("32118110020{}00{number}", 1 + number % 2);
        let east = f64::from(number) * 0.1;
        racers.spawn(
            async move { create(&store, new(&code, "x", Some(square(east, 0.0))), "2026-02-01").await },
        );
    }
    let results = racers.join_all().await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(results.into_iter().filter(Result::is_err).all(|lost| reason(lost) == "GRID_OVERLAP"));
    assert_eq!(store.grids(&Filter::default(), "", 100).await.unwrap().len(), 1);
}

async fn a_grid_begins_or_its_village_ends_but_not_both(database: Database) {
    let store = open_with_villages(&database).await;
    for number in 0..6 {
        let village = code(&format!("32118110030{number}"));
        let made = super::new_division(village.as_str(), "x");
        store.create_division(&change(), &made, day("2026-01-01")).await.unwrap();
        let (grids, divisions) = (store.clone(), store.clone());
        let grid = new(&format!("{village}001"), "x", None);
        let ending = village.clone();
        let begin = tokio::spawn(async move { create(&grids, grid, "2026-02-01").await });
        let end =
            tokio::spawn(async move { divisions.end_division(&change(), &ending, day("2026-03-01")).await });
        let (begun, ended) = (begin.await.unwrap(), end.await.unwrap());
        assert_ne!(begun.is_ok(), ended.is_ok(), "{begun:?} {ended:?}");
    }
}

async fn a_grid_is_renamed_and_redrawn(database: Database) {
    let store = with_two_grids(&database).await;
    let grid = code("321181100201001");
    let rename = Update { display_name: Some("新".to_owned()), ..Update::default() };
    let renamed = store.update_grid(&change(), &grid, &rename, Some(1)).await.unwrap();
    assert_eq!((renamed.display_name.as_str(), renamed.version), ("新", 2));
    assert_eq!(renamed.boundary, Some(square(0.0, 0.0)));
    let redraw = Update { boundary: Some(Some(square(-3.0, 0.0))), ..Update::default() };
    let redrawn = store.update_grid(&change(), &grid, &redraw, Some(2)).await.unwrap();
    assert_eq!(read(&store, "321181100201001").await, redrawn);
    assert_eq!(redrawn.boundary, Some(square(-3.0, 0.0)));
    // The rectangle moved with it: what was there is free, where it is now is not.
    create(&store, new("321181100201003", "x", Some(square(0.0, 0.0))), "2026-03-01").await.unwrap();
    let over = create(&store, new("321181100201004", "x", Some(square(-3.0, 0.0))), "2026-03-01").await;
    assert_eq!(reason(over), "GRID_OVERLAP");
    let erase = Update { boundary: Some(None), ..Update::default() };
    let erased = store.update_grid(&change(), &grid, &erase, None).await.unwrap();
    assert_eq!((erased.boundary.clone(), erased.area_m2, erased.version), (None, 0.0, 4));
    assert_eq!(read(&store, "321181100201001").await, erased);
    let same = store.update_grid(&change(), &grid, &erase, None).await.unwrap();
    assert_eq!(same.version, 4, "an update to what is there changes nothing");
    let missing = store.update_grid(&change(), &code("321181100201099"), &rename, None).await;
    assert_eq!(reason(missing), "NOT_FOUND");
    expect_events(&store, &[("DivisionCreated", 6), ("GridCreated", 3), ("GridUpdated", 3)]).await;
}

async fn a_redrawn_grid_must_not_lie_over_another(database: Database) {
    let store = with_two_grids(&database).await;
    let redraw = Update { boundary: Some(Some(square(0.5, 0.0))), ..Update::default() };
    let over = store.update_grid(&change(), &code("321181100201001"), &redraw, None).await;
    assert_eq!(reason(over), "GRID_OVERLAP");
    let there = read(&store, "321181100201001").await;
    assert_eq!((there.version, there.boundary), (1, Some(square(0.0, 0.0))));
}

async fn a_stale_version_is_refused(database: Database) {
    let store = with_two_grids(&database).await;
    let rename = |name: &str| Update { display_name: Some(name.to_owned()), ..Update::default() };
    store.update_grid(&change(), &code("321181100201001"), &rename("一"), Some(1)).await.unwrap();
    let stale = store.update_grid(&change(), &code("321181100201001"), &rename("二"), Some(1)).await;
    assert_eq!(reason(stale), "ETAG_MISMATCH");
    assert_eq!(read(&store, "321181100201001").await.display_name, "一");
}

async fn a_grid_that_ended_is_not_redrawn(database: Database) {
    let store = with_two_grids(&database).await;
    store.end_grid(&change(), &code("321181100201001"), day("2026-05-01")).await.unwrap();
    let redraw = Update { boundary: Some(None), ..Update::default() };
    let refused = store.update_grid(&change(), &code("321181100201001"), &redraw, None).await;
    assert_eq!(reason(refused), "ALREADY_ENDED");
}

async fn a_grid_ends_once(database: Database) {
    let store = with_two_grids(&database).await;
    let end = |text: &'static str, on| {
        let store = store.clone();
        async move { store.end_grid(&change(), &code(text), day(on)).await }
    };
    assert_eq!(reason(end("321181100201001", "2026-02-01").await), "ENDS_BEFORE_IT_BEGINS");
    assert_eq!(reason(end("321181100201099", "2026-05-01").await), "NOT_FOUND");
    let ended = end("321181100201001", "2026-05-01").await.unwrap();
    assert_eq!((ended.effective.to, ended.version), (Some(day("2026-05-01")), 2));
    assert_eq!(read(&store, "321181100201001").await, ended);
    assert_eq!(reason(end("321181100201001", "2026-06-01").await), "ALREADY_ENDED");
}

async fn a_split_ends_one_and_begins_others_in_its_place(database: Database) {
    let store = with_two_grids(&database).await;
    let news = [
        new("321181100201011", "西南", Some(rectangle(119.5, 32.0, 0.005))),
        new("321181100201012", "西北", None),
    ];
    let split =
        store.split_grid(&change(), &code("321181100201001"), &news, day("2026-06-01")).await.unwrap();
    assert_eq!(split.ended.effective.to, Some(day("2026-06-01")));
    assert_eq!(split.ended.successors, [code("321181100201011"), code("321181100201012")]);
    assert_eq!(read(&store, "321181100201001").await, split.ended);
    assert_eq!(split.successors.len(), 2);
    for made in split.successors {
        assert_eq!(made.effective.from, day("2026-06-01"));
        assert_eq!(read(&store, made.code.as_str()).await, made);
    }
    expect_events(&store, &[("DivisionCreated", 6), ("GridCreated", 4), ("GridEnded", 1)]).await;
}

async fn a_split_whose_parts_lie_over_each_other_is_refused_whole(database: Database) {
    let store = with_two_grids(&database).await;
    let split = |news: Vec<NewGrid>| {
        let store = store.clone();
        async move { store.split_grid(&change(), &code("321181100201001"), &news, day("2026-06-01")).await }
    };
    let over = vec![
        new("321181100201011", "a", Some(rectangle(119.5, 32.0, 0.006))),
        new("321181100201012", "b", Some(rectangle(119.504, 32.004, 0.006))),
    ];
    assert_eq!(reason(split(over).await), "GRID_OVERLAP");
    let over_neighbour =
        vec![new("321181100201011", "a", Some(square(0.7, 0.0))), new("321181100201012", "b", None)];
    assert_eq!(reason(split(over_neighbour).await), "GRID_OVERLAP");
    let taken = vec![new("321181100201011", "a", None), new("321181100201002", "b", None)];
    assert_eq!(reason(split(taken).await), "ALREADY_EXISTS");
    assert_eq!(read(&store, "321181100201001").await.effective.to, None);
    assert_eq!(store.grid(&code("321181100201011")).await.unwrap(), None);
    expect_events(&store, &[("DivisionCreated", 6), ("GridCreated", 2)]).await;
}

async fn a_merge_puts_the_areas_together(database: Database) {
    let store = with_two_grids(&database).await;
    let olds = [code("321181100201002"), code("321181100201001")];
    let merge = store
        .merge_grids(&change(), &olds, &new("321181100201013", "全", None), day("2026-06-01"))
        .await
        .unwrap();
    let made = &merge.successor;
    assert_eq!(read(&store, "321181100201013").await, *made);
    let whole: f64 = merge.ended.iter().map(|grid| grid.area_m2).sum();
    assert!((made.area_m2 - whole).abs() < 1.0, "{} and {whole}", made.area_m2);
    for ended in &merge.ended {
        assert_eq!(ended.successors, [code("321181100201013")]);
        assert_eq!(read(&store, ended.code.as_str()).await, *ended);
    }
    let again =
        store.merge_grids(&change(), &olds, &new("321181100201014", "x", None), day("2026-07-01")).await;
    assert_eq!(reason(again), "ALREADY_ENDED");
}

async fn a_merge_of_grids_of_two_villages_is_refused_whole(database: Database) {
    let store = with_two_grids(&database).await;
    create(&store, new("321181100202001", "x", None), "2026-02-01").await.unwrap();
    let olds = [code("321181100201001"), code("321181100202001")];
    let refused =
        store.merge_grids(&change(), &olds, &new("321181100201013", "x", None), day("2026-06-01")).await;
    assert_eq!(reason(refused), "ANOTHER_PARENT");
    let twice = [code("321181100201001"), code("321181100201001")];
    let refused =
        store.merge_grids(&change(), &twice, &new("321181100201013", "x", None), day("2026-06-01")).await;
    assert_eq!(reason(refused), "CODE_TWICE");
    assert_eq!(read(&store, "321181100201001").await.effective.to, None);
}

async fn a_request_that_comes_again_is_answered_as_before(database: Database) {
    let store = open_with_villages(&database).await;
    let grid = new("321181100201001", "西", Some(square(0.0, 0.0)));
    let first = store.create_grid(&change_again(1, "c"), &grid, day("2026-02-01")).await.unwrap();
    let rename = Update { display_name: Some("新".to_owned()), ..Update::default() };
    let renamed = store.update_grid(&change_again(2, "u"), &grid.code, &rename, Some(1)).await.unwrap();
    let news = [new("321181100201011", "a", None), new("321181100201012", "b", None)];
    let split = store.split_grid(&change_again(3, "s"), &grid.code, &news, day("2026-06-01")).await.unwrap();
    let olds = [code("321181100201011"), code("321181100201012")];
    let one = new("321181100201013", "c", None);
    let merge = store.merge_grids(&change_again(4, "m"), &olds, &one, day("2026-07-01")).await.unwrap();
    let ended = store.end_grid(&change_again(5, "e"), &one.code, day("2026-08-01")).await.unwrap();

    let again = store.create_grid(&change_again(1, "c"), &grid, day("2026-02-01")).await.unwrap();
    assert_eq!(again, first);
    let again = store.update_grid(&change_again(2, "u"), &grid.code, &rename, Some(1)).await.unwrap();
    assert_eq!(again, renamed);
    let again = store.split_grid(&change_again(3, "s"), &grid.code, &news, day("2026-06-01")).await.unwrap();
    assert_eq!(again, split);
    let again = store.merge_grids(&change_again(4, "m"), &olds, &one, day("2026-07-01")).await.unwrap();
    assert_eq!(again, merge);
    let again = store.end_grid(&change_again(5, "e"), &one.code, day("2026-08-01")).await.unwrap();
    assert_eq!(again, ended);
    let other = store.create_grid(&change_again(1, "other"), &grid, day("2026-02-01")).await;
    assert_eq!(reason(other), "REQUEST_ID_REUSED");
    let kinds = [("DivisionCreated", 6), ("GridCreated", 4), ("GridUpdated", 1), ("GridEnded", 4)];
    expect_events(&store, &kinds).await;
}

pub(super) async fn listed(store: &Shared, filter: Filter) -> Vec<String> {
    let found = store.grids(&filter, "", 1_000).await.unwrap();
    found.into_iter().map(|grid| grid.code.to_string()).collect()
}

async fn grids_are_listed_by_place_name_and_day(database: Database) {
    let store = with_two_grids(&database).await;
    create(&store, new("321181100202001", "南西", None), "2026-02-01").await.unwrap();
    store.end_grid(&change(), &code("321181100201002"), day("2026-05-01")).await.unwrap();
    let all = ["321181100201001", "321181100201002", "321181100202001"];
    assert_eq!(listed(&store, Filter::default()).await, all);
    for (within, expected) in [("321181100201", &all[..2]), ("3211", &all[..]), ("321181100202", &all[2..])] {
        let filter = Filter { within: Some(code(within)), ..Filter::default() };
        assert_eq!(listed(&store, filter).await, expected, "{within}");
    }
    let named = Filter { query: "西".to_owned(), ..Filter::default() };
    assert_eq!(listed(&store, named).await, [all[0], all[2]]);
    for (on, expected) in [("2026-04-30", 3), ("2026-05-01", 2), ("2026-01-31", 0)] {
        let filter = Filter { on: Some(day(on)), ..Filter::default() };
        assert_eq!(listed(&store, filter).await.len(), expected, "{on}");
    }
    let bare = store.grids(&Filter::default(), "", 10).await.unwrap();
    assert!(bare.iter().all(|grid| grid.boundary.is_none()) && bare[0].area_m2 > 0.0);
    let full = store.grids(&Filter { boundaries: true, ..Filter::default() }, "", 10).await.unwrap();
    assert_eq!(full[0].boundary, Some(square(0.0, 0.0)));
}

/// A square ring of so many positions.
fn ragged(east: f64, positions: usize) -> Arc<Boundary> {
    let (west, east, south, north) = (119.5 + east * 0.01, 119.51 + east * 0.01, 32.0, 32.01);
    let steps = positions - 4;
    let mut ring = vec![[west, north], [west, south]];
    ring.extend((1..=steps).map(|step| {
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let share = step as f64 / (steps + 1) as f64;
        [west + (east - west) * share, south]
    }));
    ring.extend([[east, south], [west, north]]);
    Arc::new(Boundary::from_value(json!({"type": "Polygon", "coordinates": [ring]})).unwrap())
}

async fn pages_follow_each_other_and_end_where_boundaries_grow_too_large(database: Database) {
    let store = open_with_villages(&database).await;
    let positions = POSITIONS_A_PAGE / 4;
    for number in 0..7_u32 {
        let grid = new(&format!("32118110020100{number}"), "x", Some(ragged(f64::from(number), positions)));
        create(&store, grid, "2026-02-01").await.unwrap();
    }
    let full = Filter { boundaries: true, ..Filter::default() };
    // Four fit; the fifth is given so that the caller knows of it.
    assert_eq!(store.grids(&full, "", 100).await.unwrap().len(), 5);
    assert_eq!(store.grids(&full, "321181100201003", 100).await.unwrap().len(), 3);
    assert_eq!(store.grids(&full, "", 2).await.unwrap().len(), 2);
    assert_eq!(store.grids(&Filter::default(), "", 100).await.unwrap().len(), 7);
}
