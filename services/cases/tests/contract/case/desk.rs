//! A store with the calendar of China, and what moves cases in it.

use chrono::{DateTime, TimeDelta, Utc};
use minqing_cases::domain::calendar::{self, CHINA, Calendar, national};
use minqing_cases::domain::case::{
    Anonymity, Case, CaseType, Command, Door, Identity, NewDispatch, Part, Party, Place, Priority, Recorded,
    Submission, Target, replay,
};
use minqing_cases::store::Shared;
use minqing_cases::store::case::{Act, NewCase, Reporter};
use minqing_platform::error::{Error, Kind, Refusal};
use minqing_platform::journal::{Change, RequestKey};
use minqing_testkit::Database;

pub const WATER: &str = "organizations/water";
pub const ROADS: &str = "organizations/roads";

/// A Monday at ten in China.
pub fn start() -> DateTime<Utc> {
    "2026-03-02T02:00:00.123456Z".parse().unwrap()
}

/// A change that nobody repeats.
pub fn change() -> Change {
    later(0)
}

/// A change some minutes later.
pub fn later(minutes: i64) -> Change {
    Change { actor: "people/clerk".into(), now: start() + TimeDelta::minutes(minutes), request: None }
}

/// A change under a request id; `request` stands for what the caller sent.
pub fn change_again(id: u128, request: &str) -> Change {
    let kind = Some(prost_types::value::Kind::StringValue(request.to_owned()));
    let id = uuid::Uuid::from_u128(id).to_string();
    Change { request: RequestKey::of(&id, "Test", &prost_types::Value { kind }).unwrap(), ..change() }
}

pub fn officer(name: &str, organization: &str) -> Party {
    Party { name: format!("people/{name}"), organization: Some(organization.to_owned()) }
}

pub fn clerk() -> Party {
    officer("clerk", "organizations/centre")
}

pub fn worker(unit: &str) -> Party {
    officer(&unit.replace('/', "-"), unit)
}

pub fn lead(unit: &str) -> Command {
    Command::Dispatch(vec![unit_of(unit, Part::Lead)])
}

pub fn unit_of(unit: &str, part: Part) -> NewDispatch {
    NewDispatch { organization: unit.into(), part, limit: None, instruction: "请办理".into() }
}

pub fn done() -> Target {
    Target::Complete(Some("已修好，请查看".into()))
}

#[track_caller]
pub fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> (Kind, &'static str) {
    match result.unwrap_err() {
        Error::Refused(Refusal { kind, reason, .. }) => (kind, reason),
        other => panic!("no refusal: {other:?}"),
    }
}

/// See the module.
pub struct Desk {
    pub store: Shared,
    pub calendar: Calendar,
}

impl Desk {
    pub async fn open(database: &Database) -> Self {
        let store = super::super::open(database).await;
        store.found_calendars(&Change::by_system(start()), national::carried()).await.unwrap();
        let record = store.calendar(CHINA, None).await.unwrap().unwrap();
        let national = store.national(record.edition.unwrap()).await.unwrap();
        let calendar = Calendar::new(record.reference.clone(), record.facts.rules, national.into());
        Self { store, calendar }
    }

    pub fn submission(number: &str) -> Submission {
        Submission {
            number: number.into(),
            kind: CaseType::Help,
            door: Door::Hotline,
            priority: Priority::Ordinary,
            title: "村口路灯不亮".into(),
            content: "张三家门口，晚上看不见".into(),
            place: Place {
                code: "321181100201".parse().unwrap(),
                position: Some((31.987_654_321, 119.5)),
                address: "司徒镇一号".into(),
            },
            item: None,
            identity: Identity {
                anonymity: Anonymity::Open,
                person: Some("people/raiser".into()),
                by_proxy: false,
            },
            against: Vec::new(),
            origin: None,
            first_asked: officer("operator", "organizations/centre"),
            calendar: calendar::Ref { id: CHINA.into(), version: 1 },
        }
    }

    pub fn new_case(submission: Submission) -> NewCase {
        NewCase { submission, reporter: Reporter::default(), claims: Vec::new() }
    }

    pub async fn raise(&self, submission: Submission) -> Case {
        let by = submission.first_asked.clone();
        self.store.submit_case(&change(), Self::new_case(submission), by, &self.calendar).await.unwrap()
    }

    pub async fn raised(&self, number: &str) -> Case {
        self.raise(Self::submission(number)).await
    }

    pub fn accept(&self) -> Command {
        Command::Accept { calendar: self.calendar.reference().clone(), item: None }
    }

    pub fn act<'a>(&'a self, number: &'a str, by: Party, command: Command) -> Act<'a> {
        Act { number, version: None, command, by, calendar: &self.calendar }
    }

    pub async fn does(&self, number: &str, by: Party, command: Command) -> Result<Case, Error> {
        self.store.act(&change(), self.act(number, by, command)).await
    }

    pub async fn on(&self, number: &str, unit: &str, target: Target) -> Result<Case, Error> {
        self.does(number, worker(unit), Command::On(1, target)).await
    }

    /// A case that is with the water works, in part 1.
    pub async fn dispatched(&self, number: &str) -> Case {
        self.raised(number).await;
        self.does(number, clerk(), self.accept()).await.unwrap();
        self.does(number, clerk(), lead(WATER)).await.unwrap()
    }

    /// A case at work.
    pub async fn signed(&self, number: &str) -> Case {
        self.dispatched(number).await;
        self.on(number, WATER, Target::Sign).await.unwrap()
    }

    pub async fn case(&self, number: &str) -> Case {
        self.store.case(number).await.unwrap().unwrap()
    }

    pub async fn history(&self, number: &str) -> Vec<Recorded> {
        self.store.history(number, 0, 10_000).await.unwrap()
    }

    /// The case that is stored is the one that its history makes.
    pub async fn check(&self, number: &str) -> Case {
        let (case, history) = (self.case(number).await, self.history(number).await);
        assert_eq!(replay(&history).as_ref(), Some(&case));
        assert!(history.iter().map(|recorded| recorded.version).eq(1..=case.version));
        case
    }
}
