//! Calendars as they are stored.

use std::collections::BTreeMap;

use minqing_cases::domain::calendar::national::{self, Kind, Named, Notice};
use minqing_cases::domain::calendar::record::{Changes, New, Record};
use minqing_cases::domain::calendar::rules::Exception;
use minqing_cases::domain::calendar::{CHINA, Hours, National, Ref};
use minqing_cases::store::Shared;
use minqing_platform::error::{Error, Kind as Obstacle, Refusal};
use minqing_platform::journal::{Change, RequestKey};
use minqing_testkit::{Database, on_both_databases};

on_both_databases! {
    the_calendar_of_china_is_there_from_the_start;
    the_carried_days_are_read_back_as_they_were_carried;
    founding_again_changes_nothing_and_a_newer_program_brings_newer_years;
    replicas_that_start_at_once_found_one_calendar;
    a_calendar_is_read_back_as_it_was_created;
    an_update_makes_a_version_and_leaves_the_older_ones;
    an_update_that_changes_nothing_makes_no_version;
    a_published_year_renews_every_calendar_it_applies_to;
    a_notice_that_was_changed_leaves_older_versions_as_they_were;
    calendars_are_listed_after_an_id_and_by_organization;
    changes_sent_again_are_answered_as_before;
    of_two_updates_of_one_version_one_is_told;
    updates_and_imports_at_once_lose_nothing;
}

/// A store with the calendar of China.
async fn open(database: &Database) -> Shared {
    let store = super::open(database).await;
    store.found_calendars(&change(), national::carried()).await.unwrap();
    store
}

/// A change that nobody repeats.
fn change() -> Change {
    Change::by_system(chrono::DateTime::from_timestamp(1_767_600_000, 123_456_000).unwrap())
}

/// A change under a request id; `request` stands for what the caller sent.
fn change_again(id: u128, request: &str) -> Change {
    let kind = Some(prost_types::value::Kind::StringValue(request.to_owned()));
    let id = uuid::Uuid::from_u128(id).to_string();
    Change { request: RequestKey::of(&id, "Test", &prost_types::Value { kind }).unwrap(), ..change() }
}

fn new(id: &str) -> New {
    New {
        id: id.to_owned(),
        display_name: format!("日历{id}"),
        organization: None,
        weekly: None,
        make_up: None,
        exceptions: BTreeMap::new(),
        national: true,
    }
}

fn named(date: &str, kind: Kind) -> Named {
    Named { date: date.parse().unwrap(), name: "元旦".into(), kind }
}

/// A notice for 2027.
fn notice(days: Vec<Named>) -> Notice {
    Notice { year: 2027, source: "https://www.gov.cn/x".into(), days }
}

async fn newest(store: &Shared, id: &str) -> Record {
    store.calendar(id, None).await.unwrap().unwrap()
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> (Obstacle, &'static str) {
    match result.unwrap_err() {
        Error::Refused(Refusal { kind, reason, .. }) => (kind, reason),
        other => panic!("no refusal: {other:?}"),
    }
}

async fn the_calendar_of_china_is_there_from_the_start(database: Database) {
    let store = open(&database).await;
    let china = newest(&store, CHINA).await;
    assert_eq!((china.reference, china.edition), (Ref { id: CHINA.into(), version: 1 }, Some(1)));
    assert_eq!(store.calendar_version(CHINA).await.unwrap(), Some(1));
    assert_eq!(store.calendar_version("other").await.unwrap(), None);
    assert_eq!(store.calendar(CHINA, Some(2)).await.unwrap(), None);
    // It is what the program begins with, and nobody's act.
    assert_eq!(store.events_end().await.unwrap(), (0, 0));
}

async fn the_carried_days_are_read_back_as_they_were_carried(database: Database) {
    let store = open(&database).await;
    let national = store.national(1).await.unwrap();
    assert_eq!(national, National::new(national::carried().to_vec()));
    assert_eq!(store.national(0).await.unwrap(), National::default());
}

async fn founding_again_changes_nothing_and_a_newer_program_brings_newer_years(database: Database) {
    let store = super::open(&database).await;
    let notices = national::carried();
    store.found_calendars(&change(), &notices[..19]).await.unwrap();
    store.found_calendars(&change(), &notices[..19]).await.unwrap();
    assert_eq!(newest(&store, CHINA).await.reference.version, 1);
    store.create_calendar(&change(), &New { national: false, ..new("hotline") }).await.unwrap();
    store.found_calendars(&change(), notices).await.unwrap();
    let china = newest(&store, CHINA).await;
    assert_eq!((china.reference.version, china.edition), (2, Some(2)));
    assert_eq!(newest(&store, "hotline").await.reference.version, 1);
    assert!(store.national(1).await.unwrap().years().eq(2007..=2025));
    assert!(store.national(2).await.unwrap().years().eq(2007..=2026));
}

async fn replicas_that_start_at_once_found_one_calendar(database: Database) {
    let store = super::open(&database).await;
    let change = change();
    let founded =
        futures::future::join_all((0..4).map(|_| store.found_calendars(&change, national::carried()))).await;
    founded.into_iter().for_each(|founded| founded.unwrap());
    assert_eq!(newest(&store, CHINA).await.edition, Some(1));
}

async fn a_calendar_is_read_back_as_it_was_created(database: Database) {
    let store = open(&database).await;
    let day = "2026-05-04".parse().unwrap();
    let wanted = New {
        organization: Some("water".into()),
        exceptions: BTreeMap::from([(day, Exception { hours: Hours::CLOSED, note: "搬迁".into() })]),
        ..new("water")
    };
    let made = store.create_calendar(&change(), &wanted).await.unwrap();
    assert_eq!(newest(&store, "water").await, made);
    assert_eq!((made.reference.version, made.edition), (1, Some(1)));
    let china = newest(&store, CHINA).await;
    assert_eq!(made.facts.rules.weekly, china.facts.rules.weekly);
    assert_eq!(made.facts.rules.exceptions, wanted.exceptions);
    let again = store.create_calendar(&change(), &wanted).await;
    assert_eq!(refused(again), (Obstacle::Exists, "ALREADY_EXISTS"));
    let never = New { weekly: Some(Default::default()), ..new("never") };
    assert_eq!(refused(store.create_calendar(&change(), &never).await).1, "NEVER_OPEN");
    assert_eq!(store.calendar("never", None).await.unwrap(), None);
}

async fn an_update_makes_a_version_and_leaves_the_older_ones(database: Database) {
    let store = open(&database).await;
    let before = newest(&store, CHINA).await;
    let mut weekly = before.facts.rules.weekly.clone();
    weekly[5] = weekly[0].clone();
    let changes = Changes { weekly: Some(weekly.clone()), ..Changes::default() };
    let after = store.update_calendar(&change(), CHINA, changes.clone(), Some(1)).await.unwrap();
    assert_eq!((after.reference.version, &after.facts.rules.weekly), (2, &weekly));
    assert_eq!(after.facts.display_name, before.facts.display_name);
    assert_eq!(newest(&store, CHINA).await, after);
    assert_eq!(store.calendar(CHINA, Some(1)).await.unwrap(), Some(before));
    assert_eq!(store.calendar_version(CHINA).await.unwrap(), Some(2));
    let stale = store.update_calendar(&change(), CHINA, changes.clone(), Some(1)).await;
    assert_eq!(refused(stale), (Obstacle::Stale, "ETAG_MISMATCH"));
    let nobody = store.update_calendar(&change(), "other", changes, None).await;
    assert_eq!(refused(nobody).0, Obstacle::Missing);
    let never = Changes { weekly: Some(Default::default()), ..Changes::default() };
    assert_eq!(refused(store.update_calendar(&change(), CHINA, never, None).await).1, "NEVER_OPEN");
}

async fn an_update_that_changes_nothing_makes_no_version(database: Database) {
    let store = open(&database).await;
    let there = newest(&store, CHINA).await;
    let same = Changes { display_name: Some(there.facts.display_name.clone()), ..Changes::default() };
    assert_eq!(store.update_calendar(&change(), CHINA, same, None).await.unwrap(), there);
    assert_eq!(store.events_end().await.unwrap(), (0, 0));
}

async fn a_published_year_renews_every_calendar_it_applies_to(database: Database) {
    let store = open(&database).await;
    store.create_calendar(&change(), &new("water")).await.unwrap();
    store.create_calendar(&change(), &New { national: false, ..new("hotline") }).await.unwrap();
    let notice = notice(vec![named("2026-12-31", Kind::Off), named("2027-01-01", Kind::Off)]);
    let trial = store.import_holidays(&change(), &notice, true).await.unwrap();
    assert_eq!(newest(&store, CHINA).await.reference.version, 1);
    let imported = store.import_holidays(&change(), &notice, false).await.unwrap();
    assert_eq!(trial, imported);
    let versions = [(CHINA, 2), ("water", 2)].map(|(id, version)| Ref { id: id.into(), version });
    assert_eq!(imported.versions, versions);
    assert_eq!(imported.changed.len(), 2);
    assert_eq!(newest(&store, CHINA).await.edition, Some(2));
    assert_eq!(newest(&store, "hotline").await.reference.version, 1);
    let (before, after) = (store.national(1).await.unwrap(), store.national(2).await.unwrap());
    assert!(before.years().eq(2007..=2026) && after.years().eq(2007..=2027));
    assert_eq!(after.on("2026-12-31".parse().unwrap()), Some((Kind::Off, "元旦")));
    assert_eq!(before.on("2026-12-31".parse().unwrap()), None);
    // The same again is nothing new.
    let again = store.import_holidays(&change(), &notice, false).await.unwrap();
    assert!(again.changed.is_empty() && again.versions.is_empty());
    assert_eq!(newest(&store, CHINA).await.reference.version, 2);
    let expected = [("CalendarCreated", 2), ("CalendarUpdated", 2)];
    super::expect_events(&store, &expected).await;
}

async fn a_notice_that_was_changed_leaves_older_versions_as_they_were(database: Database) {
    let store = open(&database).await;
    let first = notice(vec![named("2027-01-01", Kind::Off), named("2027-01-03", Kind::MakeUp)]);
    store.import_holidays(&change(), &first, false).await.unwrap();
    let second = notice(vec![named("2027-01-01", Kind::Off), named("2027-01-02", Kind::Off)]);
    let imported = store.import_holidays(&change(), &second, false).await.unwrap();
    let changed: Vec<String> = imported.changed.iter().map(ToString::to_string).collect();
    assert_eq!(changed, ["2027-01-02", "2027-01-03"]);
    let day = "2027-01-03".parse().unwrap();
    let frozen = store.calendar(CHINA, Some(2)).await.unwrap().unwrap().edition.unwrap();
    assert_eq!(store.national(frozen).await.unwrap().on(day), Some((Kind::MakeUp, "元旦")));
    let present = newest(&store, CHINA).await.edition.unwrap();
    assert_eq!(store.national(present).await.unwrap().on(day), None);
}

async fn calendars_are_listed_after_an_id_and_by_organization(database: Database) {
    let store = open(&database).await;
    for id in ["a", "b-1", "b"] {
        let organization = (id != "a").then(|| "water".to_owned());
        store.create_calendar(&change(), &New { organization, ..new(id) }).await.unwrap();
    }
    let move_away = Changes { organization: Some(None), ..Changes::default() };
    store.update_calendar(&change(), "b", move_away, None).await.unwrap();
    let list = async |organization: Option<&str>, after: &str, limit| {
        let found = store.calendars(organization, after, limit).await.unwrap();
        found.into_iter().map(|record| record.reference.id).collect::<Vec<_>>()
    };
    assert_eq!(list(None, "", 10).await, ["a", "b", "b-1", CHINA]);
    assert_eq!(list(None, "a", 2).await, ["b", "b-1"]);
    // The older version of b was the organization's; only the newest counts.
    assert_eq!(list(Some("water"), "", 10).await, ["b-1"]);
}

async fn changes_sent_again_are_answered_as_before(database: Database) {
    let store = open(&database).await;
    let first = store.create_calendar(&change_again(1, "a"), &new("a")).await.unwrap();
    assert_eq!(store.create_calendar(&change_again(1, "a"), &new("b")).await.unwrap(), first);
    let rename = |name: &str| Changes { display_name: Some(name.into()), ..Changes::default() };
    let second = store.update_calendar(&change_again(2, "a"), "a", rename("x"), None).await.unwrap();
    let again = store.update_calendar(&change_again(2, "a"), "a", rename("y"), None).await.unwrap();
    assert_eq!((again.reference.version, again), (2, second));
    let notice = notice(vec![named("2027-01-01", Kind::Off)]);
    let third = store.import_holidays(&change_again(3, "a"), &notice, false).await.unwrap();
    assert_eq!(store.import_holidays(&change_again(3, "a"), &notice, false).await.unwrap(), third);
    assert_eq!(third.versions.len(), 2);
}

async fn of_two_updates_of_one_version_one_is_told(database: Database) {
    let store = open(&database).await;
    let change = change();
    let rename = |name: &str| Changes { display_name: Some(name.into()), ..Changes::default() };
    let (first, second) = tokio::join!(
        store.update_calendar(&change, CHINA, rename("x"), Some(1)),
        store.update_calendar(&change, CHINA, rename("y"), Some(1)),
    );
    let (won, lost) = if first.is_ok() { (first, second) } else { (second, first) };
    assert_eq!(refused(lost).1, "ETAG_MISMATCH");
    assert_eq!(newest(&store, CHINA).await, won.unwrap());
}

async fn updates_and_imports_at_once_lose_nothing(database: Database) {
    let store = open(&database).await;
    let change = change();
    let work = (0..12).map(|number| {
        let (store, change) = (store.clone(), change.clone());
        async move {
            if number % 2 == 0 {
                let name = Some(format!("第{number}版"));
                let changes = Changes { display_name: name, ..Changes::default() };
                store.update_calendar(&change, CHINA, changes, None).await.map(drop)
            } else {
                let day = named(&format!("2027-02-{:02}", number + 1), Kind::Off);
                store.import_holidays(&change, &notice(vec![day]), false).await.map(drop)
            }
        }
    });
    for done in futures::future::join_all(work).await {
        done.unwrap();
    }
    let china = newest(&store, CHINA).await;
    assert_eq!((china.reference.version, china.edition), (13, Some(7)));
    // Each version differs from the one before in one way only: none was made from a stale one.
    for version in 2..=13 {
        let pair = [version - 1, version].map(|version| store.calendar(CHINA, Some(version)));
        let pair: Vec<Record> =
            futures::future::join_all(pair).await.into_iter().map(|found| found.unwrap().unwrap()).collect();
        let renamed = pair[0].facts.display_name != pair[1].facts.display_name;
        let renewed = pair[0].edition != pair[1].edition;
        assert!(renamed != renewed, "version {version}");
    }
}
