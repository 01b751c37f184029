//! Coming and leaving, and hours that are reported.

use minqing_testkit::{Database, on_both_databases};
use minqing_volunteers::domain::activity::Window;
use minqing_volunteers::domain::hour_report::{HourReport, Reviewer, Source, State};
use minqing_volunteers::domain::sign_up::SignUp;
use minqing_volunteers::store::hour;
use minqing_volunteers::store::hour_report::Filter;
use minqing_volunteers::store::sign_up::Act;
use uuid::Uuid;

use super::desk::{Desk, at, change, reason};

on_both_databases! {
    who_came_and_left_has_the_hours_of_the_shift;
    who_leaves_after_the_window_is_told_to_report;
    a_report_waits_in_its_queue_and_its_hours_are_entered_once;
}

async fn who_came_and_left_has_the_hours_of_the_shift(database: Database) {
    let desk = Desk::open(&database).await;
    let shift = desk.open_shift(600, 720, 5, 5).await;
    let own = desk.signs_up(&shift, 1).await.unwrap();
    assert_eq!(
        reason(desk.store.act_on_sign_up(&change(500), own.id, &Act::CheckIn).await),
        "CHECK_IN_WINDOW"
    );
    desk.store.act_on_sign_up(&change(590), own.id, &Act::CheckIn).await.unwrap();
    let served = desk.store.act_on_sign_up(&change(730), own.id, &Act::CheckOut).await.unwrap();
    assert_eq!((served.check_in_time, served.check_out_time), (Some(at(590)), Some(at(730))));
    let entries = desk.store.hour_entries(&everybody(), None, 9).await;
    let entries = entries.unwrap();
    assert_eq!(entries.len(), 1);
    let facts = &entries[0].facts;
    assert_eq!((facts.minutes, facts.from, facts.to), (120, at(600), at(720)), "no more than the shift");
    assert_eq!((facts.volunteer.as_str(), facts.certifier.as_str()), ("v1", "teams/t"));
    assert_eq!(
        reason(desk.store.act_on_sign_up(&change(731), own.id, &Act::CheckOut).await),
        "SIGN_UP_STATE"
    );
}

async fn who_leaves_after_the_window_is_told_to_report(database: Database) {
    let desk = Desk::open(&database).await;
    let shift = desk.open_shift(600, 720, 5, 5).await;
    let own = desk.signs_up(&shift, 1).await.unwrap();
    desk.store.act_on_sign_up(&change(600), own.id, &Act::CheckIn).await.unwrap();
    let late = desk.store.act_on_sign_up(&change(751), own.id, &Act::CheckOut).await;
    assert_eq!(reason(late), "CHECK_OUT_WINDOW");
    desk.store.create_hour_report(&change(760), &report(&own, Source::NoCheckOut)).await.unwrap();
}

fn everybody() -> hour::Filter {
    hour::Filter { within: vec![String::new()], ..hour::Filter::default() }
}

fn report(own: &SignUp, source: Source) -> HourReport {
    HourReport {
        id: Uuid::now_v7(),
        volunteer: own.volunteer.clone(),
        reporter: "test#one".into(),
        sign_up: Some((own.activity, own.shift, own.id)),
        team: "t".into(),
        post: "p".into(),
        division_code: "321181100201".into(),
        window: Window { from: at(600), to: at(700) },
        description: "read to the old".into(),
        source,
        state: State::Submitted,
        spot_check: false,
        comment: String::new(),
        reviewer: String::new(),
        create_time: at(760),
        review_time: None,
    }
}

async fn a_report_waits_in_its_queue_and_its_hours_are_entered_once(database: Database) {
    let desk = Desk::open(&database).await;
    let shift = desk.open_shift(600, 720, 5, 5).await;
    let own = desk.signs_up(&shift, 1).await.unwrap();
    desk.store.act_on_sign_up(&change(600), own.id, &Act::CheckIn).await.unwrap();
    let new = report(&own, Source::NoCheckOut);
    let made = desk.store.create_hour_report(&change(760), &new).await.unwrap();
    assert_eq!(desk.store.hour_report(made.id).await.unwrap(), Some(made.clone()));
    let twice = HourReport { id: Uuid::now_v7(), ..new };
    assert_eq!(reason(desk.store.create_hour_report(&change(761), &twice).await), "REPORTED_ALREADY");

    let found = async |filter: Filter| desk.store.hour_reports(&filter, None, 9).await.unwrap().len();
    let of_team = Filter { of_team: Some("t".into()), ..Filter::default() };
    assert_eq!(found(Filter::default()).await, 0, "of nobody's is none");
    assert_eq!(found(of_team.clone()).await, 1);
    assert_eq!(found(Filter { within: vec!["3211811".into()], ..Filter::default() }).await, 1);
    assert_eq!(found(Filter { source: Some(Source::NoShift), ..of_team.clone() }).await, 0);
    assert_eq!(found(Filter { spot_check: Some(true), ..of_team.clone() }).await, 0);
    assert_eq!(found(Filter { area: Some("321181101".parse().unwrap()), ..of_team.clone() }).await, 0);
    assert_eq!(found(Filter { team: Some("u".into()), ..of_team.clone() }).await, 0);
    let beyond = desk.store.hour_reports(&of_team, Some((made.create_time, made.id)), 9).await.unwrap();
    assert!(beyond.is_empty());
    assert_eq!(desk.store.own_hour_reports("v1", None, 9).await.unwrap(), std::slice::from_ref(&made));
    assert!(
        desk.store.own_hour_reports("v1", Some((made.create_time, made.id)), 9).await.unwrap().is_empty()
    );

    let own_account = Reviewer { name: "test#one", volunteer: None, coordinates: true };
    let own = desk.store.review_hour_report(&change(800), made.id, (true, ""), own_account).await;
    assert_eq!(reason(own), "OWN_REPORT");
    let leader = Reviewer { name: "test#leader", volunteer: Some("v9"), coordinates: false };
    let done = desk.store.review_hour_report(&change(801), made.id, (true, "thanks"), leader).await.unwrap();
    assert_eq!((done.state, done.comment.as_str()), (State::Accepted, "thanks"));
    assert_eq!(found(Filter { state: Some(State::Submitted), ..of_team }).await, 0);
    let again = desk.store.review_hour_report(&change(802), made.id, (true, ""), leader).await;
    assert_eq!(reason(again), "REPORT_REVIEWED");
    let entries = desk.store.hour_entries(&everybody(), None, 9).await;
    let entries = entries.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!((entries[0].facts.minutes, entries[0].facts.certifier.as_str()), (100, "test#leader"));
}
