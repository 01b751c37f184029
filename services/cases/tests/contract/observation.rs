//! Civic information as it is stored.

use chrono::{DateTime, TimeDelta, Utc};
use minqing_cases::domain::calendar::{CHINA, Calendar, national};
use minqing_cases::domain::case::{
    Anonymity, CaseType, Door, Identity, Party, Place, Priority, Status, Submission,
};
use minqing_cases::domain::observation::{Class, Command, Facts, Handling, Kind, Observation, State};
use minqing_cases::store::case::{NewCase, Reporter};
use minqing_cases::store::observation::{Counted, Filter, Stored};
use minqing_platform::code::Level;
use minqing_platform::error::Error;
use minqing_platform::journal::{Change, RequestKey};
use minqing_testkit::{Database, on_both_databases};
use uuid::Uuid;

use super::*;

on_both_databases! {
    what_is_kept_is_read_back_as_it_was;
    the_same_ones_brought_twice_at_once_are_kept_once;
    what_was_there_is_left_as_it_is_and_given_back;
    each_filter_leaves_out_what_is_not_so;
    pages_hold_each_one_once_what_was_observed_last_first;
    of_two_who_decide_at_once_one_is_told;
    a_case_and_its_observation_name_each_other_or_neither_is_there;
    a_request_sent_again_is_answered_as_before;
    counts_tell_the_parts_of_an_area;
    the_feed_tells_nothing_of_what_was_written;
}

fn now() -> DateTime<Utc> {
    "2026-03-02T02:00:00Z".parse().unwrap()
}

fn by(actor: &str) -> Change {
    Change { actor: actor.to_owned(), now: now(), request: None }
}

fn officer() -> Party {
    Party { name: "people/1".into(), organization: Some("organizations/village".into()) }
}

/// The observation of a number, an hour before the one of the next smaller.
fn new(number: u32) -> Observation {
    let facts = Facts {
        id: Uuid::from_u128(u128::from(number) + 1),
        digest: [u8::try_from(number % 256).unwrap(); 32],
        kind: Kind::Visit,
        observe_time: now() - TimeDelta::hours(number.into()),
        officer: officer(),
        grid: "321181100201001".parse().unwrap(),
        position: Some((31.96, 119.51)),
        title: "王大爷家屋顶漏雨 🏠".into(),
        content: "第一行\n第二行 𠮷".into(),
        household: Some("households/1".into()),
    };
    let handling = Handling {
        version: 1,
        class: None,
        needs_action: false,
        state: State::New,
        handler: None,
        case: None,
        update_time: now(),
    };
    Observation { facts, handling, create_time: now() }
}

fn ids(found: &[Stored]) -> Vec<u128> {
    found.iter().map(|stored| stored.observation.facts.id.as_u128() - 1).collect()
}

fn id(number: u32) -> Uuid {
    new(number).facts.id
}

fn reason<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    match result {
        Err(Error::Refused(refusal)) => refusal.reason,
        other => panic!("{other:?}"),
    }
}

async fn keep(store: &Shared, new: &[Observation]) {
    assert!(store.keep_observations(&by("people/1"), new).await.unwrap().is_empty());
}

/// A store with the calendars of the country.
async fn with_calendar(database: &Database) -> (Shared, Calendar) {
    let store = open(database).await;
    store.found_calendars(&Change::by_system(now()), national::carried()).await.unwrap();
    let record = store.calendar(CHINA, None).await.unwrap().unwrap();
    let days = store.national(record.edition.unwrap()).await.unwrap();
    let calendar = Calendar::new(record.reference.clone(), record.facts.rules, days.into());
    (store, calendar)
}

fn case_of(observation: &Observation, number: &str, calendar: &Calendar) -> NewCase {
    let facts = &observation.facts;
    let submission = Submission {
        number: number.into(),
        kind: CaseType::Help,
        door: Door::Visit,
        priority: Priority::Ordinary,
        title: facts.title.clone(),
        content: facts.content.clone(),
        place: Place { code: facts.grid.clone(), position: facts.position, address: String::new() },
        item: None,
        identity: Identity { anonymity: Anonymity::Open, person: None, by_proxy: false },
        against: Vec::new(),
        origin: Some(format!("observations/{}", facts.id)),
        first_asked: facts.officer.clone(),
        calendar: calendar.reference().clone(),
    };
    NewCase { submission, reporter: Reporter::default(), claims: Vec::new() }
}

async fn what_is_kept_is_read_back_as_it_was(database: Database) {
    let store = open(&database).await;
    let bare = Observation {
        facts: Facts {
            position: None,
            household: None,
            content: String::new(),
            officer: Party { name: "people/2".into(), organization: None },
            ..new(2).facts
        },
        ..new(2)
    };
    keep(&store, &[new(1), bare.clone()]).await;
    assert_eq!(store.observation(id(1)).await.unwrap(), Some(Stored { observation: new(1), case: None }));
    assert_eq!(store.observation(id(2)).await.unwrap().unwrap().observation, bare);
    assert_eq!(store.observation(id(3)).await.unwrap(), None);
    let known = store.known_observations(&[id(1), id(3)]).await.unwrap();
    assert_eq!((known.len(), known[&id(1)].digest), (1, [1; 32]));
    assert!(store.known_observations(&[]).await.unwrap().is_empty());
}

async fn the_same_ones_brought_twice_at_once_are_kept_once(database: Database) {
    let store = open(&database).await;
    let batch: Vec<Observation> = (0..500).map(new).collect();
    // In two orders, by which they would wait for each other if rows were locked as they come.
    let reversed: Vec<Observation> = batch.iter().rev().cloned().collect();
    let change = by("people/1");
    let (one, other) =
        tokio::join!(store.keep_observations(&change, &batch), store.keep_observations(&change, &reversed));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one.len() + other.len(), 500, "each was kept by one and found by the other");
    expect_events(&store, &[("ObservationCreated", 500)]).await;
}

async fn what_was_there_is_left_as_it_is_and_given_back(database: Database) {
    let store = open(&database).await;
    keep(&store, &[new(1)]).await;
    let mut other = new(1);
    other.facts.digest = [9; 32];
    other.facts.title = "另一件".into();
    let there = store.keep_observations(&by("people/1"), &[other, new(2)]).await.unwrap();
    assert_eq!((there.len(), there[&id(1)].digest), (1, [1; 32]));
    assert_eq!(store.observation(id(1)).await.unwrap().unwrap().observation, new(1));
    assert!(store.observation(id(2)).await.unwrap().is_some());
    expect_events(&store, &[("ObservationCreated", 2)]).await;
}

/// Five observations that differ, each in one thing.
async fn differing(store: &Shared) {
    let mut all: Vec<Observation> = (0..5).map(new).collect();
    all[1].facts.grid = "321181101001001".parse().unwrap();
    all[2].facts.kind = Kind::Patrol;
    all[3].facts.officer.name = "people/2".into();
    all[4].handling.class = Some(Class::Safety);
    all[4].handling.needs_action = true;
    keep(store, &all).await;
    let archive = Command::Archive(Some(Class::Other));
    store.handle_observation(&by("people/9"), id(0), None, &archive).await.unwrap();
}

async fn each_filter_leaves_out_what_is_not_so(database: Database) {
    let store = open(&database).await;
    differing(&store).await;
    let everywhere = Filter { within: vec![String::new()], ..Filter::default() };
    let found = async |filter: Filter| ids(&store.observations(&filter, None, 10).await.unwrap());
    assert_eq!(found(everywhere.clone()).await, [0, 1, 2, 3, 4]);
    assert!(found(Filter::default()).await.is_empty(), "of no area and of nobody is none");
    assert_eq!(found(Filter { within: vec!["321181101".into()], ..Filter::default() }).await, [1]);
    let own = Filter { within: vec!["321181101".into()], own: Some("people/2".into()), ..Filter::default() };
    assert_eq!(found(own).await, [1, 3]);
    let cases: [(Filter, &[u128]); 9] = [
        (Filter { area: Some("321181101".parse().unwrap()), ..everywhere.clone() }, &[1]),
        (Filter { officer: Some("people/2".into()), ..everywhere.clone() }, &[3]),
        (Filter { kind: Some(Kind::Patrol), ..everywhere.clone() }, &[2]),
        (Filter { class: Some(Class::Safety), ..everywhere.clone() }, &[4]),
        (Filter { state: Some(State::Archived), ..everywhere.clone() }, &[0]),
        (Filter { needs_action: Some(true), ..everywhere.clone() }, &[4]),
        (Filter { needs_action: Some(false), ..everywhere.clone() }, &[0, 1, 2, 3]),
        (Filter { from: Some(now() - TimeDelta::hours(1)), ..everywhere.clone() }, &[0, 1]),
        (Filter { before: Some(now() - TimeDelta::hours(3)), ..everywhere.clone() }, &[4]),
    ];
    for (filter, expected) in cases {
        assert_eq!(found(filter.clone()).await, expected, "{filter:?}");
    }
}

async fn pages_hold_each_one_once_what_was_observed_last_first(database: Database) {
    let store = open(&database).await;
    // Several at one instant: their ids tell them apart.
    let all: Vec<Observation> = (0..20)
        .map(|number| {
            let mut one = new(number);
            one.facts.observe_time = now() - TimeDelta::microseconds(i64::from(number / 6));
            one
        })
        .collect();
    keep(&store, &all).await;
    let everywhere = Filter { within: vec![String::new()], ..Filter::default() };
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store.observations(&everywhere, after, 3).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.observation.facts.observe_time, last.observation.facts.id));
        seen.extend(page.into_iter().map(|stored| stored.observation));
    }
    let mut expected = all;
    expected.sort_by_key(|one| std::cmp::Reverse((one.facts.observe_time, one.facts.id)));
    assert_eq!(seen, expected);
}

async fn of_two_who_decide_at_once_one_is_told(database: Database) {
    let (store, calendar) = with_calendar(&database).await;
    keep(&store, &[new(1)]).await;
    let archive = Command::Archive(Some(Class::Other));
    let (clerk, lead) = (by("people/2"), by("people/3"));
    let raising = case_of(&new(1), "20260302000000001", &calendar);
    let (archived, raised) = tokio::join!(
        store.handle_observation(&clerk, id(1), Some(1), &archive),
        store.raise_observation(&lead, (id(1), Some(1)), raising, officer(), &calendar),
    );
    assert_eq!(u8::from(archived.is_ok()) + u8::from(raised.is_ok()), 1);
    let refused = archived.err().or(raised.err()).unwrap();
    assert_eq!(reason::<()>(Err(refused)), "ETAG_MISMATCH");
    let there = store.observation(id(1)).await.unwrap().unwrap();
    assert_eq!(there.case.is_some(), there.observation.handling.state == State::Raised);
    let again = store.handle_observation(&clerk, id(1), None, &archive).await;
    assert_eq!(reason(again), "OBSERVATION_NOT_NEW");
    assert_eq!(reason(store.handle_observation(&clerk, id(2), None, &archive).await), "NOT_FOUND");
}

async fn a_case_and_its_observation_name_each_other_or_neither_is_there(database: Database) {
    let (store, calendar) = with_calendar(&database).await;
    keep(&store, &[new(1), new(2)]).await;
    let raising = case_of(&new(1), "20260302000000001", &calendar);
    let lead = by("people/3");
    let raised = store.raise_observation(&lead, (id(1), None), raising, officer(), &calendar).await.unwrap();
    let (observation, case) = raised;
    assert_eq!(observation.handling.case.as_deref(), Some("20260302000000001"));
    assert_eq!(
        (observation.handling.version, observation.handling.handler.as_deref()),
        (2, Some("people/3"))
    );
    assert_eq!(case.origin, Some(format!("observations/{}", id(1))));
    assert_eq!(
        (case.owner.name.as_str(), case.door, case.status),
        ("people/1", Door::Visit, Status::Submitted)
    );
    let stored = store.observation(id(1)).await.unwrap().unwrap();
    assert_eq!(stored, Stored { observation, case: Some(case.clone()) });
    assert_eq!(store.case(&case.number).await.unwrap(), Some(case));

    // The number is taken: the other observation stays as it was, for another try.
    let taken = case_of(&new(2), "20260302000000001", &calendar);
    let failed = store.raise_observation(&lead, (id(2), None), taken, officer(), &calendar).await;
    assert!(matches!(failed, Err(Error::Database(db::Error::Duplicate))), "{failed:?}");
    // The case may not be: so says the case's own rule, and the observation stays as well.
    let mut against = case_of(&new(2), "20260302000000002", &calendar);
    against.submission.against = vec!["people/1".into()];
    let failed = store.raise_observation(&lead, (id(2), None), against, officer(), &calendar).await;
    assert_eq!(reason(failed), "OWNER_COMPLAINED_OF");
    assert_eq!(store.observation(id(2)).await.unwrap().unwrap().observation, new(2));
    assert_eq!(store.case("20260302000000002").await.unwrap(), None);
}

async fn a_request_sent_again_is_answered_as_before(database: Database) {
    let (store, calendar) = with_calendar(&database).await;
    keep(&store, &[new(1)]).await;
    let request = |id, method| Some(RequestKey { id: Uuid::from_u128(id), method, digest: vec![1] });
    let classify = Change { request: request(1, "ClassifyObservation"), ..by("people/3") };
    let command = Command::Classify(Class::Safety, Some(true));
    let first = store.handle_observation(&classify, id(1), Some(1), &command).await.unwrap();
    let raise = Change { request: request(2, "RaiseCase"), ..by("people/3") };
    let raising = || case_of(&new(1), "20260302000000001", &calendar);
    let made =
        store.raise_observation(&raise, (id(1), Some(2)), raising(), officer(), &calendar).await.unwrap();
    // The answers were lost; meanwhile more happened.
    assert_eq!(store.handle_observation(&classify, id(1), Some(1), &command).await.unwrap(), first);
    let again =
        store.raise_observation(&raise, (id(1), Some(2)), raising(), officer(), &calendar).await.unwrap();
    assert_eq!(again, made);
    let expected = [
        ("ObservationCreated", 1),
        ("ObservationClassified", 1),
        ("CaseSubmitted", 1),
        ("ObservationRaised", 1),
    ];
    let mut kinds = Vec::new();
    for _ in 0..100 {
        kinds = store.events_after(0, 0, 1_000).await.unwrap().into_iter().map(|event| event.kind).collect();
        if kinds.contains(&"ObservationRaised".to_owned()) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    for (kind, count) in expected {
        assert_eq!(kinds.iter().filter(|seen| *seen == kind).count(), count, "{kind}");
    }
}

async fn counts_tell_the_parts_of_an_area(database: Database) {
    let store = open(&database).await;
    differing(&store).await;
    let counted = Counted {
        area: "321181".parse().unwrap(),
        level: Level::Town,
        from: Some(now() - TimeDelta::hours(4)),
        before: Some(now() + TimeDelta::hours(1)),
    };
    let figures = store.observation_figures(&counted).await.unwrap();
    let told: Vec<_> = figures
        .iter()
        .map(|one| (one.division.as_str(), one.kind, one.class, one.state, one.count))
        .collect();
    let town = "321181100";
    assert_eq!(
        told,
        [
            (town, Kind::Patrol, None, State::New, 1),
            (town, Kind::Visit, None, State::New, 1),
            (town, Kind::Visit, Some(Class::Safety), State::New, 1),
            (town, Kind::Visit, Some(Class::Other), State::Archived, 1),
            ("321181101", Kind::Visit, None, State::New, 1),
        ]
    );
    let later = Counted { from: Some(now() + TimeDelta::hours(1)), before: None, ..counted };
    assert!(store.observation_figures(&later).await.unwrap().is_empty());
}

async fn the_feed_tells_nothing_of_what_was_written(database: Database) {
    let (store, calendar) = with_calendar(&database).await;
    keep(&store, &[new(1)]).await;
    let raising = case_of(&new(1), "20260302000000001", &calendar);
    store.raise_observation(&by("people/3"), (id(1), None), raising, officer(), &calendar).await.unwrap();
    let mut heard = Vec::new();
    for _ in 0..100 {
        heard = store.events_after(0, 0, 1_000).await.unwrap();
        heard.retain(|event| event.kind.starts_with("Observation"));
        if heard.len() == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(heard.len(), 2);
    for event in heard {
        assert_eq!(event.subject, format!("observations/{}", id(1)));
        assert_eq!(event.division_code, "321181100201001");
        for secret in ["漏雨", "第一行", "households/1", "20260302000000001"] {
            assert!(!event.payload.contains(secret), "{}", event.payload);
        }
    }
}
