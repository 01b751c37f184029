//! Cases beside a registry with two towns, each with a village and a grid, and who walks there.

use minqing_platform::client::Peer;
use minqing_platform::{json, status};
use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::case_service_client::CaseServiceClient;
use minqing_proto::cases::v1::observation_service_client::ObservationServiceClient;
use minqing_proto::registry::v1 as registry;
use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
use minqing_proto::registry::v1::grid_service_client::GridServiceClient;
use minqing_proto::registry::v1::organization_service_client::OrganizationServiceClient;
use minqing_testkit::Database;
use serde_json::json;
use tonic::{Request, Status};
use tonic_types::StatusExt as _;
use uuid::Uuid;

use crate::room::{self, Room, by};

/// The grid where people walk, its village and its town; and a grid of another town.
pub const GRID: &str = "321181100201001";
pub const VILLAGE: &str = "321181100201";
pub const TOWN: &str = "321181100";
pub const OTHER_GRID: &str = "321181101201001";

/// The service, and the registry beside it.
pub struct Suite {
    pub room: Room,
}

/// Who calls: their person, role, division and organization.
#[derive(Clone, Copy)]
pub struct Who(pub &'static str, pub &'static str, pub &'static str, pub &'static str);

/// An information officer of the village, and another one; its grid lead and a cadre.
pub const OFFICER: Who = Who("people/officer", "information_officer", VILLAGE, "organizations/village");
pub const COLLEAGUE: Who = Who("people/colleague", "information_officer", VILLAGE, "organizations/village");
pub const LEAD: Who = Who("people/lead", "grid_lead", GRID, "organizations/village");
pub const CADRE: Who = Who("people/cadre", "cadre", VILLAGE, "organizations/village");
/// An officer of the other town, and the centre.
pub const STRANGER: Who = Who("people/stranger", "information_officer", "321181101", "organizations/other");
pub const DISPATCHER: Who =
    Who("people/dispatcher", "dispatcher", "321181", "organizations/supervision-centre");

impl Who {
    pub fn asks<T>(self, message: T) -> Request<T> {
        let Self(person, role, division, organization) = self;
        let mut request = by(role, division, message);
        request.metadata_mut().insert("person", person.parse().unwrap());
        request.metadata_mut().insert("organization", organization.parse().unwrap());
        request
    }
}

impl Suite {
    pub async fn open(database: &Database) -> Self {
        let suite = Self { room: room::open(database).await };
        let mut divisions = DivisionServiceClient::new(suite.room.registry.clone());
        for code in [
            "32",
            "3211",
            "321181",
            "321182",
            TOWN,
            VILLAGE,
            "321181101",
            "321181101201",
            "321182100",
            "321182100201",
        ] {
            let division = registry::Division {
                code: code.to_owned(),
                display_name: format!("区划{code}"),
                effective_from: "2026-01-01".to_owned(),
                ..Default::default()
            };
            let request = registry::CreateDivisionRequest { division: Some(division), ..Default::default() };
            divisions.create_division(by("administrator", "", request)).await.unwrap();
        }
        suite.grid(GRID, 119.50).await;
        suite.grid(OTHER_GRID, 119.60).await;
        suite.grid("321182100201001", 119.70).await;
        let organization = registry::Organization {
            display_name: "前巷村".to_owned(),
            kind: registry::OrganizationKind::Department.into(),
            division_code: VILLAGE.to_owned(),
            effective_from: "2026-01-01".to_owned(),
            ..Default::default()
        };
        let request = registry::CreateOrganizationRequest {
            organization: Some(organization),
            organization_id: "village".to_owned(),
            ..Default::default()
        };
        let mut organizations = OrganizationServiceClient::new(suite.room.registry.clone());
        organizations.create_organization(by("administrator", "", request)).await.unwrap();
        suite
    }

    /// A grid of two hundredths of a degree, from a longitude on.
    async fn grid(&self, code: &str, west: f64) {
        let (east, south, north) = (west + 0.02, 31.95, 31.97);
        let ring = json!([[west, south], [east, south], [east, north], [west, north], [west, south]]);
        let grid = registry::Grid {
            code: code.to_owned(),
            display_name: "第一网格".to_owned(),
            effective_from: "2026-01-01".to_owned(),
            boundary: json::to_struct(json!({"type": "Polygon", "coordinates": [ring]})),
            ..Default::default()
        };
        let request = registry::CreateGridRequest { grid: Some(grid), ..Default::default() };
        let mut grids = GridServiceClient::new(self.room.registry.clone());
        grids.create_grid(by("administrator", "", request)).await.unwrap();
    }

    pub fn client(&self) -> ObservationServiceClient<Peer> {
        ObservationServiceClient::new(self.room.peer.clone())
    }

    pub fn cases(&self) -> CaseServiceClient<Peer> {
        CaseServiceClient::new(self.room.peer.clone())
    }

    pub async fn send(
        &self,
        who: Who,
        observations: Vec<proto::Observation>,
    ) -> Result<proto::BatchCreateObservationsResponse, Status> {
        let request = who.asks(proto::BatchCreateObservationsRequest { observations });
        Ok(self.client().batch_create_observations(request).await?.into_inner())
    }

    /// Sends one that is good; gives its name.
    pub async fn sent(&self, who: Who, observation: proto::Observation) -> String {
        let name = observation.name.clone();
        let answer = self.send(who, vec![observation]).await.unwrap();
        assert_eq!(answer.created, 1, "{answer:?}");
        name
    }

    pub async fn get(&self, who: Who, name: &str) -> Result<proto::Observation, Status> {
        let request = who.asks(proto::GetObservationRequest { name: name.to_owned() });
        Ok(self.client().get_observation(request).await?.into_inner())
    }

    /// The names of those that somebody finds.
    pub async fn list(&self, who: Who, request: proto::ListObservationsRequest) -> Vec<String> {
        let answer = self.client().list_observations(who.asks(request)).await.unwrap().into_inner();
        answer.observations.into_iter().map(|one| one.name).collect()
    }

    pub async fn classify(
        &self,
        who: Who,
        name: &str,
        class: proto::ObservationClass,
        needs_action: Option<bool>,
    ) -> Result<proto::Observation, Status> {
        let request = proto::ClassifyObservationRequest {
            name: name.to_owned(),
            class: class.into(),
            needs_action,
            ..Default::default()
        };
        Ok(self.client().classify_observation(who.asks(request)).await?.into_inner())
    }

    pub async fn archive(&self, who: Who, name: &str, class: i32) -> Result<proto::Observation, Status> {
        let request = proto::ArchiveObservationRequest { name: name.to_owned(), class, ..Default::default() };
        Ok(self.client().archive_observation(who.asks(request)).await?.into_inner())
    }

    pub async fn raise(
        &self,
        who: Who,
        request: proto::RaiseCaseRequest,
    ) -> Result<proto::RaiseCaseResponse, Status> {
        Ok(self.client().raise_case(who.asks(request)).await?.into_inner())
    }

    /// An instant so many minutes from now.
    pub fn minutes(&self, minutes: i64) -> Option<prost_types::Timestamp> {
        let seconds = self.room.clock_now().timestamp() + 60 * minutes;
        Some(prost_types::Timestamp { seconds, nanos: 0 })
    }

    /// What an officer saw on a visit just now, new each time.
    pub fn visit(&self) -> proto::Observation {
        proto::Observation {
            name: format!("observations/{}", Uuid::new_v4()),
            kind: proto::ObservationKind::Visit.into(),
            observe_time: self.minutes(-10),
            grid: format!("grids/{GRID}"),
            title: "王大爷家屋顶漏雨 🏠".to_owned(),
            content: "雨天漏水\n需要帮助 𠮷".to_owned(),
            household: "households/wang".to_owned(),
            ..Default::default()
        }
    }
}

/// Asks for a case of a type.
pub fn raising(name: &str, kind: proto::CaseType) -> proto::RaiseCaseRequest {
    let case = proto::Case { r#type: kind.into(), ..Default::default() };
    proto::RaiseCaseRequest { name: name.to_owned(), case: Some(case), ..Default::default() }
}

/// The stable reason of a refusal.
#[track_caller]
pub fn refused<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    let refusal = answer.unwrap_err();
    status::reason(&refusal).unwrap_or_else(|| panic!("no reason: {refusal:?}"))
}

/// The fields that a refusal names.
#[track_caller]
pub fn fields<T: std::fmt::Debug>(answer: Result<T, Status>) -> Vec<String> {
    let details = answer.unwrap_err().get_details_bad_request().unwrap();
    details.field_violations.into_iter().map(|violation| violation.field).collect()
}
