//! People, appointments and records of access as they are stored.

use minqing_platform::identity::Role;
use minqing_platform::period::Period;
use minqing_registry::domain::access::Access;
use minqing_registry::domain::appointment::{Appointment, NewAppointment, Office};
use minqing_registry::domain::person::{Changes, NewPerson, Sealed, Subject};
use minqing_registry::store::person::{AppointmentFilter, Number, PersonFilter};
use minqing_testkit::{Database, on_both_databases};

use super::organization::new as new_organization;
use super::*;

on_both_databases! {
    a_person_is_read_back_as_recorded;
    six_thousand_officers_are_recorded_in_batches;
    names_numbers_and_accounts_belong_to_one_person;
    an_appointment_is_refused_where_it_does_not_hold;
    an_organization_with_officers_does_not_end;
    a_person_with_an_office_does_not_end;
    an_appointment_ends_once;
    an_update_changes_what_is_given_and_nothing_else;
    people_are_found_by_what_they_are_appointed_to;
    appointments_are_listed_by_each_filter;
    a_number_finds_those_in_force;
    an_account_leads_to_its_person_while_both_are_in_force;
    the_feed_tells_whether_appointments_changed;
    events_hold_nothing_personal;
    records_of_access_are_read_newest_first;
    searches_that_found_nobody_are_read_by_division;
}

fn sealed(byte: u8) -> Sealed {
    Sealed { text: vec![byte, 1, 2], index: vec![byte; 32] }
}

fn subject(name: &str) -> Subject {
    Subject { issuer: "https://id.example".into(), subject: name.into() }
}

fn person(id: &str) -> NewPerson {
    NewPerson {
        id: id.to_owned(),
        display_name: format!("张{id}"),
        division: code("321181100"),
        work_phone: String::new(),
        phone: None,
        identity_number: None,
        subjects: Vec::new(),
        from: day("2026-02-01"),
        appointments: Vec::new(),
    }
}

fn office(role: Role, place: &str) -> Office {
    Office { role, level: None, organization: None, place: place.parse().ok() }
}

fn appointment(id: &str, office: Office) -> NewAppointment {
    NewAppointment { id: id.into(), office, effective: Period::since(day("2026-02-01")) }
}

fn officer(id: &str, role: Role, place: &str) -> NewPerson {
    NewPerson { appointments: vec![appointment(&format!("a-{id}"), office(role, place))], ..person(id) }
}

async fn appoint(store: &Shared, person: &str, new: NewAppointment) -> Result<Appointment, Error> {
    store.create_appointment(&change(), person, &new).await
}

async fn a_person_is_read_back_as_recorded(database: Database) {
    let store = open_with_villages(&database).await;
    let new = NewPerson {
        work_phone: "0511-86520000".into(),
        phone: Some(sealed(1)),
        identity_number: Some(sealed(2)),
        subjects: vec![subject("a"), subject("b")],
        ..person("x")
    };
    let made = store.create_people(&change(), std::slice::from_ref(&new)).await.unwrap().remove(0);
    assert_eq!(store.person("x").await.unwrap(), Some(made.clone()));
    assert_eq!((made.phone, made.subjects), (Some(sealed(1).text), new.subjects));
    assert_eq!(store.person("y").await.unwrap(), None);
    let elsewhere = NewPerson { division: code("321181999"), ..person("y") };
    assert_eq!(reason(store.create_people(&change(), &[elsewhere]).await), "DIVISION_MISSING");
}

async fn six_thousand_officers_are_recorded_in_batches(database: Database) {
    let store = open_with_villages(&database).await;
    store.create_organizations(&change(), &[new_organization("o", None)]).await.unwrap();
    for batch in 0..6_u8 {
        let news: Vec<NewPerson> = (0..1_000)
            .map(|number| {
                let mut new =
                    officer(&format!("p{batch}-{number:03}"), Role::InformationOfficer, "321181100201");
                new.appointments[0].office.organization = Some("o".into());
                let index = [vec![batch], format!("{number:031}").into_bytes()].concat();
                new.identity_number = Some(Sealed { text: vec![0; 63], index });
                new.subjects = vec![subject(&new.id)];
                new
            })
            .collect();
        store.create_people(&change(), &news).await.unwrap();
    }
    let everybody = PersonFilter {
        by: AppointmentFilter { organization: Some("o".into()), ..AppointmentFilter::default() },
        ..PersonFilter::default()
    };
    let page = store.people(&everybody, "p4-999", 2_000).await.unwrap();
    assert_eq!(page.len(), 1_000);
    assert_eq!(page[7].subjects, [subject("p5-007")]);
}

async fn names_numbers_and_accounts_belong_to_one_person(database: Database) {
    let store = open_with_villages(&database).await;
    let known =
        NewPerson { identity_number: Some(sealed(2)), subjects: vec![subject("a")], ..person("known") };
    store.create_people(&change(), &[known]).await.unwrap();
    let create = |news: Vec<NewPerson>| {
        let store = store.clone();
        async move { store.create_people(&change(), &news).await }
    };
    let number = |id| NewPerson { identity_number: Some(sealed(2)), ..person(id) };
    let account = |id, name| NewPerson { subjects: vec![subject(name)], ..person(id) };
    assert_eq!(reason(create(vec![person("known")]).await), "ALREADY_EXISTS");
    assert_eq!(reason(create(vec![person("x"), number("y")]).await), "ALREADY_EXISTS");
    assert_eq!(reason(create(vec![account("x", "a")]).await), "ALREADY_EXISTS");
    assert_eq!(reason(create(vec![person("x"), person("x")]).await), "NAME_TWICE");
    // Twice within one batch: the place and the field are named.
    let free = |id| NewPerson { identity_number: Some(sealed(3)), ..person(id) };
    for (news, field, expected) in [
        (
            vec![free("x"), person("y"), free("z")],
            "requests[2].person.identity_number",
            "DUPLICATE_IDENTITY_NUMBER",
        ),
        (vec![account("x", "b"), account("y", "b")], "requests[1].person.subjects", "DUPLICATE_SUBJECT"),
    ] {
        match create(news).await.unwrap_err() {
            Error::Invalid(faults) => {
                assert_eq!((faults[0].field.as_str(), faults[0].reason), (field, expected))
            }
            other => panic!("not a violation: {other:?}"),
        }
    }
    assert_eq!(store.person("x").await.unwrap(), None);
    // A phone may be a family's.
    let phone = |id| NewPerson { phone: Some(sealed(9)), ..person(id) };
    create(vec![phone("x"), phone("y")]).await.unwrap();
}

async fn an_appointment_is_refused_where_it_does_not_hold(database: Database) {
    let store = open_with_villages(&database).await;
    store.create_people(&change(), &[officer("x", Role::Proxy, "321181100201")]).await.unwrap();
    let try_one = |office: Office| appoint(&store, "x", appointment("new", office));
    assert_eq!(reason(try_one(office(Role::Proxy, "321181100201")).await), "APPOINTMENT_OVERLAPS");
    assert_eq!(reason(try_one(office(Role::Proxy, "321181100999")).await), "DIVISION_MISSING");
    // A grid of that code is looked for among the grids.
    assert_eq!(reason(try_one(office(Role::GridLead, "321181100201001")).await), "DIVISION_MISSING");
    let body = Office { organization: Some("nobody".into()), ..office(Role::Cadre, "321181") };
    assert_eq!(reason(try_one(body).await), "ORGANIZATION_MISSING");
    assert_eq!(
        reason(appoint(&store, "y", appointment("new", office(Role::Cadre, "321181"))).await),
        "NOT_FOUND"
    );
    let wrong = Period { from: day("2026-03-01"), to: Some(day("2026-02-01")) };
    let backwards = NewAppointment { effective: wrong, ..appointment("new", office(Role::Cadre, "321181")) };
    assert_eq!(reason(appoint(&store, "x", backwards).await), "APPOINTMENT_ENDS_BEFORE_IT_BEGINS");
    let made = try_one(office(Role::Proxy, "321181100202")).await.unwrap();
    assert_eq!(store.appointment("x", "new").await.unwrap(), Some(made));
    assert_eq!(store.appointment("y", "new").await.unwrap(), None);
    let twice = NewPerson {
        appointments: vec![
            appointment("1", office(Role::Proxy, "321181100201")),
            appointment("2", office(Role::Proxy, "321181100201")),
        ],
        ..person("z")
    };
    assert_eq!(reason(store.create_people(&change(), &[twice]).await), "APPOINTMENT_OVERLAPS");
}

async fn an_organization_with_officers_does_not_end(database: Database) {
    let store = open_with_villages(&database).await;
    store.create_organizations(&change(), &[new_organization("o", None)]).await.unwrap();
    store.create_people(&change(), &[person("x")]).await.unwrap();
    let there = Office { organization: Some("o".into()), ..office(Role::Cadre, "321181") };
    appoint(&store, "x", appointment("a", there)).await.unwrap();
    let end = || async { store.end_organization(&change(), "o", day("2026-04-01")).await };
    assert_eq!(reason(end().await), "HAS_APPOINTMENTS_IN_FORCE");
    let (until, today) = (day("2026-04-01"), day("2026-03-01"));
    store.end_appointment(&change(), "x", "a", until, today).await.unwrap();
    end().await.unwrap();
}

async fn a_person_with_an_office_does_not_end(database: Database) {
    let store = open_with_villages(&database).await;
    store.create_people(&change(), &[officer("x", Role::Cadre, "321181")]).await.unwrap();
    let end = |on: &'static str| {
        let store = store.clone();
        async move { store.end_person(&change(), "x", day(on)).await }
    };
    assert_eq!(reason(end("2026-04-01").await), "HAS_APPOINTMENTS_IN_FORCE");
    store.end_appointment(&change(), "x", "a-x", day("2026-04-01"), day("2026-03-01")).await.unwrap();
    assert_eq!(reason(end("2026-01-01").await), "ENDS_BEFORE_IT_BEGINS");
    let ended = end("2026-04-01").await.unwrap();
    assert_eq!(store.person("x").await.unwrap(), Some(ended));
    assert_eq!(reason(end("2026-05-01").await), "ALREADY_ENDED");
    let late = NewAppointment {
        effective: Period::since(day("2026-04-01")),
        ..appointment("b", office(Role::Cadre, "321181"))
    };
    assert_eq!(reason(appoint(&store, "x", late).await), "PERSON_NOT_IN_FORCE");
}

async fn an_appointment_ends_once(database: Database) {
    let store = open_with_villages(&database).await;
    store.create_people(&change(), &[officer("x", Role::Cadre, "321181")]).await.unwrap();
    let end = |id: &'static str, on: &'static str| {
        let store = store.clone();
        async move { store.end_appointment(&change(), "x", id, day(on), day("2026-03-01")).await }
    };
    assert_eq!(reason(end("nothing", "2026-03-01").await), "NOT_FOUND");
    assert_eq!(reason(end("a-x", "2026-02-01").await), "APPOINTMENT_ENDS_BEFORE_IT_BEGINS");
    end("a-x", "2026-06-01").await.unwrap();
    let ended = end("a-x", "2026-03-01").await.unwrap();
    assert_eq!((ended.effective.to, ended.version), (Some(day("2026-03-01")), 3));
    assert_eq!(store.appointment("x", "a-x").await.unwrap(), Some(ended));
    assert_eq!(reason(end("a-x", "2026-02-15").await), "ALREADY_ENDED");
}

async fn an_update_changes_what_is_given_and_nothing_else(database: Database) {
    let store = open_with_villages(&database).await;
    let new = NewPerson { phone: Some(sealed(1)), identity_number: Some(sealed(2)), ..person("x") };
    let before = store.create_people(&change(), &[new]).await.unwrap().remove(0);
    let changes = Changes {
        display_name: Some("李四".into()),
        phone: Some(None),
        identity_number: Some(Some(sealed(3))),
        subjects: Some(vec![subject("a")]),
        ..Changes::default()
    };
    let after = store.update_person(&change(), "x", changes, Some(1)).await.unwrap();
    assert_eq!((after.display_name.as_str(), &after.phone, after.version), ("李四", &None, 2));
    assert_eq!((&after.identity_number, &after.division), (&Some(sealed(3).text), &before.division));
    assert_eq!(store.person("x").await.unwrap(), Some(after));
    let found = store.people_with(&Number::Identity(sealed(2).index), day("2026-03-01"), 5).await.unwrap();
    assert!(found.is_empty());
    let stale = store.update_person(&change(), "x", Changes::default(), Some(1)).await;
    assert_eq!(reason(stale), "ETAG_MISMATCH");
    store.create_people(&change(), &[person("y")]).await.unwrap();
    let taken = Changes { subjects: Some(vec![subject("a")]), ..Changes::default() };
    assert_eq!(reason(store.update_person(&change(), "y", taken.clone(), None).await), "ALREADY_EXISTS");
    // One's own account again is no other's.
    store.update_person(&change(), "x", taken, None).await.unwrap();
    let gone = Changes { division: Some(code("321181999")), ..Changes::default() };
    assert_eq!(reason(store.update_person(&change(), "x", gone, None).await), "DIVISION_MISSING");
}

async fn people_are_found_by_what_they_are_appointed_to(database: Database) {
    let store = open_with_villages(&database).await;
    let news = [
        officer("a", Role::Cadre, "321181100201"),
        officer("b", Role::Mediator, "321181"),
        NewPerson { division: code("321181100201"), ..person("c") },
        officer("d", Role::Auditor, ""),
    ];
    store.create_people(&change(), &news).await.unwrap();
    let ids = |filter: PersonFilter| {
        let store = store.clone();
        async move {
            let found = store.people(&filter, "", 10).await.unwrap();
            found.into_iter().map(|person| person.id).collect::<Vec<_>>()
        }
    };
    let by = |by: AppointmentFilter| PersonFilter { by, ..PersonFilter::default() };
    assert_eq!(ids(PersonFilter::default()).await, ["a", "b", "d"]);
    let within = AppointmentFilter { within: Some(code("321181100")), ..AppointmentFilter::default() };
    assert_eq!(ids(by(within.clone())).await, ["a"]);
    assert_eq!(ids(PersonFilter { unappointed: true, ..by(within.clone()) }).await, ["a", "b", "c", "d"]);
    let query = PersonFilter { unappointed: true, query: "张c".into(), ..by(within) };
    assert_eq!(ids(query).await, ["c"]);
    let role = AppointmentFilter { role: Some(Role::Mediator), ..AppointmentFilter::default() };
    assert_eq!(ids(by(role)).await, ["b"]);
    let early = AppointmentFilter { on: Some(day("2026-01-31")), ..AppointmentFilter::default() };
    assert_eq!(ids(by(early)).await, Vec::<String>::new());
}

async fn appointments_are_listed_by_each_filter(database: Database) {
    let store = open_with_villages(&database).await;
    store.create_organizations(&change(), &[new_organization("o", None)]).await.unwrap();
    let mut clerk = officer("b", Role::WindowClerk, "321181");
    clerk.appointments[0].office.organization = Some("o".into());
    clerk.appointments[0].effective.to = Some(day("2026-03-01"));
    let news = [officer("a", Role::Cadre, "321181100201"), clerk];
    store.create_people(&change(), &news).await.unwrap();
    let ids = |filter: AppointmentFilter| {
        let store = store.clone();
        async move {
            let found = store.appointments(&filter, "", 10).await.unwrap();
            found.into_iter().map(|held| held.id).collect::<Vec<_>>()
        }
    };
    let every = AppointmentFilter::default;
    assert_eq!(ids(every()).await, ["a-a", "a-b"]);
    assert_eq!(ids(AppointmentFilter { person: Some("a".into()), ..every() }).await, ["a-a"]);
    assert_eq!(ids(AppointmentFilter { within: Some(code("321181100")), ..every() }).await, ["a-a"]);
    assert_eq!(ids(AppointmentFilter { role: Some(Role::WindowClerk), ..every() }).await, ["a-b"]);
    assert_eq!(ids(AppointmentFilter { organization: Some("o".into()), ..every() }).await, ["a-b"]);
    assert_eq!(ids(AppointmentFilter { on: Some(day("2026-03-01")), ..every() }).await, ["a-a"]);
    assert_eq!(store.appointments(&every(), "a-a", 10).await.unwrap()[0].person_display_name, "张b");
}

async fn a_number_finds_those_in_force(database: Database) {
    let store = open_with_villages(&database).await;
    let phone = |id| NewPerson { phone: Some(sealed(9)), ..person(id) };
    let one = NewPerson { identity_number: Some(sealed(2)), ..phone("x") };
    store.create_people(&change(), &[one, phone("y")]).await.unwrap();
    let found = |number: Number, on: &'static str| {
        let store = store.clone();
        async move { store.people_with(&number, day(on), 10).await.unwrap().len() }
    };
    assert_eq!(found(Number::Phone(sealed(9).index), "2026-03-01").await, 2);
    assert_eq!(found(Number::Phone(sealed(9).index), "2026-01-01").await, 0);
    assert_eq!(found(Number::Identity(sealed(2).index), "2026-03-01").await, 1);
    assert_eq!(found(Number::Identity(sealed(9).index), "2026-03-01").await, 0);
}

async fn an_account_leads_to_its_person_while_both_are_in_force(database: Database) {
    let store = open_with_villages(&database).await;
    let new = NewPerson { subjects: vec![subject("a")], ..person("x") };
    store.create_people(&change(), &[new]).await.unwrap();
    let linked = |name: &str, on: &'static str| {
        let (store, subject) = (store.clone(), subject(name));
        async move { store.linked(&subject, day(on)).await.unwrap() }
    };
    assert_eq!(linked("a", "2026-03-01").await.as_deref(), Some("x"));
    assert_eq!(linked("b", "2026-03-01").await, None);
    assert_eq!(linked("a", "2026-01-31").await, None);
    store.end_person(&change(), "x", day("2026-03-01")).await.unwrap();
    assert_eq!(linked("a", "2026-03-01").await, None);
}

async fn the_feed_tells_whether_appointments_changed(database: Database) {
    let store = open_with_villages(&database).await;
    expect_events(&store, &[("DivisionCreated", 6)]).await;
    let start = store.appointments_changed_since((0, 0)).await.unwrap();
    assert!(!start.changed);
    store.create_people(&change(), &[person("x")]).await.unwrap();
    expect_events(&store, &[("DivisionCreated", 6), ("PersonCreated", 1)]).await;
    let then = store.appointments_changed_since(start.end).await.unwrap();
    assert!(then.changed && then.end > start.end);
    assert!(!store.appointments_changed_since(then.end).await.unwrap().changed);
}

async fn events_hold_nothing_personal(database: Database) {
    let store = open_with_villages(&database).await;
    let new = NewPerson {
        work_phone: "0511-1111".into(),
        subjects: vec![subject("account")],
        ..officer("x", Role::Cadre, "321181")
    };
    store.create_people(&change(), &[new]).await.unwrap();
    let changes = Changes { display_name: Some("李四".into()), ..Changes::default() };
    store.update_person(&change(), "x", changes, None).await.unwrap();
    let (until, today) = (day("2026-04-01"), day("2026-03-01"));
    store.end_appointment(&change(), "x", "a-x", until, today).await.unwrap();
    store.end_person(&change(), "x", day("2026-04-01")).await.unwrap();
    let kinds = [
        ("DivisionCreated", 6),
        ("PersonCreated", 1),
        ("AppointmentCreated", 1),
        ("PersonUpdated", 1),
        ("AppointmentEnded", 1),
        ("PersonEnded", 1),
    ];
    expect_events(&store, &kinds).await;
    for event in store.events_after(0, 0, 100).await.unwrap() {
        let all = format!("{event:?}");
        for personal in ["张x", "李四", "1111", "account"] {
            assert!(!all.contains(personal), "{all}");
        }
    }
}

async fn records_of_access_are_read_newest_first(database: Database) {
    let store = open_with_villages(&database).await;
    let record = |subject: &str, number: u128| Access {
        id: uuid::Uuid::from_u128(number),
        subject: subject.into(),
        actor: "people/clerk".into(),
        purpose: "回访".into(),
        fields: vec!["phone".into(), "identity_number".into()],
        occur_time: change().now,
    };
    let records = [record("people/x", 1), record("people/y", 2), record("people/x", 3)];
    store.record_access(&records).await.unwrap();
    let of_x = store.access_records("people/x", None, 10).await.unwrap();
    assert_eq!(of_x, [records[2].clone(), records[0].clone()]);
    let older = store.access_records("people/x", Some(records[2].id), 10).await.unwrap();
    assert_eq!(older, [records[0].clone()]);
}

async fn searches_that_found_nobody_are_read_by_division(database: Database) {
    let store = open_with_villages(&database).await;
    let record = |subject: &str, number: u128| Access {
        id: uuid::Uuid::from_u128(number),
        subject: subject.into(),
        actor: "people/clerk".into(),
        purpose: "回访".into(),
        fields: vec!["find:identity_number".into()],
        occur_time: change().now,
    };
    let subjects = [
        "divisions/321181100201",
        "households/321181100",
        "divisions/321181100",
        "divisions/321181101",
        "divisions/321181100202",
        "divisions/321181",
    ];
    let records: Vec<Access> =
        subjects.iter().zip(1..).map(|(subject, number)| record(subject, number)).collect();
    store.record_access(&records).await.unwrap();
    let of = |text: &'static str, after, limit| {
        let store = store.clone();
        async move {
            let found = store.access_records_within(&code(text), after, limit).await.unwrap();
            found.iter().map(|record| record.id.as_u128()).collect::<Vec<_>>()
        }
    };
    assert_eq!(of("321181100", None, 10).await, [5, 3, 1]);
    assert_eq!(of("321181100", Some(records[4].id), 1).await, [3]);
    assert_eq!(of("321181100201", None, 10).await, [1]);
    assert_eq!(of("32", None, 10).await, [6, 5, 4, 3, 1]);
    assert!(of("33", None, 10).await.is_empty());
}
