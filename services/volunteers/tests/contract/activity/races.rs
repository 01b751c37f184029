//! Many at the same moment, at two replicas of the service.

use std::collections::{HashMap, HashSet};

use futures::StreamExt as _;
use futures::future::join_all;
use futures::stream;
use minqing_platform::db;
use minqing_platform::error::Error;
use minqing_testkit::{Database, on_both_databases};
use minqing_volunteers::domain::sign_up::State;
use minqing_volunteers::store::sign_up::{Act, Of};

use super::desk::{Desk, at, change};

on_both_databases! {
    two_hundred_people_get_ten_places_and_no_more;
    two_hundred_people_in_batches_get_ten_places_and_no_more;
    nobody_is_in_two_places_at_once_however_they_try;
    a_place_that_becomes_free_is_given_once;
    two_replicas_record_and_remind_once;
}

/// Two connections to one database, as two replicas have.
async fn replicas(database: &Database) -> [Desk; 2] {
    [Desk::open(database).await, Desk::open(database).await]
}

async fn two_hundred_people_get_ten_places_and_no_more(database: Database) {
    let desks = replicas(&database).await;
    let shift = desks[0].open_shift(600, 720, 10, 50).await;
    let calls = (0..200_u32).map(|number| desks[number as usize % 2].signs_up(&shift, number));
    // As many at a time as a replica has connections and some more: the gate of the service holds the others back.
    let outcomes: Vec<_> = stream::iter(calls).buffer_unordered(48).collect().await;
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for outcome in &outcomes {
        let what = match outcome {
            Ok(one) => one.state.as_str(),
            Err(Error::Refused(refusal)) => refusal.reason,
            Err(other) => panic!("{other:?}"),
        };
        *counts.entry(what).or_default() += 1;
    }
    assert_eq!(counts["confirmed"], 10);
    assert_eq!(counts["waiting"], 50);
    assert_eq!(counts["WAITING_LIST_FULL"], 140);
    let sheet = desks[1].store.sign_ups(&Of::Shift(shift.id), None, None, 500).await.unwrap();
    let lines: Vec<i64> = sheet.iter().map(|one| one.line).collect();
    assert_eq!(lines, (1..=60).collect::<Vec<_>>(), "each has a number of their own");
    assert!(sheet[..10].iter().all(|one| one.state == State::Confirmed));
}

async fn two_hundred_people_in_batches_get_ten_places_and_no_more(database: Database) {
    let desks = replicas(&database).await;
    let shift = desks[0].open_shift(600, 720, 10, 500).await;
    let batch = |from: u32| (from..from + 25).map(|number| desks[0].call(number, None)).collect::<Vec<_>>();
    let batches: Vec<_> = (0..8).map(|place| batch(place * 25)).collect();
    let calls =
        batches.iter().enumerate().map(|(place, batch)| desks[place % 2].store.sign_up_all(shift.id, batch));
    let outcomes: Vec<_> = join_all(calls).await.into_iter().flat_map(Result::unwrap).collect();
    let with = |state| outcomes.iter().filter(|one| one.as_ref().is_ok_and(|one| one.state == state)).count();
    assert_eq!((with(State::Confirmed), with(State::Waiting)), (10, 190));
    let counted = desks[0].store.shift(shift.id).await.unwrap().unwrap();
    assert_eq!((counted.taken, counted.waiting), (10, 190));
}

async fn nobody_is_in_two_places_at_once_however_they_try(database: Database) {
    let desks = replicas(&database).await;
    let mut shifts = Vec::new();
    for place in 0..8 {
        // Each overlaps the next one, and none but the neighbours.
        shifts.push(desks[0].open_shift(600 + place * 60, 690 + place * 60, 100, 100).await);
    }
    let calls = (0..20_u32).flat_map(|number| {
        let (desks, shifts) = (&desks, &shifts);
        (0..8_usize).map(move |place| desks[place % 2].signs_up(&shifts[place], number))
    });
    for outcome in join_all(calls).await {
        match outcome {
            Ok(_) => {}
            Err(Error::Refused(refusal)) => assert_eq!(refusal.reason, "TIME_TAKEN"),
            Err(Error::Database(db::Error::Conflict)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    for number in 0..20 {
        let own =
            desks[0].store.sign_ups(&Of::Volunteer(format!("v{number}")), None, None, 50).await.unwrap();
        assert!(!own.is_empty());
        for (place, one) in own.iter().enumerate() {
            assert!(own[place + 1..].iter().all(|other| !one.window.overlaps(&other.window)));
        }
    }
}

async fn a_place_that_becomes_free_is_given_once(database: Database) {
    let desks = replicas(&database).await;
    let shift = desks[0].open_shift(600, 720, 10, 50).await;
    let mut made = Vec::new();
    for number in 0..30 {
        made.push(desks[0].signs_up(&shift, number).await.unwrap());
    }
    // Nine with a place and nine who wait drop, while ten more come.
    let drops = made[1..19].iter().enumerate().map(|(place, one)| drops(&desks[place % 2], one.id));
    let coming = (100..110_u32).map(|number| desks[number as usize % 2].signs_up(&shift, number));
    let (_, came) = tokio::join!(join_all(drops), join_all(coming));
    assert!(came.iter().all(Result::is_ok));
    let sheet = desks[0].store.sign_ups(&Of::Shift(shift.id), None, None, 500).await.unwrap();
    let held = sheet.iter().filter(|one| one.state.holds()).count();
    let waits = sheet.iter().filter(|one| one.state == State::Waiting).count();
    let counted = desks[0].store.shift(shift.id).await.unwrap().unwrap();
    assert_eq!((held, waits), (10, 12));
    assert_eq!((counted.taken as usize, counted.waiting as usize), (held, waits));
    let who: HashSet<&str> = sheet.iter().map(|one| one.volunteer.as_str()).collect();
    assert_eq!(who.len(), sheet.len());
}

async fn drops(desk: &Desk, id: uuid::Uuid) {
    for _ in 0..20 {
        match desk.store.act_on_sign_up(&change(1), id, &Act::Drop).await {
            Err(Error::Database(db::Error::Conflict)) => {}
            other => {
                other.unwrap();
                return;
            }
        }
    }
    panic!("it was lost too often");
}

async fn two_replicas_record_and_remind_once(database: Database) {
    let desks = replicas(&database).await;
    let mut made = Vec::new();
    for place in 0..10 {
        let shift = desks[0].open_shift(600 + place, 720 + place, 2, 5).await;
        for number in 0..3 {
            made.push(desks[0].signs_up(&shift, u32::try_from(place).unwrap() * 10 + number).await.unwrap());
        }
    }
    let came = &made[0];
    desks[0].store.act_on_sign_up(&change(600), came.id, &Act::CheckIn).await.unwrap();
    let mut reminded = 0;
    for _ in 0..6 {
        let (early, noon) = (change(1), at(900));
        let [one, other] = [0, 1].map(|place| desks[place].store.remind(&early, noon, 7));
        let (one, other) = tokio::join!(one, other);
        reminded += one.unwrap() + other.unwrap();
    }
    assert_eq!(reminded, 19, "those who have a place and have not come yet");

    let mut settled = [0; 3];
    for _ in 0..4 {
        let (evening, end) = (change(1_000), at(970));
        let [one, other] = [0, 1].map(|place| desks[place].store.settle_shifts(&evening, end, 4));
        let (one, other) = tokio::join!(one, other);
        for one in [one.unwrap(), other.unwrap()] {
            settled[0] += one.shifts;
            settled[1] += one.no_shows;
            settled[2] += one.lapsed;
        }
    }
    assert_eq!(settled, [10, 19, 10]);
    super::expect_events(
        &desks[0].store,
        &[
            ("ActivityCreated", 10),
            ("ShiftCreated", 10),
            ("ActivityPublished", 10),
            ("SignUpCreated", 30),
            ("CheckedIn", 1),
            ("ShiftDueSoon", 19),
            ("NoShowRecorded", 19),
            ("SignUpLapsed", 10),
        ],
    )
    .await;
    let absent = made.iter().find(|one| one.id != came.id).unwrap();
    let lifted = Act::LiftNoShow("she was there".into());
    let lifted = desks[1].store.act_on_sign_up(&change(1_100), absent.id, &lifted).await.unwrap();
    assert_eq!((lifted.state, lifted.reason.as_str()), (State::Lifted, "she was there"));
}
