//! Cases that are with a unit, made straight through the store.
#![allow(dead_code, reason = "each test program uses its own part of this")]

use std::sync::Arc;

use chrono::{DateTime, Utc};
use minqing_cases::domain::calendar::{CHINA, Calendar, Limit};
use minqing_cases::domain::case::{
    Anonymity, Case, CaseType, Command, Door, Event, Identity, NewDispatch, Part, Party, Place, Priority,
    Recorded, Rung, Submission, Target,
};
use minqing_cases::store::Shared;
use minqing_cases::store::case::{Act, NewCase, Reporter};
use minqing_platform::error::Error;
use minqing_platform::journal::Change;

pub const UNIT: &str = "organizations/water";
/// Whoever signs.
pub const OFFICER: &str = "people/officer";

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The newest version of the calendar of China.
pub async fn china(store: &Shared) -> Arc<Calendar> {
    let record = store.calendar(CHINA, None).await.unwrap().unwrap();
    let national = store.national(record.edition.unwrap()).await.unwrap();
    Arc::new(Calendar::new(record.reference, record.facts.rules, Arc::new(national)))
}

pub fn party(name: &str, organization: &str) -> Party {
    Party { name: name.to_owned(), organization: Some(organization.to_owned()) }
}

pub fn centre() -> Party {
    party("people/dispatcher", "organizations/supervision-centre")
}

pub fn officer() -> Party {
    party(OFFICER, UNIT)
}

/// A case that nobody has taken up.
pub async fn raised(store: &Shared, calendar: &Calendar, number: &str, now: DateTime<Utc>) -> Case {
    raised_at(store, calendar, number, now, "321181", &[]).await
}

pub async fn raised_at(
    store: &Shared,
    calendar: &Calendar,
    number: &str,
    now: DateTime<Utc>,
    code: &str,
    against: &[&str],
) -> Case {
    let submission = Submission {
        number: number.to_owned(),
        kind: CaseType::Consultation,
        door: Door::Hotline,
        priority: Priority::Ordinary,
        title: "路灯不亮".to_owned(),
        content: String::new(),
        place: Place { code: code.parse().unwrap(), position: None, address: String::new() },
        item: None,
        identity: Identity { anonymity: Anonymity::Open, person: None, by_proxy: false },
        against: against.iter().map(ToString::to_string).collect(),
        origin: None,
        first_asked: centre(),
        calendar: calendar.reference().clone(),
    };
    let new = NewCase { submission, reporter: Reporter::default(), claims: Vec::new() };
    store.submit_case(&Change::by_system(now), new, centre(), calendar).await.unwrap()
}

/// Does something, as somebody.
pub async fn act(
    store: &Shared,
    calendar: &Calendar,
    number: &str,
    now: DateTime<Utc>,
    by: Party,
    command: Command,
) -> Result<Case, Error> {
    let act = Act { number, version: None, command, by, calendar };
    store.act(&Change::by_system(now), act).await
}

/// Does something about the part of a unit.
pub async fn on(
    store: &Shared,
    calendar: &Calendar,
    number: &str,
    now: DateTime<Utc>,
    target: Target,
) -> Case {
    act(store, calendar, number, now, officer(), Command::On(1, target)).await.unwrap()
}

/// Takes a case up and sends it to the unit, with a limit of its own where one is given.
pub async fn sent(
    store: &Shared,
    calendar: &Calendar,
    number: &str,
    now: DateTime<Utc>,
    limit: Option<Limit>,
) -> Case {
    let accept = Command::Accept { calendar: calendar.reference().clone(), item: None };
    act(store, calendar, number, now, centre(), accept).await.unwrap();
    let unit =
        NewDispatch { organization: UNIT.to_owned(), part: Part::Lead, limit, instruction: String::new() };
    act(store, calendar, number, now, centre(), Command::Dispatch(vec![unit])).await.unwrap()
}

/// A case with a unit, three working days.
pub async fn dispatched(store: &Shared, calendar: &Calendar, number: &str, now: DateTime<Utc>) -> Case {
    raised(store, calendar, number, now).await;
    sent(store, calendar, number, now, None).await
}

/// What happened to a case.
pub async fn history(store: &Shared, number: &str) -> Vec<Recorded> {
    store.history(number, 0, 1_000).await.unwrap()
}

/// The rungs that were climbed, with their instants and who was told.
pub async fn climbed(store: &Shared, number: &str) -> Vec<(Rung, DateTime<Utc>, Vec<String>)> {
    let climbed = history(store, number).await.into_iter().filter_map(|recorded| match recorded.event {
        Event::Escalated { rung, to, .. } => Some((rung, recorded.time, to)),
        _ => None,
    });
    climbed.collect()
}

pub async fn rungs(store: &Shared, number: &str) -> Vec<Rung> {
    climbed(store, number).await.into_iter().map(|(rung, ..)| rung).collect()
}

pub async fn breaches(store: &Shared, number: &str) -> usize {
    let history = history(store, number).await;
    history.iter().filter(|recorded| matches!(recorded.event, Event::Breached { .. })).count()
}
