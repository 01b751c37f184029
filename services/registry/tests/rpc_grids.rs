//! Grids over real gRPC, in process: reading, refusals, permissions, and places looked up.
#![cfg(test)]

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use minqing_platform::client::{Peer, in_process};
use minqing_platform::clock::Manual;
use minqing_platform::config::Secret;
use minqing_platform::identity::{Appointment, Caller, Role};
use minqing_platform::{db, json, seal, server, status};
use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
use minqing_proto::registry::v1::grid_service_client::GridServiceClient;
use minqing_registry::{Dependencies, Registry, SERVICES};
use minqing_testkit::{Database, on_both_databases};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

on_both_databases! {
    a_grid_that_was_created_is_found_by_a_place_in_it;
    a_place_is_told_in_the_datum_of_the_caller;
    a_place_that_is_wrong_or_in_no_grid_is_refused;
    a_change_is_seen_by_whoever_made_it;
    a_split_and_a_merge_are_seen_on_their_days;
    a_change_by_another_process_is_seen_soon;
    a_large_import_is_seen_at_once_here_and_soon_elsewhere;
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

/// Believes the headers `role` and `division`: identity itself is tested in the platform.
struct Headers;

#[async_trait::async_trait]
impl server::Authenticate for Headers {
    type Caller = Caller;

    async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Status> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let Some(role) = text("role") else { return Ok(Caller::anonymous()) };
        let role: Role = serde_json::from_value(json!(role)).unwrap();
        let division = text("division").unwrap_or_default().to_owned();
        let appointments = vec![Appointment { role, organization: None, division }];
        Ok(Caller { issuer: "test".into(), subject: "somebody".into(), person: None, appointments })
    }
}

/// A registry on a database, and the way to it.
struct Suite {
    peer: Peer,
    stop: CancellationToken,
}

impl Drop for Suite {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Suite {
    async fn open(database: &Database) -> Self {
        let url = Secret::new(database.url().to_owned());
        let stop = CancellationToken::new();
        let dependencies = Dependencies {
            database: db::Database::connect(&db::Options { url, ..db::Options::default() }).await.unwrap(),
            // 2026-03-01 in China.
            clock: Arc::new(Manual::at(chrono::DateTime::from_timestamp(1_772_330_400, 0).unwrap())),
            keyring: Arc::new(seal::Keyring::from_secret(&[7; 32])),
            stop: stop.clone(),
        };
        let registry = Registry::open(dependencies).await.unwrap();
        let options = server::Options::default();
        let mut routes = RoutesBuilder::default();
        registry.mount(&mut routes, &options);
        let assembled = server::assemble(routes, SERVICES, Headers, &options).await.unwrap();
        Self { peer: in_process(assembled.peer), stop }
    }

    /// With a town and two villages, in force since 2026-01-01.
    async fn with_villages(database: &Database) -> Self {
        let suite = Self::open(database).await;
        for code in ["32", "3211", "321181", "321181100", "321181100201", "321181100202"] {
            suite.division(code).await;
        }
        suite
    }

    /// Creates a division.
    async fn division(&self, code: &str) {
        let division = proto::Division {
            code: code.to_owned(),
            display_name: format!("区划{code}"),
            effective_from: "2026-01-01".to_owned(),
            ..proto::Division::default()
        };
        let request = proto::CreateDivisionRequest { division: Some(division), request_id: String::new() };
        let mut divisions = DivisionServiceClient::new(self.peer.clone());
        divisions.create_division(by("administrator", "", request)).await.unwrap();
    }

    /// Waits until a place is found in a grid. On PostgreSQL the feed also waits for transactions of tests beside this.
    async fn sees(&self, code: &str, longitude: f64) {
        for _ in 0..300 {
            if self.code_at(longitude, "").await == code {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{code} is not seen after 15 s");
    }

    fn grids(&self) -> GridServiceClient<Peer> {
        GridServiceClient::new(self.peer.clone())
    }

    async fn create(&self, code: &str, boundary: Option<Value>) -> Result<proto::Grid, Status> {
        self.create_by("administrator", "", grid(code, boundary)).await
    }

    async fn create_by(&self, role: &str, division: &str, grid: proto::Grid) -> Result<proto::Grid, Status> {
        let request = proto::CreateGridRequest { grid: Some(grid), request_id: String::new() };
        Ok(self.grids().create_grid(by(role, division, request)).await?.into_inner())
    }

    async fn locate(
        &self,
        latitude: f64,
        longitude: f64,
        on: &str,
    ) -> Result<proto::LocateGridResponse, Status> {
        let request = proto::LocateGridRequest {
            latitude: Some(latitude),
            longitude: Some(longitude),
            datum: proto::Datum::Wgs84.into(),
            effective_on: on.to_owned(),
        };
        Ok(self.grids().locate_grid(request).await?.into_inner())
    }

    /// The code of the grid that holds a place; empty for none.
    async fn code_at(&self, longitude: f64, on: &str) -> String {
        match self.locate(32.005, longitude, on).await {
            Ok(found) => found.grid.unwrap().code,
            Err(refused) => {
                assert_eq!(reason(&refused), (Code::NotFound, "PLACE_NOT_IN_A_GRID".to_owned()));
                String::new()
            }
        }
    }
}

fn by<T>(role: &str, division: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("role", role.parse().unwrap());
    request.metadata_mut().insert("division", division.parse().unwrap());
    request
}

fn grid(code: &str, boundary: Option<Value>) -> proto::Grid {
    proto::Grid {
        code: code.to_owned(),
        display_name: format!("网格{code}"),
        boundary: boundary.and_then(json::to_struct),
        ..proto::Grid::default()
    }
}

/// A square of 0.01 degrees, so many squares east of a corner.
fn square(east: f64) -> Value {
    let (west, east) = (119.5 + east * 0.01, 119.51 + east * 0.01);
    let ring = [[west, 32.0], [east, 32.0], [east, 32.01], [west, 32.01], [west, 32.0]];
    json!({"type": "Polygon", "coordinates": [ring]})
}

fn reason(refused: &Status) -> (Code, String) {
    (refused.code(), status::reason(refused).unwrap_or_default())
}

/// The fields that a refusal names.
fn fields(refused: &Status) -> Vec<String> {
    let violations = refused.get_details_bad_request().map(|bad| bad.field_violations);
    violations.into_iter().flatten().map(|violation| violation.field).collect()
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

fn part(code: &str, boundary: Option<Value>) -> proto::NewGrid {
    let proto::Grid { code, display_name, boundary, .. } = grid(code, boundary);
    proto::NewGrid { code, display_name, boundary }
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

fn collection(grids: &[(&str, Option<Value>)]) -> proto::GridFile {
    let feature = |(code, geometry): &(&str, Option<Value>)| json!({"type": "Feature", "properties": {"code": code, "name": "网格"}, "geometry": geometry});
    let features: Vec<Value> = grids.iter().map(feature).collect();
    let content = json!({"type": "FeatureCollection", "features": features}).to_string();
    proto::GridFile { file_name: "网格.geojson".to_owned(), content: content.into_bytes() }
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
