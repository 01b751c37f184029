//! What stands against the end, the split and the merge of a division, and what begins in one that is to end.

use minqing_platform::identity::Role;
use minqing_platform::period::Period;
use minqing_registry::domain::appointment::{NewAppointment, Office};
use minqing_registry::domain::organization::NewOrganization;
use minqing_registry::domain::person::NewPerson;
use minqing_testkit::{Database, on_both_databases};

use super::*;

on_both_databases! {
    what_is_in_force_in_a_division_stands_against_its_end_by_name;
    a_split_and_a_merge_are_refused_as_an_end_is;
    a_division_ends_on_the_day_on_which_all_of_it_ends;
    what_begins_in_a_division_that_is_to_end_ends_by_then;
    somebody_is_appointed_or_the_division_ends_but_not_both;
}

const VILLAGE: &str = "321181100201";
const END: &str = "2026-06-01";

fn organization(id: &str) -> NewOrganization {
    let mut new = super::organization::new(id, None);
    new.facts.division = code(VILLAGE);
    new
}

fn appointment(id: &str, place: &str, to: Option<&str>) -> NewAppointment {
    NewAppointment {
        id: id.to_owned(),
        office: Office { role: Role::Cadre, level: None, organization: None, place: Some(code(place)) },
        effective: Period { from: day("2026-02-01"), to: to.map(day) },
    }
}

/// Somebody whose record is kept in the town.
fn person(id: &str, appointments: Vec<NewAppointment>) -> NewPerson {
    NewPerson {
        id: id.to_owned(),
        display_name: format!("张{id}"),
        division: code("321181100"),
        work_phone: String::new(),
        phone: None,
        identity_number: None,
        subjects: Vec::new(),
        from: day("2026-02-01"),
        appointments,
    }
}

/// A village with a grid, an organization, an appointment to the village and one to its grid.
async fn inhabited(database: &Database) -> Shared {
    let store = open_with_villages(database).await;
    let grid = minqing_registry::domain::grid::NewGrid {
        code: code("321181100201001"),
        display_name: "一".to_owned(),
        boundary: None,
    };
    store.create_grid(&change(), &grid, day("2026-02-01")).await.unwrap();
    store.create_organizations(&change(), &[organization("studio")]).await.unwrap();
    let people = [
        person("x", vec![appointment("x1", VILLAGE, None)]),
        person("y", vec![appointment("y1", "321181100201001", None)]),
    ];
    store.create_people(&change(), &people).await.unwrap();
    store
}

#[track_caller]
fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> (&'static str, String) {
    match result.unwrap_err() {
        Error::Refused(Refusal { reason, message, .. }) => (reason, message.into_owned()),
        other => panic!("not a refusal: {other:?}"),
    }
}

async fn end(store: &Shared, of: &str, on: &str) -> Result<(), Error> {
    store.end_division(&change(), &code(of), day(on)).await.map(drop)
}

async fn what_is_in_force_in_a_division_stands_against_its_end_by_name(database: Database) {
    let store = inhabited(&database).await;
    let (reason, message) = refusal(end(&store, VILLAGE, END).await);
    assert_eq!(reason, "HAS_PARTS_IN_FORCE");
    assert_eq!(
        message,
        "of division 321181100201 there are still in force on 2026-06-01: \
         divisions: 0, grids: 1, organizations: 1, appointments: 2"
    );
    let (reason, message) = refusal(end(&store, "321181100", END).await);
    assert_eq!(reason, "HAS_PARTS_IN_FORCE");
    assert!(message.ends_with("divisions: 2, grids: 1, organizations: 1, appointments: 2"), "{message}");
    // Each of the three alone is enough.
    store.end_grid(&change(), &code("321181100201001"), day(END)).await.unwrap();
    store.end_organization(&change(), "studio", day(END)).await.unwrap();
    store.end_appointment(&change(), "y", "y1", day(END), day("2026-03-01")).await.unwrap();
    let (_, message) = refusal(end(&store, VILLAGE, END).await);
    assert!(message.ends_with("divisions: 0, grids: 0, organizations: 0, appointments: 1"), "{message}");
    store.end_appointment(&change(), "x", "x1", day(END), day("2026-03-01")).await.unwrap();
    store.create_organizations(&change(), &[organization("other")]).await.unwrap();
    let (_, message) = refusal(end(&store, VILLAGE, END).await);
    assert!(message.ends_with("divisions: 0, grids: 0, organizations: 1, appointments: 0"), "{message}");
    // What lies elsewhere stands against nothing.
    end(&store, "321181100202", END).await.unwrap();
}

async fn a_split_and_a_merge_are_refused_as_an_end_is(database: Database) {
    let store = inhabited(&database).await;
    let news = [new_division("321181100211", "a"), new_division("321181100212", "b")];
    let split = store.split_division(&change(), &code(VILLAGE), &news, day(END)).await;
    assert_eq!(reason(split), "HAS_PARTS_IN_FORCE");
    let olds = [code(VILLAGE), code("321181100202")];
    let merge = store.merge_divisions(&change(), &olds, &new_division("321181100213", "c"), day(END)).await;
    assert_eq!(reason(merge), "HAS_PARTS_IN_FORCE");
    for new in ["321181100211", "321181100213"] {
        assert_eq!(store.division(&code(new)).await.unwrap(), None);
    }
    for old in olds {
        assert_eq!(store.division(&old).await.unwrap().unwrap().effective.to, None);
    }
}

async fn a_division_ends_on_the_day_on_which_all_of_it_ends(database: Database) {
    let store = inhabited(&database).await;
    store.end_grid(&change(), &code("321181100201001"), day(END)).await.unwrap();
    store.end_organization(&change(), "studio", day(END)).await.unwrap();
    for (person, id) in [("x", "x1"), ("y", "y1")] {
        store.end_appointment(&change(), person, id, day(END), day("2026-03-01")).await.unwrap();
    }
    assert_eq!(reason(end(&store, VILLAGE, "2026-05-31").await), "HAS_PARTS_IN_FORCE");
    let olds = [code(VILLAGE), code("321181100202")];
    store.merge_divisions(&change(), &olds, &new_division("321181100213", "c"), day(END)).await.unwrap();
}

async fn what_begins_in_a_division_that_is_to_end_ends_by_then(database: Database) {
    let store = open_with_villages(&database).await;
    end(&store, VILLAGE, END).await.unwrap();
    let created = store.create_organizations(&change(), &[organization("studio")]).await;
    assert_eq!(reason(created), "DIVISION_NOT_IN_FORCE");
    store.create_people(&change(), &[person("x", Vec::new())]).await.unwrap();
    for (id, to, allowed) in [("a", None, false), ("b", Some("2026-06-02"), false), ("c", Some(END), true)] {
        let made = store.create_appointment(&change(), "x", &appointment(id, VILLAGE, to)).await;
        match made {
            Ok(_) => assert!(allowed, "{id}"),
            refused => assert_eq!((reason(refused), allowed), ("DIVISION_NOT_IN_FORCE", false), "{id}"),
        }
        let whole = person(&format!("p{id}"), vec![appointment(&format!("p{id}"), VILLAGE, to)]);
        assert_eq!(store.create_people(&change(), &[whole]).await.is_ok(), allowed, "{id}");
    }
}

async fn somebody_is_appointed_or_the_division_ends_but_not_both(database: Database) {
    let store = open_with_villages(&database).await;
    for round in 0..6 {
        let village = code(&format!("32118110030{round}"));
        store
            .create_division(&change(), &new_division(village.as_str(), "x"), day("2026-01-01"))
            .await
            .unwrap();
        let id = format!("p{round}");
        store.create_people(&change(), &[person(&id, Vec::new())]).await.unwrap();
        let new = appointment(&id, village.as_str(), None);
        let (people, divisions) = (store.clone(), store.clone());
        let appoint = tokio::spawn(async move { people.create_appointment(&change(), &id, &new).await });
        let end =
            tokio::spawn(async move { divisions.end_division(&change(), &village, day("2026-03-01")).await });
        let (appointed, ended) = (appoint.await.unwrap(), end.await.unwrap());
        assert_ne!(appointed.is_ok(), ended.is_ok(), "{appointed:?} {ended:?}");
    }
}
