//! A store with activities, and people who sign up by their numbers.

use chrono::{DateTime, TimeDelta, Utc};
use minqing_platform::error::Error;
use minqing_platform::journal::{Change, RequestKey};
use minqing_testkit::Database;
use minqing_volunteers::domain::activity::{Activity, Command, Place, Plan, Shift, Status, Window};
use minqing_volunteers::domain::sign_up::{Applicant, SignUp};
use minqing_volunteers::store::Shared;
use minqing_volunteers::store::sign_up::NewSignUp;
use uuid::Uuid;

pub struct Desk {
    pub store: Shared,
}

/// Minutes after midnight.
pub fn at(minutes: i64) -> DateTime<Utc> {
    "2026-03-02T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

pub fn change(minutes: i64) -> Change {
    Change { actor: "test#somebody".into(), now: at(minutes), request: None }
}

/// The stable name of what stood against it.
#[track_caller]
pub fn reason<T>(result: Result<T, Error>) -> &'static str {
    match result {
        Err(Error::Refused(refusal)) => refusal.reason,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was not refused"),
    }
}

impl Desk {
    pub async fn open(database: &Database) -> Self {
        Self { store: super::super::open(database).await }
    }

    pub async fn draft(&self, planned: impl FnOnce(&mut Plan)) -> Activity {
        let mut plan = Plan {
            title: "Books for the old".into(),
            description: String::new(),
            place: Place {
                code: "321181100201".parse().unwrap(),
                address: String::new(),
                position: Some((32.0, 119.5)),
                radius_m: 200,
            },
            needs_approval: false,
            members_only: false,
            drop_notice_minutes: 60,
        };
        planned(&mut plan);
        let activity = Activity {
            id: Uuid::now_v7(),
            team: "t".into(),
            post: "p".into(),
            need: None,
            plan,
            status: Status::Draft,
            cancel_reason: String::new(),
            version: 1,
            create_time: at(0),
            update_time: at(0),
        };
        self.store.create_activity(&change(0), &activity).await.unwrap()
    }

    pub async fn shift(
        &self,
        activity: &Activity,
        from: i64,
        to: i64,
        capacity: u32,
        waiting_max: u32,
    ) -> Shift {
        let shift = Shift {
            id: Uuid::now_v7(),
            activity: activity.id,
            window: Window { from: at(from), to: at(to) },
            capacity,
            waiting_max,
            skills: vec!["reading".into()],
            taken: 0,
            waiting: 0,
            line: 0,
            create_time: at(0),
        };
        self.store.create_shift(&change(0), &shift).await.unwrap()
    }

    /// An activity with a shift, published.
    pub async fn published(
        &self,
        planned: impl FnOnce(&mut Plan),
        from: i64,
        to: i64,
        capacity: u32,
        waiting_max: u32,
    ) -> Activity {
        let draft = self.draft(planned).await;
        self.shift(&draft, from, to, capacity, waiting_max).await;
        self.store.change_activity(&change(0), draft.id, None, &Command::Publish).await.unwrap()
    }

    pub async fn only_shift(&self, activity: &Activity) -> Shift {
        self.store.shifts(activity.id, None, 1).await.unwrap().remove(0)
    }

    pub async fn open_shift(&self, from: i64, to: i64, capacity: u32, waiting_max: u32) -> Shift {
        let activity = self.published(|_| (), from, to, capacity, waiting_max).await;
        self.only_shift(&activity).await
    }

    pub fn applicant(&self, number: u32) -> Applicant {
        Applicant { id: Uuid::now_v7(), volunteer: format!("v{number}") }
    }

    pub fn call(&self, number: u32, request: Option<Uuid>) -> NewSignUp {
        let request = request.map(|id| RequestKey { id, method: "CreateSignUp", digest: vec![1] });
        let change = Change { actor: format!("test#{number}"), now: at(0), request };
        NewSignUp { change, applicant: self.applicant(number) }
    }

    pub async fn signs_up(&self, shift: &Shift, number: u32) -> Result<SignUp, Error> {
        self.store.sign_up_all(shift.id, &[self.call(number, None)]).await?.remove(0)
    }
}
