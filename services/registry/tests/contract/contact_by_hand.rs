//! Households given to members by hand.

use minqing_platform::db;
use minqing_platform::error::Error;
use minqing_platform::identity::Role;
use minqing_registry::domain::contact_link::{ContactLink, NewLink};
use minqing_registry::domain::household::NewHousehold;
use minqing_registry::store::Shared;
use minqing_registry::store::contact::Filter;
use minqing_testkit::{Database, on_both_databases};
use uuid::Uuid;

use super::contact::{DAY, appoint, assign, households, in_force, listed, person, settle, village};
use super::household::{FIRST_GRID, OTHER_GRID, keyring, with_grids};
use super::{change, change_again, code, day, expect_events, reason};

on_both_databases! {
    a_household_is_given_to_another_member_and_its_former_link_ends;
    nobody_is_given_more_than_they_can_look_after;
    two_households_at_once_do_not_overload_a_member;
    a_large_household_is_taken_alone;
    only_a_member_of_the_grid_takes_a_household_in_force;
    a_link_by_hand_does_not_reach_behind_a_later_one;
    a_household_that_moved_leaves_no_link_behind;
    a_request_that_comes_again_is_answered_as_before;
}

const NEXT: &str = "2026-03-02";

fn link(household: &str, member: &str) -> NewLink {
    NewLink { grid: code(FIRST_GRID), household: household.to_owned(), member: member.to_owned() }
}

async fn give(store: &Shared, household: &str, member: &str, on: &str) -> Result<ContactLink, Error> {
    store.create_contact_link(&change(), &link(household, member), day(on)).await
}

/// A grid whose two members have 30 residents each, a third who has nobody, and its households along the street.
async fn assigned(database: &Database) -> (Shared, Vec<String>) {
    let store = village(database).await;
    assign(&store, FIRST_GRID, false, DAY).await;
    store.create_people(&change(), &[person("m99", Role::OrdinaryMember, FIRST_GRID)]).await.unwrap();
    let street = households(&store, FIRST_GRID).await;
    (store, street)
}

/// The contacts of a household on a day.
async fn contacts(store: &Shared, household: &str, on: &str) -> Vec<String> {
    let filter = Filter { subject: Some(household.to_owned()), on: Some(day(on)), ..Filter::default() };
    listed(store, filter).await.into_iter().map(|link| link.contact).collect()
}

async fn a_household_is_given_to_another_member_and_its_former_link_ends(database: Database) {
    let (store, street) = assigned(&database).await;
    let made = give(&store, &street[0], "m99", NEXT).await.unwrap();
    assert_eq!((made.subject.as_str(), made.contact.as_str()), (street[0].as_str(), "m99"));
    assert_eq!((made.effective.from, made.effective.to), (day(NEXT), None));
    assert_eq!((made.resident_count, made.version), (3, 1));
    assert_eq!(store.contact_link(made.id.unwrap(), day(NEXT)).await.unwrap(), Some(made));
    assert_eq!(contacts(&store, &street[0], DAY).await, ["m00-201"]);
    assert_eq!(contacts(&store, &street[0], NEXT).await, ["m99"]);
    let of_it = listed(&store, Filter { subject: Some(street[0].clone()), ..Filter::default() }).await;
    assert_eq!((of_it.len(), of_it[0].effective.to, of_it[0].version), (2, Some(day(NEXT)), 2));
    // A plan leaves it alone.
    assign(&store, FIRST_GRID, false, NEXT).await;
    assert_eq!(contacts(&store, &street[0], NEXT).await, ["m99"]);
    let events = [
        ("DivisionCreated", 6),
        ("GridCreated", 2),
        ("HouseholdCreated", 20),
        ("PersonCreated", 5),
        ("AppointmentCreated", 5),
        ("ContactsAssigned", 2),
        ("ContactLinkEnded", 1),
        ("ContactLinkCreated", 1),
    ];
    expect_events(&store, &events).await;
    // A household without a contact is given one just so.
    let id = listed(&store, Filter { subject: Some(street[1].clone()), ..Filter::default() }).await[0].id;
    store.end_contact_link(&change(), id.unwrap(), day(NEXT), None).await.unwrap();
    give(&store, &street[1], "m99", NEXT).await.unwrap();
    assert_eq!(contacts(&store, &street[1], NEXT).await, ["m99"]);
}

async fn nobody_is_given_more_than_they_can_look_after(database: Database) {
    let (store, street) = assigned(&database).await;
    assert_eq!(reason(give(&store, &street[0], "m01-201", NEXT).await), "CONTACT_OVER_CAPACITY");
    assert_eq!(contacts(&store, &street[0], NEXT).await, ["m00-201"]);
    assert_eq!(reason(give(&store, &street[0], "m00-201", NEXT).await), "ALREADY_EXISTS");
    // With one household less there is room for one of the same size.
    give(&store, &street[19], "m99", NEXT).await.unwrap();
    give(&store, &street[0], "m01-201", NEXT).await.unwrap();
    assert_eq!(contacts(&store, &street[0], NEXT).await, ["m01-201"]);
    let (coverage, _) = store.contact_coverage(&code(FIRST_GRID), day(NEXT)).await.unwrap();
    assert_eq!((coverage.uncovered_households, coverage.overloaded), (0, 0));
}

async fn two_households_at_once_do_not_overload_a_member(database: Database) {
    let (store, street) = assigned(&database).await;
    for household in &street[..9] {
        give(&store, household, "m99", NEXT).await.unwrap();
    }
    let runs: Vec<_> = street[9..13]
        .iter()
        .map(|household| {
            let (store, household) = (store.clone(), household.clone());
            tokio::spawn(async move { give(&store, &household, "m99", NEXT).await })
        })
        .collect();
    let mut given = 0;
    for run in runs {
        match run.await.unwrap() {
            Ok(_) => given += 1,
            refused => assert_eq!(reason(refused), "CONTACT_OVER_CAPACITY"),
        }
    }
    assert_eq!(given, 1);
    assert_eq!(in_force(&store, NEXT).await.len(), 23);
}

async fn a_large_household_is_taken_alone(database: Database) {
    let store = with_grids(&database).await;
    settle(&store, FIRST_GRID, &[31, 1, 0]).await;
    appoint(&store, FIRST_GRID, [2, 1, 1]).await;
    let street = households(&store, FIRST_GRID).await;
    assert_eq!(give(&store, &street[0], "m00-201", DAY).await.unwrap().resident_count, 31);
    assert_eq!(reason(give(&store, &street[1], "m00-201", DAY).await), "CONTACT_OVER_CAPACITY");
    // An empty house weighs nothing.
    give(&store, &street[2], "m00-201", DAY).await.unwrap();
    give(&store, &street[1], "m01-201", DAY).await.unwrap();
    assert_eq!(reason(give(&store, &street[0], "m01-201", DAY).await), "CONTACT_OVER_CAPACITY");
}

async fn only_a_member_of_the_grid_takes_a_household_in_force(database: Database) {
    let (store, street) = assigned(&database).await;
    store.create_people(&change(), &[person("far", Role::OrdinaryMember, OTHER_GRID)]).await.unwrap();
    for other in ["far", "b00-201", "nobody"] {
        assert_eq!(reason(give(&store, &street[0], other, NEXT).await), "NOT_A_MEMBER_OF_GRID", "{other}");
    }
    let nowhere = Uuid::nil().to_string();
    assert_eq!(reason(give(&store, &nowhere, "m99", NEXT).await), "NOT_FOUND");
    // Who was asked for permission was asked for another grid.
    let elsewhere = NewLink { grid: code(OTHER_GRID), ..link(&street[0], "far") };
    let lost = store.create_contact_link(&change(), &elsewhere, day(NEXT)).await;
    assert!(matches!(lost, Err(Error::Database(db::Error::Conflict))), "{lost:?}");
    store.end_household(&change(), &keyring(), &street[1], day("2026-03-05")).await.unwrap();
    assert_eq!(reason(give(&store, &street[1], "m99", "2026-03-05").await), "HOUSEHOLD_NOT_IN_FORCE");
    store.end_grid(&change(), &code(FIRST_GRID), day("2026-03-10")).await.unwrap();
    assert_eq!(reason(give(&store, &street[2], "m99", "2026-03-10").await), "GRID_NOT_IN_FORCE");
    assert_eq!(reason(give(&store, &street[2], "m99", "2026-01-31").await), "GRID_NOT_IN_FORCE");
}

async fn a_link_by_hand_does_not_reach_behind_a_later_one(database: Database) {
    let (store, street) = assigned(&database).await;
    give(&store, &street[0], "m99", "2026-03-09").await.unwrap();
    assert_eq!(reason(give(&store, &street[0], "m01-201", NEXT).await), "LINKS_BEGIN_LATER");
    assert_eq!(reason(give(&store, &street[1], "m99", NEXT).await), "LINKS_BEGIN_LATER");
    // A link that began on the day ends on it, and never held.
    give(&store, &street[19], "m99", "2026-03-09").await.unwrap();
    give(&store, &street[0], "m01-201", "2026-03-09").await.unwrap();
    assert_eq!(contacts(&store, &street[0], "2026-03-08").await, ["m00-201"]);
    assert_eq!(contacts(&store, &street[0], "2026-03-09").await, ["m01-201"]);
}

async fn a_household_that_moved_leaves_no_link_behind(database: Database) {
    let (store, street) = assigned(&database).await;
    appoint(&store, OTHER_GRID, [1, 1, 1]).await;
    let to = NewHousehold { grid: code(OTHER_GRID), address: "别处1号".to_owned() };
    store.move_household(&change(), &street[0], &to, day(NEXT), None).await.unwrap();
    let new = NewLink { grid: code(OTHER_GRID), ..link(&street[0], "m00-202") };
    let made = store.create_contact_link(&change(), &new, day(NEXT)).await.unwrap();
    assert_eq!(made.grid, code(OTHER_GRID));
    assert_eq!(contacts(&store, &street[0], NEXT).await, ["m00-202"]);
    assert_eq!(contacts(&store, &street[0], DAY).await, ["m00-201"]);
}

async fn a_request_that_comes_again_is_answered_as_before(database: Database) {
    let (store, street) = assigned(&database).await;
    let give = |request: &'static str| {
        let (store, new) = (store.clone(), link(&street[0], "m99"));
        async move { store.create_contact_link(&change_again(1, request), &new, day(NEXT)).await }
    };
    let first = give("give").await.unwrap();
    store.end_contact_link(&change(), first.id.unwrap(), day("2026-03-05"), None).await.unwrap();
    assert_eq!(give("give").await.unwrap(), first);
    assert_eq!(reason(give("another").await), "REQUEST_ID_REUSED");
    let of_it = listed(&store, Filter { subject: Some(street[0].clone()), ..Filter::default() }).await;
    assert_eq!(of_it.len(), 2);
}
