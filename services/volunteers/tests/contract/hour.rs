//! Hours as they are stored.

use chrono::{DateTime, TimeDelta, Utc};
use minqing_platform::error::Error;
use minqing_platform::journal::{Change, RequestKey};
use minqing_testkit::{Database, on_both_databases};
use minqing_volunteers::domain::hour::chain::{Head, walk};
use minqing_volunteers::domain::hour::honour::{Honour, Kind};
use minqing_volunteers::domain::hour::{NewCorrection, NewEntry, Source, Total};
use minqing_volunteers::store::hour::Filter;
use uuid::Uuid;

use super::*;

on_both_databases! {
    what_was_entered_is_read_back_and_chained;
    of_a_batch_all_is_entered_or_nothing;
    nobody_is_in_two_places_at_one_time;
    what_was_corrected_away_is_in_nobodys_way;
    of_overlapping_entries_at_once_one_is_taken;
    batches_at_once_make_one_chain;
    of_corrections_at_once_no_two_take_the_same_minutes;
    a_request_sent_again_enters_nothing_more;
    lists_hold_what_the_caller_may_see_and_asked_for;
    thanks_for_one_need_are_said_once;
}

fn now() -> DateTime<Utc> {
    "2026-03-02T02:00:00Z".parse().unwrap()
}

fn by(actor: &str) -> Change {
    Change { actor: actor.to_owned(), now: now(), request: None }
}

/// An hour of somebody that began so many hours ago.
fn new(volunteer: &str, hours_ago: i64) -> NewEntry {
    let from = now() - TimeDelta::hours(hours_ago) + TimeDelta::microseconds(1);
    NewEntry {
        volunteer: volunteer.into(),
        team: "team".into(),
        post: "post".into(),
        activity: Some("activities/a".into()),
        shift: None,
        need: None,
        division_code: "321181100".into(),
        from,
        to: from + TimeDelta::minutes(59),
        minutes: 59,
        source: Source::CheckIn,
        recorder: "people/1".into(),
        certifier: "people/2 陪护".into(),
    }
}

fn reason<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    match result {
        Err(Error::Refused(refusal)) => refusal.reason,
        other => panic!("{other:?}"),
    }
}

fn less(of: i64, minutes: i64) -> NewCorrection {
    NewCorrection { of, minutes, reason: "came late".into(), recorder: "people/9".into() }
}

/// The chain from its beginning is whole, ends in its head, and adds up to so many minutes of these persons.
async fn is_whole(store: &Shared, expected: &[(&str, i64)]) {
    let entries = store.hour_chain_after(0, 100_000).await.unwrap();
    let mut head = Head::EMPTY;
    assert_eq!(walk(&mut head, &entries), []);
    assert_eq!(store.hour_chain().await.unwrap(), head);
    for (volunteer, minutes) in expected {
        let of_them = entries.iter().filter(|entry| entry.facts.volunteer == *volunteer);
        assert_eq!(of_them.map(|entry| entry.facts.minutes).sum::<i64>(), *minutes, "{volunteer}");
        assert_eq!(store.hour_total(volunteer).await.unwrap().minutes, *minutes, "{volunteer}");
    }
}

async fn what_was_entered_is_read_back_and_chained(database: Database) {
    let store = open(&database).await;
    assert_eq!(store.hour_chain().await.unwrap(), Head::EMPTY);
    let places = store.enter_hours(&by("people/1"), &[new("v1", 3), new("v2", 3)]).await.unwrap();
    assert_eq!(places, [1, 2]);
    let entry = store.hour_entry(1).await.unwrap().unwrap();
    let expected = minqing_volunteers::domain::hour::facts(&new("v1", 3), now());
    assert_eq!(entry.facts, expected);
    let correction = store.correct_hours(&by("people/9"), &less(1, -9), None).await.unwrap();
    assert_eq!((correction.seq, correction.facts.corrects), (3, Some(1)));
    assert_eq!(store.hour_entry(3).await.unwrap().as_ref(), Some(&correction));
    assert_eq!(store.hour_corrections(1).await.unwrap(), [correction]);
    assert_eq!(store.hour_total("v1").await.unwrap(), Total { minutes: 50, times: 1 });
    assert_eq!(store.hour_total("nobody").await.unwrap(), Total::default());
    assert_eq!(store.hour_entry(4).await.unwrap(), None);
    assert_eq!(reason(store.correct_hours(&by("people/9"), &less(4, -9), None).await), "NOT_FOUND");
    is_whole(&store, &[("v1", 50), ("v2", 59)]).await;
    expect_events(&store, &[("HoursEntered", 1), ("HoursCorrected", 1)]).await;
}

async fn of_a_batch_all_is_entered_or_nothing(database: Database) {
    let store = open(&database).await;
    let bad = NewEntry { minutes: 60, ..new("v2", 3) };
    let refused = store.enter_hours(&by("people/1"), &[new("v1", 3), bad]).await;
    assert_eq!(reason(refused), "HOURS_MINUTES");
    assert_eq!(store.enter_hours(&by("people/1"), &[]).await.unwrap(), Vec::<i64>::new());
    assert_eq!(store.hour_total("v1").await.unwrap(), Total::default());
    let many: Vec<NewEntry> = (1..=5_001).map(|at| new("v1", at)).collect();
    assert_eq!(reason(store.enter_hours(&by("people/1"), &many).await), "HOURS_TOO_MANY");
    let places = store.enter_hours(&by("people/1"), &many[..2_001]).await.unwrap();
    assert_eq!(places, (1..=2_001).collect::<Vec<i64>>());
    is_whole(&store, &[("v1", 2_001 * 59)]).await;
}

async fn nobody_is_in_two_places_at_one_time(database: Database) {
    let store = open(&database).await;
    let enter = async |new: &[NewEntry]| store.enter_hours(&by("people/1"), new).await;
    enter(&[new("v1", 5)]).await.unwrap();
    let within = |minutes| {
        let from = new("v1", 5).from + TimeDelta::minutes(minutes);
        NewEntry { from, to: from + TimeDelta::minutes(10), minutes: 10, ..new("v1", 5) }
    };
    for minutes in [-9, 0, 20, 58] {
        assert_eq!(reason(enter(&[within(minutes)]).await), "HOURS_OVERLAP", "{minutes}");
    }
    assert_eq!(reason(enter(&[within(100), within(105)]).await), "HOURS_OVERLAP");
    let all_day = NewEntry { from: new("v1", 20).from, to: now(), ..new("v1", 5) };
    assert_eq!(reason(enter(&[all_day]).await), "HOURS_OVERLAP");
    // One that ends as the other begins, and somebody else at the same time.
    enter(&[within(-10), within(59), new("v2", 5)]).await.unwrap();
    is_whole(&store, &[("v1", 79), ("v2", 59)]).await;
}

async fn what_was_corrected_away_is_in_nobodys_way(database: Database) {
    let store = open(&database).await;
    store.enter_hours(&by("people/1"), &[new("v1", 5)]).await.unwrap();
    store.correct_hours(&by("people/9"), &less(1, -59), None).await.unwrap();
    store.enter_hours(&by("people/1"), &[new("v1", 5)]).await.unwrap();
    is_whole(&store, &[("v1", 59)]).await;
    let own = store.correct_hours(&by("people/9"), &less(3, -1), Some("people/9")).await;
    assert_eq!(reason(own), "CORRECTION_OWN");
}

async fn of_overlapping_entries_at_once_one_is_taken(database: Database) {
    let store = open(&database).await;
    let tries = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.enter_hours(&by("people/1"), &[new("v1", 5)]).await })
    });
    let mut taken = 0;
    for one in tries.collect::<Vec<_>>() {
        match one.await.unwrap() {
            Ok(_) => taken += 1,
            other => assert_eq!(reason(other), "HOURS_OVERLAP"),
        }
    }
    assert_eq!(taken, 1);
    is_whole(&store, &[("v1", 59)]).await;
}

async fn batches_at_once_make_one_chain(database: Database) {
    let store = open(&database).await;
    let tries = (0..8).map(|writer| {
        let store = store.clone();
        tokio::spawn(async move {
            for round in 1..=5 {
                // Each batch has the same persons in another order.
                let mut batch: Vec<NewEntry> =
                    (0..6).map(|who| new(&format!("v{who}"), 1 + writer * 5 + round)).collect();
                batch.rotate_left(usize::try_from(writer % 6).unwrap());
                store.enter_hours(&by("people/1"), &batch).await.unwrap();
            }
        })
    });
    for one in tries.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    is_whole(&store, &[("v0", 40 * 59), ("v5", 40 * 59)]).await;
    assert_eq!(store.hour_chain().await.unwrap().seq, 240);
}

async fn of_corrections_at_once_no_two_take_the_same_minutes(database: Database) {
    let store = open(&database).await;
    store.enter_hours(&by("people/1"), &[new("v1", 5)]).await.unwrap();
    let tries = (0..6).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.correct_hours(&by("people/9"), &less(1, -20), None).await })
    });
    let mut taken = 0;
    for one in tries.collect::<Vec<_>>() {
        match one.await.unwrap() {
            Ok(_) => taken += 1,
            other => assert_eq!(reason(other), "HOURS_MINUTES"),
        }
    }
    assert_eq!(taken, 2);
    is_whole(&store, &[("v1", 19)]).await;
}

async fn a_request_sent_again_enters_nothing_more(database: Database) {
    let store = open(&database).await;
    let key = |id| Some(RequestKey { id: Uuid::from_u128(id), method: "X", digest: vec![1] });
    let first = Change { request: key(1), ..by("people/1") };
    let places = store.enter_hours(&first, &[new("v1", 5)]).await.unwrap();
    assert_eq!(store.enter_hours(&first, &[new("v1", 5)]).await.unwrap(), places);
    let second = Change { request: key(2), ..by("people/9") };
    let entry = store.correct_hours(&second, &less(1, -20), None).await.unwrap();
    assert_eq!(store.correct_hours(&second, &less(1, -20), None).await.unwrap(), entry);
    is_whole(&store, &[("v1", 39)]).await;
}

async fn lists_hold_what_the_caller_may_see_and_asked_for(database: Database) {
    let store = open(&database).await;
    let other = NewEntry {
        team: "other".into(),
        division_code: "321181101".into(),
        need: Some("n".into()),
        ..new("v2", 2)
    };
    store.enter_hours(&by("people/1"), &[new("v1", 5), new("v1", 4), other]).await.unwrap();
    let seqs = async |filter: Filter, before| {
        let found = store.hour_entries(&filter, before, 10).await.unwrap();
        found.iter().map(|entry| entry.seq).collect::<Vec<_>>()
    };
    let all = Filter { within: vec![String::new()], ..Filter::default() };
    assert_eq!(seqs(Filter::default(), None).await, Vec::<i64>::new());
    assert_eq!(seqs(all.clone(), None).await, [3, 2, 1]);
    assert_eq!(seqs(all.clone(), Some(3)).await, [2, 1]);
    assert_eq!(seqs(Filter { own: Some("v1".into()), ..Filter::default() }, None).await, [2, 1]);
    assert_eq!(seqs(Filter { teams: vec!["other".into()], ..Filter::default() }, None).await, [3]);
    assert_eq!(seqs(Filter { within: vec!["321181101".into()], ..Filter::default() }, None).await, [3]);
    assert_eq!(seqs(Filter { area: Some("321181100".parse().unwrap()), ..all.clone() }, None).await, [2, 1]);
    assert_eq!(seqs(Filter { volunteer: Some("v2".into()), ..all.clone() }, None).await, [3]);
    assert_eq!(seqs(Filter { team: Some("team".into()), ..all.clone() }, None).await, [2, 1]);
    assert_eq!(seqs(Filter { need: Some("n".into()), ..all.clone() }, None).await, [3]);
    assert_eq!(seqs(Filter { activity: Some("x".into()), ..all.clone() }, None).await, Vec::<i64>::new());
    let from = Some(new("v1", 4).from);
    assert_eq!(seqs(Filter { from, ..all.clone() }, None).await, [3, 2]);
    assert_eq!(seqs(Filter { before: from, ..all }, None).await, [1]);
}

async fn thanks_for_one_need_are_said_once(database: Database) {
    let store = open(&database).await;
    let honour = |at: u128, need: Option<&str>| Honour {
        id: Uuid::from_u128(at),
        kind: if need.is_some() { Kind::Thanks } else { Kind::Award },
        volunteer: "v1".into(),
        need: need.map(str::to_owned),
        text: "谢谢".into(),
        giver: "people/5".into(),
        create_time: now() + TimeDelta::seconds(i64::try_from(at).unwrap()),
    };
    for one in [honour(1, Some("n")), honour(2, Some("m")), honour(3, None), honour(4, None)] {
        assert_eq!(store.give_honour(&by("people/5"), &one).await.unwrap(), one);
    }
    let again = store.give_honour(&by("people/5"), &honour(5, Some("n"))).await;
    assert_eq!(reason(again), "ALREADY_EXISTS");
    let first = store.honours("v1", None, 2).await.unwrap();
    assert_eq!(first, [honour(4, None), honour(3, None)]);
    let rest = store.honours("v1", Some((first[1].create_time, first[1].id)), 9).await.unwrap();
    assert_eq!(rest, [honour(2, Some("m")), honour(1, Some("n"))]);
    assert_eq!(store.honours("v2", None, 9).await.unwrap(), []);
}
