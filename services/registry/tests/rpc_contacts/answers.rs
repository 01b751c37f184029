//! Who is answerable, and who is told.

use minqing_proto::registry::v1 as proto;
use minqing_testkit::{Database, on_both_databases};
use proto::ContactLevel as Level;
use tonic::Code;

use super::suite::{GRID, OTHER_GRID, Suite, admin, by, of_grid, of_household, refused, told};

on_both_databases! {
    a_grid_is_assigned_and_its_households_are_answered_for;
    a_grid_and_a_place_are_answered_for_to_everyone;
    a_vacancy_falls_to_the_next_above;
    a_household_is_answered_for_to_its_area_and_to_itself;
}

async fn a_grid_is_assigned_and_its_households_are_answered_for(database: Database) {
    let suite = Suite::open(&database).await;
    let assigned = suite.assign(GRID, false).await.unwrap();
    assert_eq!((assigned.created.len(), assigned.ended.len(), assigned.shortage), (23, 0, None));
    let coverage = assigned.coverage.unwrap();
    assert_eq!((coverage.scope.as_str(), coverage.household_count, coverage.resident_count), (GRID, 20, 60));
    let link = &assigned.created[0];
    assert!(link.subject.starts_with("households/") && link.name.starts_with("contactLinks/"));
    assert_eq!((link.contact.as_str(), link.effective_from.as_str()), ("people/m1", "2026-03-01"));
    let again = suite.assign(GRID, true).await.unwrap();
    assert_eq!((again.created.len(), again.ended.len()), (0, 0));

    let street = suite.street(GRID).await;
    assert_eq!(suite.answers(&street[0], "").await, ["m1", "b1", "l1", "village", "town", "city"]);
    assert_eq!(suite.answers(&street[19], "").await, ["m2", "b1", "l1", "village", "town", "city"]);
    let whole = suite.resolve(of_household(&street[0], "")).await.unwrap();
    assert_eq!(whole.grid, GRID);
    let person = &whole.levels[0].persons[0];
    assert_eq!((person.name.as_str(), person.display_name.as_str()), ("people/m1", "张m1"));
    let areas: Vec<&str> = whole.levels.iter().map(|level| level.area.as_str()).collect();
    assert_eq!(areas[2..], [GRID, "divisions/321181100201", "divisions/321181100", "divisions/321181"]);
}

async fn a_grid_and_a_place_are_answered_for_to_everyone(database: Database) {
    let suite = Suite::open(&database).await;
    let answer = suite.contacts().resolve_contacts(of_grid(GRID)).await.unwrap().into_inner();
    assert_eq!(told(&answer), ["l1", "village", "town", "city"]);
    let place = |longitude| proto::ResolveContactsRequest {
        latitude: Some(32.005),
        longitude: Some(longitude),
        datum: proto::Datum::Wgs84.into(),
        ..Default::default()
    };
    let there = suite.contacts().resolve_contacts(place(119.505)).await.unwrap().into_inner();
    assert_eq!(there, answer);
    let other = suite.contacts().resolve_contacts(place(119.525)).await.unwrap().into_inner();
    assert_eq!(other.grid, OTHER_GRID);
    let nowhere = suite.contacts().resolve_contacts(place(119.6)).await;
    assert_eq!(refused(nowhere), (Code::NotFound, "PLACE_NOT_IN_A_GRID".to_owned()));
}

async fn a_vacancy_falls_to_the_next_above(database: Database) {
    let suite = Suite::assigned(&database).await;
    let home = &suite.street(GRID).await[0];
    suite.dismiss("m1", "2026-03-01").await;
    suite.dismiss("village", "2026-03-01").await;
    assert_eq!(suite.answers(home, "").await, ["b1*", "b1", "l1", "town*", "town", "city"]);
    let answer = suite.resolve(of_household(home, "")).await.unwrap();
    assert_eq!(answer.levels[0].acting_level(), Level::Backbone);
    assert_eq!(answer.levels[3].acting_level(), Level::Town);
    for id in ["b1", "l1", "town", "city"] {
        suite.dismiss(id, "2026-03-01").await;
    }
    assert_eq!(suite.answers(home, "").await, [""; 6]);
}

async fn a_household_is_answered_for_to_its_area_and_to_itself(database: Database) {
    let suite = Suite::assigned(&database).await;
    let street = suite.street(GRID).await;
    let home = &street[0];
    let request = || of_household(home, "");
    assert_eq!(
        refused(suite.contacts().resolve_contacts(request()).await),
        (Code::Unauthenticated, "SIGN_IN_NEEDED".to_owned())
    );
    for (role, division, allowed) in [
        ("ordinary_member", "321181100201001", true),
        ("cadre", "321181100", true),
        ("grid_lead", "321181100202001", false),
        ("cadre", "321182", false),
        ("citizen", "", false),
    ] {
        let answer = suite.contacts().resolve_contacts(by(role, division, request())).await;
        match answer {
            Ok(_) => assert!(allowed, "{role} of {division}"),
            Err(refusal) => {
                assert!(!allowed, "{role} of {division}: {refusal:?}");
                assert_eq!(refusal.code(), Code::PermissionDenied);
            }
        }
    }
    // Whoever lives there is told, though they hold no office.
    suite.appoint("own", proto::Role::Proxy, "321181100202").await;
    let resident = proto::Resident {
        display_name: "李四".to_owned(),
        relation: proto::HouseholdRelation::Child.into(),
        person: "people/own".to_owned(),
        ..Default::default()
    };
    let create =
        proto::CreateResidentRequest { parent: home.clone(), resident: Some(resident), ..Default::default() };
    suite.households().create_resident(admin(create)).await.unwrap();
    let as_own = |household: &str| {
        let mut request = by("citizen", "", of_household(household, ""));
        request.metadata_mut().insert("person", "people/own".parse().unwrap());
        request
    };
    let answer = suite.contacts().resolve_contacts(as_own(home)).await.unwrap().into_inner();
    assert_eq!(told(&answer)[0], "m1");
    let neighbour = suite.contacts().resolve_contacts(as_own(&street[1])).await;
    assert_eq!(refused(neighbour).0, Code::PermissionDenied);
    let nobody = "households/00000000-0000-0000-0000-000000000000";
    assert_eq!(refused(suite.resolve(of_household(nobody, "")).await).0, Code::NotFound);
}
