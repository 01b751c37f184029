//! Grids over real gRPC, in process: reading, refusals, permissions, and places looked up.
#![cfg(test)]

mod changes;
mod places;
#[path = "../room/mod.rs"]
mod room;

use std::time::Duration;

use minqing_platform::client::Peer;
use minqing_platform::{json, status};
use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
use minqing_proto::registry::v1::grid_service_client::GridServiceClient;
use minqing_testkit::Database;
use serde_json::{Value, json};
use tokio_util::sync::DropGuard;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use room::{Room, by};

/// A registry on a database, and the way to it.
struct Suite {
    peer: Peer,
    _stop: DropGuard,
}

impl Suite {
    async fn open(database: &Database) -> Self {
        let Room { peer, stop, .. } = room::open(database).await;
        Self { peer, _stop: stop }
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

fn part(code: &str, boundary: Option<Value>) -> proto::NewGrid {
    let proto::Grid { code, display_name, boundary, .. } = grid(code, boundary);
    proto::NewGrid { code, display_name, boundary }
}

fn collection(grids: &[(&str, Option<Value>)]) -> proto::GridFile {
    let feature = |(code, geometry): &(&str, Option<Value>)| json!({"type": "Feature", "properties": {"code": code, "name": "网格"}, "geometry": geometry});
    let features: Vec<Value> = grids.iter().map(feature).collect();
    let content = json!({"type": "FeatureCollection", "features": features}).to_string();
    proto::GridFile { file_name: "网格.geojson".to_owned(), content: content.into_bytes() }
}
