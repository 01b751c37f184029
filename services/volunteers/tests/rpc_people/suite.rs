//! The service beside a registry with a city and two towns.

use minqing_platform::client::Peer;
use minqing_platform::status;
use minqing_proto::registry::v1 as registry;
use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
use minqing_proto::volunteers::v1 as proto;
use minqing_proto::volunteers::v1::post_service_client::PostServiceClient;
use minqing_proto::volunteers::v1::team_service_client::TeamServiceClient;
use minqing_proto::volunteers::v1::volunteer_service_client::VolunteerServiceClient;
use minqing_testkit::Database;
use tonic::{Request, Status};
use tonic_types::StatusExt as _;

use crate::room::{self, Room};
pub use crate::room::{by, citizen};

pub const TOWN: &str = "321181100";
pub const OTHER: &str = "321181101";

/// See the module.
pub struct Suite {
    pub room: Room,
}

impl Suite {
    pub async fn open(database: &Database) -> Self {
        let suite = Self { room: room::open(database).await };
        let mut divisions = DivisionServiceClient::new(suite.room.registry.clone());
        for code in ["32", "3211", "321181", TOWN, OTHER] {
            let division = registry::Division {
                code: code.to_owned(),
                display_name: code.to_owned(),
                effective_from: "2026-01-01".to_owned(),
                ..Default::default()
            };
            let request = registry::CreateDivisionRequest { division: Some(division), ..Default::default() };
            divisions.create_division(by("administrator", "", request)).await.unwrap();
        }
        suite
    }

    pub fn posts(&self) -> PostServiceClient<Peer> {
        PostServiceClient::new(self.room.peer.clone())
    }

    pub fn volunteers(&self) -> VolunteerServiceClient<Peer> {
        VolunteerServiceClient::new(self.room.peer.clone())
    }

    pub fn teams(&self) -> TeamServiceClient<Peer> {
        TeamServiceClient::new(self.room.peer.clone())
    }

    /// Somebody registers themselves by an account.
    pub async fn register(&self, account: &str, given: proto::Volunteer) -> proto::Volunteer {
        let request = proto::CreateVolunteerRequest { volunteer: Some(given), ..Default::default() };
        self.volunteers().create_volunteer(citizen(account, request)).await.unwrap().into_inner()
    }

    /// The corps of the town saw who somebody is.
    pub async fn verify(&self, name: &str) -> proto::Volunteer {
        let request = proto::VerifyVolunteerRequest {
            name: name.to_owned(),
            evidence: "居民身份证".into(),
            ..Default::default()
        };
        self.volunteers().verify_volunteer(coordinator(request)).await.unwrap().into_inner()
    }

    /// Somebody registered and verified.
    pub async fn verified(&self, account: &str, place: u32) -> proto::Volunteer {
        let made = self.register(account, person("19800101", place)).await;
        self.verify(&made.name).await
    }

    /// A team of the town, of a post for everybody.
    pub async fn team(&self, id: &str, leader: &str) -> proto::Team {
        let team = proto::Team { leader: leader.to_owned(), ..team() };
        let request = proto::CreateTeamRequest { team: Some(team), team_id: id.into(), ..Default::default() };
        self.teams().create_team(coordinator(request)).await.unwrap().into_inner()
    }

    /// Somebody asks to belong to a team.
    pub async fn request(&self, account: &str, team: &str) -> Result<proto::Membership, Status> {
        let request =
            proto::RequestMembershipRequest { parent: format!("teams/{team}"), ..Default::default() };
        Ok(self.teams().request_membership(citizen(account, request)).await?.into_inner())
    }

    /// What was asked for is approved, by the corps of the town or by somebody who signs in by an account.
    pub async fn approve(&self, name: &str, account: Option<&str>) -> Result<proto::Membership, Status> {
        let request =
            proto::ReviewMembershipRequest { name: name.into(), approve: true, ..Default::default() };
        let request = match account {
            Some(account) => citizen(account, request),
            None => coordinator(request),
        };
        Ok(self.teams().review_membership(request).await?.into_inner())
    }
}

/// A request of the corps of the town.
pub fn coordinator<T>(message: T) -> Request<T> {
    by("coordinator", TOWN, message)
}

/// A team of the town.
pub fn team() -> proto::Team {
    proto::Team {
        display_name: "政策宣讲队".into(),
        post: "posts/policy-speaker".into(),
        division_code: TOWN.into(),
        capacity: 5,
        ..Default::default()
    }
}

/// Somebody of the town, born on a day (`19800101`); `place` tells people of one day apart.
pub fn person(born: &str, place: u32) -> proto::Volunteer {
    proto::Volunteer {
        display_name: "张小明".into(),
        identity_number: identity_number(born, place),
        phone: "13800135678".into(),
        division_code: TOWN.into(),
        skills: vec!["宣讲".into(), "普通话".into()],
        health_limits: vec![proto::Strain::Heights.into()],
        ..Default::default()
    }
}

/// An identity number with a right check character (GB 11643).
pub fn identity_number(born: &str, place: u32) -> String {
    let digits = format!("321181{born}{place:03}");
    let weight = |place: usize| (0..17 - place).fold(1, |weight, _| weight * 2 % 11);
    let sum: u32 =
        digits.bytes().enumerate().map(|(place, byte)| u32::from(byte - b'0') * weight(place)).sum();
    format!("{digits}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
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
    let refusal = answer.unwrap_err();
    let details = refusal.get_details_bad_request().unwrap_or_else(|| panic!("no fields: {refusal:?}"));
    details.field_violations.into_iter().map(|violation| violation.field).collect()
}
