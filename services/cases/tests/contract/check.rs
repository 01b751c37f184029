//! What is kept beside the histories: each fault is named, and is gone once it was written anew.

use chrono::TimeDelta;
use minqing_cases::domain::case::{Command, Event, ReturnReason, Rung, Target, ToldKind};
use minqing_cases::domain::observation::{Facts, Handling, Kind, Observation, State};
use minqing_cases::store::Shared;
use minqing_cases::store::told::ToldFilter;
use minqing_cases::verify::{repair, verify};
use minqing_testkit::{Database, on_both_databases};
use uuid::Uuid;

use super::case::desk::{Desk, ROADS, WATER, change, clerk, done, later, lead, start, worker};
use super::search::execute;

on_both_databases! {
    what_follows_from_histories_has_no_fault;
    each_thing_that_is_kept_beside_a_history_is_compared_and_repaired;
    an_observation_and_its_case_know_each_other;
    what_was_learnt_is_compared_and_learnt_anew;
    a_history_is_never_repaired;
    a_missed_limit_is_recorded_of_the_unit_that_missed_it_though_it_hands_over_then;
}

const NUMBER: &str = "202603020000000001";
const OTHER: &str = "202603020000000002";
const THIRD: &str = "202603020000000003";

async fn faults(store: &Shared) -> Vec<String> {
    verify(store, |_| {}).await.unwrap().faults
}

/// Cases in several states: one overdue with records, one that began anew, one that nobody took up.
async fn town(database: &Database) -> Desk {
    let desk = Desk::open(database).await;
    desk.signed(NUMBER).await;
    let week = later(14 * 24 * 60);
    for rung in [Rung::DueSoon, Rung::Urge] {
        let told = Target::Escalate(rung, vec!["people/chief".into()]);
        let act = desk.act(NUMBER, clerk(), Command::On(1, told));
        desk.store.act(&week, act).await.unwrap();
    }
    desk.signed(OTHER).await;
    desk.on(OTHER, WATER, done()).await.unwrap();
    desk.does(OTHER, clerk(), Command::Reopen("没有解决".into())).await.unwrap();
    desk.does(OTHER, clerk(), lead(ROADS)).await.unwrap();
    desk.raised(THIRD).await;
    desk
}

async fn what_follows_from_histories_has_no_fault(database: Database) {
    let desk = town(&database).await;
    assert_eq!(faults(&desk.store).await, Vec::<String>::new());
    let repaired = repair(&desk.store, start(), |_| {}).await.unwrap();
    assert_eq!((repaired.cases, repaired.rebuilt, repaired.relearnt), (3, 0, false));
}

async fn each_thing_that_is_kept_beside_a_history_is_compared_and_repaired(database: Database) {
    let desk = town(&database).await;
    let tampered = [
        ("DELETE FROM timers", "timers"),
        ("UPDATE timers SET due_time = NULL", "timers"),
        ("DELETE FROM told WHERE kind = 'breach'", "records of supervision"),
        ("UPDATE told SET people = '[]' WHERE kind = 'urge'", "records of supervision"),
        ("DELETE FROM case_figures WHERE round = 1", "figures"),
        ("UPDATE case_figures SET solved = TRUE", "figures"),
        ("UPDATE case_figures SET due_time = NULL WHERE round = 2", "figures"),
        ("DELETE FROM case_terms WHERE term = '路灯'", "not found by all of its terms"),
        ("UPDATE case_terms SET term = 'status=closed' WHERE term = 'status=submitted'", "no longer has"),
        ("UPDATE cases SET next_due_time = NULL", "due next"),
        ("UPDATE assignments SET due_time = NULL", "assignments are due"),
        ("DELETE FROM assignments", "assignments differ"),
        ("UPDATE cases SET owner_organization = ''", "for lists differs"),
        ("UPDATE cases SET kind = 'praise'", "for lists differs"),
        ("UPDATE cases SET state = replace(state, '村口', '村尾')", "another case"),
    ];
    for (statement, named) in tampered {
        alter(&database, statement).await;
        let found = faults(&desk.store).await;
        assert!(found.iter().any(|fault| fault.contains(named)), "{statement}: {found:?}");
        let repaired = repair(&desk.store, start(), |_| {}).await.unwrap();
        assert!(repaired.rebuilt > 0 && !repaired.relearnt, "{statement}: {repaired:?}");
        assert_eq!(faults(&desk.store).await, Vec::<String>::new(), "{statement}");
    }
    // What was put back wakes somebody again.
    assert!(desk.store.next_timer().await.unwrap().is_some());
    let after = desk.check(NUMBER).await;
    assert_eq!(after.status, minqing_cases::domain::case::Status::Dispatched);
}

async fn an_observation_and_its_case_know_each_other(database: Database) {
    let desk = town(&database).await;
    let id = Uuid::from_u128(7);
    let facts = Facts {
        id,
        digest: [1; 32],
        kind: Kind::Patrol,
        observe_time: start(),
        officer: clerk(),
        grid: "321181100201001".parse().unwrap(),
        position: None,
        title: "窨井盖破损".into(),
        content: String::new(),
        household: None,
    };
    let handling = Handling {
        version: 1,
        class: None,
        needs_action: true,
        state: State::New,
        handler: None,
        case: None,
        update_time: start(),
    };
    let new = Observation { facts, handling, create_time: start() };
    desk.store.keep_observations(&change(), &[new]).await.unwrap();
    let number = "202603020000000004";
    let submission = minqing_cases::domain::case::Submission {
        origin: Some(format!("observations/{id}")),
        ..Desk::submission(number)
    };
    desk.store
        .raise_observation(&change(), (id, None), Desk::new_case(submission), clerk(), &desk.calendar)
        .await
        .unwrap();
    assert_eq!(faults(&desk.store).await, Vec::<String>::new());
    alter(&database, "UPDATE observations SET state = 'new', case_number = NULL").await;
    let found = faults(&desk.store).await;
    assert!(found[0].contains("does not know of it"), "{found:?}");
    repair(&desk.store, start(), |_| {}).await.unwrap();
    assert_eq!(faults(&desk.store).await, Vec::<String>::new());
    alter(&database, &format!("UPDATE observations SET case_number = '{NUMBER}'")).await;
    let found = faults(&desk.store).await;
    assert!(found.iter().any(|fault| fault.contains("is said to have become it")), "{found:?}");
}

async fn what_was_learnt_is_compared_and_learnt_anew(database: Database) {
    let desk = town(&database).await;
    for statement in ["DELETE FROM dispatch_lessons", "UPDATE dispatch_lessons SET cases = 5"] {
        alter(&database, statement).await;
        let found = faults(&desk.store).await;
        assert!(found.iter().any(|fault| fault.contains(WATER)), "{statement}: {found:?}");
        let repaired = repair(&desk.store, start(), |_| {}).await.unwrap();
        assert!(repaired.relearnt && repaired.rebuilt == 0);
        assert_eq!(faults(&desk.store).await, Vec::<String>::new());
    }
    // Counted or waiting, it is the same.
    desk.store.count_lessons(start(), 20_000).await.unwrap();
    assert_eq!(faults(&desk.store).await, Vec::<String>::new());
    let back = Target::Return(ReturnReason::NotOurs, "不属本局".into());
    desk.does(OTHER, worker(ROADS), Command::On(2, back)).await.unwrap();
    desk.store.count_lessons(start(), 20_000).await.unwrap();
    assert_eq!(faults(&desk.store).await, Vec::<String>::new());
}

async fn a_history_is_never_repaired(database: Database) {
    let desk = town(&database).await;
    alter(&database, &format!("DELETE FROM case_events WHERE case_number = '{NUMBER}' AND version = 3"))
        .await;
    let found = faults(&desk.store).await;
    assert!(found.iter().any(|fault| fault.contains("event 3 is missing")), "{found:?}");
    assert_eq!(repair(&desk.store, start(), |_| {}).await.unwrap().rebuilt, 0);
    assert!(!faults(&desk.store).await.is_empty());
}

async fn a_missed_limit_is_recorded_of_the_unit_that_missed_it_though_it_hands_over_then(database: Database) {
    let desk = Desk::open(&database).await;
    desk.signed(NUMBER).await;
    desk.on(NUMBER, WATER, Target::HandOver(ROADS.into(), "道路问题".into())).await.unwrap();
    let accept = desk.act(NUMBER, worker(ROADS), Command::On(1, Target::AcceptHandOver));
    let late = later(TimeDelta::days(14).num_minutes());
    desk.store.act(&late, accept).await.unwrap();
    let history = desk.history(NUMBER).await;
    assert!(history.iter().any(|recorded| matches!(recorded.event, Event::Breached { .. })));
    let filter =
        ToldFilter { kinds: vec![ToldKind::Breach], within: vec!["32".into()], ..ToldFilter::default() };
    let told = desk.store.told(&filter, None, 10).await.unwrap();
    assert_eq!(told.iter().map(|(told, _)| told.organization.as_str()).collect::<Vec<_>>(), [WATER]);
    assert_eq!(faults(&desk.store).await, Vec::<String>::new());
}

/// Does something to a database behind the service's back.
async fn alter(database: &Database, statement: &str) {
    execute(database.url(), statement).await;
}
