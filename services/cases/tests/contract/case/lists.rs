//! Lists of cases and of units' parts.

use chrono::TimeDelta;
use minqing_cases::domain::calendar::Limit;
use minqing_cases::domain::case::{
    AssignmentStatus, CaseType, Command, Door, ItemRef, NewDispatch, Part, Status, Submission, Target,
};
use minqing_cases::store::case::{Filter, PartFilter};
use minqing_testkit::{Database, on_both_databases};

use super::desk::{Desk, ROADS, WATER, clerk, done, later, lead, start, unit_of, worker};

on_both_databases! {
    cases_are_listed_the_newest_first_in_pages;
    a_list_holds_what_lies_within_and_nothing_else;
    each_filter_leaves_out_what_is_not_so;
    what_is_due_next_is_kept_up_to_date;
    parts_are_listed_the_newest_first_in_pages;
    parts_are_listed_by_unit_by_area_and_by_what_is_asked;
    parts_follow_what_happens_to_them;
}

fn everywhere() -> Filter {
    Filter { within: vec![String::new()], ..Filter::default() }
}

async fn listed(desk: &Desk, filter: Filter) -> Vec<String> {
    let found = desk.store.cases(&filter, None, 100).await.unwrap();
    found.into_iter().map(|(_, case)| case.number).collect()
}

async fn cases_are_listed_the_newest_first_in_pages(database: Database) {
    let desk = Desk::open(&database).await;
    for number in ["5", "1", "4", "2", "3"] {
        desk.raised(number).await;
    }
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = desk.store.cases(&everywhere(), before, 2).await.unwrap();
        let Some((last, _)) = page.last() else { break };
        before = Some(*last);
        seen.extend(page.into_iter().map(|(_, case)| case.number));
    }
    assert_eq!(seen, ["3", "2", "4", "1", "5"]);
    assert_eq!(desk.store.cases(&everywhere(), None, 1).await.unwrap()[0].1, desk.case("3").await);
}

async fn at(desk: &Desk, number: &str, code: &str) {
    let mut submission = Desk::submission(number);
    submission.place.code = code.parse().unwrap();
    desk.raise(submission).await;
}

async fn a_list_holds_what_lies_within_and_nothing_else(database: Database) {
    let desk = Desk::open(&database).await;
    at(&desk, "1", "321181").await;
    at(&desk, "2", "321181100").await;
    at(&desk, "3", "321181100201001").await;
    at(&desk, "4", "321181101").await;
    let within = async |codes: &[&str], area: &str| {
        let within = codes.iter().map(ToString::to_string).collect();
        let area = (!area.is_empty()).then(|| area.parse().unwrap());
        listed(&desk, Filter { within, area, ..Filter::default() }).await
    };
    assert_eq!(within(&[""], "").await, ["4", "3", "2", "1"]);
    assert_eq!(within(&["321181100"], "").await, ["3", "2"]);
    assert_eq!(within(&["321181100201", "321181101"], "").await, ["4", "3"]);
    assert_eq!(within(&["321181100"], "321181").await, ["3", "2"]);
    assert_eq!(within(&["321181"], "321181100201").await, ["3"]);
    assert!(within(&["321181100"], "321181101").await.is_empty());
    // Nowhere is nothing, not everything.
    assert!(within(&[], "").await.is_empty());
}

async fn each_filter_leaves_out_what_is_not_so(database: Database) {
    let desk = Desk::open(&database).await;
    let item = Some(ItemRef { name: "items/lamp".into(), version: 1 });
    let other = Submission { kind: CaseType::Complaint, door: Door::Web, item, ..Desk::submission("1") };
    desk.raise(other).await;
    desk.dispatched("2").await;
    desk.does("2", clerk(), Command::Retype(CaseType::Report, "x".into())).await.unwrap();
    assert_eq!(listed(&desk, everywhere()).await, ["2", "1"]);
    let only = [
        (Filter { status: Some(Status::Dispatched), ..everywhere() }, "2"),
        (Filter { status: Some(Status::Submitted), ..everywhere() }, "1"),
        // As it came in, whatever it is called now.
        (Filter { kind: Some(CaseType::Help), ..everywhere() }, "2"),
        (Filter { kind: Some(CaseType::Complaint), ..everywhere() }, "1"),
        (Filter { door: Some(Door::Web), ..everywhere() }, "1"),
        (Filter { item: "items/lamp".into(), ..everywhere() }, "1"),
        (Filter { organization: WATER.into(), ..everywhere() }, "2"),
        (Filter { organization: "organizations/centre".into(), ..everywhere() }, "1"),
    ];
    for (filter, number) in only {
        assert_eq!(listed(&desk, filter.clone()).await, [number], "{filter:?}");
    }
    assert!(listed(&desk, Filter { kind: Some(CaseType::Report), ..everywhere() }).await.is_empty());
}

async fn what_is_due_next_is_kept_up_to_date(database: Database) {
    let desk = Desk::open(&database).await;
    desk.raised("1").await;
    let due = async |instant: &str| {
        let due_before = Some(instant.parse().unwrap());
        !listed(&desk, Filter { due_before, ..everywhere() }).await.is_empty()
    };
    // Until the next working day's end it is to be taken up; the instant itself is not before.
    assert!(!due("2026-03-03T09:30:00Z").await && due("2026-03-03T09:30:00.000001Z").await);
    desk.does("1", clerk(), desk.accept()).await.unwrap();
    desk.does("1", clerk(), lead(WATER)).await.unwrap();
    desk.on("1", WATER, Target::Sign).await.unwrap();
    assert!(!due("2026-03-05T09:30:00Z").await && due("2026-03-05T09:30:01Z").await);
    desk.on("1", WATER, Target::Ask("哪里？".into())).await.unwrap();
    assert!(!due("2030-01-01T00:00:00Z").await, "its clock stands still");
    desk.on("1", WATER, done()).await.unwrap();
    assert!(due("2026-03-03T09:31:00Z").await, "it is to be called back");
    let withdraw = Command::Withdraw(String::new());
    desk.does("1", clerk(), withdraw).await.unwrap();
    assert!(!due("2030-01-01T00:00:00Z").await, "it has ended");
}

/// What the units listed have, as case, part and status.
async fn parts(desk: &Desk, filter: PartFilter) -> Vec<(String, i64, AssignmentStatus)> {
    let found = desk.store.parts(&filter, None, 100).await.unwrap();
    let told = found.into_iter().map(|((time, number, id), case)| {
        let part = case.assignment(u32::try_from(id).unwrap()).unwrap();
        assert_eq!((number.as_str(), time), (case.number.as_str(), part.start_time));
        (number, id, part.status)
    });
    told.collect()
}

fn of(unit: &str) -> PartFilter {
    PartFilter { units: vec![unit.to_owned()], ..PartFilter::default() }
}

async fn parts_are_listed_the_newest_first_in_pages(database: Database) {
    let desk = Desk::open(&database).await;
    for (number, minutes) in [("3", 0), ("1", 5), ("2", 5)] {
        desk.raised(number).await;
        desk.does(number, clerk(), desk.accept()).await.unwrap();
        let units = vec![unit_of(WATER, Part::Lead), unit_of(ROADS, Part::Joint)];
        let act = desk.act(number, clerk(), Command::Dispatch(units));
        desk.store.act(&later(minutes), act).await.unwrap();
    }
    let both = PartFilter { units: vec![WATER.into(), ROADS.into()], ..PartFilter::default() };
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = desk.store.parts(&both, before.as_ref(), 4).await.unwrap();
        let Some((last, _)) = page.last() else { break };
        before = Some(last.clone());
        seen.extend(page.into_iter().map(|((_, number, id), _)| format!("{number}/{id}")));
    }
    assert_eq!(seen, ["2/2", "2/1", "1/2", "1/1", "3/2", "3/1"]);
}

async fn parts_are_listed_by_unit_by_area_and_by_what_is_asked(database: Database) {
    let desk = Desk::open(&database).await;
    desk.dispatched("1").await;
    desk.raised("2").await;
    desk.does("2", clerk(), desk.accept()).await.unwrap();
    let soon = NewDispatch { limit: Some(Limit::Minutes(60)), ..unit_of(ROADS, Part::Lead) };
    desk.does("2", clerk(), Command::Dispatch(vec![soon])).await.unwrap();
    desk.does("2", worker(ROADS), Command::On(1, Target::Sign)).await.unwrap();
    let numbers = async |filter: PartFilter| {
        parts(&desk, filter).await.into_iter().map(|(number, ..)| number).collect::<Vec<_>>()
    };
    let within = |code: &str| PartFilter { within: vec![code.to_owned()], ..PartFilter::default() };
    assert_eq!(numbers(of(WATER)).await, ["1"]);
    assert_eq!(numbers(within("321181")).await, ["2", "1"]);
    assert!(numbers(within("321182")).await.is_empty());
    assert!(numbers(PartFilter::default()).await.is_empty(), "nobody's parts are nobody's");
    let asked = |filter: PartFilter| PartFilter { within: vec![String::new()], ..filter };
    let one = [
        (PartFilter { case: Some("1".into()), ..PartFilter::default() }, "1"),
        (PartFilter { organization: Some(ROADS.into()), ..PartFilter::default() }, "2"),
        (PartFilter { status: Some(AssignmentStatus::Signed), ..PartFilter::default() }, "2"),
        (PartFilter { due_before: Some(start() + TimeDelta::minutes(61)), ..PartFilter::default() }, "2"),
    ];
    for (filter, number) in one {
        assert_eq!(numbers(asked(filter.clone())).await, [number], "{filter:?}");
    }
}

async fn parts_follow_what_happens_to_them(database: Database) {
    let desk = Desk::open(&database).await;
    desk.signed("1").await;
    desk.on("1", WATER, Target::HandOver(ROADS.into(), "x".into())).await.unwrap();
    assert_eq!(parts(&desk, of(WATER)).await, [("1".into(), 1, AssignmentStatus::Signed)]);
    desk.on("1", ROADS, Target::AcceptHandOver).await.unwrap();
    assert!(parts(&desk, of(WATER)).await.is_empty());
    desk.on("1", ROADS, Target::Ask("哪里？".into())).await.unwrap();
    assert_eq!(parts(&desk, of(ROADS)).await, [("1".into(), 1, AssignmentStatus::Paused)]);
    let due = PartFilter { due_before: Some("2030-01-01T00:00:00Z".parse().unwrap()), ..of(ROADS) };
    assert!(parts(&desk, due).await.is_empty(), "its clock stands still");
    desk.on("1", ROADS, done()).await.unwrap();
    assert_eq!(parts(&desk, of(ROADS)).await, [("1".into(), 1, AssignmentStatus::Resolved)]);
}
