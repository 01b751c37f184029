//! A team with a leader, and volunteers, each with an account of their own.

use chrono::{NaiveDate, TimeDelta};
use minqing_platform::client::Peer;
use minqing_platform::clock::Clock as _;
use minqing_platform::field::timestamp;
use minqing_platform::journal::Change;
use minqing_platform::status;
use minqing_proto::volunteers::v1 as proto;
use minqing_proto::volunteers::v1::activity_service_client::ActivityServiceClient;
use minqing_proto::volunteers::v1::hour_report_service_client::HourReportServiceClient;
use minqing_proto::volunteers::v1::sign_up_service_client::SignUpServiceClient;
use minqing_testkit::Database;
use minqing_volunteers::domain::team::NewTeam;
use minqing_volunteers::domain::volunteer::{Act, Availability, NewVolunteer};
use minqing_volunteers::store::volunteer::Happening;
use tonic::Status;

use super::room::{self, Room, citizen};

pub const VILLAGE: &str = "321181100201";
pub const POST: &str = "waste-sorting-guide";

pub struct Corps {
    pub room: Room,
    pub activities: ActivityServiceClient<Peer>,
    pub sign_ups: SignUpServiceClient<Peer>,
    pub reports: HourReportServiceClient<Peer>,
    /// The database, which goes when this is dropped.
    _database: Database,
}

impl Corps {
    /// A team `sorters`, which `lead` leads, and a team `wardens` of a risky post, which they lead as well.
    pub async fn open() -> Self {
        let database = minqing_testkit::sqlite::database();
        let room = room::open(&database).await;
        let activities = ActivityServiceClient::new(room.peer.clone());
        let sign_ups = SignUpServiceClient::new(room.peer.clone());
        let reports = HourReportServiceClient::new(room.peer.clone());
        let corps = Self { room, activities, sign_ups, reports, _database: database };
        corps.volunteer("lead", 1980).await;
        corps.happens("lead", Act::Insure(day(2027, 1, 1), "policy".into())).await;
        for (id, post) in [("sorters", POST), ("wardens", "traffic-guide")] {
            let team = NewTeam {
                id: id.into(),
                display_name: id.into(),
                post: post.into(),
                home: "321181100".parse().unwrap(),
                reach: Vec::new(),
                capacity: 5,
                leader: Some(number("lead")),
                from: corps.room.clock.today(),
            };
            corps.room.volunteers.store().create_teams(&corps.change(), &[team]).await.unwrap();
        }
        corps
    }

    fn change(&self) -> Change {
        Change::by_system(self.room.now())
    }

    /// Registers somebody of an account, whose name somebody of the corps has seen.
    pub async fn volunteer(&self, account: &str, born: i32) {
        let new = NewVolunteer {
            number: number(account),
            account: Some(format!("test#{account}")),
            person: None,
            birth_date: day(born, 1, 1),
            skills: vec!["垃圾分类".into()],
            languages: Vec::new(),
            availability: Availability::default(),
            health_limits: Vec::new(),
            home: VILLAGE.parse().unwrap(),
            sealed: vec![1],
            identity_index: account.as_bytes().to_vec(),
        };
        self.room.volunteers.store().register_volunteers(&self.change(), &[new], None).await.unwrap();
        self.happens(account, Act::Verify("seen".into())).await;
    }

    pub async fn happens(&self, account: &str, act: Act) {
        let today = self.room.clock.today();
        let happening = Happening { number: number(account), version: None, act, resealed: None, today };
        self.room.volunteers.store().act_on_volunteer(&self.change(), &happening).await.unwrap();
    }

    /// A published activity of a team with a shift that begins so many hours from now and lasts two.
    pub async fn open_shift(&mut self, plan: proto::Activity, hours: i64, capacity: i32) -> String {
        let request = proto::CreateActivityRequest { activity: Some(plan), ..Default::default() };
        let made = self.activities.create_activity(citizen("lead", request)).await.unwrap().into_inner();
        let shift = self.shift(&made.name, hours, capacity).await.unwrap();
        let publish = proto::PublishActivityRequest { name: made.name, ..Default::default() };
        self.activities.publish_activity(citizen("lead", publish)).await.unwrap();
        shift.name
    }

    pub async fn shift(&mut self, parent: &str, hours: i64, capacity: i32) -> Result<proto::Shift, Status> {
        let from = self.room.now() + TimeDelta::hours(hours);
        let shift = proto::Shift {
            start_time: Some(timestamp(from)),
            end_time: Some(timestamp(from + TimeDelta::hours(2))),
            capacity,
            ..Default::default()
        };
        let request =
            proto::CreateShiftRequest { parent: parent.into(), shift: Some(shift), ..Default::default() };
        Ok(self.activities.create_shift(citizen("lead", request)).await?.into_inner())
    }

    pub async fn signs_up(&mut self, account: &str, shift: &str) -> Result<proto::SignUp, Status> {
        let request = proto::CreateSignUpRequest { parent: shift.into(), request_id: String::new() };
        Ok(self.sign_ups.create_sign_up(citizen(account, request)).await?.into_inner())
    }

    pub async fn code(&mut self, shift: &str) -> String {
        let request = proto::GetCheckInCodeRequest { name: shift.into() };
        self.activities.get_check_in_code(citizen("lead", request)).await.unwrap().into_inner().code
    }

    pub async fn checks_in(
        &mut self,
        account: &str,
        name: &str,
        code: &str,
    ) -> Result<proto::SignUp, Status> {
        let request = proto::CheckInRequest { name: name.into(), code: code.into(), ..Default::default() };
        Ok(self.sign_ups.check_in(citizen(account, request)).await?.into_inner())
    }

    pub async fn checks_out(
        &mut self,
        account: &str,
        name: &str,
        code: &str,
    ) -> Result<proto::SignUp, Status> {
        let request = proto::CheckOutRequest { name: name.into(), code: code.into(), ..Default::default() };
        Ok(self.sign_ups.check_out(citizen(account, request)).await?.into_inner())
    }
}

pub fn plan(team: &str) -> proto::Activity {
    proto::Activity {
        team: format!("teams/{team}"),
        title: "Sorting at the gate".into(),
        division_code: VILLAGE.into(),
        latitude: Some(32.0),
        longitude: Some(119.5),
        ..Default::default()
    }
}

pub fn number(account: &str) -> String {
    format!("v-{account}")
}

pub fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// The stable name of what stood against it.
#[track_caller]
pub fn reason<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    status::reason(&answer.unwrap_err()).unwrap_or_default()
}
