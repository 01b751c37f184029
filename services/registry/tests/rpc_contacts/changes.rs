//! How soon a change is seen.

use std::sync::Arc;
use std::time::Duration;

use minqing_proto::registry::v1 as proto;
use minqing_testkit::{Database, on_both_databases};
use tokio_util::sync::CancellationToken;
use tonic::Code;

use super::suite::{self, GRID, OTHER_GRID, Suite, admin, of_grid, of_household, refused, told};

on_both_databases! {
    a_change_is_seen_by_whoever_made_it;
    a_change_by_another_process_is_seen_soon;
    the_turn_of_a_day_is_seen_at_once;
    answers_are_right_while_others_change_things;
    days_past_are_answered_for_as_they_were;
}

async fn a_change_is_seen_by_whoever_made_it(database: Database) {
    let suite = Suite::open(&database).await;
    let street = suite.street(GRID).await;
    let home = &street[0];
    let seen = async |expected: [&str; 6]| assert_eq!(suite.answers(home, "").await, expected);
    seen(["l1*", "l1*", "l1", "village", "town", "city"]).await;
    let assigned = suite.assign(GRID, false).await.unwrap();
    seen(["m1", "b1", "l1", "village", "town", "city"]).await;
    // The end of a link.
    let link = assigned.created.iter().find(|link| link.subject == *home).unwrap().clone();
    let request = proto::EndContactLinkRequest { name: link.name, etag: link.etag, ..Default::default() };
    let ended = suite.contacts().end_contact_link(admin(request)).await.unwrap().into_inner();
    assert_eq!(ended.effective_to, "2026-03-01");
    seen(["l1*", "l1*", "l1", "village", "town", "city"]).await;
    suite.assign(GRID, false).await.unwrap();
    // A cadre who comes, one who goes, and a name that changes.
    suite.appoint("alter", proto::Role::Cadre, "321181100201").await;
    seen(["m1", "b1", "l1", "alter village", "town", "city"]).await;
    suite.dismiss("village", "2026-03-01").await;
    seen(["m1", "b1", "l1", "alter", "town", "city"]).await;
    let person =
        proto::Person { name: "people/m1".into(), display_name: "王五".into(), ..Default::default() };
    let mask = prost_types::FieldMask { paths: vec!["display_name".into()] };
    let request =
        proto::UpdatePersonRequest { person: Some(person), update_mask: Some(mask), ..Default::default() };
    suite.people().update_person(admin(request)).await.unwrap();
    let answer = suite.resolve(of_household(home, "")).await.unwrap();
    assert_eq!(answer.levels[0].persons[0].display_name, "王五");
    // A household that moves, and one that ends.
    let request = proto::MoveHouseholdRequest {
        name: home.clone(),
        grid: OTHER_GRID.to_owned(),
        address: "别处1号".to_owned(),
        ..Default::default()
    };
    suite.households().move_household(admin(request)).await.unwrap();
    seen(["town*", "town*", "town*", "town*", "town", "city"]).await;
    assert_eq!(suite.resolve(of_household(home, "")).await.unwrap().grid, OTHER_GRID);
    let request = proto::EndHouseholdRequest { name: street[1].clone(), ..Default::default() };
    suite.households().end_household(admin(request)).await.unwrap();
    let gone = suite.resolve(of_household(&street[1], "")).await;
    assert_eq!(refused(gone), (Code::FailedPrecondition, "HOUSEHOLD_NOT_IN_FORCE".to_owned()));
}

async fn a_change_by_another_process_is_seen_soon(database: Database) {
    let suite = Suite::assigned(&database).await;
    let home = &suite.street(GRID).await[0];
    assert_eq!(suite.answers(home, "").await[0], "m1");
    let other = Suite::beside(&database).await;
    other.dismiss("m1", "2026-03-01").await;
    for _ in 0..40 {
        if suite.answers(home, "").await[0] == "b1*" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the change was not seen within two seconds");
}

async fn the_turn_of_a_day_is_seen_at_once(database: Database) {
    let suite = Suite::assigned(&database).await;
    let home = &suite.street(GRID).await[0];
    suite.dismiss("m1", "2026-03-02").await;
    assert_eq!(suite.answers(home, "").await[0], "m1");
    assert_eq!(suite.answers(home, "2026-03-02").await[0], "b1*");
    suite.clock.advance(chrono::Duration::days(1));
    assert_eq!(suite.answers(home, "").await[0], "b1*");
    assert_eq!(suite.answers(home, "2026-03-01").await[0], "m1");
}

async fn answers_are_right_while_others_change_things(database: Database) {
    let suite = Arc::new(Suite::assigned(&database).await);
    let street = suite.street(GRID).await;
    // Some ask all the time; one changes a thing and asks, over and over, and must never be told what was before.
    let stop = CancellationToken::new();
    let askers: Vec<_> = (0..4)
        .map(|number| {
            let (suite, stop, home) = (suite.clone(), stop.clone(), street[number * 5].clone());
            tokio::spawn(async move {
                while !stop.is_cancelled() {
                    assert_eq!(suite.answers(&home, "").await[5], "city");
                    // An answer from memory never waits, so that this task alone would keep a thread.
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for round in 0..10 {
        let id = format!("r{round}");
        suite.appoint(&id, proto::Role::Cadre, "321181100202").await;
        let told = told(&suite.resolve(of_grid(OTHER_GRID)).await.unwrap());
        assert!(told[1].split(' ').any(|person| person == id), "round {round}: {told:?}");
        suite.dismiss(&id, "2026-03-01").await;
        let told = suite::told(&suite.resolve(of_grid(OTHER_GRID)).await.unwrap());
        assert!(told[1].split(' ').all(|person| person != id), "round {round}: {told:?}");
    }
    stop.cancel();
    for asker in askers {
        asker.await.unwrap();
    }
}

async fn days_past_are_answered_for_as_they_were(database: Database) {
    let suite = Suite::assigned(&database).await;
    let home = &suite.street(GRID).await[0];
    // The links began today; people were in office before.
    assert_eq!(suite.answers(home, "2026-02-28").await, ["l1*", "l1*", "l1", "village", "town", "city"]);
    let before = suite.resolve(of_household(home, "2025-12-31")).await;
    assert_eq!(refused(before).1, "HOUSEHOLD_NOT_IN_FORCE");
    let request = proto::ResolveContactsRequest { effective_on: "2025-12-31".into(), ..of_grid(GRID) };
    assert_eq!(refused(suite.resolve(request).await).1, "GRID_NOT_IN_FORCE");
}
