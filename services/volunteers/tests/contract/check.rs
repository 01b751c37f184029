//! Whatever is changed behind the service's back is found, on both databases.

use chrono::{DateTime, TimeDelta, Utc};
use minqing_platform::journal::Change;
use minqing_testkit::{Database, on_both_databases};
use minqing_volunteers::domain::hour::{self, NewCorrection, NewEntry};
use minqing_volunteers::domain::need::{Command, Place, Promise, Requirements, Risk, Source, Submission};
use minqing_volunteers::store::need::Act;
use minqing_volunteers::verify::verify;
use uuid::Uuid;

use super::*;

on_both_databases! {
    what_is_whole_has_no_fault;
    a_change_of_any_column_of_an_entry_is_found;
    an_entry_that_is_taken_away_is_found_wherever_it_stood;
    a_head_or_a_total_that_does_not_follow_is_found;
    a_change_of_any_column_of_a_need_is_found;
    a_history_that_was_changed_is_found;
    a_load_that_does_not_follow_is_found;
}

fn now() -> DateTime<Utc> {
    "2026-03-02T02:00:00Z".parse().unwrap()
}

fn by(actor: &str, hours: i64) -> Change {
    Change { actor: actor.to_owned(), now: now() + TimeDelta::hours(hours), request: None }
}

/// Two people's hours, one of them corrected: three entries, all fields of the second given.
async fn serve(store: &Shared) {
    let entry = |volunteer: &str, hours: i64| NewEntry {
        volunteer: volunteer.into(),
        team: "team".into(),
        post: "post".into(),
        activity: Some("a".into()),
        shift: Some("s".into()),
        need: Some("n".into()),
        division_code: "321181100".into(),
        from: now() - TimeDelta::hours(hours),
        to: now() - TimeDelta::hours(hours - 1),
        minutes: 50,
        source: hour::Source::CheckIn,
        recorder: "people/1".into(),
        certifier: "people/2".into(),
    };
    store.enter_hours(&by("people/1", 0), &[entry("v1", 5), entry("v2", 3)]).await.unwrap();
    let less = NewCorrection { of: 1, minutes: -9, reason: "came late".into(), recorder: "people/9".into() };
    store.correct_hours(&by("people/9", 1), &less, None).await.unwrap();
}

/// A need that a team took on, by four events.
async fn need(store: &Shared) -> Uuid {
    let place = Place { code: "321181100".parse().unwrap(), position: None, address: String::new() };
    let requirements = Requirements {
        post: Some("post".into()),
        skills: Vec::new(),
        headcount: 1,
        windows: Vec::new(),
        risk: Risk::Low,
    };
    let id = Uuid::from_u128(7);
    let submission = Submission {
        id,
        source: Source::Resident,
        assignment: None,
        planner: None,
        title: "shopping".into(),
        content: String::new(),
        place: place.clone(),
        requirements: requirements.clone(),
        due: now() + TimeDelta::days(1),
    };
    store.submit_need(&by("people/5", 0), submission).await.unwrap();
    let propose = Command::Propose { team: "t1".into(), matching: None };
    for (at, command) in (1..).zip([Command::Verify(requirements, place), propose, Command::Accept]) {
        let act = Act { id, version: None, command: &command, promise: Promise::NONE, capacity: 3 };
        store.act_on_need(&by("people/6", at), act).await.unwrap();
    }
    id
}

/// Does something behind the service's back.
pub(super) async fn execute(database: &Database, statement: &str) {
    let url = minqing_platform::config::Secret::new(database.url().to_owned());
    let options = db::Options { url, ..db::Options::default() };
    let statement = sqlx::AssertSqlSafe(statement.to_owned());
    match db::Database::connect(&options).await.unwrap() {
        db::Database::Sqlite(db) => {
            let mut tx = db.begin().await.unwrap();
            sqlx::query(statement).execute(&mut *tx).await.unwrap();
            tx.commit().await.unwrap();
        }
        db::Database::Postgres(db) => {
            let mut tx = db.begin().await.unwrap();
            sqlx::query(statement).execute(&mut *tx).await.unwrap();
            tx.commit().await.unwrap();
        }
    }
}

/// Something is found that is said so.
#[track_caller]
pub(super) fn found(faults: &[String], said: &str, after: &str) {
    assert!(faults.iter().any(|fault| fault.contains(said)), "after {after}: {faults:?}");
}

pub(super) async fn faults(store: &Shared) -> Vec<String> {
    verify(store).await.unwrap().faults
}

async fn what_is_whole_has_no_fault(database: Database) {
    let store = open(&database).await;
    assert_eq!(verify(&store).await.unwrap(), Default::default());
    serve(&store).await;
    need(&store).await;
    let report = verify(&store).await.unwrap();
    assert_eq!(report.faults, Vec::<String>::new());
    assert_eq!((report.entries, report.needs, report.events), (3, 1, 4));
}

async fn a_change_of_any_column_of_an_entry_is_found(database: Database) {
    let store = open(&database).await;
    serve(&store).await;
    execute(&database, "CREATE TABLE kept AS SELECT * FROM hour_entries WHERE seq = 2").await;
    // The second entry, so that one stands before it and one after.
    for (column, value) in [
        ("volunteer", "'v9'"),
        ("team", "'other'"),
        ("post", "'other'"),
        ("activity", "NULL"),
        ("shift", "''"),
        ("need", "NULL"),
        ("division_code", "'321182'"),
        ("from_time", "record_time"),
        ("to_time", "from_time"),
        ("minutes", "minutes + 1"),
        ("source", "'self_report'"),
        ("corrects", "1"),
        ("reason", "'none'"),
        ("recorder", "'people/2'"),
        ("certifier", "'people/1'"),
        ("record_time", "from_time"),
        ("hash", "(SELECT hash FROM hour_chain)"),
    ] {
        execute(&database, &format!("UPDATE hour_entries SET {column} = {value} WHERE seq = 2")).await;
        found(&faults(&store).await, "hourEntries/2 was changed", column);
        let back = format!("UPDATE hour_entries SET {column} = (SELECT {column} FROM kept) WHERE seq = 2");
        execute(&database, &back).await;
        assert_eq!(faults(&store).await, Vec::<String>::new(), "{column}");
    }
    execute(&database, "UPDATE hour_entries SET seq = 9 WHERE seq = 2").await;
    found(&faults(&store).await, "missing before hourEntries/3", "seq");
}

async fn an_entry_that_is_taken_away_is_found_wherever_it_stood(database: Database) {
    let store = open(&database).await;
    serve(&store).await;
    execute(&database, "DELETE FROM hour_entries WHERE seq = 3").await;
    let told = faults(&store).await;
    found(&told, "ends at hourEntries/2", "the last");
    found(&told, "volunteers/v1: 41 minutes and 1 times are kept, the entries make 50 and 1", "the last");
    execute(&database, "DELETE FROM hour_entries WHERE seq = 1").await;
    found(&faults(&store).await, "missing before hourEntries/2", "the first");
    execute(&database, "DELETE FROM hour_entries").await;
    found(&faults(&store).await, "ends at hourEntries/0", "all");
}

async fn a_head_or_a_total_that_does_not_follow_is_found(database: Database) {
    let store = open(&database).await;
    serve(&store).await;
    execute(&database, "UPDATE hour_chain SET seq = 2").await;
    found(&faults(&store).await, "ends at hourEntries/3", "another head");
    execute(&database, "UPDATE hour_chain SET seq = 3").await;
    execute(&database, "UPDATE hour_totals SET times = 2 WHERE volunteer = 'v2'").await;
    assert_eq!(
        faults(&store).await,
        ["volunteers/v2: 50 minutes and 2 times are kept, the entries make 50 and 1"]
    );
    execute(&database, "DELETE FROM hour_totals WHERE volunteer = 'v2'").await;
    assert_eq!(faults(&store).await, ["volunteers/v2: the total is missing"]);
}

async fn a_change_of_any_column_of_a_need_is_found(database: Database) {
    let store = open(&database).await;
    let id = need(&store).await;
    execute(&database, "CREATE TABLE kept AS SELECT * FROM needs").await;
    for (column, value) in [
        ("version", "version + 1"),
        ("status", "'open'"),
        ("source", "'team'"),
        ("raiser", "'people/9'"),
        ("division_code", "'321182'"),
        ("post", "''"),
        ("team", "'t2'"),
        ("assignment", "'cases/1/assignments/1'"),
        ("due_time", "create_time"),
        ("answer_refused", "TRUE"),
        ("create_time", "update_time"),
        ("update_time", "create_time"),
    ] {
        execute(&database, &format!("UPDATE needs SET {column} = {value}")).await;
        let said = format!("needs/{id}: what is kept of it for lists differs");
        found(&faults(&store).await, &said, column);
        execute(&database, &format!("UPDATE needs SET {column} = (SELECT {column} FROM kept)")).await;
        assert_eq!(faults(&store).await, Vec::<String>::new(), "{column}");
    }
    execute(&database, "UPDATE needs SET state = REPLACE(state, 'shopping', 'cleaning')").await;
    found(&faults(&store).await, "makes another need", "state");
}

async fn a_history_that_was_changed_is_found(database: Database) {
    let store = open(&database).await;
    need(&store).await;
    execute(&database, "CREATE TABLE kept AS SELECT * FROM need_events").await;
    for (column, value, version) in [
        ("actor", "'people/9'", 1),
        ("occur_time", "(SELECT occur_time FROM kept WHERE version = 1)", 4),
        ("event", "REPLACE(event, 't1', 't2')", 3),
    ] {
        let at = format!("WHERE version = {version}");
        execute(&database, &format!("UPDATE need_events SET {column} = {value} {at}")).await;
        found(&faults(&store).await, "makes another need", column);
        let back = format!("UPDATE need_events SET {column} = (SELECT {column} FROM kept {at}) {at}");
        execute(&database, &back).await;
    }
    assert_eq!(faults(&store).await, Vec::<String>::new());
    execute(&database, "DELETE FROM need_events WHERE version = 2").await;
    found(&faults(&store).await, "event 2 is missing", "an event less");
    execute(&database, "DELETE FROM need_events").await;
    found(&faults(&store).await, "does not begin with a submission", "no event");
}

async fn a_load_that_does_not_follow_is_found(database: Database) {
    let store = open(&database).await;
    need(&store).await;
    execute(&database, "UPDATE team_loads SET needs = 0").await;
    assert_eq!(faults(&store).await, ["teams/t1: 0 needs are kept, the histories make 1"]);
    execute(&database, "INSERT INTO team_loads (team, needs) VALUES ('t2', 1)").await;
    found(&faults(&store).await, "teams/t2: 1 needs are kept, the histories make 0", "a team of no need");
    execute(&database, "DELETE FROM team_loads").await;
    assert_eq!(faults(&store).await, ["teams/t1: how many needs it has is not kept"]);
}
