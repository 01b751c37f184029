//! Exactly once, whoever races, dies or has the wrong time.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::Duration;
use minqing_cases::domain::case::{Rung, Target};
use minqing_cases::store::timer::Climb;
use minqing_cases::{Cases, Summary};
use minqing_platform::error::Error;
use minqing_testkit::{Database, on_both_databases};
use uuid::Uuid;

use crate::matter::{at, breaches, china, dispatched, on, rungs};
use crate::room;

const CASE: &str = "202603020000000001";
const MONDAY: &str = "2026-03-02T02:00:00Z";
/// When every rung is due.
const LATER: &str = "2026-03-16T02:00:00Z";

on_both_databases! {
    workers_that_race_climb_each_rung_once;
    after_a_crash_between_claim_and_commit_the_lease_ends_and_it_is_done_once;
    a_replica_whose_clock_is_fast_tells_nobody_twice;
    what_was_decided_on_an_older_version_is_not_written;
    a_unit_that_acts_at_the_same_moment_loses_nothing;
    a_registry_that_does_not_answer_delays_and_loses_nothing;
    hundreds_that_fall_due_together_are_climbed_in_two_rounds;
}

fn number(place: usize) -> String {
    format!("2026030200000{place:05}")
}

/// Ticks until nothing is due.
async fn run(cases: &Cases) -> Result<usize, Error> {
    let mut climbed = 0;
    loop {
        let summary = cases.tick().await?;
        climbed += summary.climbed;
        if !summary.more && summary.delayed == 0 {
            return Ok(climbed);
        }
        tokio::task::yield_now().await;
    }
}

async fn workers_that_race_climb_each_rung_once(database: Database) {
    const COUNT: usize = 60;
    let (first, second) = (room::open(&database).await, room::open(&database).await);
    let store = first.cases.store().clone();
    let calendar = china(&store).await;
    for place in 0..COUNT {
        dispatched(&store, &calendar, &number(place), at(MONDAY)).await;
    }
    for room in [&first, &second] {
        room.clock.set(at(LATER));
    }
    let workers = [&first, &second, &first, &second].map(|room| run(&room.cases));
    let climbed: usize =
        futures::future::join_all(workers).await.into_iter().map(|climbed| climbed.unwrap()).sum();
    assert_eq!(climbed, COUNT * 4);
    for place in 0..COUNT {
        assert_eq!(rungs(&store, &number(place)).await, Rung::ALL, "case {place}");
        assert_eq!(breaches(&store, &number(place)).await, 1);
    }
    assert_eq!(first.cases.tick().await.unwrap(), Summary::default());
}

async fn after_a_crash_between_claim_and_commit_the_lease_ends_and_it_is_done_once(database: Database) {
    let room = room::open(&database).await;
    let store = room.cases.store().clone();
    dispatched(&store, &*china(&store).await, CASE, at(MONDAY)).await;
    let now = at(LATER);
    room.clock.set(now);
    // A process takes it up, and dies.
    let claimed = store.claim_timers(Uuid::now_v7(), now, now + Duration::seconds(60), 10).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(room.cases.tick().await.unwrap(), Summary::default());
    room.clock.advance(Duration::seconds(59));
    assert_eq!(room.cases.tick().await.unwrap(), Summary::default());
    room.clock.advance(Duration::seconds(1));
    assert_eq!(room.cases.tick().await.unwrap().climbed, 4);
    assert_eq!(room.cases.tick().await.unwrap(), Summary::default());
    assert_eq!(rungs(&store, CASE).await, Rung::ALL);
}

async fn a_replica_whose_clock_is_fast_tells_nobody_twice(database: Database) {
    let (slow, fast) = (room::open(&database).await, room::open(&database).await);
    let store = slow.cases.store().clone();
    dispatched(&store, &*china(&store).await, CASE, at(MONDAY)).await;
    // Due on Thursday at nine. The one takes it up in time; by the other's clock its lease is long over.
    let now = at("2026-03-05T01:00:00Z");
    slow.clock.set(now);
    fast.clock.set(now + Duration::minutes(10));
    let claimed = store.claim_timers(Uuid::now_v7(), now, now + Duration::seconds(60), 10).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(fast.cases.tick().await.unwrap().climbed, 1);
    slow.clock.advance(Duration::minutes(10));
    assert_eq!(slow.cases.tick().await.unwrap(), Summary::default());
    assert_eq!(rungs(&store, CASE).await, [Rung::DueSoon]);
    // One whose clock is slow finds nothing due, and moves nothing.
    slow.clock.set(at(MONDAY));
    fast.clock.set(at("2026-03-06T01:00:00Z"));
    assert_eq!(slow.cases.tick().await.unwrap(), Summary::default());
    assert_eq!(fast.cases.tick().await.unwrap().climbed, 1);
    assert_eq!(rungs(&store, CASE).await, [Rung::DueSoon, Rung::Urge]);
}

async fn what_was_decided_on_an_older_version_is_not_written(database: Database) {
    let room = room::open(&database).await;
    let store = room.cases.store().clone();
    let calendar = china(&store).await;
    let before = dispatched(&store, &calendar, CASE, at(MONDAY)).await;
    on(&store, &calendar, CASE, at(MONDAY), Target::Sign).await;
    room.clock.set(at(LATER));
    let change = room.cases.change_by_system();
    let steps = vec![(1, Rung::DueSoon, Vec::new())];
    let climb = |version| Climb {
        number: CASE.to_owned(),
        version,
        calendar: Arc::clone(&calendar),
        steps: steps.clone(),
    };
    assert!(store.climb(&change, &[climb(before.version)]).await.unwrap().is_empty());
    let present = climb(before.version + 1);
    let (one, other) = tokio::join!(
        store.climb(&change, std::slice::from_ref(&present)),
        store.climb(&change, std::slice::from_ref(&present))
    );
    assert_eq!(one.unwrap().len() + other.unwrap().len(), 1);
    // A rung that was climbed is refused, whatever version is named.
    assert!(store.climb(&change, &[climb(before.version + 2)]).await.unwrap().is_empty());
    assert_eq!(rungs(&store, CASE).await, [Rung::DueSoon]);
}

async fn a_unit_that_acts_at_the_same_moment_loses_nothing(database: Database) {
    let room = room::open(&database).await;
    let store = room.cases.store().clone();
    let calendar = china(&store).await;
    for place in 0..20 {
        dispatched(&store, &calendar, &number(place), at(MONDAY)).await;
    }
    room.clock.set(at(LATER));
    let sign = async {
        for place in 0..20 {
            // The race is lost at times: then it is tried again, as a caller would.
            let number = number(place);
            let mut tries = 0;
            while let Err(error) = crate::matter::act(
                &store,
                &calendar,
                &number,
                at(LATER),
                crate::matter::officer(),
                minqing_cases::domain::case::Command::On(1, Target::Sign),
            )
            .await
            {
                tries += 1;
                assert!(tries < 50, "{error:?}");
            }
        }
    };
    let (_, ()) = tokio::join!(room.cases.tick(), sign);
    room.clock.advance(Duration::minutes(2));
    run(&room.cases).await.unwrap();
    for place in 0..20 {
        assert_eq!(rungs(&store, &number(place)).await, Rung::ALL);
        let case = store.case(&number(place)).await.unwrap().unwrap();
        assert!(case.assignments[0].signed.is_some());
    }
}

async fn a_registry_that_does_not_answer_delays_and_loses_nothing(database: Database) {
    let room = room::open(&database).await;
    let alone = room::open_apart(&database).await;
    let store = room.cases.store().clone();
    dispatched(&store, &*china(&store).await, CASE, at(MONDAY)).await;
    alone.clock.set(at(LATER));
    let summary = alone.cases.tick().await.unwrap();
    assert_eq!((summary.claimed, summary.climbed, summary.delayed), (1, 0, 1));
    assert_eq!(alone.cases.tick().await.unwrap().claimed, 0, "it is not asked again at once");
    alone.clock.advance(Duration::seconds(2));
    assert_eq!(alone.cases.tick().await.unwrap().delayed, 1);
    alone.clock.advance(Duration::seconds(2));
    assert_eq!(alone.cases.tick().await.unwrap().claimed, 0, "each time it waits longer");
    assert!(rungs(&store, CASE).await.is_empty());
    // It answers again.
    room.clock.set(at(LATER) + Duration::minutes(10));
    assert_eq!(room.cases.tick().await.unwrap().climbed, 4);
}

async fn hundreds_that_fall_due_together_are_climbed_in_two_rounds(database: Database) {
    // More than one round takes up.
    const COUNT: usize = 520;
    let room = room::open(&database).await;
    let store = room.cases.store().clone();
    let calendar = china(&store).await;
    for chunk in (0..COUNT).collect::<Vec<_>>().chunks(8) {
        let made = chunk.iter().map(|place| {
            let (store, calendar) = (store.clone(), Arc::clone(&calendar));
            async move { dispatched(&store, &calendar, &number(*place), at(MONDAY)).await }
        });
        futures::future::join_all(made).await;
    }
    room.clock.set(at("2026-03-05T01:00:00Z"));
    let mut rounds: BTreeMap<usize, Summary> = BTreeMap::new();
    for round in 1.. {
        let summary = room.cases.tick().await.unwrap();
        rounds.insert(round, summary);
        if !summary.more {
            break;
        }
    }
    let climbed: usize = rounds.values().map(|summary| summary.climbed).sum();
    assert_eq!((climbed, rounds.len()), (COUNT, 2), "{rounds:?}");
}
