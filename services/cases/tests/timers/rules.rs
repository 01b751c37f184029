//! Complaints about other systems, each a test.

use chrono::{Duration, Timelike as _};
use minqing_cases::domain::calendar::Limit;
use minqing_cases::domain::calendar::national::{Kind, Named, Notice};
use minqing_cases::domain::case::{Command, PauseReason, ReturnReason, Rung, Target, TimerKind};
use minqing_testkit::{Database, on_both_databases};

use crate::matter::{
    act, at, breaches, centre, china, climbed, dispatched, history, on, raised, rungs, sent,
};
use crate::room;

const CASE: &str = "202603020000000001";
/// Ten in the morning of a Monday in China; three working days end on Thursday at half past five.
const MONDAY: &str = "2026-03-02T02:00:00Z";

on_both_databases! {
    reminders_never_come_at_midnight;
    an_emergency_is_urged_at_night;
    a_paused_part_climbs_nothing_and_after_it_is_resumed_later;
    a_returned_part_climbs_nothing;
    a_part_resolved_late_has_one_breach;
    a_question_after_the_limit_stops_no_ladder;
    an_extension_puts_every_rung_off;
    rungs_that_were_missed_are_climbed_together_and_nobody_is_told_that_it_is_due_soon;
    a_question_that_nobody_answers_holds_the_clock_for_five_working_days;
    a_case_that_waits_for_a_calendar_goes_on_when_it_is_published;
    a_year_that_is_not_published_holds_up_no_rung_that_is_known;
}

/// Lets time pass in steps of a quarter of an hour.
async fn pass(room: &room::Room, until: &str) {
    while room.clock_now() < at(until) {
        room.clock.advance(Duration::minutes(15));
        room.cases.tick().await.unwrap();
    }
}

async fn reminders_never_come_at_midnight(database: Database) {
    let room = room::open(&database).await;
    let store = room.cases.store().clone();
    let calendar = china(&store).await;
    dispatched(&store, &calendar, CASE, at(MONDAY)).await;
    pass(&room, "2026-03-12T00:00:00Z").await;
    let climbed = climbed(&store, CASE).await;
    for (_, time, _) in &climbed {
        let china = *time + Duration::hours(8);
        assert!((9..18).contains(&china.hour()), "{china}");
        assert_eq!(calendar.next_opening(*time).unwrap(), *time, "somebody is there");
    }
    let expected = [
        // Three quarters of the time are over on Wednesday evening.
        (Rung::DueSoon, "2026-03-05T01:00:00Z"),
        (Rung::Urge, "2026-03-06T01:00:00Z"),
        (Rung::Supervise, "2026-03-09T01:00:00Z"),
        (Rung::Criticise, "2026-03-11T01:00:00Z"),
    ];
    let expected = expected.map(|(rung, time)| (rung, at(time), Vec::new()));
    assert_eq!(climbed, expected, "nobody is known to the registry, and it is recorded so");
    assert_eq!(breaches(&store, CASE).await, 1);
    assert_eq!(store.next_timer().await.unwrap(), None);
}

async fn an_emergency_is_urged_at_night(database: Database) {
    let room = room::open(&database).await;
    let store = room.cases.store().clone();
    let calendar = china(&store).await;
    let night = at("2026-03-02T15:00:00Z");
    raised(&store, &calendar, CASE, night).await;
    sent(&store, &calendar, CASE, night, Some(Limit::Minutes(120))).await;
    room.clock.set(night);
    pass(&room, "2026-03-02T18:00:00Z").await;
    let climbed = climbed(&store, CASE).await.into_iter().map(|(rung, time, _)| (rung, time));
    let expected = [(Rung::DueSoon, at("2026-03-02T16:30:00Z")), (Rung::Urge, at("2026-03-02T17:00:00Z"))];
    assert!(climbed.eq(expected));
}

async fn a_paused_part_climbs_nothing_and_after_it_is_resumed_later(database: Database) {
    let room = room::open(&database).await;
    let store = room.cases.store().clone();
    let calendar = china(&store).await;
    dispatched(&store, &calendar, CASE, at(MONDAY)).await;
    on(&store, &calendar, CASE, at(MONDAY), Target::Sign).await;
    let pause = Target::Pause(PauseReason::Weather, String::new());
    on(&store, &calendar, CASE, at("2026-03-03T01:00:00Z"), pause).await;
    assert!(store.timers_of(&[CASE.to_owned()]).await.unwrap().is_empty());
    room.clock.set(at("2026-03-17T01:00:00Z"));
    assert_eq!(room.cases.tick().await.unwrap(), Default::default());
    // Ten working days later it has what it had: until the end of the third day.
    on(&store, &calendar, CASE, at("2026-03-17T01:00:00Z"), Target::Resume).await;
    pass(&room, "2026-03-19T09:30:00Z").await;
    assert_eq!(rungs(&store, CASE).await, [Rung::DueSoon]);
    pass(&room, "2026-03-20T01:00:00Z").await;
    assert_eq!(rungs(&store, CASE).await, [Rung::DueSoon, Rung::Urge]);
}

async fn a_returned_part_climbs_nothing(database: Database) {
    let room = room::open(&database).await;
    let store = room.cases.store().clone();
    let calendar = china(&store).await;
    dispatched(&store, &calendar, CASE, at(MONDAY)).await;
    let back = Target::Return(ReturnReason::NotOurs, String::new());
    on(&store, &calendar, CASE, at("2026-03-03T01:00:00Z"), back).await;
    assert!(store.timers_of(&[CASE.to_owned()]).await.unwrap().is_empty());
    room.clock.set(at("2026-04-01T01:00:00Z"));
    assert_eq!(room.cases.tick().await.unwrap(), Default::default());
    assert!(rungs(&store, CASE).await.is_empty());
}

async fn a_part_resolved_late_has_one_breach(database: Database) {
    let room = room::open(&database).await;
    let store = room.cases.store().clone();
    let calendar = china(&store).await;
    dispatched(&store, &calendar, CASE, at(MONDAY)).await;
    on(&store, &calendar, CASE, at(MONDAY), Target::Sign).await;
    // Nobody ticked in time: the unit is done after its limit, before anybody was urged.
    let late = at("2026-03-06T08:00:00Z");
    on(&store, &calendar, CASE, late, Target::Complete(Some("已修复".to_owned()))).await;
    assert_eq!(breaches(&store, CASE).await, 1);
    room.clock.set(at("2026-03-20T01:00:00Z"));
    room.cases.tick().await.unwrap();
    assert_eq!((rungs(&store, CASE).await, breaches(&store, CASE).await), (Vec::new(), 1));
    // And one that was urged before has one as well.
    let other = "202603020000000002";
    dispatched(&store, &calendar, other, at(MONDAY)).await;
    on(&store, &calendar, other, at(MONDAY), Target::Sign).await;
    room.cases.tick().await.unwrap();
    let done = Target::Complete(Some("已修复".to_owned()));
    on(&store, &calendar, other, at("2026-03-20T02:00:00Z"), done).await;
    assert_eq!((rungs(&store, other).await.len(), breaches(&store, other).await), (4, 1));
}

async fn a_question_after_the_limit_stops_no_ladder(database: Database) {
    let room = room::open(&database).await;
    let store = room.cases.store().clone();
    let calendar = china(&store).await;
    dispatched(&store, &calendar, CASE, at(MONDAY)).await;
    on(&store, &calendar, CASE, at(MONDAY), Target::Sign).await;
    // Half past nine in the evening of the day on which it was due, before anybody was urged.
    let late = at("2026-03-05T13:30:00Z");
    on(&store, &calendar, CASE, late, Target::Ask("哪一盏?".to_owned())).await;
    pass(&room, "2026-03-06T01:00:00Z").await;
    assert_eq!(rungs(&store, CASE).await, [Rung::DueSoon, Rung::Urge]);
    assert_eq!(breaches(&store, CASE).await, 1);
}

async fn an_extension_puts_every_rung_off(database: Database) {
    let room = room::open(&database).await;
    let store = room.cases.store().clone();
    let calendar = china(&store).await;
    dispatched(&store, &calendar, CASE, at(MONDAY)).await;
    on(&store, &calendar, CASE, at(MONDAY), Target::Sign).await;
    on(&store, &calendar, CASE, at(MONDAY), Target::AskExtension(5, "配件".to_owned())).await;
    let before = store.next_timer().await.unwrap();
    let grant = Command::On(1, Target::ReviewExtension(true, "延期五天".to_owned()));
    act(&store, &calendar, CASE, at(MONDAY), centre(), grant).await.unwrap();
    assert!(store.next_timer().await.unwrap() > before);
    pass(&room, "2026-03-12T09:00:00Z").await;
    assert_eq!(rungs(&store, CASE).await, [Rung::DueSoon]);
}

async fn rungs_that_were_missed_are_climbed_together_and_nobody_is_told_that_it_is_due_soon(
    database: Database,
) {
    let room = room::open(&database).await;
    let store = room.cases.store().clone();
    let calendar = china(&store).await;
    dispatched(&store, &calendar, CASE, at(MONDAY)).await;
    on(&store, &calendar, CASE, at(MONDAY), Target::Sign).await;
    room.clock.set(at("2026-03-09T01:00:00Z"));
    let summary = room.cases.tick().await.unwrap();
    assert_eq!((summary.claimed, summary.climbed, summary.more), (1, 3, false));
    let told: Vec<_> = climbed(&store, CASE).await.into_iter().map(|(rung, _, to)| (rung, to)).collect();
    let officer = vec![crate::matter::OFFICER.to_owned()];
    let expected = [(Rung::DueSoon, vec![]), (Rung::Urge, officer), (Rung::Supervise, vec![])];
    assert_eq!(told, expected);
}

async fn a_question_that_nobody_answers_holds_the_clock_for_five_working_days(database: Database) {
    let room = room::open(&database).await;
    let store = room.cases.store().clone();
    let calendar = china(&store).await;
    dispatched(&store, &calendar, CASE, at(MONDAY)).await;
    on(&store, &calendar, CASE, at(MONDAY), Target::Sign).await;
    on(&store, &calendar, CASE, at(MONDAY), Target::Ask("哪一盏?".to_owned())).await;
    let timers = store.timers_of(&[CASE.to_owned()]).await.unwrap();
    assert_eq!(timers.iter().map(|(_, timer)| timer.kind).collect::<Vec<_>>(), [TimerKind::Question]);
    pass(&room, "2026-03-09T10:00:00Z").await;
    assert_eq!(history(&store, CASE).await.last().unwrap().event.name(), "AssignmentPaused");
    pass(&room, "2026-03-10T01:00:00Z").await;
    assert_eq!(history(&store, CASE).await.last().unwrap().event.name(), "AssignmentResumed");
    let timers = store.timers_of(&[CASE.to_owned()]).await.unwrap();
    assert_eq!(timers.iter().map(|(_, timer)| timer.kind).collect::<Vec<_>>(), [TimerKind::Ladder]);
    // A clock that stands still for another reason is not touched by an old question.
    let other = "202603020000000002";
    dispatched(&store, &calendar, other, at(MONDAY)).await;
    on(&store, &calendar, other, at(MONDAY), Target::Sign).await;
    let pause = Target::Pause(PauseReason::Weather, String::new());
    on(&store, &calendar, other, at(MONDAY), pause).await;
    on(&store, &calendar, other, at(MONDAY), Target::Ask("哪一盏?".to_owned())).await;
    room.clock.set(at("2026-04-01T01:00:00Z"));
    room.cases.tick().await.unwrap();
    assert!(store.case(other).await.unwrap().unwrap().assignments[0].pauses[0].to.is_none());
}

fn notice() -> Notice {
    let named = |date: &str| Named { date: date.parse().unwrap(), name: "元旦".into(), kind: Kind::Off };
    Notice { year: 2027, source: "https://www.gov.cn/x".into(), days: vec![named("2027-01-01")] }
}

async fn a_case_that_waits_for_a_calendar_goes_on_when_it_is_published(database: Database) {
    let room = room::open(&database).await;
    let store = room.cases.store().clone();
    let calendar = china(&store).await;
    // Wednesday; three working days end on the first Monday of 2027, which is not published.
    let december = at("2026-12-30T02:00:00Z");
    dispatched(&store, &calendar, CASE, december).await;
    let timers = store.timers_of(&[CASE.to_owned()]).await.unwrap();
    assert_eq!(timers.iter().map(|(_, timer)| timer.kind).collect::<Vec<_>>(), [TimerKind::Calendar]);
    room.clock.set(at("2027-01-10T01:00:00Z"));
    assert_eq!(room.cases.tick().await.unwrap().claimed, 0, "never guessed");
    // A new version that does not help is looked at once.
    let update = minqing_cases::domain::calendar::record::Changes {
        display_name: Some("工作日历".to_owned()),
        ..Default::default()
    };
    store.update_calendar(&room.cases.change_by_system(), "china", update, None).await.unwrap();
    assert_eq!(room.cases.tick().await.unwrap().settled, 1);
    assert_eq!(room.cases.tick().await.unwrap().claimed, 0);
    store.import_holidays(&room.cases.change_by_system(), &notice(), false).await.unwrap();
    let summary = room.cases.tick().await.unwrap();
    assert_eq!((summary.renewed, summary.more), (1, true));
    assert_eq!(room.cases.tick().await.unwrap().climbed, 3);
    assert_eq!(store.case(CASE).await.unwrap().unwrap().calendar.unwrap().version, 3);
    assert_eq!(breaches(&store, CASE).await, 1);
}

async fn a_year_that_is_not_published_holds_up_no_rung_that_is_known(database: Database) {
    let room = room::open(&database).await;
    let store = room.cases.store().clone();
    let calendar = china(&store).await;
    // Friday; it is due on the last working day of the year, and what comes after is not known.
    dispatched(&store, &calendar, CASE, at("2026-12-28T02:00:00Z")).await;
    room.clock.set(at("2026-12-31T02:00:00Z"));
    room.cases.tick().await.unwrap();
    assert_eq!(rungs(&store, CASE).await, [Rung::DueSoon]);
    let timers = store.timers_of(&[CASE.to_owned()]).await.unwrap();
    assert_eq!(timers.iter().map(|(_, timer)| timer.kind).collect::<Vec<_>>(), [TimerKind::Calendar]);
}
