//! The catalogue as it is stored.

use chrono::{DateTime, NaiveDate, Utc};
use minqing_cases::domain::calendar::Limit;
use minqing_cases::domain::case::CaseType;
use minqing_cases::domain::item::{Changes, Document, Facts, Item, Level, NewItem};
use minqing_cases::domain::item_file::{self, Row};
use minqing_cases::domain::item_import::Report;
use minqing_cases::store::Shared;
use minqing_cases::store::item::Filter;
use minqing_platform::db;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::{Change, RequestKey};
use minqing_platform::period::Period;
use minqing_testkit::{Database, on_both_databases};

use super::{expect_events, open};

on_both_databases! {
    an_item_is_read_back_as_it_was_created;
    an_update_makes_a_version_and_leaves_the_older_ones;
    an_update_that_changes_nothing_makes_no_version;
    a_promise_longer_than_the_law_is_refused;
    an_item_ends_once_and_changes_no_more;
    items_are_listed_by_each_filter;
    an_import_is_done_whole_or_not_at_all_and_changes_nothing_again;
    thousands_are_imported_at_once_and_exported_as_they_are;
    changes_sent_again_are_answered_as_before;
    of_two_updates_of_one_version_one_is_told;
}

/// A change that nobody repeats.
pub(super) fn change() -> Change {
    Change::by_system(now())
}

pub(super) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_600_000, 123_456_000).unwrap()
}

/// A change under a request id; `request` stands for what the caller sent.
pub(super) fn change_again(id: u128, request: &str) -> Change {
    let kind = Some(prost_types::value::Kind::StringValue(request.to_owned()));
    let id = uuid::Uuid::from_u128(id).to_string();
    Change { request: RequestKey::of(&id, "Test", &prost_types::Value { kind }).unwrap(), ..change() }
}

/// The reason of a refusal, or of the first field that is not valid.
#[track_caller]
pub(super) fn reason<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    match result.unwrap_err() {
        Error::Refused(Refusal { reason, .. }) => reason,
        Error::Invalid(violations) => violations[0].reason,
        Error::Database(db::Error::RequestReused) => "REQUEST_ID_REUSED",
        other => panic!("neither a refusal nor a violation: {other:?}"),
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn facts() -> Facts {
    Facts {
        display_name: "供水报装".into(),
        department: "organizations/water".into(),
        levels: vec![Level::City, Level::Town],
        case_types: vec![CaseType::Consultation, CaseType::Help],
        promised: Limit::WorkingDays(3),
        statutory: Some(Limit::WorkingDays(10)),
        function: "供水".into(),
        calendar: "china".into(),
        documents: vec![
            Document { name: "身份证".into(), required: true, note: "原件|复印件".into() },
            Document { name: "申请表".into(), required: false, note: String::new() },
        ],
        legal_basis: vec!["《城市供水条例》第三章".into(), "地方规定".into()],
        keywords: vec!["Water_50%".into(), "自来水".into()],
    }
}

fn new(id: &str) -> NewItem {
    let effective = Period::since(day("2026-01-01"));
    NewItem { id: id.into(), division: "321181".parse().unwrap(), facts: facts(), effective }
}

async fn create(store: &Shared, id: &str, change_of: impl FnOnce(&mut NewItem)) -> Item {
    let mut new = new(id);
    change_of(&mut new);
    store.create_item(&change(), &new).await.unwrap()
}

async fn ids(store: &Shared, filter: Filter) -> Vec<String> {
    store.items(&filter, "", 100).await.unwrap().into_iter().map(|item| item.id).collect()
}

async fn an_item_is_read_back_as_it_was_created(database: Database) {
    let store = open(&database).await;
    let made = store.create_item(&change(), &new("water")).await.unwrap();
    assert_eq!((made.version, &made.facts, made.create_time), (1, &facts(), now()));
    assert_eq!(store.item("water", None).await.unwrap(), Some(made.clone()));
    assert_eq!(store.item("water", Some(1)).await.unwrap(), Some(made));
    assert_eq!(store.item("water", Some(2)).await.unwrap(), None);
    assert_eq!(store.item("gas", None).await.unwrap(), None);
    let plain = create(&store, "plain", |new| {
        new.facts.statutory = None;
        new.facts.case_types.clear();
        new.facts.documents.clear();
        new.facts.legal_basis.clear();
        new.facts.keywords.clear();
        new.facts.promised = Limit::Minutes(120);
    })
    .await;
    assert_eq!(store.item("plain", None).await.unwrap(), Some(plain));
    assert_eq!(reason(store.create_item(&change(), &new("water")).await), "ALREADY_EXISTS");
    expect_events(&store, &[("ItemCreated", 2)]).await;
}

async fn an_update_makes_a_version_and_leaves_the_older_ones(database: Database) {
    let store = open(&database).await;
    let first = create(&store, "a", |_| {}).await;
    let changes =
        Changes { promised: Some(Limit::WorkingDays(2)), statutory: Some(None), ..Changes::default() };
    let second = store.update_item(&change(), "a", changes, Some(1)).await.unwrap();
    assert_eq!((second.version, second.facts.promised), (2, Limit::WorkingDays(2)));
    assert_eq!(second.facts, Facts { promised: Limit::WorkingDays(2), statutory: None, ..facts() });
    assert_eq!(store.item("a", None).await.unwrap(), Some(second.clone()));
    assert_eq!(store.item("a", Some(2)).await.unwrap(), Some(second));
    assert_eq!(store.item("a", Some(1)).await.unwrap(), Some(first));
    let nobody = store.update_item(&change(), "b", Changes::default(), None).await;
    assert_eq!(reason(nobody), "NOT_FOUND");
    expect_events(&store, &[("ItemCreated", 1), ("ItemUpdated", 1)]).await;
}

async fn an_update_that_changes_nothing_makes_no_version(database: Database) {
    let store = open(&database).await;
    let first = create(&store, "a", |_| {}).await;
    let same = Changes { display_name: Some("供水报装".into()), ..Changes::default() };
    assert_eq!(store.update_item(&change(), "a", same, None).await.unwrap(), first);
    assert_eq!(store.item("a", Some(2)).await.unwrap(), None);
}

async fn a_promise_longer_than_the_law_is_refused(database: Database) {
    let store = open(&database).await;
    let mut long = new("a");
    long.facts.promised = Limit::WorkingDays(11);
    assert_eq!(reason(store.create_item(&change(), &long).await), "PROMISE_EXCEEDS_STATUTE");
    create(&store, "a", |_| {}).await;
    // Neither is the law shortened below the promise.
    let changes = Changes { statutory: Some(Some(Limit::WorkingDays(2))), ..Changes::default() };
    let refused = store.update_item(&change(), "a", changes, None).await;
    assert_eq!(reason(refused), "PROMISE_EXCEEDS_STATUTE");
}

async fn an_item_ends_once_and_changes_no_more(database: Database) {
    let store = open(&database).await;
    create(&store, "a", |_| {}).await;
    let early = store.end_item(&change(), "a", day("2026-01-01")).await;
    assert_eq!(reason(early), "ENDS_BEFORE_IT_BEGINS");
    let ended = store.end_item(&change(), "a", day("2026-04-01")).await.unwrap();
    assert_eq!((ended.version, ended.effective.to), (2, Some(day("2026-04-01"))));
    assert_eq!(store.item("a", None).await.unwrap(), Some(ended));
    assert_eq!(store.item("a", Some(1)).await.unwrap().unwrap().effective.to, None);
    assert_eq!(reason(store.end_item(&change(), "a", day("2026-05-01")).await), "ALREADY_ENDED");
    let changes = Changes { function: Some("x".into()), ..Changes::default() };
    assert_eq!(reason(store.update_item(&change(), "a", changes, None).await), "ALREADY_ENDED");
    assert_eq!(reason(store.end_item(&change(), "b", day("2026-05-01")).await), "NOT_FOUND");
}

async fn items_are_listed_by_each_filter(database: Database) {
    let store = open(&database).await;
    create(&store, "a", |_| {}).await;
    create(&store, "b", |new| {
        new.division = "321181100".parse().unwrap();
        new.facts.department = "organizations/gas".into();
        new.facts.levels = vec![Level::Village];
        new.facts.case_types = Vec::new();
        new.facts.display_name = "Gas 报修".into();
        new.facts.keywords = Vec::new();
    })
    .await;
    create(&store, "c", |new| {
        new.effective = Period { from: day("2026-02-01"), to: Some(day("2026-03-01")) };
        new.facts.case_types = vec![CaseType::Praise];
    })
    .await;
    let all = Filter::default();
    assert_eq!(ids(&store, all.clone()).await, ["a", "b", "c"]);
    let department = Some("organizations/gas".into());
    assert_eq!(ids(&store, Filter { department, ..all.clone() }).await, ["b"]);
    assert_eq!(ids(&store, Filter { level: Some(Level::Town), ..all.clone() }).await, ["a", "c"]);
    assert_eq!(ids(&store, Filter { level: Some(Level::Village), ..all.clone() }).await, ["b"]);
    assert_eq!(ids(&store, Filter { case_type: Some(CaseType::Help), ..all.clone() }).await, ["a", "b"]);
    let covers = |code: &str| Filter { covers: Some(code.parse().unwrap()), ..Filter::default() };
    assert_eq!(ids(&store, covers("321181100201001")).await, ["a", "b", "c"]);
    assert_eq!(ids(&store, covers("321181101")).await, ["a", "c"]);
    assert_eq!(ids(&store, covers("3211")).await, Vec::<String>::new());
    let query = |text: &str| Filter { query: text.into(), ..Filter::default() };
    assert_eq!(ids(&store, query("gas")).await, ["b"]);
    assert_eq!(ids(&store, query("自来")).await, ["a", "c"]);
    assert_eq!(ids(&store, query("_50%")).await, ["a", "c"]);
    assert_eq!(ids(&store, query("%")).await, ["a", "c"]);
    let on = |text: &str| Filter { on: Some(day(text)), ..Filter::default() };
    assert_eq!(ids(&store, on("2026-01-15")).await, ["a", "b"]);
    assert_eq!(ids(&store, on("2026-02-28")).await, ["a", "b", "c"]);
    assert_eq!(ids(&store, on("2026-03-01")).await, ["a", "b"]);
    let page = store.items(&all, "a", 1).await.unwrap();
    assert_eq!(page[0].id, "b");
    let of = store.items_of(&["a", "c", "x"]).await.unwrap();
    let mut of: Vec<_> = of.into_keys().collect();
    of.sort();
    assert_eq!(of, ["a", "c"]);
    // What is listed is the present version, also where an older one would have matched.
    let changes = Changes { department: Some("organizations/heat".into()), ..Changes::default() };
    store.update_item(&change(), "b", changes, None).await.unwrap();
    let department = Some("organizations/gas".into());
    assert_eq!(ids(&store, Filter { department, ..all }).await, Vec::<String>::new());
}

fn row(id: &str, line: u64) -> Row {
    Row { line, id: id.into(), division: "321181".parse().unwrap(), facts: facts(), from: None, to: None }
}

async fn an_import_is_done_whole_or_not_at_all_and_changes_nothing_again(database: Database) {
    let store = open(&database).await;
    create(&store, "a", |_| {}).await;
    create(&store, "b", |_| {}).await;
    let today = day("2026-03-02");
    let import = |rows: Vec<Row>, validate_only| {
        let store = store.clone();
        async move { store.import_items(&change(), &rows, today, validate_only).await.unwrap() }
    };
    let renamed = Facts { display_name: "改名".into(), ..facts() };
    let good = vec![row("a", 2), Row { facts: renamed.clone(), ..row("b", 3) }, row("c", 4)];
    let mut bad = good.clone();
    bad.push(Row { division: "321182".parse().unwrap(), ..row("a", 5) });
    let faults = import(bad, false).await.unwrap_err();
    assert_eq!((faults[0].line, faults[0].column.as_str(), faults.len()), (5, "division_code", 1));
    assert_eq!(store.item("c", None).await.unwrap(), None);
    let report = Report { rows: 3, created: 1, updated: 1, unchanged: 1, ended: 0 };
    assert_eq!(import(good.clone(), true).await.unwrap(), report);
    assert_eq!(store.item("c", None).await.unwrap(), None);
    assert_eq!(import(good.clone(), false).await.unwrap(), report);
    let changed = store.item("b", None).await.unwrap().unwrap();
    assert_eq!((changed.version, changed.facts), (2, renamed));
    assert_eq!(store.item("c", None).await.unwrap().unwrap().effective.from, today);
    let again = Report { rows: 3, unchanged: 3, ..Report::default() };
    assert_eq!(import(good, false).await.unwrap(), again);
    expect_events(&store, &[("ItemCreated", 3), ("ItemUpdated", 1)]).await;
}

async fn thousands_are_imported_at_once_and_exported_as_they_are(database: Database) {
    let store = open(&database).await;
    let rows: Vec<Row> = (0..2_500).map(|number| row(&format!("item-{number:04}"), number + 2)).collect();
    let today = day("2026-03-02");
    let report = store.import_items(&change(), &rows, today, false).await.unwrap().unwrap();
    assert_eq!(report.created, 2_500);
    let items = store.items(&Filter::default(), "", 5_000).await.unwrap();
    let read = item_file::read(&item_file::write(&items)).unwrap();
    let report = store.import_items(&change(), &read, today, false).await.unwrap().unwrap();
    assert_eq!(report, Report { rows: 2_500, unchanged: 2_500, ..Report::default() });
}

async fn changes_sent_again_are_answered_as_before(database: Database) {
    let store = open(&database).await;
    let first = store.create_item(&change_again(1, "a"), &new("a")).await.unwrap();
    assert_eq!(store.create_item(&change_again(1, "a"), &new("x")).await.unwrap(), first);
    assert_eq!(reason(store.create_item(&change_again(1, "b"), &new("x")).await), "REQUEST_ID_REUSED");
    let changes = || Changes { function: Some("y".into()), ..Changes::default() };
    let second = store.update_item(&change_again(2, "a"), "a", changes(), Some(1)).await.unwrap();
    assert_eq!(store.update_item(&change_again(2, "a"), "a", changes(), Some(1)).await.unwrap(), second);
    let ended = store.end_item(&change_again(3, "a"), "a", day("2026-05-01")).await.unwrap();
    assert_eq!(store.end_item(&change_again(3, "a"), "a", day("2026-05-01")).await.unwrap(), ended);
    let import = |store: Shared| async move {
        store.import_items(&change_again(4, "a"), &[row("z", 2)], day("2026-03-02"), false).await.unwrap()
    };
    assert_eq!(import(store.clone()).await.unwrap().created, 1);
    assert_eq!(import(store.clone()).await.unwrap().created, 1);
}

async fn of_two_updates_of_one_version_one_is_told(database: Database) {
    let store = open(&database).await;
    create(&store, "a", |_| {}).await;
    let update = |function: &str| {
        let (store, function) = (store.clone(), function.to_owned());
        let changes = Changes { function: Some(function), ..Changes::default() };
        async move { store.update_item(&change(), "a", changes, Some(1)).await }
    };
    let (one, other) = tokio::join!(update("x"), update("y"));
    let lost = if one.is_ok() { other } else { one };
    assert_eq!(reason(lost), "ETAG_MISMATCH");
    assert_eq!(store.item("a", None).await.unwrap().unwrap().version, 2);
}
