//! Who raised a case: sealed, apart from the case, and every reading recorded.

use minqing_cases::store::case::{NewCase, Reporter};
use minqing_platform::{db, seal};
use minqing_testkit::{Database, on_both_databases};

use super::desk::{Desk, change, clerk, later};

on_both_databases! {
    who_raised_a_case_is_in_no_table_as_they_said_it;
    every_reading_is_recorded_with_who_and_for_what;
    a_case_without_a_name_has_none;
}

const NAME: &str = "王小明";
const PHONE: &str = "13812345678";

fn sealed(number: &str) -> (seal::Keyring, Reporter) {
    let keyring = seal::Keyring::from_secret(&[7; 32]);
    let seal = |text: &str, column: &str| Some(keyring.seal(text, &format!("reporters.{column}:{number}")));
    let phone_index = Some(keyring.index("phone", PHONE).to_vec());
    let proxy = Some("people/helper".to_owned());
    let reporter = Reporter { name: seal(NAME, "name"), phone: seal(PHONE, "phone"), phone_index, proxy };
    (keyring, reporter)
}

async fn raise(desk: &Desk, number: &str, reporter: Reporter) {
    let new = NewCase { submission: Desk::submission(number), reporter, claims: Vec::new() };
    desk.store.submit_case(&change(), new, clerk(), &desk.calendar).await.unwrap();
}

/// Everything that stands in a table, as text, by a query of one column.
async fn rows(database: &Database, query: &'static str) -> Vec<String> {
    let url = minqing_platform::config::Secret::new(database.url().to_owned());
    let options = db::Options { url, ..db::Options::default() };
    match db::Database::connect(&options).await.unwrap() {
        db::Database::Sqlite(db) => sqlx::query_scalar(query).fetch_all(db.reads()).await.unwrap(),
        db::Database::Postgres(db) => sqlx::query_scalar(query).fetch_all(db.reads()).await.unwrap(),
    }
}

async fn who_raised_a_case_is_in_no_table_as_they_said_it(database: Database) {
    let desk = Desk::open(&database).await;
    let (keyring, reporter) = sealed("1");
    raise(&desk, "1", reporter.clone()).await;
    let read = desk.store.reporter("1").await.unwrap().unwrap();
    assert_eq!(read, reporter);
    assert_eq!(keyring.open(&read.name.unwrap(), "reporters.name:1").unwrap(), NAME);
    // Bound to its case: in another row it does not open.
    assert!(keyring.open(&read.phone.unwrap(), "reporters.phone:2").is_err());
    for query in [
        "SELECT state FROM cases",
        "SELECT event FROM case_events",
        "SELECT payload FROM events",
        "SELECT outcome FROM requests",
    ] {
        let rows = rows(&database, query).await;
        assert!(!rows.iter().any(|row| row.contains(NAME) || row.contains(PHONE)), "{query}");
    }
    let sealed: [Option<Vec<u8>>; 2] = [reporter.name, reporter.phone];
    for bytes in sealed.into_iter().flatten() {
        assert!(
            !bytes
                .windows(6)
                .any(|part| NAME.as_bytes().starts_with(part) || PHONE.as_bytes().starts_with(part))
        );
    }
}

async fn every_reading_is_recorded_with_who_and_for_what(database: Database) {
    let desk = Desk::open(&database).await;
    let (_, reporter) = sealed("1");
    raise(&desk, "1", reporter.clone()).await;
    desk.store.reporter("1").await.unwrap();
    let readings =
        "SELECT case_number || ' ' || actor || ' ' || purpose FROM reporter_readings ORDER BY read_time";
    assert!(rows(&database, readings).await.is_empty(), "what is only shown masked is no reading");
    let read = desk.store.read_reporter(&change(), "1", "回访").await.unwrap();
    assert_eq!(read, Some(reporter));
    desk.store.read_reporter(&later(1), "1", "核实").await.unwrap();
    // Where nobody is, nothing is read.
    assert_eq!(desk.store.read_reporter(&change(), "2", "回访").await.unwrap(), None);
    assert_eq!(rows(&database, readings).await, ["1 people/clerk 回访", "1 people/clerk 核实"]);
}

async fn a_case_without_a_name_has_none(database: Database) {
    let desk = Desk::open(&database).await;
    raise(&desk, "1", Reporter::default()).await;
    assert_eq!(desk.store.reporter("1").await.unwrap(), Some(Reporter::default()));
}
