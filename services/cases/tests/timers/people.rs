//! Whom time tells.

use chrono::Duration;
use minqing_cases::domain::case::{Rung, Target};
use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
use minqing_proto::registry::v1::grid_service_client::GridServiceClient;
use minqing_proto::registry::v1::organization_service_client::OrganizationServiceClient;
use minqing_proto::registry::v1::person_service_client::PersonServiceClient;
use minqing_testkit::{Database, on_both_databases};
use serde_json::json;

use crate::matter::{OFFICER, UNIT, at, china, climbed, on, raised_at, sent};
use crate::room::{self, Room, by};

const CASE: &str = "202603020000000001";
const MONDAY: &str = "2026-03-02T02:00:00Z";
const GRID: &str = "321181100201001";

on_both_databases! {
    the_unit_then_the_village_and_the_town_then_the_city_are_told;
    whoever_signed_is_told_rather_than_the_whole_unit;
    without_a_grid_the_cadres_of_the_division_are_told;
    nobody_is_told_of_a_case_that_is_against_them;
}

/// A town with a village and a grid; cadres of each; a unit with two officers and an account.
async fn peopled(room: &Room) {
    let mut divisions = DivisionServiceClient::new(room.registry.clone());
    for code in ["32", "3211", "321181", "321181100", "321181100201"] {
        let division = proto::Division {
            code: code.to_owned(),
            display_name: format!("区划{code}"),
            effective_from: "2026-01-01".to_owned(),
            ..Default::default()
        };
        let request = proto::CreateDivisionRequest { division: Some(division), request_id: String::new() };
        divisions.create_division(by("administrator", "", request)).await.unwrap();
    }
    let ring = json!([[119.5, 32.0], [119.51, 32.0], [119.51, 32.01], [119.5, 32.01], [119.5, 32.0]]);
    let grid = proto::Grid {
        code: GRID.to_owned(),
        display_name: "网格".to_owned(),
        effective_from: "2026-01-01".to_owned(),
        boundary: minqing_platform::json::to_struct(json!({"type": "Polygon", "coordinates": [ring]})),
        ..Default::default()
    };
    let request = proto::CreateGridRequest { grid: Some(grid), request_id: String::new() };
    GridServiceClient::new(room.registry.clone())
        .create_grid(by("administrator", "", request))
        .await
        .unwrap();
    let unit = proto::Organization {
        display_name: "供水公司".to_owned(),
        division_code: "321181".to_owned(),
        effective_from: "2026-01-01".to_owned(),
        kind: proto::OrganizationKind::Department.into(),
        ..Default::default()
    };
    let request = proto::CreateOrganizationRequest {
        organization: Some(unit),
        organization_id: UNIT.trim_start_matches("organizations/").to_owned(),
        ..Default::default()
    };
    OrganizationServiceClient::new(room.registry.clone())
        .create_organization(by("administrator", "", request))
        .await
        .unwrap();
    for (id, role, place, organization) in [
        ("lead", proto::Role::GridLead, GRID, ""),
        ("village", proto::Role::Cadre, "321181100201", ""),
        ("town", proto::Role::Cadre, "321181100", ""),
        ("city", proto::Role::Cadre, "321181", ""),
        ("officer", proto::Role::InformationOfficer, "321181", UNIT),
        ("clerk", proto::Role::WindowClerk, "321181", UNIT),
        ("account", proto::Role::SystemAccount, "321181", UNIT),
    ] {
        appoint(room, id, role, place, organization).await;
    }
}

async fn appoint(room: &Room, id: &str, role: proto::Role, place: &str, organization: &str) {
    let person = proto::Person {
        display_name: format!("张{id}"),
        division_code: "321181100".to_owned(),
        effective_from: "2026-01-01".to_owned(),
        ..Default::default()
    };
    let appointment = proto::Appointment {
        role: role.into(),
        division_code: place.to_owned(),
        organization: organization.to_owned(),
        effective_from: "2026-01-01".to_owned(),
        ..Default::default()
    };
    let request = proto::CreatePersonRequest {
        person: Some(person),
        person_id: id.to_owned(),
        appointments: vec![appointment],
        ..Default::default()
    };
    let mut people = PersonServiceClient::new(room.registry.clone());
    people.create_person(by("administrator", "", request)).await.unwrap();
}

/// Everybody who was told, rung by rung, after two weeks.
async fn told(room: &Room, code: &str, against: &[&str], is_signed: bool) -> Vec<(Rung, Vec<String>)> {
    let store = room.cases.store().clone();
    let calendar = china(&store).await;
    raised_at(&store, &calendar, CASE, at(MONDAY), code, against).await;
    sent(&store, &calendar, CASE, at(MONDAY), None).await;
    if is_signed {
        on(&store, &calendar, CASE, at(MONDAY), Target::Sign).await;
    }
    for _ in 0..14 * 6 {
        room.clock.advance(Duration::hours(4));
        room.cases.tick().await.unwrap();
    }
    climbed(&store, CASE).await.into_iter().map(|(rung, _, to)| (rung, to)).collect()
}

fn people(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| format!("people/{id}")).collect()
}

async fn the_unit_then_the_village_and_the_town_then_the_city_are_told(database: Database) {
    let room = room::open(&database).await;
    peopled(&room).await;
    let expected = [
        (Rung::DueSoon, people(&["clerk", "officer"])),
        (Rung::Urge, people(&["clerk", "officer"])),
        (Rung::Supervise, people(&["town", "village"])),
        (Rung::Criticise, people(&["city"])),
    ];
    assert_eq!(told(&room, GRID, &[], false).await, expected);
}

async fn whoever_signed_is_told_rather_than_the_whole_unit(database: Database) {
    let room = room::open(&database).await;
    peopled(&room).await;
    let told = told(&room, GRID, &[], true).await;
    assert_eq!(
        told[..2],
        [(Rung::DueSoon, vec![OFFICER.to_owned()]), (Rung::Urge, vec![OFFICER.to_owned()])]
    );
}

async fn without_a_grid_the_cadres_of_the_division_are_told(database: Database) {
    let room = room::open(&database).await;
    peopled(&room).await;
    let told = told(&room, "321181100", &[], false).await;
    assert_eq!(told[2..], [(Rung::Supervise, people(&["town"])), (Rung::Criticise, people(&["city"]))]);
}

async fn nobody_is_told_of_a_case_that_is_against_them(database: Database) {
    let room = room::open(&database).await;
    peopled(&room).await;
    let told = told(&room, GRID, &["people/village", "people/clerk"], false).await;
    let expected = [
        (Rung::DueSoon, people(&["officer"])),
        (Rung::Urge, people(&["officer"])),
        (Rung::Supervise, people(&["town"])),
        (Rung::Criticise, people(&["city"])),
    ];
    assert_eq!(told, expected);
}
