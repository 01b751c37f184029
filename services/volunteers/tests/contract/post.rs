//! Posts as they are stored.

use chrono::NaiveDate;
use minqing_platform::error::Error;
use minqing_platform::journal::{Change, RequestKey};
use minqing_testkit::{Database, on_both_databases};
use minqing_volunteers::domain::post::Category;
use minqing_volunteers::domain::post::file::{CARRIED, Row, read};
use minqing_volunteers::store::post::Filter;
use uuid::Uuid;

use super::*;

on_both_databases! {
    posts_are_founded_once_and_what_a_city_has_stays;
    an_import_is_done_whole_or_not_at_all_and_changes_nothing_again;
    posts_are_listed_by_each_filter;
    of_two_processes_that_found_posts_one_does;
}

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(super) fn today() -> NaiveDate {
    day("2026-03-02")
}

pub(super) fn change() -> Change {
    Change::by_system("2026-03-02T02:00:00.123456Z".parse().unwrap())
}

/// A change under a request id; `request` stands for what the caller sent.
pub(super) fn change_again(id: u128, request: &str) -> Change {
    let request = RequestKey { id: Uuid::from_u128(id), method: "Test", digest: request.as_bytes().to_vec() };
    Change { request: Some(request), ..change() }
}

#[track_caller]
pub(super) fn reason<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    match result {
        Err(Error::Refused(refusal)) => refusal.reason,
        Err(Error::Database(db::Error::RequestReused)) => "REQUEST_ID_REUSED",
        other => panic!("{other:?}"),
    }
}

fn carried() -> Vec<Row> {
    read(CARRIED.as_bytes()).unwrap()
}

/// A store with the posts that come with the service, in force since 2026-01-01.
pub(super) async fn founded(database: &Database) -> Shared {
    let store = open(database).await;
    assert!(store.found_posts(&change(), &carried(), day("2026-01-01")).await.unwrap());
    store
}

async fn posts_are_founded_once_and_what_a_city_has_stays(database: Database) {
    let store = founded(&database).await;
    let mut rows = carried();
    rows[0].post.display_name = "改名".to_owned();
    let id = rows[0].post.id.clone();
    assert!(!store.found_posts(&change(), &rows, today()).await.unwrap());
    let post = store.post(&id, None).await.unwrap().unwrap();
    assert_ne!(post.display_name, "改名");
    assert_eq!((post.version, post.effective.from), (1, day("2026-01-01")));
    assert_eq!(store.post("nothing", None).await.unwrap(), None);
    expect_events(&store, &[("PostCreated", 32)]).await;
}

async fn an_import_is_done_whole_or_not_at_all_and_changes_nothing_again(database: Database) {
    let store = founded(&database).await;
    let mut rows = carried();
    rows[0].post.display_name = "改名".to_owned();
    rows[1].post.id = "city-own".to_owned();
    let id = rows[0].post.id.clone();
    let mut faulty = rows.clone();
    faulty[2].from = Some(day("2026-02-01"));
    let faults = store.import_posts(&change(), &faulty, today(), false).await.unwrap().unwrap_err();
    assert_eq!((faults.len(), faults[0].reason), (1, "FIRST_DAY_CHANGES"));
    let checked = store.import_posts(&change(), &rows, today(), true).await.unwrap().unwrap();
    assert_eq!((checked.created, checked.updated, checked.unchanged), (1, 1, 30));
    assert_eq!(store.post("city-own", None).await.unwrap(), None);

    let first = change_again(1, "file");
    let done = store.import_posts(&first, &rows, today(), false).await.unwrap().unwrap();
    assert_eq!(done, checked);
    assert_eq!(store.import_posts(&first, &rows, today(), false).await.unwrap().unwrap(), done);
    let reused = store.import_posts(&change_again(1, "other"), &rows, today(), false).await;
    assert_eq!(reason(reused), "REQUEST_ID_REUSED");
    let again = store.import_posts(&change(), &rows, today(), false).await.unwrap().unwrap();
    assert_eq!((again.created, again.updated, again.unchanged), (0, 0, 32));
    assert_eq!(store.post(&id, None).await.unwrap().unwrap().display_name, "改名");
    let before = store.post(&id, Some(1)).await.unwrap().unwrap();
    assert_ne!(before.display_name, "改名");
    assert_eq!(store.post(&id, Some(3)).await.unwrap(), None);
    expect_events(&store, &[("PostCreated", 33), ("PostUpdated", 1)]).await;
}

async fn posts_are_listed_by_each_filter(database: Database) {
    let store = founded(&database).await;
    let mut rows = carried();
    rows[0].post.effective.to = Some(today());
    store.import_posts(&change(), &rows, today(), false).await.unwrap().unwrap();
    let count = async |filter: Filter| store.posts(&filter, "", 1_000).await.unwrap().len();
    assert_eq!(count(Filter::default()).await, 32);
    assert_eq!(count(Filter { on: Some(today()), ..Filter::default() }).await, 31);
    assert_eq!(count(Filter { on: Some(day("2025-12-31")), ..Filter::default() }).await, 0);
    let mut all = 0;
    for category in Category::ALL.iter().copied() {
        all += count(Filter { category: Some(category), ..Filter::default() }).await;
    }
    assert_eq!(all, 32);
    let first = store.posts(&Filter::default(), "", 10).await.unwrap();
    let rest = store.posts(&Filter::default(), &first[9].id, 100).await.unwrap();
    assert_eq!((first.len(), rest.len()), (10, 22));
    assert!(rest.iter().all(|post| post.id > first[9].id));
}

async fn of_two_processes_that_found_posts_one_does(database: Database) {
    let (one, other) = (open(&database).await, open(&database).await);
    let (rows, change) = (carried(), change());
    let (one, other) =
        tokio::join!(one.found_posts(&change, &rows, today()), other.found_posts(&change, &rows, today()));
    assert!(one.unwrap() ^ other.unwrap());
}
