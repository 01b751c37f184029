//! What the store keeps to, on both databases: every statement runs here on SQLite and on PostgreSQL.
#![cfg(test)]

mod contact;
mod contact_by_hand;
mod contact_ends;
mod contact_reading;
mod division;
mod division_ends;
mod grid;
mod grid_import;
mod household;
mod household_import;
mod organization;
mod person;

use chrono::NaiveDate;
use minqing_platform::code::Code;
use minqing_platform::db;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, RequestKey};
use minqing_registry::domain::division::NewDivision;
use minqing_registry::domain::{division_file, known};
use minqing_registry::store::{self, Shared};
use minqing_testkit::Database;

/// A store on a fresh database.
async fn open(database: &Database) -> Shared {
    let url = minqing_platform::config::Secret::new(database.url().to_owned());
    let options = db::Options { url, ..db::Options::default() };
    let database = db::Database::connect(&options).await.unwrap();
    store::sql::migrate(&database).await.unwrap();
    store::sql::open(&database, &minqing_platform::feed::Bell::default())
}

/// A store with the town and two villages that the contracts are about, in force since 2026-01-01.
async fn open_with_villages(database: &Database) -> Shared {
    let store = open(database).await;
    for (code, name) in [
        ("32", "江苏省"),
        ("3211", "镇江市"),
        ("321181", "丹阳市"),
        ("321181100", "司徒镇"),
        ("321181100201", "前巷村"),
        ("321181100202", "后巷村"),
    ] {
        store.create_division(&change(), &new_division(code, name), day("2026-01-01")).await.unwrap();
    }
    store
}

/// The files of Danyang that the program carries.
fn danyang() -> Vec<division_file::File> {
    known::files(&[known::STREETS, known::VILLAGES])
}

fn new_division(code_text: &str, name: &str) -> NewDivision {
    NewDivision { code: code(code_text), display_name: name.to_owned() }
}

/// A change that nobody repeats.
fn change() -> Change {
    Change::by_system(chrono::DateTime::from_timestamp(1_767_600_000, 123_456_000).unwrap())
}

/// A change under a request id; `request` stands for what the caller sent.
fn change_again(id: u128, request: &str) -> Change {
    let request =
        prost_types::Value { kind: Some(prost_types::value::Kind::StringValue(request.to_owned())) };
    let id = uuid::Uuid::from_u128(id).to_string();
    Change { request: RequestKey::of(&id, "Test", &request).unwrap(), ..change() }
}

fn code(text: &str) -> Code {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The reason of a refusal, or of the first field that is not valid.
#[track_caller]
fn reason<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    match result.unwrap_err() {
        Error::Refused(Refusal { reason, .. }) => reason,
        Error::Invalid(violations) => violations[0].reason,
        Error::Database(db::Error::RequestReused) => "REQUEST_ID_REUSED",
        other => panic!("neither a refusal nor a violation: {other:?}"),
    }
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
