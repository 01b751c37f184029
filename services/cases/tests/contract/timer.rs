//! Timers and records as they are stored.

use std::sync::Arc;

use chrono::Duration;
use minqing_cases::domain::calendar::national;
use minqing_cases::domain::case::{Command, Rung, Status, Target, Timer, TimerKind, ToldKind};
use minqing_cases::store::Shared;
use minqing_cases::store::timer::Climb;
use minqing_cases::store::told::ToldFilter;
use minqing_platform::error::{Error, Kind, Refusal};
use minqing_platform::journal::Change;
use minqing_testkit::{Database, on_both_databases};
use uuid::Uuid;

use crate::matter::{UNIT, act, at, centre, china, dispatched, on, raised, rungs};

const CASE: &str = "202603020000000001";
const OTHER: &str = "202603020000000002";
const MONDAY: &str = "2026-03-02T02:00:00Z";
/// When the first rung of a case of [`MONDAY`] is due, and when all are.
const FIRST: &str = "2026-03-05T01:00:00Z";
const LATER: &str = "2026-03-16T02:00:00Z";

on_both_databases! {
    a_timer_is_set_with_the_dispatch_and_goes_with_the_case;
    what_is_due_is_claimed_once_and_the_longest_due_first;
    claims_at_once_share_what_is_due;
    what_is_released_is_ready_again_unless_somebody_else_has_it;
    timers_are_set_anew_from_the_case;
    many_cases_are_climbed_at_once_and_those_that_changed_are_left_out;
    what_waits_for_a_calendar_is_woken_by_a_newer_version_only;
    records_are_listed_by_unit_area_kind_and_period_in_pages;
    a_supervision_by_hand_is_recorded_once_however_often_it_is_sent;
    open_cases_are_read_by_status_in_pages;
}

async fn open(database: &Database) -> Shared {
    let store = super::open(database).await;
    store.found_calendars(&Change::by_system(at(MONDAY)), national::carried()).await.unwrap();
    store
}

async fn timers(store: &Shared, number: &str) -> Vec<Timer> {
    let found = store.timers_of(&[number.to_owned()]).await.unwrap();
    found.into_iter().map(|(_, timer)| timer).collect()
}

fn ladder(text: &str) -> Timer {
    Timer { part: 1, kind: TimerKind::Ladder, at: Some(at(text)) }
}

async fn a_timer_is_set_with_the_dispatch_and_goes_with_the_case(database: Database) {
    let store = open(&database).await;
    let calendar = china(&store).await;
    raised(&store, &calendar, CASE, at(MONDAY)).await;
    assert!(timers(&store, CASE).await.is_empty());
    assert_eq!(store.next_timer().await.unwrap(), None);
    dispatched(&store, &calendar, OTHER, at(MONDAY)).await;
    assert_eq!(timers(&store, OTHER).await, [ladder(FIRST)]);
    assert_eq!(store.next_timer().await.unwrap(), Some(at(FIRST)));
    act(&store, &calendar, OTHER, at(MONDAY), centre(), Command::Withdraw("好了".into())).await.unwrap();
    assert!(timers(&store, OTHER).await.is_empty());
    assert!(
        store.timers_of(&[]).await.unwrap().is_empty() && store.cases_numbered(&[]).await.unwrap().is_empty()
    );
    let found = store.cases_numbered(&[CASE.to_owned(), OTHER.to_owned(), "1".to_owned()]).await.unwrap();
    assert_eq!(found.len(), 2);
}

async fn what_is_due_is_claimed_once_and_the_longest_due_first(database: Database) {
    let store = open(&database).await;
    let calendar = china(&store).await;
    dispatched(&store, &calendar, OTHER, at("2026-03-03T02:00:00Z")).await;
    dispatched(&store, &calendar, CASE, at(MONDAY)).await;
    let claim = async |now: &str, limit| {
        let now = at(now);
        let claimed =
            store.claim_timers(Uuid::now_v7(), now, now + Duration::minutes(1), limit).await.unwrap();
        claimed.into_iter().map(|claimed| (claimed.number, claimed.attempts)).collect::<Vec<_>>()
    };
    assert!(claim("2026-03-05T00:59:59Z", 10).await.is_empty());
    assert_eq!(claim("2026-03-09T01:00:00Z", 1).await, [(CASE.to_owned(), 1)]);
    assert_eq!(claim("2026-03-09T01:00:00Z", 1).await, [(OTHER.to_owned(), 1)]);
    assert!(claim("2026-03-09T01:00:59Z", 1).await.is_empty());
    assert_eq!(claim("2026-03-09T01:01:00Z", 10).await.len(), 2);
    assert_eq!(claim("2026-03-09T01:02:00Z", 1).await[0].1, 3);
}

async fn claims_at_once_share_what_is_due(database: Database) {
    let store = open(&database).await;
    let calendar = china(&store).await;
    for place in 0..30 {
        dispatched(&store, &calendar, &format!("2026030200000{place:05}"), at(MONDAY)).await;
    }
    let now = at(LATER);
    let claims = (0..6).map(|_| async {
        let mut mine = Vec::new();
        for _ in 0..20 {
            match store.claim_timers(Uuid::now_v7(), now, now + Duration::minutes(1), 4).await {
                Ok(claimed) => mine.extend(claimed.into_iter().map(|claimed| claimed.number)),
                Err(Error::Database(minqing_platform::db::Error::Conflict)) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
        mine
    });
    let mut all: Vec<String> = futures::future::join_all(claims).await.into_iter().flatten().collect();
    assert_eq!(all.len(), 30, "each once");
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 30);
}

async fn what_is_released_is_ready_again_unless_somebody_else_has_it(database: Database) {
    let store = open(&database).await;
    dispatched(&store, &*china(&store).await, CASE, at(MONDAY)).await;
    let (now, first, second) = (at(LATER), Uuid::now_v7(), Uuid::now_v7());
    let minute = Duration::minutes(1);
    store.claim_timers(first, now, now + minute, 10).await.unwrap();
    store.release_timers(first, &[], now).await.unwrap();
    store.release_timers(first, &[CASE.to_owned()], now + Duration::seconds(2)).await.unwrap();
    assert_eq!(store.next_timer().await.unwrap(), Some(now + Duration::seconds(2)));
    // The second one has it; the first one is late.
    store.claim_timers(second, now + minute, now + minute * 2, 10).await.unwrap();
    store.release_timers(first, &[CASE.to_owned()], now).await.unwrap();
    assert_eq!(store.next_timer().await.unwrap(), Some(now + minute * 2));
}

async fn timers_are_set_anew_from_the_case(database: Database) {
    let store = open(&database).await;
    let calendar = china(&store).await;
    dispatched(&store, &calendar, CASE, at(MONDAY)).await;
    let now = at(LATER);
    store.claim_timers(Uuid::now_v7(), now, now + Duration::minutes(1), 10).await.unwrap();
    store.settle_timers(CASE, &calendar, None).await.unwrap();
    assert_eq!(store.next_timer().await.unwrap(), Some(at(FIRST)));
    let missing = store.settle_timers("1", &calendar, None).await;
    assert!(matches!(missing, Err(Error::Refused(Refusal { kind: Kind::Missing, .. }))));
}

async fn many_cases_are_climbed_at_once_and_those_that_changed_are_left_out(database: Database) {
    let store = open(&database).await;
    let calendar = china(&store).await;
    let mut climbs = Vec::new();
    for place in 0..30 {
        let number = format!("2026030200000{place:05}");
        let case = dispatched(&store, &calendar, &number, at(MONDAY)).await;
        let steps = vec![
            (1, Rung::DueSoon, Vec::new()),
            (1, Rung::Urge, vec!["people/a".to_owned(), "people/b".to_owned()]),
        ];
        climbs.push(Climb { number, version: case.version, calendar: Arc::clone(&calendar), steps });
    }
    let changed = climbs[7].number.clone();
    on(&store, &calendar, &changed, at(MONDAY), Target::Sign).await;
    let early = Change::by_system(at(FIRST));
    assert!(store.climb(&early, &climbs).await.unwrap().is_empty(), "it is too early to urge anybody");
    let change = Change::by_system(at(LATER));
    let done = store.climb(&change, &climbs).await.unwrap();
    assert_eq!(done.len(), 29);
    assert!(!done.contains(&changed));
    assert!(
        store.climb(&change, &climbs).await.unwrap().is_empty()
            && store.climb(&change, &[]).await.unwrap().is_empty()
    );
    assert!(rungs(&store, &changed).await.is_empty());
    for number in &done {
        assert_eq!(rungs(&store, number).await, [Rung::DueSoon, Rung::Urge]);
        let case = store.case(number).await.unwrap().unwrap();
        let replayed = minqing_cases::domain::case::replay(&crate::matter::history(&store, number).await);
        assert_eq!(replayed.as_ref(), Some(&case), "replay equals live");
        assert_eq!(timers(&store, number).await, [ladder("2026-03-09T01:00:00Z")]);
    }
    let filter = ToldFilter {
        kinds: ToldKind::ALL.to_vec(),
        within: vec![String::new()],
        case: Some(done[0].clone()),
        ..ToldFilter::default()
    };
    let told = store.told(&filter, None, 10).await.unwrap();
    let kinds: Vec<ToldKind> = told.iter().map(|(told, _)| told.kind).collect();
    assert_eq!(kinds.len(), 3, "{kinds:?}");
    let urge = told.iter().find(|(told, _)| told.kind == ToldKind::Urge).unwrap();
    assert_eq!(urge.0.people, ["people/a", "people/b"]);
    assert_eq!((urge.0.organization.as_str(), urge.0.due), (UNIT, Some(at("2026-03-05T09:30:00Z"))));
    // Raised, taken up, dispatched twice over (the case and its part), and in one case signed for.
    let kinds = [
        ("CaseSubmitted", 30),
        ("CaseAccepted", 30),
        ("CaseDispatched", 30),
        ("AssignmentDispatched", 30),
        ("AssignmentSigned", 1),
        ("LimitBreached", 29),
        ("CaseEscalated", 58),
    ];
    super::expect_events(&store, &kinds).await;
    let events = store.events_after(0, 0, 100_000).await.unwrap();
    let urged = events.iter().rfind(|event| event.kind == "CaseEscalated").unwrap();
    let payload: serde_json::Value = serde_json::from_str(&urged.payload).unwrap();
    assert_eq!(
        (&payload["rung"], &payload["people"]),
        (&"urge".into(), &serde_json::json!(["people/a", "people/b"]))
    );
}

async fn what_waits_for_a_calendar_is_woken_by_a_newer_version_only(database: Database) {
    let store = open(&database).await;
    let calendar = china(&store).await;
    dispatched(&store, &calendar, CASE, at("2026-12-30T02:00:00Z")).await;
    dispatched(&store, &calendar, OTHER, at(MONDAY)).await;
    assert_eq!(timers(&store, CASE).await, [Timer { part: 0, kind: TimerKind::Calendar, at: None }]);
    let now = at("2027-01-04T02:00:00Z");
    assert_eq!(store.wake_timers(now).await.unwrap(), 0);
    let changes = minqing_cases::domain::calendar::record::Changes {
        display_name: Some("日历".into()),
        ..Default::default()
    };
    store.update_calendar(&Change::by_system(now), "china", changes, None).await.unwrap();
    assert_eq!(store.wake_timers(now).await.unwrap(), 1);
    assert_eq!(store.wake_timers(now).await.unwrap(), 0);
    // It did not help: only a newer one than that wakes it again.
    store.settle_timers(CASE, &calendar, Some(2)).await.unwrap();
    assert_eq!(store.wake_timers(now).await.unwrap(), 0);
    let newest = china(&store).await;
    let renew = Command::RenewCalendar { year: 2027 };
    let refused = act(&store, &newest, CASE, now, centre(), renew).await.unwrap_err();
    assert!(matches!(refused, Error::Refused(Refusal { reason: "CALENDAR_UNKNOWN", .. })), "{refused:?}");
}

async fn records_are_listed_by_unit_area_kind_and_period_in_pages(database: Database) {
    let store = open(&database).await;
    let calendar = china(&store).await;
    for (number, time) in [(CASE, LATER), (OTHER, "2026-03-17T02:00:00Z")] {
        let case = dispatched(&store, &calendar, number, at(MONDAY)).await;
        let steps = Rung::ALL.iter().map(|rung| (1, *rung, Vec::new())).collect();
        let climb = Climb {
            number: number.to_owned(),
            version: case.version,
            calendar: Arc::clone(&calendar),
            steps,
        };
        store.climb(&Change::by_system(at(time)), &[climb]).await.unwrap();
    }
    let list = async |filter: ToldFilter| {
        let told = store.told(&filter, None, 100).await.unwrap();
        told.into_iter().map(|(told, _)| (told.number, told.kind)).collect::<Vec<_>>()
    };
    let accountable = ToldFilter {
        kinds: ToldKind::ACCOUNTABLE.to_vec(),
        within: vec!["321181".to_owned()],
        ..ToldFilter::default()
    };
    let all = list(accountable.clone()).await;
    let pair =
        |number: &str| [(number.to_owned(), ToldKind::Criticise), (number.to_owned(), ToldKind::Breach)];
    assert_eq!(all, [pair(OTHER), pair(CASE)].concat());
    assert!(list(ToldFilter { within: Vec::new(), ..accountable.clone() }).await.is_empty());
    let own = ToldFilter { within: Vec::new(), organizations: vec![UNIT.to_owned()], ..accountable.clone() };
    assert_eq!(list(own.clone()).await.len(), 4);
    let none = [
        ToldFilter { within: vec!["321182".to_owned()], ..accountable.clone() },
        ToldFilter { organizations: vec!["organizations/other".to_owned()], ..own },
        ToldFilter { organization: Some("organizations/other".to_owned()), ..accountable.clone() },
        ToldFilter { area: Some("321181100".parse().unwrap()), ..accountable.clone() },
        ToldFilter { from: Some(at("2026-03-18T02:00:00Z")), ..accountable.clone() },
        ToldFilter { to: Some(at(LATER)), ..accountable.clone() },
        ToldFilter { kinds: Vec::new(), ..accountable.clone() },
    ];
    for filter in none {
        assert!(list(filter.clone()).await.is_empty(), "{filter:?}");
    }
    let period =
        ToldFilter { from: Some(at(LATER)), to: Some(at("2026-03-17T02:00:00Z")), ..accountable.clone() };
    assert_eq!(list(period).await, pair(CASE));
    let first = store.told(&accountable, None, 3).await.unwrap();
    let key = (first[2].0.time, first[2].0.number.clone(), first[2].0.version);
    let rest = store.told(&accountable, Some(&key), 3).await.unwrap();
    assert_eq!(rest.len(), 1);
    assert_eq!(store.told_one(CASE, rest[0].0.version).await.unwrap().as_ref(), Some(&rest[0].0));
    assert_eq!(store.told_one(CASE, 1).await.unwrap(), None);
}

async fn a_supervision_by_hand_is_recorded_once_however_often_it_is_sent(database: Database) {
    let store = open(&database).await;
    let calendar = china(&store).await;
    dispatched(&store, &calendar, CASE, at(MONDAY)).await;
    let kind = Some(prost_types::value::Kind::StringValue("x".to_owned()));
    let request = minqing_platform::journal::RequestKey::of(
        &Uuid::from_u128(1).to_string(),
        "Test",
        &prost_types::Value { kind },
    );
    let change = Change { request: request.unwrap(), ..Change::by_system(at(MONDAY)) };
    let command =
        Command::Supervise { assignment: Some(1), to: vec!["people/a".into()], note: "请抓紧".into() };
    for _ in 0..2 {
        let act = minqing_cases::store::case::Act {
            number: CASE,
            version: None,
            command: command.clone(),
            by: centre(),
            calendar: &calendar,
        };
        let after = store.act(&change, act).await.unwrap();
        let told = store.told_one(CASE, after.version).await.unwrap().unwrap();
        assert_eq!((told.kind, told.part, told.note.as_str()), (ToldKind::Manual, 1, "请抓紧"));
        assert_eq!((told.people, told.actor), (vec!["people/a".to_owned()], centre().name));
    }
    let filter =
        ToldFilter { kinds: vec![ToldKind::Manual], within: vec![String::new()], ..ToldFilter::default() };
    assert_eq!(store.told(&filter, None, 10).await.unwrap().len(), 1);
}

async fn open_cases_are_read_by_status_in_pages(database: Database) {
    let store = open(&database).await;
    let calendar = china(&store).await;
    for number in ["1", "2", "3"] {
        raised(&store, &calendar, number, at(MONDAY)).await;
    }
    dispatched(&store, &calendar, CASE, at(MONDAY)).await;
    let within = vec!["321181".to_owned()];
    let first = store.cases_in(Status::Submitted, &within, None, 2).await.unwrap();
    assert_eq!(first.iter().map(|(_, case)| case.number.as_str()).collect::<Vec<_>>(), ["3", "2"]);
    let rest = store.cases_in(Status::Submitted, &within, Some(first[1].0), 2).await.unwrap();
    assert_eq!(rest.len(), 1);
    assert_eq!(store.cases_in(Status::Dispatched, &within, None, 9).await.unwrap().len(), 1);
    assert!(store.cases_in(Status::Dispatched, &[], None, 9).await.unwrap().is_empty());
}
