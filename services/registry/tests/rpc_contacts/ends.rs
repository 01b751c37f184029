//! What answers when a grid ended, and what stands against the end of a division.

use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
use minqing_proto::registry::v1::grid_service_client::GridServiceClient;
use minqing_testkit::{Database, on_both_databases};
use tonic::Code;

use super::suite::{GRID, Suite, admin, of_grid, refused};

on_both_databases! {
    a_household_of_a_grid_that_ended_falls_to_the_village;
    a_household_of_a_grid_that_split_is_without_a_member_until_it_is_assigned;
    a_division_with_officers_does_not_end;
}

/// The links in force today.
async fn links(suite: &Suite) -> usize {
    let request = proto::ListContactLinksRequest { page_size: 1_000, ..Default::default() };
    suite.contacts().list_contact_links(admin(request)).await.unwrap().into_inner().contact_links.len()
}

async fn a_household_of_a_grid_that_ended_falls_to_the_village(database: Database) {
    let suite = Suite::assigned(&database).await;
    let home = &suite.street(GRID).await[0];
    assert_eq!(suite.answers(home, "").await[0], "m1");
    assert_eq!(links(&suite).await, 23);
    let request = proto::EndGridRequest {
        name: GRID.to_owned(),
        effective_to: "2026-03-02".to_owned(),
        ..Default::default()
    };
    GridServiceClient::new(suite.peer.clone()).end_grid(admin(request)).await.unwrap();
    // It is planned for tomorrow; today all is as it was.
    assert_eq!(suite.answers(home, "").await, ["m1", "b1", "l1", "village", "town", "city"]);
    let fallen = ["village*", "village*", "village*", "village", "town", "city"];
    assert_eq!(suite.answers(home, "2026-03-02").await, fallen);
    suite.clock.advance(chrono::Duration::days(1));
    assert_eq!(suite.answers(home, "").await, fallen);
    assert_eq!(suite.answers(home, "2026-03-01").await[0], "m1");
    assert_eq!(links(&suite).await, 0);
    let ended = suite.resolve(of_grid(GRID)).await;
    assert_eq!(refused(ended), (Code::FailedPrecondition, "GRID_NOT_IN_FORCE".to_owned()));
}

async fn a_household_of_a_grid_that_split_is_without_a_member_until_it_is_assigned(database: Database) {
    let suite = Suite::assigned(&database).await;
    let home = &suite.street(GRID).await[0];
    let grid = |code: &str| proto::NewGrid {
        code: code.to_owned(),
        display_name: "网格".to_owned(),
        ..Default::default()
    };
    let request = proto::SplitGridRequest {
        name: GRID.to_owned(),
        successors: vec![grid("321181100201011"), grid("321181100201012")],
        ..Default::default()
    };
    GridServiceClient::new(suite.peer.clone()).split_grid(admin(request)).await.unwrap();
    assert_eq!(links(&suite).await, 0);
    let new = "grids/321181100201011";
    let request = proto::MoveHouseholdRequest {
        name: home.clone(),
        grid: new.to_owned(),
        address: "新桥路1号".to_owned(),
        ..Default::default()
    };
    suite.households().move_household(admin(request)).await.unwrap();
    assert_eq!(suite.answers(home, "").await[..4], ["village*", "village*", "village*", "village"]);
    let person = proto::Person {
        display_name: "王五".to_owned(),
        division_code: "321181100".to_owned(),
        ..Default::default()
    };
    let appointment = proto::Appointment {
        role: proto::Role::OrdinaryMember.into(),
        division_code: "321181100201011".to_owned(),
        ..Default::default()
    };
    let request = proto::CreatePersonRequest {
        person: Some(person),
        person_id: "new".to_owned(),
        appointments: vec![appointment],
        ..Default::default()
    };
    suite.people().create_person(admin(request)).await.unwrap();
    assert_eq!(suite.answers(home, "").await[0], "village*");
    suite.assign(new, false).await.unwrap();
    assert_eq!(suite.answers(home, "").await[0], "new");
}

async fn a_division_with_officers_does_not_end(database: Database) {
    let suite = Suite::assigned(&database).await;
    let mut divisions = DivisionServiceClient::new(suite.peer.clone());
    let name = "divisions/321181100201";
    let end = || admin(proto::EndDivisionRequest { name: name.to_owned(), ..Default::default() });
    let refusal = divisions.end_division(end()).await.unwrap_err();
    let message = refusal.message().to_owned();
    assert_eq!(refused::<()>(Err(refusal)), (Code::FailedPrecondition, "HAS_PARTS_IN_FORCE".to_owned()));
    assert!(message.ends_with("divisions: 0, grids: 1, organizations: 0, appointments: 5"), "{message}");
    let successor = proto::NewDivision { code: "321181100203".to_owned(), display_name: "新村".to_owned() };
    let merge = proto::MergeDivisionsRequest {
        names: vec![name.to_owned(), "divisions/321181100202".to_owned()],
        successor: Some(successor),
        ..Default::default()
    };
    assert_eq!(refused(divisions.merge_divisions(admin(merge)).await).1, "HAS_PARTS_IN_FORCE");
    let request = proto::EndGridRequest { name: GRID.to_owned(), ..Default::default() };
    GridServiceClient::new(suite.peer.clone()).end_grid(admin(request)).await.unwrap();
    for id in ["m1", "m2", "b1", "l1", "village"] {
        suite.dismiss(id, "2026-03-01").await;
    }
    let ended = divisions.end_division(end()).await.unwrap().into_inner();
    assert_eq!(ended.effective_to, "2026-03-01");
}
