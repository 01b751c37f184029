//! Several at once: one wins, and the others are told.

use futures::future::join_all;
use minqing_cases::domain::case::{Command, Status, Target};
use minqing_cases::store::case::Act;
use minqing_platform::db;
use minqing_platform::error::{Error, Kind, Refusal};
use minqing_testkit::{Database, on_both_databases};

use super::desk::{Desk, ROADS, WATER, change, change_again, clerk, lead, worker};

on_both_databases! {
    of_two_clerks_who_act_at_once_one_wins_and_the_other_is_told;
    of_many_who_act_on_one_etag_one_wins;
    those_who_only_add_something_lose_nothing;
    a_request_sent_twice_at_once_happens_once;
    two_cases_merged_into_each_other_at_once_are_not_both_gone;
}

/// Somebody was told that others were faster.
fn is_told(error: &Error) -> bool {
    let stale = matches!(error, Error::Refused(Refusal { kind: Kind::Stale | Kind::Rule, .. }));
    stale || matches!(error, Error::Database(db::Error::Conflict))
}

async fn of_two_clerks_who_act_at_once_one_wins_and_the_other_is_told(database: Database) {
    let desk = Desk::open(&database).await;
    for number in ["1", "2", "3", "4"] {
        desk.raised(number).await;
        desk.does(number, clerk(), desk.accept()).await.unwrap();
        let (one, other) =
            tokio::join!(desk.does(number, clerk(), lead(WATER)), desk.does(number, clerk(), lead(ROADS)));
        let (won, lost) = if one.is_ok() { (one, other) } else { (other, one) };
        let lost = lost.unwrap_err();
        assert!(is_told(&lost), "{lost:?}");
        let case = desk.check(number).await;
        assert_eq!((case.assignments.len(), &case), (1, &won.unwrap()));
    }
}

async fn of_many_who_act_on_one_etag_one_wins(database: Database) {
    let desk = Desk::open(&database).await;
    let version = Some(desk.raised("1").await.version);
    let change = change();
    let all = (0..8).map(|number| {
        let command = Command::Reply(format!("第{number}次"));
        desk.store.act(&change, Act { version, ..desk.act("1", clerk(), command) })
    });
    let done = join_all(all).await;
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1);
    assert!(done.iter().filter_map(|done| done.as_ref().err()).all(is_told));
    assert_eq!(desk.check("1").await.replies.len(), 1);
}

async fn those_who_only_add_something_lose_nothing(database: Database) {
    let desk = Desk::open(&database).await;
    desk.signed("1").await;
    let all = (0..8).map(|number| {
        let desk = &desk;
        async move {
            // Whoever lost a race tries again, as a caller would.
            loop {
                match desk.on("1", WATER, Target::Reply(format!("第{number}次"))).await {
                    Err(Error::Database(db::Error::Conflict)) => tokio::task::yield_now().await,
                    done => return done.unwrap(),
                }
            }
        }
    });
    join_all(all).await;
    assert_eq!(desk.check("1").await.replies.len(), 8);
}

async fn a_request_sent_twice_at_once_happens_once(database: Database) {
    let desk = Desk::open(&database).await;
    desk.signed("1").await;
    let change = change_again(1, "a");
    let reply = || desk.act("1", worker(WATER), Command::On(1, Target::Reply("收到".into())));
    let (one, other) = tokio::join!(desk.store.act(&change, reply()), desk.store.act(&change, reply()));
    for done in [one, other] {
        assert!(done.as_ref().map_or_else(is_told, |case| case.replies.len() == 1), "{done:?}");
    }
    assert_eq!(desk.store.act(&change, reply()).await.unwrap().replies.len(), 1);
    assert_eq!(desk.check("1").await.replies.len(), 1);
}

async fn two_cases_merged_into_each_other_at_once_are_not_both_gone(database: Database) {
    let desk = Desk::open(&database).await;
    for (one, other) in [("1", "2"), ("3", "4"), ("5", "6")] {
        desk.raised(one).await;
        desk.raised(other).await;
        let change = change();
        let merge = |from, into: &'static str| {
            let act = desk.act(from, clerk(), Command::Merge(into.to_owned()));
            desk.store.merge_case(&change, act, into, &desk.calendar)
        };
        let (first, second) = tokio::join!(merge(one, other), merge(other, one));
        assert_eq!(
            [&first, &second].iter().filter(|merged| merged.is_ok()).count(),
            1,
            "{first:?} {second:?}"
        );
        let statuses = [desk.check(one).await.status, desk.check(other).await.status];
        assert_eq!(statuses.iter().filter(|status| **status == Status::Merged).count(), 1);
    }
}
