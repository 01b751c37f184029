//! Places, looked up.

use minqing_platform::json;
use minqing_proto::registry::v1 as proto;
use minqing_testkit::{Database, on_both_databases};
use serde_json::{Value, json};
use tonic::Code;

use super::{Suite, by, collection, fields, grid, part, reason, square};

on_both_databases! {
    a_grid_that_was_created_is_found_by_a_place_in_it;
    a_place_is_told_in_the_datum_of_the_caller;
    a_place_that_is_wrong_or_in_no_grid_is_refused;
    a_change_is_seen_by_whoever_made_it;
    a_split_and_a_merge_are_seen_on_their_days;
    a_change_by_another_process_is_seen_soon;
    a_large_import_is_seen_at_once_here_and_soon_elsewhere;
}

async fn a_grid_that_was_created_is_found_by_a_place_in_it(database: Database) {
    let suite = Suite::with_villages(&database).await;
    let made = suite.create("321181100201001", Some(square(0.0))).await.unwrap();
    assert_eq!((made.name.as_str(), made.effective_from.as_str()), ("grids/321181100201001", "2026-03-01"));
    assert_eq!(made.division, "divisions/321181100201");
    let found = suite.locate(32.005, 119.505, "").await.unwrap();
    let divisions: Vec<_> = found.divisions.iter().map(|division| division.code.as_str()).collect();
    assert_eq!(divisions, ["321181100201", "321181100", "321181", "3211", "32"]);
    assert_eq!(found.divisions[0].display_name, "区划321181100201");
    assert_eq!(found.grid, Some(proto::Grid { boundary: None, ..made.clone() }));
    let request = proto::GetGridRequest { name: made.name.clone() };
    assert_eq!(suite.grids().get_grid(request).await.unwrap().into_inner(), made);
    assert_eq!(json::from_struct(made.boundary.unwrap()), square(0.0));
}

async fn a_place_is_told_in_the_datum_of_the_caller(database: Database) {
    let suite = Suite::with_villages(&database).await;
    suite.create("321181100201001", Some(square(0.0))).await.unwrap();
    // The middle of the square, as a map published in China gives it: about 500 m to the east.
    let request = |datum: proto::Datum| proto::LocateGridRequest {
        latitude: Some(32.002_9),
        longitude: Some(119.510_1),
        datum: datum.into(),
        effective_on: String::new(),
    };
    let found = suite.grids().locate_grid(request(proto::Datum::Gcj02)).await.unwrap().into_inner();
    assert_eq!(found.grid.unwrap().code, "321181100201001");
    let location = found.location.unwrap();
    assert!((location.longitude - 119.505).abs() < 0.001 && location.longitude < 119.508, "{location:?}");
    let outside = suite.grids().locate_grid(request(proto::Datum::Wgs84)).await.unwrap_err();
    assert_eq!(outside.code(), Code::NotFound);
}

async fn a_place_that_is_wrong_or_in_no_grid_is_refused(database: Database) {
    let suite = Suite::with_villages(&database).await;
    suite.create("321181100201001", Some(square(0.0))).await.unwrap();
    let nowhere = suite.locate(32.5, 119.505, "").await.unwrap_err();
    assert_eq!(reason(&nowhere), (Code::NotFound, "PLACE_NOT_IN_A_GRID".to_owned()));
    let before = suite.locate(32.005, 119.505, "2026-02-28").await.unwrap_err();
    assert_eq!(reason(&before).1, "PLACE_NOT_IN_A_GRID");
    let exchanged = suite.locate(119.505, 32.005, "").await.unwrap_err();
    assert_eq!(reason(&exchanged), (Code::InvalidArgument, "OUT_OF_RANGE".to_owned()));
    assert!(exchanged.message().contains("exchanged"), "{}", exchanged.message());
    let nothing = suite.grids().locate_grid(proto::LocateGridRequest::default()).await.unwrap_err();
    assert_eq!(fields(&nothing), ["latitude", "longitude", "datum"]);
    let day = suite.locate(32.005, 119.505, "1.3.2026").await.unwrap_err();
    assert_eq!(fields(&day), ["effective_on"]);
}

async fn a_change_is_seen_by_whoever_made_it(database: Database) {
    let suite = Suite::with_villages(&database).await;
    for number in 0..20_u32 {
        let code = format!("3211811002010{number:02}");
        suite.create(&code, Some(square(f64::from(number)))).await.unwrap();
        assert_eq!(suite.code_at(119.505 + 0.01 * f64::from(number), "").await, code);
    }
    let moved = proto::Grid { name: "grids/321181100201000".to_owned(), ..grid("", Some(square(-5.0))) };
    let request = proto::UpdateGridRequest { grid: Some(moved), ..proto::UpdateGridRequest::default() };
    suite.grids().update_grid(by("administrator", "", request)).await.unwrap();
    assert_eq!(suite.code_at(119.505, "").await, "");
    assert_eq!(suite.code_at(119.455, "").await, "321181100201000");
    let request = proto::EndGridRequest {
        name: "grids/321181100201000".to_owned(),
        effective_to: "2026-05-01".to_owned(),
        request_id: String::new(),
    };
    suite.grids().end_grid(by("administrator", "", request)).await.unwrap();
    assert_eq!(suite.code_at(119.455, "2026-04-30").await, "321181100201000");
    assert_eq!(suite.code_at(119.455, "2026-05-01").await, "");
}

async fn a_split_and_a_merge_are_seen_on_their_days(database: Database) {
    let suite = Suite::with_villages(&database).await;
    let whole = json!({"type": "Polygon", "coordinates":
        [[[119.5, 32.0], [119.52, 32.0], [119.52, 32.01], [119.5, 32.01], [119.5, 32.0]]]});
    suite.create("321181100201001", Some(whole)).await.unwrap();
    let split = proto::SplitGridRequest {
        name: "grids/321181100201001".to_owned(),
        successors: vec![
            part("321181100201002", Some(square(0.0))),
            part("321181100201003", Some(square(1.0))),
        ],
        effective_date: "2026-06-01".to_owned(),
        request_id: String::new(),
    };
    let left = suite.grids().split_grid(by("administrator", "321181", split)).await.unwrap().into_inner();
    assert_eq!(left.ended.unwrap().successors, ["grids/321181100201002", "grids/321181100201003"]);
    let merge = proto::MergeGridsRequest {
        names: vec!["grids/321181100201002".to_owned(), "grids/321181100201003".to_owned()],
        successor: Some(part("321181100201004", None)),
        effective_date: "2026-09-01".to_owned(),
        request_id: String::new(),
    };
    let made = suite.grids().merge_grids(by("administrator", "321181", merge)).await.unwrap().into_inner();
    assert!(made.boundary.is_some());
    for (on, west, east) in [
        ("2026-05-31", "321181100201001", "321181100201001"),
        ("2026-06-01", "321181100201002", "321181100201003"),
        ("2026-09-01", "321181100201004", "321181100201004"),
    ] {
        assert_eq!(suite.code_at(119.505, on).await, west, "{on}");
        assert_eq!(suite.code_at(119.515, on).await, east, "{on}");
    }
}

async fn a_change_by_another_process_is_seen_soon(database: Database) {
    let (one, other) = (Suite::with_villages(&database).await, Suite::open(&database).await);
    assert_eq!(other.code_at(119.505, "").await, "");
    one.create("321181100201001", Some(square(0.0))).await.unwrap();
    other.sees("321181100201001", 119.505).await;
    assert_eq!(other.locate(32.005, 119.505, "").await.unwrap().divisions.len(), 5);
}

async fn a_large_import_is_seen_at_once_here_and_soon_elsewhere(database: Database) {
    let (one, other) = (Suite::with_villages(&database).await, Suite::open(&database).await);
    one.division("321181100203").await;
    assert_eq!(other.code_at(119.505, "").await, "");
    // More than are read by their codes: the tables are read anew.
    let code = |number: usize| format!("32118110020{}{:03}", 1 + number / 900, number % 900);
    let codes: Vec<String> = (0..2_500).map(code).collect();
    let mut grids: Vec<(&str, Option<Value>)> = codes.iter().map(|code| (code.as_str(), None)).collect();
    grids[2_499].1 = Some(square(0.0));
    let files = vec![collection(&grids)];
    let request = proto::ImportGridsRequest { files, ..proto::ImportGridsRequest::default() };
    let done = one.grids().import_grids(by("administrator", "", request)).await.unwrap().into_inner();
    assert_eq!(done.reports[0].created, 2_500);
    assert_eq!(one.code_at(119.505, "").await, codes[2_499]);
    other.sees(&codes[2_499], 119.505).await;
}
