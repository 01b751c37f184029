//! What the store keeps to, on both databases: every statement runs here on SQLite and on PostgreSQL.
#![cfg(test)]

use minqing_platform::db;
use minqing_testkit::{Database, on_both_databases};
use minqing_volunteers::store::{self, Shared};

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
