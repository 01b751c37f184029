//! A corps with teams, members and open needs, written straight to the store: for tests of what is done with them.
#![allow(dead_code, reason = "each test program uses its own part of this")]

use chrono::{DateTime, TimeDelta, Utc};
use minqing_platform::journal::Change;
use minqing_volunteers::domain::need::{
    Command, Need, Place, Promise, Requirements, Risk, Source, Submission,
};
use minqing_volunteers::domain::post::file;
use minqing_volunteers::domain::team::{MembershipState, NewTeam};
use minqing_volunteers::domain::volunteer::{Act as Happens, Availability, NewVolunteer};
use minqing_volunteers::store::Shared;
use minqing_volunteers::store::need::Act;
use minqing_volunteers::store::team::MembershipFilter;
use minqing_volunteers::store::volunteer::Happening;
use uuid::Uuid;

/// A kind of post that comes with the program.
pub const POST: &str = "policy-speaker";

pub const PROMISE: Promise =
    Promise { verify: TimeDelta::hours(24), propose: TimeDelta::hours(72), accept: TimeDelta::hours(48) };

/// Ten in the morning of a Monday in China.
pub fn now() -> DateTime<Utc> {
    "2026-03-02T02:00:00Z".parse().unwrap()
}

pub fn change() -> Change {
    Change::by_system(now())
}

fn today() -> chrono::NaiveDate {
    "2026-03-02".parse().unwrap()
}

/// The posts that come with the program.
pub async fn posts(store: &Shared) {
    store.found_posts(&change(), &file::read(file::CARRIED.as_bytes()).unwrap(), today()).await.unwrap();
}

/// A team with members whose names were verified.
pub async fn team(store: &Shared, id: &str, home: &str, capacity: u32, members: usize) {
    let new = NewTeam {
        id: id.into(),
        display_name: id.into(),
        post: POST.into(),
        home: home.parse().unwrap(),
        reach: vec!["321181".parse().unwrap()],
        capacity,
        leader: None,
        from: today(),
    };
    store.create_teams(&change(), &[new]).await.unwrap();
    let news: Vec<NewVolunteer> = (0..members).map(|member| volunteer(id, member)).collect();
    for record in store.register_volunteers(&change(), &news, Some(id)).await.unwrap() {
        let happening = Happening {
            number: record.volunteer.number,
            version: None,
            act: Happens::Verify("身份证".into()),
            resealed: None,
            today: today(),
        };
        store.act_on_volunteer(&change(), &happening).await.unwrap();
    }
    let filter = MembershipFilter { team: Some(id.into()), ..MembershipFilter::default() };
    for asked in store.memberships(&filter, None, 1_000).await.unwrap() {
        let to = MembershipState::Active;
        store.move_membership(&change(), id, asked.id, to, "", today()).await.unwrap();
    }
}

fn volunteer(team: &str, member: usize) -> NewVolunteer {
    NewVolunteer {
        number: format!("{team}-{member}"),
        account: Some(format!("test#{team}-{member}")),
        person: None,
        birth_date: "1980-01-01".parse().unwrap(),
        skills: Vec::new(),
        languages: Vec::new(),
        availability: Availability::default(),
        health_limits: Vec::new(),
        home: "321181".parse().unwrap(),
        sealed: vec![1],
        identity_index: format!("{team}-{member}").into_bytes(),
    }
}

/// An open need somewhere.
pub async fn open_need(store: &Shared, place: &str) -> Need {
    let place = Place { code: place.parse().unwrap(), position: None, address: String::new() };
    let requirements = Requirements {
        post: Some(POST.into()),
        skills: Vec::new(),
        headcount: 1,
        windows: Vec::new(),
        risk: Risk::Low,
    };
    let submission = Submission {
        id: Uuid::now_v7(),
        source: Source::Resident,
        assignment: None,
        planner: None,
        title: "宣讲".into(),
        content: String::new(),
        place: place.clone(),
        requirements: requirements.clone(),
        due: now() + PROMISE.verify,
    };
    let need = store.submit_need(&change(), submission).await.unwrap();
    does(store, need.id, Command::Verify(requirements, place)).await
}

/// Lets something happen to a need.
pub async fn does(store: &Shared, id: Uuid, command: Command) -> Need {
    let act = Act { id, version: None, command: &command, promise: PROMISE, capacity: 0 };
    store.act_on_need(&change(), act).await.unwrap()
}
