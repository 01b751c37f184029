//! Files of grids as they are imported.

use minqing_platform::code::Code;
use minqing_platform::error::Error;
use minqing_registry::domain::grid_file::{self, File};
use minqing_registry::store::Shared;
use minqing_registry::store::grid::{Filter, Imported};
use minqing_testkit::{Database, on_both_databases};
use serde_json::json;

use super::grid::{listed, read, square, with_two_grids};
use super::{change, code, day, expect_events, open_with_villages, reason};

on_both_databases! {
    files_are_imported_and_a_second_import_changes_nothing;
    an_import_updates_what_differs_and_leaves_ended_grids_alone;
    an_import_with_a_fault_is_refused_whole;
    an_import_over_a_grid_of_another_file_is_refused;
    a_check_of_an_import_changes_nothing;
    a_large_import_takes_several_statements;
}

/// A file of squares in a row: code, name, and how many squares east; `None` has no boundary.
fn file(name: &str, grids: &[(&str, &str, Option<f64>)]) -> File {
    let features: Vec<_> = grids
        .iter()
        .map(|(code, name, east)| {
            let geometry = east.map(|east| square(east, 0.0).to_value());
            json!({"type": "Feature", "properties": {"code": code, "name": name}, "geometry": geometry})
        })
        .collect();
    let content = json!({"type": "FeatureCollection", "features": features}).to_string();
    grid_file::read(name, content.as_bytes()).unwrap()
}

async fn import(store: &Shared, files: Vec<File>, validate_only: bool) -> Result<Imported, Error> {
    store.import_grids(&change(), files.into(), day("2026-03-01"), validate_only).await
}

fn two_files() -> Vec<File> {
    vec![
        file("一.geojson", &[("321181100201001", "西", Some(0.0)), ("321181100201002", "东", Some(1.0))]),
        file("二.geojson", &[("321181100202001", "南", None)]),
    ]
}

async fn files_are_imported_and_a_second_import_changes_nothing(database: Database) {
    let store = open_with_villages(&database).await;
    let first = import(&store, two_files(), false).await.unwrap();
    let figures: Vec<_> = first.reports.iter().map(|r| (r.features, r.created, r.unchanged)).collect();
    assert_eq!(figures, [(2, 2, 0), (1, 1, 0)]);
    assert_eq!(first.changed.len(), 3);
    let grid = read(&store, "321181100201001").await;
    assert_eq!((grid.boundary, grid.effective.from), (Some(square(0.0, 0.0)), day("2026-03-01")));
    assert!(grid.area_m2 > 1_000_000.0 && grid.centroid.is_some());
    let second = import(&store, two_files(), false).await.unwrap();
    let figures: Vec<_> = second.reports.iter().map(|r| (r.created, r.updated, r.unchanged)).collect();
    assert_eq!(figures, [(0, 0, 2), (0, 0, 1)]);
    assert!(second.changed.is_empty());
    expect_events(&store, &[("DivisionCreated", 6), ("GridCreated", 3)]).await;
}

async fn an_import_updates_what_differs_and_leaves_ended_grids_alone(database: Database) {
    let store = open_with_villages(&database).await;
    import(&store, two_files(), false).await.unwrap();
    store.end_grid(&change(), &code("321181100202001"), day("2026-05-01")).await.unwrap();
    // 001 moves away and 002 takes its place: as they will be, they do not overlap.
    let moved = file(
        "新.geojson",
        &[
            ("321181100201001", "西", Some(-5.0)),
            ("321181100201002", "东", Some(0.0)),
            ("321181100202001", "南", None),
            ("321181100202002", "北", None),
        ],
    );
    let done = import(&store, vec![moved], false).await.unwrap();
    let report = &done.reports[0];
    assert_eq!((report.created, report.updated, report.unchanged, report.ended), (1, 2, 0, 1));
    let grid = read(&store, "321181100201002").await;
    assert_eq!((grid.boundary, grid.version), (Some(square(0.0, 0.0)), 2));
}

async fn an_import_with_a_fault_is_refused_whole(database: Database) {
    let store = open_with_villages(&database).await;
    let orphan = file("孤.geojson", &[("321181100201001", "好", None), ("321181100999001", "孤", None)]);
    let refused = import(&store, vec![orphan], false).await;
    let Err(Error::Invalid(violations)) = refused else { panic!("not refused: {refused:?}") };
    assert_eq!((violations.len(), violations[0].reason), (1, "PARENT_MISSING"));
    assert!(violations[0].description.starts_with("孤.geojson, features[1].properties.code"));
    let mut twice = two_files();
    twice.push(file("又.geojson", &[("321181100201001", "西", None)]));
    assert_eq!(reason(import(&store, twice, false).await), "DUPLICATE_FEATURE");
    assert!(listed(&store, Filter::default()).await.is_empty());
    assert!(import(&store, vec![file("空.geojson", &[])], false).await.unwrap().changed.is_empty());
}

async fn an_import_over_a_grid_of_another_file_is_refused(database: Database) {
    let store = with_two_grids(&database).await;
    let over =
        file("压.geojson", &[("321181100202001", "远", Some(7.0)), ("321181100202002", "压", Some(1.5))]);
    let refused = import(&store, vec![over], false).await;
    let Err(Error::Invalid(violations)) = refused else { panic!("not refused: {refused:?}") };
    assert_eq!(violations[0].reason, "GRID_OVERLAP");
    for part in ["压.geojson, features[1].geometry", "321181100202002", "321181100201002"] {
        assert!(violations[0].description.contains(part), "{}", violations[0].description);
    }
    assert_eq!(listed(&store, Filter::default()).await.len(), 2);
}

async fn a_check_of_an_import_changes_nothing(database: Database) {
    let store = open_with_villages(&database).await;
    let checked = import(&store, two_files(), true).await.unwrap();
    assert_eq!(checked.reports[0].created, 2);
    assert!(listed(&store, Filter::default()).await.is_empty());
    expect_events(&store, &[("DivisionCreated", 6)]).await;
}

async fn a_large_import_takes_several_statements(database: Database) {
    let store = open_with_villages(&database).await;
    let codes: Vec<Code> = (0..2_000_u32)
        .map(|number| code(&format!("32118110020{}{:03}", 1 + number / 1_000, number % 1_000)))
        .collect();
    let grids: Vec<(&str, &str, Option<f64>)> = codes
        .iter()
        .zip(0_u32..)
        .map(|(code, number)| (code.as_str(), "x", Some(f64::from(number) * 0.1)))
        .collect();
    let over = import(&store, vec![file("大.geojson", &grids)], false).await;
    assert_eq!(reason(over), "GRID_OVERLAP");
    let bare: Vec<_> = grids.iter().map(|(code, name, _)| (*code, *name, None)).collect();
    let done = import(&store, vec![file("大.geojson", &bare)], false).await.unwrap();
    assert_eq!((done.reports[0].created, done.changed.len()), (2_000, 2_000));
    let again = import(&store, vec![file("大.geojson", &bare)], false).await.unwrap();
    assert_eq!(again.reports[0].unchanged, 2_000);
}
