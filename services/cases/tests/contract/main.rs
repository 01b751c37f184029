//! What the store keeps to, on both databases: every statement runs here on SQLite and on PostgreSQL.
#![cfg(test)]

mod calendar;
mod case;
mod check;
mod dispatch;
mod item;
#[path = "../room/matter.rs"]
mod matter;
mod observation;
mod search;
mod similar;
mod timer;

mod attachment;

use minqing_cases::store::{self, Shared};
use minqing_platform::db;
use minqing_testkit::{Database, on_both_databases};

on_both_databases! {
    a_fresh_store_has_no_events;
}

/// A store on a fresh database.
async fn open(database: &Database) -> Shared {
    let url = minqing_platform::config::Secret::new(database.url().to_owned());
    let options = db::Options { url, ..db::Options::default() };
    let database = db::Database::connect(&options).await.unwrap();
    store::sql::migrate(&database).await.unwrap();
    store::sql::open(&database, &minqing_platform::feed::Bell::default())
}

async fn a_fresh_store_has_no_events(database: Database) {
    let store = open(&database).await;
    assert_eq!(store.events_end().await.unwrap(), (0, 0));
}

/// Checks how many events of each kind the feed has, in the order of their first appearance. On PostgreSQL the feed
/// hides what a transaction still running could precede, also one of a test beside this one; so it may take a moment.
#[track_caller]
fn expect_events<'a>(
    store: &'a Shared,
    expected: &'a [(&'static str, usize)],
) -> impl Future<Output = ()> + use<'a> {
    let caller = std::panic::Location::caller();
    async move {
        let mut seen: Vec<(String, usize)> = Vec::new();
        for _ in 0..200 {
            seen.clear();
            for event in store.events_after(0, 0, 100_000).await.unwrap() {
                match seen.iter_mut().find(|(kind, _)| *kind == event.kind) {
                    Some((_, count)) => *count += 1,
                    None => seen.push((event.kind, 1)),
                }
            }
            if seen.iter().map(|(kind, count)| (kind.as_str(), *count)).eq(expected.iter().copied()) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("{caller}: the feed has {seen:?}, not {expected:?}");
    }
}
