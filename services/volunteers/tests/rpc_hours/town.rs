//! Two volunteers of a town, one of whom leads a team, and hours of theirs.

use chrono::{TimeDelta, Utc};
use minqing_platform::journal::Change;
use minqing_platform::seal::Keyring;
use minqing_platform::status;
use minqing_proto::volunteers::v1::certificate_service_client::CertificateServiceClient;
use minqing_proto::volunteers::v1::hour_service_client::HourServiceClient;
use minqing_testkit::Database;
use minqing_volunteers::domain::hour::{NewEntry, Source};
use minqing_volunteers::domain::team::NewTeam;
use minqing_volunteers::domain::volunteer::{Availability, NewVolunteer, Personal};
use tonic::{Response, Status};

use crate::room::{self, Room};

/// The town, and another one.
pub const TOWN: &str = "321181100";
pub const ELSEWHERE: &str = "321181101";

pub struct Town {
    pub room: Room,
    pub hours: HourServiceClient<minqing_platform::client::Peer>,
    pub certificates: CertificateServiceClient<minqing_platform::client::Peer>,
}

fn volunteer(number: &str, account: &str, name: &str) -> NewVolunteer {
    let keyring = Keyring::from_secret(&[7; 32]);
    let personal = Personal {
        display_name: name.into(),
        identity_number: "32112319900101123X".into(),
        phone: String::new(),
        guardian: None,
    };
    let text = serde_json::to_string(&personal).unwrap();
    NewVolunteer {
        number: number.into(),
        account: Some(format!("test#{account}")),
        person: None,
        birth_date: "1990-01-01".parse().unwrap(),
        skills: Vec::new(),
        languages: Vec::new(),
        availability: Availability::default(),
        health_limits: Vec::new(),
        home: TOWN.parse().unwrap(),
        sealed: keyring.seal(&text, &format!("volunteers.sealed/{number}")),
        identity_index: number.as_bytes().to_vec(),
    }
}

/// An hour of somebody that began so many hours ago.
pub fn hour(now: chrono::DateTime<Utc>, volunteer: &str, hours_ago: i64) -> NewEntry {
    let from = now - TimeDelta::hours(hours_ago);
    NewEntry {
        volunteer: volunteer.into(),
        team: "care".into(),
        post: "post".into(),
        activity: None,
        shift: None,
        need: None,
        division_code: TOWN.into(),
        from,
        to: from + TimeDelta::minutes(45),
        minutes: 45,
        source: Source::CheckIn,
        recorder: "people/1".into(),
        certifier: "people/1".into(),
    }
}

/// Zhang has two entries (1 and 2) and leads the team; Li has one (3).
pub async fn open(database: &Database) -> Town {
    let room = room::open(database).await;
    let store = room.volunteers.store();
    let change = Change::by_system(room.now());
    let people = [volunteer("100000000016", "zhang", "张三"), volunteer("100000000024", "li", "李四")];
    store.register_volunteers(&change, &people, None).await.unwrap();
    let post = store.posts(&Default::default(), "", 1).await.unwrap().remove(0);
    let team = NewTeam {
        id: "care".into(),
        display_name: "陪护队".into(),
        from: post.effective.from,
        post: post.id,
        home: TOWN.parse().unwrap(),
        reach: Vec::new(),
        capacity: 5,
        leader: Some("100000000016".into()),
    };
    store.create_teams(&change, &[team]).await.unwrap();
    let now = room.now();
    let entries =
        [hour(now, "100000000016", 30), hour(now, "100000000016", 10), hour(now, "100000000024", 10)];
    store.enter_hours(&change, &entries).await.unwrap();
    let (hours, certificates) =
        (HourServiceClient::new(room.peer.clone()), CertificateServiceClient::new(room.peer.clone()));
    Town { room, hours, certificates }
}

/// The reason of a refusal.
#[track_caller]
pub fn reason<T: std::fmt::Debug>(result: Result<Response<T>, Status>) -> String {
    status::reason(&result.unwrap_err()).unwrap()
}

/// The field of the first thing that is wrong with a request.
#[track_caller]
pub fn field<T: std::fmt::Debug>(result: Result<Response<T>, Status>) -> String {
    use tonic_types::StatusExt as _;
    let status = result.unwrap_err();
    status.get_details_bad_request().unwrap().field_violations.remove(0).field
}
