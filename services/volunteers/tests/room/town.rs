//! A town with a supervision centre and a volunteer corps, and cases that are dispatched to it.
#![allow(dead_code, reason = "each test program uses its own part of this")]

use std::time::Duration;

use minqing_platform::client::Peer;
use minqing_platform::status;
use minqing_proto::cases::v1 as cases;
use minqing_proto::cases::v1::case_service_client::CaseServiceClient;
use minqing_proto::registry::v1 as registry;
use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
use minqing_proto::registry::v1::organization_service_client::OrganizationServiceClient;
use minqing_proto::volunteers::v1 as proto;
use minqing_proto::volunteers::v1::need_service_client::NeedServiceClient;
use minqing_testkit::Database;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use crate::room::{self, Room, by, of};

pub const CENTRE: &str = "organizations/supervision-centre";
pub const TOWN: &str = "321181100";
pub const VILLAGE: &str = "321181100201";

/// See the module.
pub struct Town {
    pub room: Room,
}

impl Town {
    pub async fn open(database: &Database) -> Self {
        let town = Self { room: room::open(database).await };
        town.divisions().await;
        for (id, kind) in [
            ("supervision-centre", registry::OrganizationKind::Department),
            ("volunteer-corps", registry::OrganizationKind::VolunteerCorps),
        ] {
            town.organization(id, kind).await;
        }
        town
    }

    async fn divisions(&self) {
        let mut divisions = DivisionServiceClient::new(self.room.registry.clone());
        for code in ["32", "3211", "321181", TOWN, VILLAGE, "321181100202", "321181101"] {
            let division = registry::Division {
                code: code.into(),
                display_name: code.into(),
                effective_from: "2026-01-01".into(),
                ..Default::default()
            };
            let request = registry::CreateDivisionRequest { division: Some(division), ..Default::default() };
            divisions.create_division(by("administrator", "", request)).await.unwrap();
        }
    }

    async fn organization(&self, id: &str, kind: registry::OrganizationKind) {
        let organization = registry::Organization {
            display_name: id.into(),
            kind: kind.into(),
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
        organizations.create_organization(by("administrator", "", request)).await.unwrap();
    }

    pub fn cases(&self) -> CaseServiceClient<Peer> {
        CaseServiceClient::new(self.room.cases.clone())
    }

    pub fn needs(&self) -> NeedServiceClient<Peer> {
        NeedServiceClient::new(self.room.peer.clone())
    }

    /// A case of somebody who asks for help, dispatched to the corps; its name and its secret.
    pub async fn help_case(&self) -> (String, String) {
        let case = cases::Case {
            r#type: cases::CaseType::Help.into(),
            door: cases::Door::Web.into(),
            title: "独居老人需要陪同就医".into(),
            content: "每周二上午".into(),
            area: format!("divisions/{VILLAGE}"),
            ..Default::default()
        };
        let request = cases::SubmitCaseRequest { case: Some(case), ..Default::default() };
        let raised = self.cases().submit_case(request).await.unwrap().into_inner();
        let name = raised.case.unwrap().name;
        let request = cases::AcceptCaseRequest { name: name.clone(), ..Default::default() };
        self.cases().accept_case(of("dispatcher", CENTRE, request)).await.unwrap();
        let unit = cases::Unit { organization: room::CORPS.into(), ..Default::default() };
        let request =
            cases::DispatchCaseRequest { name: name.clone(), units: vec![unit], ..Default::default() };
        self.cases().dispatch_case(of("dispatcher", CENTRE, request)).await.unwrap();
        (name, raised.secret)
    }

    /// What whoever raised a case sees of it.
    pub async fn track(&self, (name, secret): &(String, String)) -> cases::TrackedCase {
        let request = cases::TrackCaseRequest { name: name.clone(), secret: secret.clone() };
        self.cases().track_case(request).await.unwrap().into_inner()
    }

    /// The needs that the corps sees.
    pub async fn listed(&self) -> Vec<proto::Need> {
        let request = proto::ListNeedsRequest::default();
        self.needs().list_needs(by("coordinator", "", request)).await.unwrap().into_inner().needs
    }

    /// The first need, as soon as there is one.
    pub async fn first_need(&self) -> proto::Need {
        until(|| async { self.listed().await.into_iter().next() }).await
    }
}

/// Waits until something is there; ten seconds at most.
pub async fn until<T, F: Future<Output = Option<T>>>(look: impl Fn() -> F) -> T {
    for _ in 0..200 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it was not there after ten seconds");
}

/// A need that a resident raises.
pub fn need() -> proto::Need {
    proto::Need {
        title: "陪同就医".into(),
        content: "每周二去医院".into(),
        area: format!("divisions/{VILLAGE}"),
        ..Default::default()
    }
}

/// A request to raise it.
pub fn create(need: proto::Need) -> proto::CreateNeedRequest {
    proto::CreateNeedRequest { need: Some(need), ..Default::default() }
}

/// Somebody of the corps in the town.
pub fn coordinator<T>(message: T) -> Request<T> {
    by("coordinator", TOWN, message)
}

/// The code and the stable reason of a refusal.
#[track_caller]
pub fn refused<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String) {
    let refusal = answer.unwrap_err();
    let reason = status::reason(&refusal).unwrap_or_else(|| panic!("no reason: {refusal:?}"));
    (refusal.code(), reason)
}

/// The fields that a refusal names.
#[track_caller]
pub fn fields<T: std::fmt::Debug>(answer: Result<T, Status>) -> Vec<String> {
    let refusal = answer.unwrap_err();
    let details = refusal.get_details_bad_request().unwrap_or_else(|| panic!("no fields: {refusal:?}"));
    details.field_violations.into_iter().map(|violation| violation.field).collect()
}
