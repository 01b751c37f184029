//! The import of households.

use futures::StreamExt as _;
use futures::stream;
use minqing_platform::db;
use minqing_platform::error::Error;
use minqing_platform::status::Violation;
use minqing_registry::domain::household::Household;
use minqing_registry::domain::household_import::{Record, Report};
use minqing_registry::domain::resident::{NewResident, Relation};
use minqing_registry::store::Shared;
use minqing_registry::store::household::{Filter, Position};
use minqing_registry::store::household_import::Import;
use minqing_registry::store::sealed;
use minqing_testkit::{Database, on_both_databases};

use super::household::{FIRST_GRID, OTHER_GRID, keyring, named, with_grids};
use super::{change, code, day, expect_events, reason};

on_both_databases! {
    records_become_households_and_a_second_import_changes_nothing;
    what_differs_is_brought_to_what_the_records_say;
    a_head_who_stays_as_they_were_stays_the_head;
    numbers_may_change_hands_within_one_import;
    a_number_in_two_imports_at_once_is_taken_by_one;
    a_household_that_ended_here_is_left_alone;
    the_first_fault_names_its_record_and_nothing_is_left;
    a_record_or_a_number_twice_is_refused_with_both_places;
    what_lies_outside_of_the_callers_areas_is_refused;
    a_stream_that_breaks_off_leaves_nothing;
    a_check_changes_nothing;
    a_large_import_takes_several_statements;
}

fn record(number: u64, source_id: &str, residents: Vec<NewResident>) -> Record {
    let (grid, address) = (code(FIRST_GRID), format!("前巷村{source_id}号"));
    Record { number, source_id: source_id.to_owned(), grid, address, residents }
}

fn settings() -> Import {
    Import {
        source: "hukou".to_owned(),
        day: day("2026-03-01"),
        scopes: vec!["321181".to_owned()],
        validate_only: false,
    }
}

async fn run(store: &Shared, import: &Import, batches: Vec<Vec<Record>>) -> Result<Report, Error> {
    let batches = stream::iter(batches.into_iter().map(Ok)).boxed();
    store.import_households(&change(), &keyring(), import, batches).await
}

async fn import(store: &Shared, batches: Vec<Vec<Record>>) -> Result<Report, Error> {
    run(store, &settings(), batches).await
}

async fn all(store: &Shared) -> Vec<Household> {
    let filter = Filter { within: code("32"), on: None };
    store.households(&filter, &Position::default(), 100_000).await.unwrap()
}

/// The names of the residents in force, with their relations, in the order of their numbers.
async fn names(store: &Shared, household: &str) -> Vec<(i32, String, Relation)> {
    let found = store.residents(household, Some(day("2026-03-01")), 0, 100).await.unwrap();
    let name = |resident: minqing_registry::domain::resident::Resident| {
        let personal =
            sealed::open_personal(&keyring(), household, resident.number, &resident.sealed).unwrap();
        (resident.number, personal.display_name, resident.relation)
    };
    found.into_iter().map(name).collect()
}

fn violation<T: std::fmt::Debug>(result: Result<T, Error>) -> (String, &'static str) {
    match result.unwrap_err() {
        Error::Invalid(faults) => (faults[0].field.clone(), faults[0].reason),
        other => panic!("not a violation: {other:?}"),
    }
}

fn family() -> Vec<NewResident> {
    vec![named("李四", Relation::Spouse, None), named("张三", Relation::Head, Some("n1"))]
}

async fn records_become_households_and_a_second_import_changes_nothing(database: Database) {
    let store = with_grids(&database).await;
    let records = || vec![vec![record(1, "2", family())], vec![record(2, "10", vec![])]];
    let report = import(&store, records()).await.unwrap();
    let expected = Report { records: 2, created: 2, residents_created: 2, ..Report::default() };
    assert_eq!(report, expected);
    let found = all(&store).await;
    let told: Vec<(&str, i32)> = found.iter().map(|one| (one.address.as_str(), one.resident_count)).collect();
    assert_eq!(told, [("前巷村2号", 2), ("前巷村10号", 0)]);
    assert_eq!(found[0].head.as_ref().unwrap().number, 2);
    let again = import(&store, records()).await.unwrap();
    assert_eq!(again, Report { records: 2, unchanged: 2, ..Report::default() });
    assert_eq!(all(&store).await, found);
    // Of another source, the same ids are other households.
    let other = Import { source: "survey".to_owned(), ..settings() };
    assert_eq!(run(&store, &other, vec![vec![record(1, "2", vec![])]]).await.unwrap().created, 1);
    expect_events(&store, &[("DivisionCreated", 6), ("GridCreated", 2), ("HouseholdCreated", 3)]).await;
}

async fn what_differs_is_brought_to_what_the_records_say(database: Database) {
    let store = with_grids(&database).await;
    let mut before = family();
    before.push(named("张小", Relation::Child, Some("n2")));
    import(&store, vec![vec![record(1, "2", before)]]).await.unwrap();
    let after = vec![
        named("张三丰", Relation::Head, Some("n1")),
        named("李四", Relation::Spouse, Some("n3")),
        named("张大", Relation::Child, None),
    ];
    let moved = Record { grid: code(OTHER_GRID), ..record(1, "2", after) };
    let report = import(&store, vec![vec![moved.clone()]]).await.unwrap();
    let expected = Report {
        records: 1,
        updated: 1,
        residents_created: 1,
        residents_updated: 2,
        residents_ended: 1,
        ..Report::default()
    };
    assert_eq!(report, expected);
    let there = all(&store).await.remove(0);
    assert_eq!((there.grid, there.resident_count), (code(OTHER_GRID), 3));
    assert_eq!(there.head.unwrap().number, 2);
    assert_eq!(
        names(&store, &there.id).await,
        [
            (1, "李四".to_owned(), Relation::Spouse),
            (2, "张三丰".to_owned(), Relation::Head),
            (4, "张大".to_owned(), Relation::Child)
        ]
    );
    // The number of the one who is gone is free, and the one who got a number has it.
    let next = |identity: &str| vec![vec![record(1, "3", vec![named("新", Relation::Head, Some(identity))])]];
    assert_eq!(reason(import(&store, next("n3")).await), "IDENTITY_NUMBER_TAKEN");
    assert_eq!(import(&store, next("n2")).await.unwrap().created, 1);
    assert_eq!(import(&store, vec![vec![moved]]).await.unwrap().unchanged, 1);
    expect_events(
        &store,
        &[
            ("DivisionCreated", 6),
            ("GridCreated", 2),
            ("HouseholdCreated", 2),
            ("HouseholdMoved", 2),
            ("ResidentsChanged", 1),
        ],
    )
    .await;
}

async fn a_head_who_stays_as_they_were_stays_the_head(database: Database) {
    let store = with_grids(&database).await;
    import(&store, vec![vec![record(1, "2", family())]]).await.unwrap();
    let elsewhere = Record { address: "前巷村99号".to_owned(), ..record(1, "2", family()) };
    let report = import(&store, vec![vec![elsewhere]]).await.unwrap();
    assert_eq!(report, Report { records: 1, updated: 1, ..Report::default() });
    let there = all(&store).await.remove(0);
    assert_eq!((there.address.as_str(), there.head.unwrap().number), ("前巷村99号", 2));
    let headless = vec![named("李四", Relation::Spouse, None)];
    import(&store, vec![vec![record(1, "2", headless)]]).await.unwrap();
    assert_eq!(all(&store).await[0].head, None);
}

async fn numbers_may_change_hands_within_one_import(database: Database) {
    let store = with_grids(&database).await;
    let one = |name: &str, identity: &str| vec![named(name, Relation::Head, Some(identity))];
    let records =
        |a: &str, b: &str| vec![vec![record(1, "1", one("张三", a))], vec![record(2, "2", one("李四", b))]];
    import(&store, records("n1", "n2")).await.unwrap();
    let report = import(&store, records("n2", "n1")).await.unwrap();
    assert_eq!((report.updated, report.residents_created, report.residents_ended), (2, 2, 2));
    assert_eq!(import(&store, records("n2", "n1")).await.unwrap().unchanged, 2);
}

async fn a_number_in_two_imports_at_once_is_taken_by_one(database: Database) {
    let store = with_grids(&database).await;
    for round in 0..8 {
        let number = format!("r{round}");
        let run = |source_id: String| {
            let residents = vec![named("张三", Relation::Head, Some(&number))];
            let (store, record) = (store.clone(), record(1, &source_id, residents));
            tokio::spawn(async move { import(&store, vec![vec![record]]).await })
        };
        let runs = [run(format!("{round}-1")), run(format!("{round}-2"))];
        let [one, other] = runs;
        let mut results = [one.await.unwrap(), other.await.unwrap()];
        results.sort_by_key(Result::is_err);
        let [won, lost] = results;
        assert_eq!(won.unwrap().created, 1);
        match lost.unwrap_err() {
            // One that met the other midway is told to try again, and then where.
            Error::Database(db::Error::Conflict) => {}
            Error::Invalid(faults) => assert_eq!(faults[0].reason, "IDENTITY_NUMBER_TAKEN"),
            other => panic!("neither a violation nor a conflict: {other:?}"),
        }
    }
}

async fn a_household_that_ended_here_is_left_alone(database: Database) {
    let store = with_grids(&database).await;
    import(&store, vec![vec![record(1, "2", family())]]).await.unwrap();
    let id = all(&store).await.remove(0).id;
    store.end_household(&change(), &keyring(), &id, day("2026-03-02")).await.unwrap();
    let report = import(&store, vec![vec![record(1, "2", vec![])]]).await.unwrap();
    assert_eq!(report, Report { records: 1, ended: 1, ..Report::default() });
}

async fn the_first_fault_names_its_record_and_nothing_is_left(database: Database) {
    let store = with_grids(&database).await;
    let stray = Record { grid: code("321181100201999"), ..record(2, "3", vec![]) };
    let refused = import(&store, vec![vec![record(1, "2", family())], vec![stray]]).await;
    assert_eq!(violation(refused), ("records[1].grid_code".to_owned(), "GRID_NOT_IN_FORCE"));
    let early = Import { day: day("2026-01-31"), ..settings() };
    let refused = run(&store, &early, vec![vec![record(1, "2", family())]]).await;
    assert_eq!(violation(refused), ("records[0].grid_code".to_owned(), "GRID_NOT_IN_FORCE"));
    assert!(all(&store).await.is_empty());
    // The connection is as good as before.
    assert_eq!(import(&store, vec![vec![record(1, "2", family())]]).await.unwrap().created, 1);
}

async fn a_record_or_a_number_twice_is_refused_with_both_places(database: Database) {
    let store = with_grids(&database).await;
    let duplicate = ("records[1].source_id".to_owned(), "DUPLICATE_RECORD");
    let (one, other) = (record(1, "2", vec![]), record(2, "2", family()));
    assert_eq!(violation(import(&store, vec![vec![one.clone(), other.clone()]]).await), duplicate);
    assert_eq!(violation(import(&store, vec![vec![one], vec![other]]).await), duplicate);
    let twice = vec![vec![record(1, "1", family())], vec![record(2, "2", family())]];
    let number = ("records[1].residents[1].identity_number".to_owned(), "DUPLICATE_IDENTITY_NUMBER");
    assert_eq!(violation(import(&store, twice).await), number);
    let at_once = vec![vec![record(1, "1", family()), record(2, "2", family())]];
    assert_eq!(violation(import(&store, at_once).await), number);
    let within = vec![named("张三", Relation::Head, Some("n9")), named("李四", Relation::Spouse, Some("n9"))];
    let number = ("records[0].residents[1].identity_number".to_owned(), "DUPLICATE_IDENTITY_NUMBER");
    assert_eq!(violation(import(&store, vec![vec![record(1, "1", within.clone())]]).await), number);
    import(&store, vec![vec![record(1, "1", family())]]).await.unwrap();
    let taken = ("records[0].residents[1].identity_number".to_owned(), "IDENTITY_NUMBER_TAKEN");
    assert_eq!(violation(import(&store, vec![vec![record(1, "2", family())]]).await), taken);
    // A household that is there already is told the same of its residents.
    assert_eq!(violation(import(&store, vec![vec![record(1, "1", within)]]).await), number);
    assert_eq!(all(&store).await.len(), 1);
}

async fn what_lies_outside_of_the_callers_areas_is_refused(database: Database) {
    let store = with_grids(&database).await;
    let village = Import { scopes: vec!["321181100202".to_owned()], ..settings() };
    let outside = ("records[0].grid_code".to_owned(), "OUT_OF_SCOPE");
    let refused = run(&store, &village, vec![vec![record(1, "2", vec![])]]).await;
    assert_eq!(violation(refused), outside);
    // Nor can a household be drawn in from elsewhere.
    import(&store, vec![vec![record(1, "2", vec![])]]).await.unwrap();
    let drawn = Record { grid: code(OTHER_GRID), ..record(1, "2", vec![]) };
    assert_eq!(violation(run(&store, &village, vec![vec![drawn]]).await), outside);
}

async fn a_stream_that_breaks_off_leaves_nothing(database: Database) {
    let store = with_grids(&database).await;
    let broken = Violation::new("chunk", "BROKEN", "broke off");
    let batches = stream::iter([Ok(vec![record(1, "2", family())]), Err(broken.into())]).boxed();
    let result = store.import_households(&change(), &keyring(), &settings(), batches).await;
    assert_eq!(reason(result), "BROKEN");
    assert!(all(&store).await.is_empty());
}

async fn a_check_changes_nothing(database: Database) {
    let store = with_grids(&database).await;
    let check = Import { validate_only: true, ..settings() };
    let report = run(&store, &check, vec![vec![record(1, "2", family())]]).await.unwrap();
    assert_eq!((report.created, report.residents_created), (1, 2));
    assert!(all(&store).await.is_empty());
    let twice = vec![vec![record(1, "1", family())], vec![record(2, "2", family())]];
    assert_eq!(reason(run(&store, &check, twice).await), "DUPLICATE_IDENTITY_NUMBER");
}

async fn a_large_import_takes_several_statements(database: Database) {
    let store = with_grids(&database).await;
    let one = |number: u64| {
        let residents = (0..3)
            .map(|place| {
                let relation = if place == 0 { Relation::Head } else { Relation::Child };
                named("张三", relation, Some(&format!("{number}-{place}")))
            })
            .collect();
        record(number, &number.to_string(), residents)
    };
    let batches = || vec![(1..=700).map(one).collect::<Vec<_>>(), (701..=1_100).map(one).collect()];
    let report = import(&store, batches()).await.unwrap();
    assert_eq!((report.created, report.residents_created), (1_100, 3_300));
    assert_eq!(all(&store).await.len(), 1_100);
    assert_eq!(import(&store, batches()).await.unwrap().unchanged, 1_100);
}
