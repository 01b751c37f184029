//! Grids created, changed, imported and listed, and who may do so.

use minqing_proto::registry::v1 as proto;
use minqing_testkit::{Database, on_both_databases};
use serde_json::{Value, json};
use tonic::Code;
use tonic_types::StatusExt as _;

use super::{Suite, by, collection, fields, grid, part, reason, square};

on_both_databases! {
    a_wrong_boundary_is_refused_with_its_place;
    every_wrong_field_is_named;
    an_overlap_is_refused_with_the_other_grid;
    an_update_changes_what_the_mask_names;
    a_grid_is_changed_only_by_administrators_of_its_area;
    files_are_imported_within_the_area_of_the_importer;
    a_file_with_faults_names_each_of_them;
    pages_hold_what_was_asked_for;
    a_request_sent_again_is_answered_as_before;
}

async fn a_wrong_boundary_is_refused_with_its_place(database: Database) {
    let suite = Suite::with_villages(&database).await;
    let bow = json!({"type": "Polygon", "coordinates":
        [[[119.5, 32.0], [119.51, 32.01], [119.51, 32.0], [119.5, 32.01], [119.5, 32.0]]]});
    let refused = suite.create("321181100201001", Some(bow)).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::InvalidArgument, "INVALID_BOUNDARY".to_owned()));
    assert_eq!(fields(&refused), ["grid.boundary.coordinates[0][0]"]);
    assert!(refused.message().contains("longitude 119.505"), "{}", refused.message());
    let open = json!({"type": "Polygon", "coordinates":
        [[[119.5, 32.0], [119.51, 32.0], [119.51, 32.01], [119.5, 32.01]]]});
    let refused = suite.create("321181100201001", Some(open)).await.unwrap_err();
    assert_eq!(fields(&refused), ["grid.boundary.coordinates[0][3]"]);
    let point = json!({"type": "Point", "coordinates": [119.5, 32.0]});
    let refused = suite.create("321181100201001", Some(point)).await.unwrap_err();
    assert_eq!(fields(&refused), ["grid.boundary"]);
    let request = proto::GetGridRequest { name: "grids/321181100201001".to_owned() };
    let missing = suite.grids().get_grid(request).await.unwrap_err();
    assert_eq!(reason(&missing), (Code::NotFound, "NOT_FOUND".to_owned()));
}

async fn every_wrong_field_is_named(database: Database) {
    let suite = Suite::with_villages(&database).await;
    let village = suite.create("321181100201", None).await.unwrap_err();
    assert_eq!(
        (reason(&village).1.as_str(), fields(&village)),
        ("CODE_LENGTH", vec!["grid.code".to_owned()])
    );
    let nameless = proto::Grid {
        display_name: String::new(),
        ..grid("321181100201001", Some(json!({"type": "Polygon", "coordinates": []})))
    };
    let refused = suite.create_by("administrator", "", nameless).await.unwrap_err();
    assert_eq!(fields(&refused), ["grid.display_name", "grid.boundary"]);
    let split = proto::SplitGridRequest {
        name: "grids/321181100201001".to_owned(),
        successors: vec![part("321181100201002", None), part("3211811002", None)],
        ..proto::SplitGridRequest::default()
    };
    let refused = suite.grids().split_grid(by("administrator", "", split)).await.unwrap_err();
    assert_eq!(fields(&refused), ["successors[1].code"]);
    let lonely = proto::MergeGridsRequest {
        names: vec!["grids/321181100201001".to_owned()],
        ..proto::MergeGridsRequest::default()
    };
    let refused = suite.grids().merge_grids(by("administrator", "", lonely)).await.unwrap_err();
    assert_eq!(fields(&refused), ["names"]);
    let request = proto::GetGridRequest { name: "divisions/321181100201001".to_owned() };
    assert_eq!(fields(&suite.grids().get_grid(request).await.unwrap_err()), ["name"]);
}

async fn an_overlap_is_refused_with_the_other_grid(database: Database) {
    let suite = Suite::with_villages(&database).await;
    suite.create("321181100201001", Some(square(0.0))).await.unwrap();
    let refused = suite.create("321181100202001", Some(square(0.5))).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::FailedPrecondition, "GRID_OVERLAP".to_owned()));
    assert!(refused.message().contains("321181100201001"), "{}", refused.message());
    assert_eq!(suite.code_at(119.512, "").await, "");
}

async fn an_update_changes_what_the_mask_names(database: Database) {
    let suite = Suite::with_villages(&database).await;
    let made = suite.create("321181100201001", Some(square(0.0))).await.unwrap();
    let update = |grid: proto::Grid, paths: &[&str]| {
        let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
        let update_mask = (!paths.is_empty()).then_some(prost_types::FieldMask { paths });
        let request = proto::UpdateGridRequest { grid: Some(grid), update_mask, request_id: String::new() };
        let mut grids = suite.grids();
        async move { grids.update_grid(by("administrator", "", request)).await.map(tonic::Response::into_inner) }
    };
    let named = proto::Grid { display_name: "新名".to_owned(), boundary: None, ..made.clone() };
    let renamed = update(named.clone(), &["display_name"]).await.unwrap();
    assert_eq!((renamed.display_name.as_str(), &renamed.boundary), ("新名", &made.boundary));
    let stale = update(named.clone(), &["display_name"]).await.unwrap_err();
    assert_eq!(reason(&stale), (Code::Aborted, "ETAG_MISMATCH".to_owned()));
    let unmasked = proto::Grid { display_name: "又名".to_owned(), etag: String::new(), ..named.clone() };
    let kept = update(unmasked.clone(), &[]).await.unwrap();
    assert_eq!((kept.display_name.as_str(), &kept.boundary), ("又名", &made.boundary));
    let erased = update(unmasked.clone(), &["boundary"]).await.unwrap();
    assert_eq!((erased.boundary, erased.area_m2), (None, 0.0));
    assert_eq!(suite.code_at(119.505, "").await, "");
    let code = update(unmasked, &["code"]).await.unwrap_err();
    assert_eq!(reason(&code), (Code::InvalidArgument, "INVALID_MASK".to_owned()));
}

async fn a_grid_is_changed_only_by_administrators_of_its_area(database: Database) {
    let suite = Suite::with_villages(&database).await;
    let new = || grid("321181100201001", None);
    let request = proto::CreateGridRequest { grid: Some(new()), request_id: String::new() };
    let anonymous = suite.grids().create_grid(request).await.unwrap_err();
    assert_eq!(reason(&anonymous), (Code::Unauthenticated, "SIGN_IN_NEEDED".to_owned()));
    for (role, division) in [("grid_lead", ""), ("administrator", "321181101"), ("system_account", "")] {
        let refused = suite.create_by(role, division, new()).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::PermissionDenied, "NOT_PERMITTED".to_owned()), "{role}");
    }
    suite.create_by("administrator", "321181100", new()).await.unwrap();
    let end = proto::EndGridRequest { name: "grids/321181100201001".to_owned(), ..Default::default() };
    let refused = suite.grids().end_grid(by("administrator", "321181100202", end)).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    // A merge needs every one of its grids, and the new one, within reach.
    let merge = proto::MergeGridsRequest {
        names: vec!["grids/321181100201001".to_owned(), "grids/321181100202001".to_owned()],
        successor: Some(part("321181100201002", None)),
        ..proto::MergeGridsRequest::default()
    };
    let refused = suite.grids().merge_grids(by("administrator", "321181100201", merge)).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}

async fn files_are_imported_within_the_area_of_the_importer(database: Database) {
    let suite = Suite::with_villages(&database).await;
    let import = |role: &str, division: &str, validate_only| {
        let files = vec![
            collection(&[("321181100201001", Some(square(0.0)))]),
            collection(&[("321181100202001", Some(square(1.0)))]),
        ];
        let request = proto::ImportGridsRequest { files, validate_only, effective_from: String::new() };
        let (mut grids, request) = (suite.grids(), by(role, division, request));
        async move { grids.import_grids(request).await.map(tonic::Response::into_inner) }
    };
    for (role, division) in [("administrator", "321181100201"), ("information_officer", "")] {
        let refused = import(role, division, false).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{role}");
    }
    let checked = import("administrator", "321181100", true).await.unwrap();
    assert_eq!(checked.reports[0].created, 1);
    assert_eq!(suite.code_at(119.505, "").await, "");
    let done = import("administrator", "321181100", false).await.unwrap();
    assert_eq!(done.reports.iter().map(|report| report.created).collect::<Vec<_>>(), [1, 1]);
    assert_eq!(suite.code_at(119.505, "").await, "321181100201001");
    assert_eq!(suite.code_at(119.515, "").await, "321181100202001");
    let again = import("system_account", "", false).await.unwrap();
    assert_eq!(again.reports.iter().map(|report| report.unchanged).collect::<Vec<_>>(), [1, 1]);
}

async fn a_file_with_faults_names_each_of_them(database: Database) {
    let suite = Suite::with_villages(&database).await;
    let open = json!({"type": "Polygon", "coordinates":
        [[[119.5, 32.0], [119.51, 32.0], [119.51, 32.01], [119.5, 32.01]]]});
    let wrong = collection(&[
        ("321181100201001", Some(square(0.0))),
        ("321181100201002", Some(open)),
        ("321181100201001", None),
    ]);
    let good = collection(&[("321181100201009", None)]);
    let import = |files: Vec<proto::GridFile>| {
        let request = proto::ImportGridsRequest { files, ..proto::ImportGridsRequest::default() };
        let mut grids = suite.grids();
        async move { grids.import_grids(by("administrator", "", request)).await.unwrap_err() }
    };
    let refused = import(vec![good.clone(), wrong]).await;
    assert_eq!(reason(&refused), (Code::InvalidArgument, "FILE_FEATURES_INVALID".to_owned()));
    let told = refused.get_details_bad_request().unwrap().field_violations;
    assert_eq!(told.iter().map(|fault| fault.field.as_str()).collect::<Vec<_>>(), ["files[1].content"; 2]);
    assert!(told[0].description.contains("网格.geojson, features[1].geometry.coordinates[0][3]"), "{told:?}");
    assert!(told[1].description.contains("features[2].properties.code"), "{told:?}");
    let mut cut = good.clone();
    cut.content.truncate(40);
    let refused = import(vec![cut]).await;
    assert_eq!(reason(&refused).1, "FILE_MALFORMED");
    assert!(refused.message().contains("line 1, column"), "{}", refused.message());
    let request = proto::GetGridRequest { name: "grids/321181100201009".to_owned() };
    assert_eq!(suite.grids().get_grid(request).await.unwrap_err().code(), Code::NotFound);
}

async fn pages_hold_what_was_asked_for(database: Database) {
    let suite = Suite::with_villages(&database).await;
    for number in 0..5_u32 {
        suite.create(&format!("32118110020100{number}"), Some(square(f64::from(number)))).await.unwrap();
    }
    let list = |view: proto::GridView, page_token: String| {
        let request = proto::ListGridsRequest {
            division: "divisions/321181".to_owned(),
            view: view.into(),
            page_size: 2,
            page_token,
            ..proto::ListGridsRequest::default()
        };
        let mut grids = suite.grids();
        async move { grids.list_grids(request).await.map(tonic::Response::into_inner) }
    };
    let first = list(proto::GridView::Full, String::new()).await.unwrap();
    assert!(first.grids.len() == 2 && first.grids.iter().all(|grid| grid.boundary.is_some()));
    let second = list(proto::GridView::Full, first.next_page_token.clone()).await.unwrap();
    assert_eq!(second.grids[0].code, "321181100201002");
    let last = list(proto::GridView::Full, second.next_page_token).await.unwrap();
    assert_eq!((last.grids.len(), last.next_page_token.as_str()), (1, ""));
    let basic = list(proto::GridView::Basic, String::new()).await.unwrap();
    assert!(basic.grids.iter().all(|grid| grid.boundary.is_none() && grid.area_m2 > 0.0));
    let strange = list(proto::GridView::Basic, first.next_page_token).await.unwrap_err();
    assert_eq!(reason(&strange), (Code::InvalidArgument, "INVALID_PAGE_TOKEN".to_owned()));
}

async fn a_request_sent_again_is_answered_as_before(database: Database) {
    let suite = Suite::with_villages(&database).await;
    let create = |boundary: Value| {
        let request = proto::CreateGridRequest {
            grid: Some(grid("321181100201001", Some(boundary))),
            request_id: "0198f0a0-0000-7000-8000-000000000001".to_owned(),
        };
        let mut grids = suite.grids();
        async move { grids.create_grid(by("administrator", "", request)).await.map(tonic::Response::into_inner) }
    };
    let first = create(square(0.0)).await.unwrap();
    assert_eq!(create(square(0.0)).await.unwrap(), first);
    let other = create(square(1.0)).await.unwrap_err();
    assert_eq!(reason(&other), (Code::InvalidArgument, "REQUEST_ID_REUSED".to_owned()));
}
