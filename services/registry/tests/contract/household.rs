//! Households, residents, sections and consents as they are stored.

use minqing_platform::code::Code;
use minqing_platform::seal::Keyring;
use minqing_registry::domain::access::Access;
use minqing_registry::domain::grid::NewGrid;
use minqing_registry::domain::household::{Household, NewHousehold};
use minqing_registry::domain::household_section::{
    Entry, Ground, Kind, LegalBasis, NewConsent, Purpose, Reading,
};
use minqing_registry::domain::person::NewPerson;
use minqing_registry::domain::resident::{NewResident, Personal, Relation, Resident, Update};
use minqing_registry::store::household::{Filter, Position};
use minqing_registry::store::{Shared, sealed};
use minqing_testkit::{Database, on_both_databases};

use super::{change, change_again, code, day, expect_events, open_with_villages, reason};

on_both_databases! {
    a_household_is_read_as_it_was_created;
    a_household_begins_only_in_a_grid_in_force;
    households_are_listed_along_the_doors_of_their_grids;
    a_household_changes_its_address_and_moves;
    a_household_that_ended_frees_its_residents_and_stays_as_it_is;
    residents_count_up_and_one_of_them_is_the_head;
    what_is_personal_is_sealed_at_rest_even_in_remembered_answers;
    an_identity_number_stands_in_one_household_at_a_time;
    a_resident_is_changed_field_by_field;
    a_person_lives_where_they_are_linked;
    a_reading_leaves_its_record;
    somebody_is_found_by_number_within_the_division_only;
    a_section_is_read_under_a_consent_until_it_is_withdrawn;
    a_section_is_written_over_the_version_that_was_read;
    a_consent_is_given_by_a_resident_in_force;
    requests_that_come_again_are_answered_as_before;
}

pub(super) const FIRST_GRID: &str = "321181100201001";
pub(super) const OTHER_GRID: &str = "321181100202001";

pub(super) fn keyring() -> Keyring {
    Keyring::from_secret(&[7; 32])
}

/// A store with a grid in each of the two villages.
pub(super) async fn with_grids(database: &Database) -> Shared {
    let store = open_with_villages(database).await;
    for grid in [FIRST_GRID, OTHER_GRID] {
        let new = NewGrid { code: code(grid), display_name: "网格".to_owned(), boundary: None };
        store.create_grid(&change(), &new, day("2026-02-01")).await.unwrap();
    }
    store
}

fn at(grid: &str, address: &str) -> NewHousehold {
    NewHousehold { grid: code(grid), address: address.to_owned() }
}

async fn create(store: &Shared, grid: &str, address: &str) -> Household {
    store.create_household(&change(), &at(grid, address), day("2026-02-01")).await.unwrap()
}

pub(super) fn named(name: &str, relation: Relation, identity: Option<&str>) -> NewResident {
    let personal = Personal {
        display_name: name.to_owned(),
        identity_number: identity.map(str::to_owned),
        phone: Some("+8613812345678".to_owned()),
        birth_year: None,
    };
    NewResident { relation, personal, person: None }
}

async fn settle(store: &Shared, household: &str, new: NewResident) -> Resident {
    let from = day("2026-02-01");
    store.create_resident(&change(), &keyring(), household, &new, from).await.unwrap()
}

fn opened(resident: &Resident) -> Personal {
    sealed::open_personal(&keyring(), &resident.household, resident.number, &resident.sealed).unwrap()
}

fn access(subject: &str) -> Access {
    Access {
        id: uuid::Uuid::now_v7(),
        subject: subject.to_owned(),
        actor: "people/reader".to_owned(),
        purpose: "case-handling: cases/1".to_owned(),
        fields: vec!["a".to_owned()],
        occur_time: change().now,
    }
}

async fn records(store: &Shared, subject: &str) -> Vec<(String, String)> {
    let found = store.access_records(subject, None, 100).await.unwrap();
    found.into_iter().map(|record| (record.purpose, record.fields.join(","))).collect()
}

async fn a_household_is_read_as_it_was_created(database: Database) {
    let store = with_grids(&database).await;
    let made = create(&store, FIRST_GRID, "前巷村3组9号").await;
    assert_eq!(store.household(&made.id).await.unwrap(), Some(made.clone()));
    assert_eq!((made.resident_count, made.head, made.version), (0, None, 1));
    assert_eq!(store.household("nobody").await.unwrap(), None);
}

async fn a_household_begins_only_in_a_grid_in_force(database: Database) {
    let store = with_grids(&database).await;
    let create = async |grid: &str, from: &str| {
        store.create_household(&change(), &at(grid, "1号"), day(from)).await.map(drop)
    };
    assert_eq!(reason(create("321181100201999", "2026-02-01").await), "GRID_MISSING");
    assert_eq!(reason(create(FIRST_GRID, "2026-01-31").await), "GRID_NOT_IN_FORCE");
}

async fn households_are_listed_along_the_doors_of_their_grids(database: Database) {
    let store = with_grids(&database).await;
    for (grid, address) in [
        (OTHER_GRID, "后巷村1号"),
        (FIRST_GRID, "前巷村十组1号"),
        (FIRST_GRID, "前巷村3组12号"),
        (FIRST_GRID, "前巷村３组9号"),
        (FIRST_GRID, "前巷村3组12号"),
    ] {
        create(&store, grid, address).await;
    }
    let filter = |within: &str| Filter { within: code(within), on: Some(day("2026-03-01")) };
    let mut after = Position::default();
    let mut seen = Vec::new();
    loop {
        let page = store.households(&filter("321181100"), &after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Position {
            grid: last.grid.to_string(),
            address_key: minqing_registry::domain::address::key(&last.address),
            id: last.id.clone(),
        };
        seen.extend(page.into_iter().map(|household| household.address));
    }
    assert_eq!(seen, ["前巷村３组9号", "前巷村3组12号", "前巷村3组12号", "前巷村十组1号", "后巷村1号"]);
    let count = async |filter| store.households(&filter, &Position::default(), 100).await.unwrap().len();
    assert_eq!(count(filter(OTHER_GRID)).await, 1);
    assert_eq!(count(Filter { on: Some(day("2026-01-01")), ..filter("32") }).await, 0);
    assert_eq!(count(Filter { on: None, ..filter("32") }).await, 5);
}

async fn a_household_changes_its_address_and_moves(database: Database) {
    let store = with_grids(&database).await;
    let made = create(&store, FIRST_GRID, "1号").await;
    let update = async |version| store.update_household(&change(), &made.id, "2号", version).await;
    assert_eq!(reason(update(Some(7)).await), "ETAG_MISMATCH");
    let changed = update(Some(1)).await.unwrap();
    assert_eq!((changed.address.as_str(), changed.version), ("2号", 2));
    let moving = async |grid: &str| {
        store.move_household(&change(), &made.id, &at(grid, "3号"), day("2026-03-01"), None).await
    };
    assert_eq!(reason(moving("321181100201999").await), "GRID_MISSING");
    let moved = moving(OTHER_GRID).await.unwrap();
    assert_eq!((moved.grid, moved.address.as_str()), (code(OTHER_GRID), "3号"));
    let missing = store.update_household(&change(), "nobody", "1号", None).await;
    assert_eq!(reason(missing), "NOT_FOUND");
    expect_events(
        &store,
        &[("DivisionCreated", 6), ("GridCreated", 2), ("HouseholdCreated", 1), ("HouseholdMoved", 2)],
    )
    .await;
}

async fn a_household_that_ended_frees_its_residents_and_stays_as_it_is(database: Database) {
    let store = with_grids(&database).await;
    let made = create(&store, FIRST_GRID, "1号").await;
    settle(&store, &made.id, named("张三", Relation::Head, Some("n1"))).await;
    settle(&store, &made.id, named("李四", Relation::Spouse, None)).await;
    let end = async |on: &str| store.end_household(&change(), &keyring(), &made.id, day(on)).await;
    assert_eq!(reason(end("2026-02-01").await), "ENDS_BEFORE_IT_BEGINS");
    let ended = end("2026-03-01").await.unwrap();
    assert_eq!((ended.resident_count, ended.effective.to), (0, Some(day("2026-03-01"))));
    assert_eq!(reason(end("2026-03-02").await), "ALREADY_ENDED");
    let changed = store.update_household(&change(), &made.id, "2号", None).await;
    assert_eq!(reason(changed), "ALREADY_ENDED");
    assert!(store.residents(&made.id, Some(day("2026-03-01")), 0, 10).await.unwrap().is_empty());
    assert_eq!(store.residents(&made.id, Some(day("2026-02-28")), 0, 10).await.unwrap().len(), 2);
    // The number is free for the household where they live now.
    let other = create(&store, OTHER_GRID, "1号").await;
    settle(&store, &other.id, named("张三", Relation::Head, Some("n1"))).await;
}

async fn residents_count_up_and_one_of_them_is_the_head(database: Database) {
    let store = with_grids(&database).await;
    let made = create(&store, FIRST_GRID, "1号").await;
    let head = settle(&store, &made.id, named("张三", Relation::Head, None)).await;
    let spouse = settle(&store, &made.id, named("李四", Relation::Spouse, None)).await;
    assert_eq!((head.number, spouse.number), (1, 2));
    let second = named("王五", Relation::Head, None);
    let second = store.create_resident(&change(), &keyring(), &made.id, &second, day("2026-02-01")).await;
    assert_eq!(reason(second), "HEAD_EXISTS");
    let there = store.household(&made.id).await.unwrap().unwrap();
    assert_eq!((there.resident_count, there.head.unwrap().number), (2, 1));
    let gone = (made.id.as_str(), 1);
    store.end_resident(&change(), &keyring(), gone, day("2026-03-01")).await.unwrap();
    let again = store.end_resident(&change(), &keyring(), gone, day("2026-03-01")).await;
    assert_eq!(reason(again), "NOT_FOUND");
    let there = store.household(&made.id).await.unwrap().unwrap();
    assert_eq!((there.resident_count, there.head), (1, None));
    // A number is never given twice: names of residents stand in records of access.
    assert_eq!(settle(&store, &made.id, named("王五", Relation::Head, None)).await.number, 3);
    assert_eq!(store.residents(&made.id, None, 1, 1).await.unwrap()[0].number, 2);
}

async fn what_is_personal_is_sealed_at_rest_even_in_remembered_answers(database: Database) {
    let store = with_grids(&database).await;
    let made = create(&store, FIRST_GRID, "1号").await;
    let new = named("欧阳锋", Relation::Head, Some("321123199001011234"));
    let change = change_again(1, "create");
    store.create_resident(&change, &keyring(), &made.id, &new, day("2026-02-01")).await.unwrap();
    let told = dump(&database).await;
    assert!(told.contains("HouseholdCreated") && told.contains("ResidentsChanged"), "{told}");
    for secret in ["欧阳锋", "321123199001011234", "13812345678", "1990010112"] {
        assert!(!told.contains(secret), "{secret} is readable in {told}");
    }
}

/// The tables that the registry writes for every change, as text.
async fn dump(database: &Database) -> String {
    use sqlx::Row as _;
    const TABLES: [&str; 3] =
        ["SELECT payload FROM events", "SELECT outcome FROM requests", "SELECT purpose FROM access_records"];
    let mut told = String::new();
    for table in TABLES {
        let texts: Vec<String> = match database.backend() {
            minqing_testkit::Backend::Sqlite => {
                let pool = sqlx::SqlitePool::connect(database.url()).await.unwrap();
                sqlx::query(table).fetch_all(&pool).await.unwrap().iter().map(|row| row.get(0)).collect()
            }
            minqing_testkit::Backend::Postgres => {
                let pool = sqlx::PgPool::connect(database.url()).await.unwrap();
                sqlx::query(table).fetch_all(&pool).await.unwrap().iter().map(|row| row.get(0)).collect()
            }
        };
        told.push_str(&texts.join("\n"));
    }
    let kinds = "SELECT kind FROM events";
    let kinds: Vec<String> = match database.backend() {
        minqing_testkit::Backend::Sqlite => {
            let pool = sqlx::SqlitePool::connect(database.url()).await.unwrap();
            sqlx::query_scalar(kinds).fetch_all(&pool).await.unwrap()
        }
        minqing_testkit::Backend::Postgres => {
            let pool = sqlx::PgPool::connect(database.url()).await.unwrap();
            sqlx::query_scalar(kinds).fetch_all(&pool).await.unwrap()
        }
    };
    told + &kinds.join("\n")
}

async fn an_identity_number_stands_in_one_household_at_a_time(database: Database) {
    let store = with_grids(&database).await;
    let one = create(&store, FIRST_GRID, "1号").await;
    let other = create(&store, FIRST_GRID, "2号").await;
    settle(&store, &one.id, named("张三", Relation::Head, Some("n1"))).await;
    let again = async || {
        let new = named("张三", Relation::Head, Some("n1"));
        store.create_resident(&change(), &keyring(), &other.id, &new, day("2026-03-01")).await
    };
    assert_eq!(reason(again().await), "IDENTITY_NUMBER_TAKEN");
    store.end_resident(&change(), &keyring(), (&one.id, 1), day("2026-03-01")).await.unwrap();
    assert!(again().await.is_ok());
}

async fn a_resident_is_changed_field_by_field(database: Database) {
    let store = with_grids(&database).await;
    let made = create(&store, FIRST_GRID, "1号").await;
    settle(&store, &made.id, named("张三", Relation::Head, Some("n1"))).await;
    let place = (made.id.as_str(), 1);
    let update = async |update: Update, version| {
        store.update_resident(&change(), &keyring(), place, &update, version).await
    };
    let number = Update { identity_number: Some(Some("n2".to_owned())), ..Update::default() };
    assert_eq!(reason(update(number.clone(), Some(9)).await), "ETAG_MISMATCH");
    let changed = update(number, Some(1)).await.unwrap();
    assert_eq!(opened(&changed).identity_number.as_deref(), Some("n2"));
    assert_eq!(opened(&changed).display_name, "张三");
    // The number before is free.
    settle(&store, &made.id, named("李四", Relation::Spouse, Some("n1"))).await;
    let relation = Update { relation: Some(Relation::Other), ..Update::default() };
    let changed = update(relation, None).await.unwrap();
    assert_eq!((changed.relation, changed.version), (Relation::Other, 3));
    assert_eq!(store.household(&made.id).await.unwrap().unwrap().head, None);
    let taken = Update { identity_number: Some(Some("n1".to_owned())), ..Update::default() };
    assert_eq!(reason(update(taken, None).await), "IDENTITY_NUMBER_TAKEN");
    let real = Update {
        identity_number: Some(Some("321123199001011234".to_owned())),
        birth_year: Some(Some(1991)),
        ..Update::default()
    };
    assert_eq!(reason(update(real, None).await), "BIRTH_YEAR_MISMATCH");
}

async fn a_person_lives_where_they_are_linked(database: Database) {
    let store = with_grids(&database).await;
    let made = create(&store, FIRST_GRID, "1号").await;
    let linked = NewResident { person: Some("zhang".to_owned()), ..named("张三", Relation::Head, None) };
    let settle =
        async || store.create_resident(&change(), &keyring(), &made.id, &linked, day("2026-03-01")).await;
    assert_eq!(reason(settle().await), "PERSON_MISSING");
    let person = NewPerson {
        id: "zhang".to_owned(),
        display_name: "张三".to_owned(),
        division: code("321181100"),
        work_phone: String::new(),
        phone: None,
        identity_number: None,
        subjects: Vec::new(),
        from: day("2026-02-01"),
        appointments: Vec::new(),
    };
    store.create_people(&change(), &[person]).await.unwrap();
    settle().await.unwrap();
    assert!(store.lives_in("zhang", &made.id).await.unwrap());
    assert!(!store.lives_in("li", &made.id).await.unwrap());
    assert_eq!(store.households_of("zhang").await.unwrap()[0].id, made.id);
    store.end_resident(&change(), &keyring(), (&made.id, 1), day("2026-03-02")).await.unwrap();
    assert!(!store.lives_in("zhang", &made.id).await.unwrap());
    assert!(store.households_of("zhang").await.unwrap().is_empty());
}

async fn a_reading_leaves_its_record(database: Database) {
    let store = with_grids(&database).await;
    let made = create(&store, FIRST_GRID, "1号").await;
    settle(&store, &made.id, named("张三", Relation::Head, None)).await;
    let subject = format!("households/{}", made.id);
    let read = store.reveal_resident(&access(&subject), &made.id, 1).await.unwrap().unwrap();
    assert_eq!(opened(&read).display_name, "张三");
    assert_eq!(store.resident(&made.id, 1).await.unwrap(), Some(read));
    assert_eq!(store.reveal_resident(&access(&subject), &made.id, 2).await.unwrap(), None);
    // Nothing was shown of the resident who is not there.
    assert_eq!(records(&store, &subject).await, [("case-handling: cases/1".to_owned(), "a".to_owned())]);
}

async fn somebody_is_found_by_number_within_the_division_only(database: Database) {
    let store = with_grids(&database).await;
    let made = create(&store, FIRST_GRID, "1号").await;
    settle(&store, &made.id, named("张三", Relation::Head, Some("n1"))).await;
    let find = async |number: &str, division: &str| {
        let index = sealed::identity_index(&keyring(), number);
        let access = access(&format!("divisions/{division}"));
        store.find_resident(&access, &index, division).await.unwrap()
    };
    let (household, resident) = find("n1", "321181100201").await.unwrap();
    assert_eq!((household.id.as_str(), resident.number), (made.id.as_str(), 1));
    assert!(find("n1", "321181100202").await.is_none());
    assert!(find("n2", "321181").await.is_none());
    assert_eq!(records(&store, &format!("households/{}", made.id)).await.len(), 1);
    assert_eq!(records(&store, "divisions/321181100202").await.len(), 1);
    assert_eq!(records(&store, "divisions/321181").await.len(), 1);
}

fn reading(purpose: Purpose, basis: Option<LegalBasis>) -> Reading {
    Reading { purpose, reference: "cases/1".to_owned(), basis }
}

fn consent(resident: i32) -> NewConsent {
    NewConsent {
        resident,
        sections: vec![Kind::Medical, Kind::Rights],
        purposes: vec![Purpose::CaseHandling],
        until: day("2026-06-01"),
        evidence: "form 12".to_owned(),
    }
}

async fn a_section_is_read_under_a_consent_until_it_is_withdrawn(database: Database) {
    let store = with_grids(&database).await;
    let made = create(&store, FIRST_GRID, "1号").await;
    settle(&store, &made.id, named("张三", Relation::Head, None)).await;
    let today = day("2026-03-01");
    let entries = [Entry { title: "住院".to_owned(), text: String::new(), date: Some(today) }];
    let sealed = sealed::seal_entries(&keyring(), &made.id, Kind::Medical, &entries);
    let subject = format!("households/{}", made.id);
    let place = (made.id.as_str(), Kind::Medical);
    store.write_section(&change(), &access(&subject), place, &sealed, Some(0), today).await.unwrap();
    let read = async |kind: Kind, reading: Reading, on: &str, own: bool| {
        store.read_section(&access(&subject), (&made.id, kind), &reading, own, day(on)).await
    };
    let case = || reading(Purpose::CaseHandling, None);
    assert_eq!(reason(read(Kind::Medical, case(), "2026-03-01", false).await), "NO_CONSENT");
    let given = store.record_consent(&change(), &made.id, &consent(1), today).await.unwrap();
    let section = read(Kind::Medical, case(), "2026-03-01", false).await.unwrap();
    let opened = sealed::open_entries(&keyring(), &made.id, Kind::Medical, &section.sealed.unwrap()).unwrap();
    assert_eq!((opened.as_slice(), section.purposes), (&entries[..], vec![Purpose::CaseHandling]));
    // Another section, another purpose, the day on which it no longer holds.
    assert_eq!(reason(read(Kind::Schooling, case(), "2026-03-01", false).await), "NO_CONSENT");
    let aid = reading(Purpose::AidAssessment, None);
    assert_eq!(reason(read(Kind::Medical, aid, "2026-03-01", false).await), "NO_CONSENT");
    assert_eq!(reason(read(Kind::Medical, case(), "2026-06-01", false).await), "NO_CONSENT");
    let emergency = reading(Purpose::CaseHandling, Some(LegalBasis::Emergency));
    read(Kind::Medical, emergency, "2026-06-01", false).await.unwrap();
    let unwritten = read(Kind::Rights, case(), "2026-03-01", false).await.unwrap();
    assert_eq!((unwritten.sealed, unwritten.version), (None, 0));
    store.withdraw_consent(&change(), &made.id, given.number).await.unwrap();
    assert_eq!(reason(read(Kind::Medical, case(), "2026-03-01", false).await), "NO_CONSENT");
    read(Kind::Medical, Reading::own(), "2026-03-01", true).await.unwrap();
    let again = store.withdraw_consent(&change(), &made.id, given.number).await;
    assert_eq!(reason(again), "ALREADY_WITHDRAWN");
    // What was refused left no record; what was read says by what right.
    let purposes: Vec<String> =
        records(&store, &subject).await.into_iter().map(|(purpose, _)| purpose).collect();
    let told = |ground| case().told(Some(ground));
    assert_eq!(
        purposes,
        [
            Reading::own().told(Some(Ground::Own)),
            told(Ground::Consent(1)),
            told(Ground::Law(LegalBasis::Emergency)),
            told(Ground::Consent(1)),
            "case-handling: cases/1".to_owned(),
        ]
    );
}

async fn a_section_is_written_over_the_version_that_was_read(database: Database) {
    let store = with_grids(&database).await;
    let made = create(&store, FIRST_GRID, "1号").await;
    let subject = format!("households/{}", made.id);
    let write = async |version| {
        let place = (made.id.as_str(), Kind::Rights);
        store.write_section(&change(), &access(&subject), place, b"x", version, day("2026-03-01")).await
    };
    assert_eq!(write(Some(0)).await.unwrap().version, 1);
    assert_eq!(reason(write(Some(0)).await), "ETAG_MISMATCH");
    assert_eq!(write(None).await.unwrap().version, 2);
    assert_eq!(records(&store, &subject).await.len(), 2);
}

async fn a_consent_is_given_by_a_resident_in_force(database: Database) {
    let store = with_grids(&database).await;
    let made = create(&store, FIRST_GRID, "1号").await;
    let record = async |resident| {
        store.record_consent(&change(), &made.id, &consent(resident), day("2026-03-01")).await
    };
    assert_eq!(reason(record(1).await), "RESIDENT_MISSING");
    settle(&store, &made.id, named("张三", Relation::Head, None)).await;
    let (first, second) = (record(1).await.unwrap(), record(1).await.unwrap());
    assert_eq!((first.number, second.number), (1, 2));
    assert_eq!(store.consents(&made.id, 0, 10).await.unwrap(), [first, second.clone()]);
    assert_eq!(store.consents(&made.id, 1, 10).await.unwrap(), [second]);
    let missing = store.withdraw_consent(&change(), &made.id, 9).await;
    assert_eq!(reason(missing), "NOT_FOUND");
}

async fn requests_that_come_again_are_answered_as_before(database: Database) {
    let store = with_grids(&database).await;
    let (request, from) = (change_again(1, "create"), day("2026-02-01"));
    let new = at(FIRST_GRID, "1号");
    let first = store.create_household(&request, &new, from).await.unwrap();
    assert_eq!(store.create_household(&request, &new, from).await.unwrap(), first);
    let reused = store.create_household(&change_again(1, "other"), &new, from).await;
    assert_eq!(reason(reused), "REQUEST_ID_REUSED");
    let request = change_again(2, "resident");
    let resident = named("张三", Relation::Head, Some("n1"));
    let create =
        async || store.create_resident(&request, &keyring(), &first.id, &resident, from).await.unwrap();
    assert_eq!(create().await, create().await);
    let within: Code = code("32");
    let all = store.households(&Filter { within, on: None }, &Position::default(), 10).await.unwrap();
    assert_eq!((all.len(), all[0].resident_count), (1, 1));
}
