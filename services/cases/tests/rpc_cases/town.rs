//! A town with a supervision centre and a few units, and those who call.

use minqing_platform::client::Peer;
use minqing_platform::status;
use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::assignment_service_client::AssignmentServiceClient;
use minqing_proto::cases::v1::case_service_client::CaseServiceClient;
use minqing_proto::registry::v1 as registry;
use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
use minqing_proto::registry::v1::grid_service_client::GridServiceClient;
use minqing_proto::registry::v1::organization_service_client::OrganizationServiceClient;
use minqing_testkit::Database;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use crate::room::{self, Room};

pub const WATER: &str = "organizations/water";
pub const ROADS: &str = "organizations/roads";
pub const PARKS: &str = "organizations/parks";
pub const CENTRE: &str = "organizations/supervision-centre";
/// A unit that was dissolved.
pub const GONE: &str = "organizations/gone";
pub const VILLAGE: &str = "321181100201";
pub const GRID: &str = "321181100201001";
/// A place in the grid, WGS-84.
pub const PLACE: (f64, f64) = (32.005, 119.505);

/// A request of somebody.
pub fn of<T>(role: &str, organization: &str, person: &str, message: T) -> Request<T> {
    let mut request = room::by(role, "", message);
    for (name, value) in [("organization", organization), ("person", person)] {
        if !value.is_empty() {
            request.metadata_mut().insert(name, value.parse().unwrap());
        }
    }
    request
}

/// Who dispatches at the centre.
pub fn clerk<T>(message: T) -> Request<T> {
    of("dispatcher", CENTRE, "people/clerk", message)
}

/// Who decides at the centre.
pub fn chief<T>(message: T) -> Request<T> {
    of("supervisor", CENTRE, "people/chief", message)
}

/// Who works for a unit.
pub fn worker<T>(unit: &str, message: T) -> Request<T> {
    let person = unit.replace("organizations/", "people/of-");
    of("window_clerk", unit, &person, message)
}

/// Somebody who is signed in.
pub fn citizen<T>(message: T) -> Request<T> {
    of("citizen", "", "people/raiser", message)
}

/// A lamp that does not shine, as it is reported on the web.
pub fn lamp() -> proto::Case {
    proto::Case {
        r#type: proto::CaseType::Help.into(),
        door: proto::Door::Web.into(),
        title: "村口路灯不亮".into(),
        content: "已经三天了".into(),
        area: format!("divisions/{VILLAGE}"),
        reporter: Some(proto::Reporter {
            display_name: "王小明".into(),
            phone: "138 1234-5678".into(),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// A complaint about a unit.
pub fn complaint(unit: &str) -> proto::Case {
    proto::Case { r#type: proto::CaseType::Complaint.into(), against: vec![unit.into()], ..lamp() }
}

/// A unit that leads.
pub fn lead(unit: &str) -> proto::Unit {
    proto::Unit { organization: unit.into(), ..Default::default() }
}

/// A unit that joins.
pub fn joint(unit: &str) -> proto::Unit {
    proto::Unit { joint: true, ..lead(unit) }
}

/// A case and the secret by which it is followed.
#[derive(Debug, Clone, PartialEq)]
pub struct Raised {
    pub name: String,
    pub secret: String,
}

impl Raised {
    /// A unit's part in it.
    pub fn part(&self, id: u32) -> String {
        format!("{}/assignments/{id}", self.name)
    }
}

/// See the module.
pub struct Town {
    pub room: Room,
}

impl Town {
    pub async fn open(database: &Database) -> Self {
        let town = Self { room: room::open(database).await };
        town.divisions().await;
        town.grid().await;
        for id in ["water", "roads", "parks", "supervision-centre", "gone"] {
            town.organization(id).await;
        }
        let gone = registry::EndOrganizationRequest {
            name: GONE.into(),
            effective_to: "2026-02-01".into(),
            ..Default::default()
        };
        let mut organizations = OrganizationServiceClient::new(town.room.registry.clone());
        organizations.end_organization(room::by("administrator", "", gone)).await.unwrap();
        town
    }

    async fn divisions(&self) {
        let mut divisions = DivisionServiceClient::new(self.room.registry.clone());
        for code in ["32", "3211", "321181", "321181100", VILLAGE, "321181100202", "3212", "321282"] {
            let division = registry::Division {
                code: code.into(),
                display_name: code.into(),
                effective_from: "2026-01-01".into(),
                ..Default::default()
            };
            let request = registry::CreateDivisionRequest { division: Some(division), ..Default::default() };
            divisions.create_division(room::by("administrator", "", request)).await.unwrap();
        }
        let ended = registry::EndDivisionRequest {
            name: "divisions/321181100202".into(),
            effective_to: "2026-02-01".into(),
            ..Default::default()
        };
        divisions.end_division(room::by("administrator", "", ended)).await.unwrap();
    }

    async fn grid(&self) {
        let square = "[[[119.5,32.0],[119.51,32.0],[119.51,32.01],[119.5,32.01],[119.5,32.0]]]";
        let feature = format!(
            r#"{{"type":"Feature","properties":{{"code":"{GRID}","name":"一"}},
                "geometry":{{"type":"Polygon","coordinates":{square}}}}}"#
        );
        let content = format!(r#"{{"type":"FeatureCollection","features":[{feature}]}}"#).into_bytes();
        let file = registry::GridFile { file_name: "g.geojson".into(), content };
        let request = registry::ImportGridsRequest {
            files: vec![file],
            effective_from: "2026-01-01".into(),
            ..Default::default()
        };
        let mut grids = GridServiceClient::new(self.room.registry.clone());
        grids.import_grids(room::by("administrator", "", request)).await.unwrap();
    }

    async fn organization(&self, id: &str) {
        let organization = registry::Organization {
            display_name: id.into(),
            kind: registry::OrganizationKind::Department.into(),
            division_code: "321181".into(),
            effective_from: "2026-01-01".into(),
            ..Default::default()
        };
        let request = registry::CreateOrganizationRequest {
            organization: Some(organization),
            organization_id: id.into(),
            ..Default::default()
        };
        let mut organizations = OrganizationServiceClient::new(self.room.registry.clone());
        organizations.create_organization(room::by("administrator", "", request)).await.unwrap();
    }

    pub fn cases(&self) -> CaseServiceClient<Peer> {
        CaseServiceClient::new(self.room.peer.clone())
    }

    pub fn assignments(&self) -> AssignmentServiceClient<Peer> {
        AssignmentServiceClient::new(self.room.peer.clone())
    }

    /// Goes on at another time: `2026-03-04T01:00:00Z`.
    pub fn at(&self, instant: &str) {
        self.room.clock.set(instant.parse().unwrap());
    }

    pub async fn submit(&self, request: Request<proto::SubmitCaseRequest>) -> Result<Raised, Status> {
        let answer = self.cases().submit_case(request).await?.into_inner();
        Ok(Raised { name: answer.case.unwrap().name, secret: answer.secret })
    }

    /// A case that nobody who is signed in raises.
    pub async fn raise(&self, case: proto::Case) -> Raised {
        self.submit(Request::new(submit(case))).await.unwrap()
    }

    pub async fn accept(&self, name: &str) -> proto::Case {
        let request = proto::AcceptCaseRequest { name: name.into(), ..Default::default() };
        self.cases().accept_case(clerk(request)).await.unwrap().into_inner()
    }

    pub async fn dispatch(&self, name: &str, units: &[proto::Unit]) -> Result<proto::Case, Status> {
        let request =
            proto::DispatchCaseRequest { name: name.into(), units: units.into(), ..Default::default() };
        Ok(self.cases().dispatch_case(clerk(request)).await?.into_inner())
    }

    /// A case that is with a unit, in part 1.
    pub async fn dispatched(&self, case: proto::Case, unit: &str) -> Raised {
        let raised = self.raise(case).await;
        self.accept(&raised.name).await;
        self.dispatch(&raised.name, &[lead(unit)]).await.unwrap();
        raised
    }

    pub async fn sign(&self, unit: &str, part: &str) -> Result<proto::Assignment, Status> {
        let request = proto::SignAssignmentRequest { name: part.into(), ..Default::default() };
        Ok(self.assignments().sign_assignment(worker(unit, request)).await?.into_inner())
    }

    pub async fn resolve(&self, unit: &str, part: &str, text: &str) -> Result<proto::Assignment, Status> {
        let request =
            proto::ResolveAssignmentRequest { name: part.into(), text: text.into(), ..Default::default() };
        Ok(self.assignments().resolve_assignment(worker(unit, request)).await?.into_inner())
    }

    pub async fn give_back(&self, unit: &str, part: &str) -> Result<proto::Assignment, Status> {
        let request = proto::ReturnAssignmentRequest {
            name: part.into(),
            reason: proto::ReturnReason::NotOurs.into(),
            note: "不属于本单位".into(),
            ..Default::default()
        };
        Ok(self.assignments().return_assignment(worker(unit, request)).await?.into_inner())
    }

    pub async fn call_back(&self, name: &str, solved: bool) -> Result<proto::Case, Status> {
        let request = proto::RecordCallbackRequest {
            name: name.into(),
            reached: true,
            solved: Some(solved),
            satisfaction: proto::Satisfaction::Satisfied.into(),
            ..Default::default()
        };
        Ok(self.cases().record_callback(clerk(request)).await?.into_inner())
    }

    pub async fn close(&self, name: &str) -> Result<proto::Case, Status> {
        let request = proto::CloseCaseRequest { name: name.into(), ..Default::default() };
        Ok(self.cases().close_case(clerk(request)).await?.into_inner())
    }

    /// What whoever raised it sees.
    pub async fn track(&self, raised: &Raised) -> proto::TrackedCase {
        let request = proto::TrackCaseRequest { name: raised.name.clone(), secret: raised.secret.clone() };
        self.cases().track_case(request).await.unwrap().into_inner()
    }

    /// What the centre sees.
    pub async fn get(&self, name: &str) -> proto::Case {
        let request = proto::GetCaseRequest { name: name.into() };
        self.cases().get_case(clerk(request)).await.unwrap().into_inner()
    }

    /// What a unit sees of a case.
    pub async fn seen_by(&self, unit: &str, name: &str) -> Result<proto::Case, Status> {
        let request = proto::GetCaseRequest { name: name.into() };
        Ok(self.cases().get_case(worker(unit, request)).await?.into_inner())
    }
}

pub fn submit(case: proto::Case) -> proto::SubmitCaseRequest {
    proto::SubmitCaseRequest { case: Some(case), ..Default::default() }
}

/// The code and the stable reason of a refusal.
#[track_caller]
pub fn refused<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String) {
    let refusal = answer.unwrap_err();
    let reason = status::reason(&refusal).unwrap_or_else(|| panic!("no reason: {refusal:?}"));
    (refusal.code(), reason)
}

/// The stable reason of a refusal.
#[track_caller]
pub fn reason<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    refused(answer).1
}

/// The fields that a refusal names.
#[track_caller]
pub fn fields<T: std::fmt::Debug>(answer: Result<T, Status>) -> Vec<String> {
    let refusal = answer.unwrap_err();
    let details = refusal.get_details_bad_request().unwrap_or_else(|| panic!("no fields: {refusal:?}"));
    details.field_violations.into_iter().map(|violation| violation.field).collect()
}
