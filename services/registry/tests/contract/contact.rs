//! Assigning contacts, and the ends of links.

use futures::StreamExt as _;
use futures::stream;
use minqing_platform::identity::Role;
use minqing_platform::period::Period;
use minqing_registry::domain::appointment::{NewAppointment, Office};
use minqing_registry::domain::contact::{Coverage, Kind};
use minqing_registry::domain::contact_link::ContactLink;
use minqing_registry::domain::household_import::Record;
use minqing_registry::domain::person::NewPerson;
use minqing_registry::domain::resident::Relation;
use minqing_registry::store::Shared;
use minqing_registry::store::contact::{Assigned, Filter, Position};
use minqing_registry::store::household_import::Import;
use minqing_testkit::{Database, on_both_databases};
use uuid::Uuid;

use super::household::{FIRST_GRID, OTHER_GRID, keyring, named, with_grids};
use super::{change, change_again, code, day, expect_events, reason};

on_both_databases! {
    a_grid_is_assigned_and_a_second_run_changes_nothing;
    a_plan_that_is_only_looked_at_changes_nothing;
    what_too_few_people_cannot_take_is_told;
    a_member_lives_next_to_their_own_households;
    assigning_anew_ends_what_the_plan_does_not_hold;
    what_is_no_longer_of_the_grid_ends;
    assignments_at_once_are_as_one;
    a_grid_is_assigned_in_force_and_not_behind_its_links;
    a_request_that_comes_again_is_answered_as_before;
    a_link_ends_once;
}

pub(super) const DAY: &str = "2026-03-01";

fn office(role: Role, place: &str, from: &str) -> NewAppointment {
    NewAppointment {
        id: Uuid::now_v7().to_string(),
        office: Office { role, level: None, organization: None, place: place.parse().ok() },
        effective: Period::since(day(from)),
    }
}

pub(super) fn person(id: &str, role: Role, place: &str) -> NewPerson {
    NewPerson {
        id: id.to_owned(),
        display_name: format!("张{id}"),
        division: code("321181100"),
        work_phone: String::new(),
        phone: None,
        identity_number: None,
        subjects: Vec::new(),
        from: day("2026-02-01"),
        appointments: vec![office(role, place, "2026-02-01")],
    }
}

/// People of a grid: so many members, backbones and leads, named by their level, number and grid.
pub(super) async fn appoint(store: &Shared, grid: &str, [members, backbones, leads]: [usize; 3]) {
    let levels = [
        ("m", Role::OrdinaryMember, members),
        ("b", Role::BackboneMember, backbones),
        ("l", Role::GridLead, leads),
    ];
    let village = &grid[9..12];
    let people: Vec<NewPerson> = levels
        .into_iter()
        .flat_map(|(level, role, count)| {
            (0..count).map(move |number| person(&format!("{level}{number:02}-{village}"), role, grid))
        })
        .collect();
    store.create_people(&change(), &people).await.unwrap();
}

/// Households of a grid, along one street: so many residents in each.
pub(super) async fn settle(store: &Shared, grid: &str, residents: &[usize]) {
    let record = |(number, residents): (usize, &usize)| Record {
        number: number as u64 + 1,
        source_id: format!("{grid}-{number}"),
        grid: code(grid),
        address: format!("新桥路{}号", number + 1),
        residents: (0..*residents).map(|_| named("张三", Relation::Other, None)).collect(),
    };
    let records: Vec<Record> = residents.iter().enumerate().map(record).collect();
    let import = Import {
        source: "hukou".to_owned(),
        day: day("2026-02-01"),
        scopes: vec![String::new()],
        validate_only: false,
    };
    let batches = stream::iter([Ok(records)]).boxed();
    store.import_households(&change(), &keyring(), &import, batches).await.unwrap();
}

/// A store with one grid of 20 households of three, two members, a backbone and a lead.
pub(super) async fn village(database: &Database) -> Shared {
    let store = with_grids(database).await;
    settle(&store, FIRST_GRID, &[3; 20]).await;
    appoint(&store, FIRST_GRID, [2, 1, 1]).await;
    store
}

pub(super) async fn assign(store: &Shared, grid: &str, reassign: bool, on: &str) -> Assigned {
    store.assign_contacts(&change(), &code(grid), reassign, day(on), false).await.unwrap()
}

pub(super) async fn listed(store: &Shared, filter: Filter) -> Vec<ContactLink> {
    store.contact_links(&filter, &Position::default(), 1_000, day(DAY)).await.unwrap()
}

pub(super) async fn in_force(store: &Shared, on: &str) -> Vec<ContactLink> {
    listed(store, Filter { on: Some(day(on)), ..Filter::default() }).await
}

pub(super) async fn households(store: &Shared, grid: &str) -> Vec<String> {
    let filter = minqing_registry::store::household::Filter { within: code(grid), on: Some(day(DAY)) };
    let found = store.households(&filter, &Default::default(), 1_000).await.unwrap();
    found.into_iter().map(|household| household.id).collect()
}

/// The links without what differs from run to run.
pub(super) fn pairs(links: &[ContactLink]) -> Vec<(Kind, String, String)> {
    let mut pairs: Vec<_> =
        links.iter().map(|link| (link.kind, link.subject.clone(), link.contact.clone())).collect();
    pairs.sort();
    pairs
}

async fn a_grid_is_assigned_and_a_second_run_changes_nothing(database: Database) {
    let store = village(&database).await;
    let first = assign(&store, FIRST_GRID, false, DAY).await;
    assert_eq!((first.created.len(), first.ended.len()), (20 + 2 + 1, 0));
    assert!(first.shortage.is_none());
    let expected =
        Coverage { households: 20, residents: 60, members: 2, backbones: 1, leads: 1, ..Coverage::default() };
    assert_eq!(first.coverage, expected);
    // The first half of the street has one member, the second half the other.
    let street = households(&store, FIRST_GRID).await;
    let halves: Vec<&str> = street
        .iter()
        .map(|id| first.created.iter().find(|link| link.subject == *id).unwrap().contact.as_str())
        .collect();
    assert_eq!(halves, [["m00-201"; 10], ["m01-201"; 10]].concat());
    assert_eq!(pairs(&in_force(&store, DAY).await), pairs(&first.created));
    assert!(in_force(&store, "2026-02-28").await.is_empty());

    for reassign in [false, true] {
        let second = assign(&store, FIRST_GRID, reassign, "2026-03-02").await;
        assert_eq!((second.created.len(), second.ended.len()), (0, 0));
        assert_eq!(second.coverage, first.coverage);
    }
    let events = [
        ("DivisionCreated", 6),
        ("GridCreated", 2),
        ("HouseholdCreated", 20),
        ("PersonCreated", 4),
        ("AppointmentCreated", 4),
        ("ContactsAssigned", 1),
    ];
    expect_events(&store, &events).await;
}

async fn a_plan_that_is_only_looked_at_changes_nothing(database: Database) {
    let store = village(&database).await;
    let plan = store.assign_contacts(&change(), &code(FIRST_GRID), false, day(DAY), true).await.unwrap();
    assert_eq!(plan.created.len(), 23);
    assert!(plan.created.iter().all(|link| link.id.is_none()));
    assert!(in_force(&store, DAY).await.is_empty());
    let done = assign(&store, FIRST_GRID, false, DAY).await;
    assert_eq!(pairs(&plan.created), pairs(&done.created));
    assert_eq!((plan.coverage, plan.shortage), (done.coverage, done.shortage));
}

async fn what_too_few_people_cannot_take_is_told(database: Database) {
    let store = with_grids(&database).await;
    settle(&store, FIRST_GRID, &[5; 10]).await;
    appoint(&store, FIRST_GRID, [1, 0, 1]).await;
    let assigned = assign(&store, FIRST_GRID, false, DAY).await;
    assert_eq!(assigned.created.len(), 6);
    assert_eq!((assigned.shortage.households, assigned.shortage.residents), (4, 20));
    assert_eq!((assigned.shortage.members_missing, assigned.shortage.members_unassigned), (1, 1));
    assert_eq!((assigned.shortage.backbones_missing, assigned.shortage.leads_missing), (1, 0));
    assert_eq!(assigned.coverage.uncovered_listed.len(), 4);
}

async fn a_member_lives_next_to_their_own_households(database: Database) {
    let store = with_grids(&database).await;
    settle(&store, FIRST_GRID, &[2; 20]).await;
    appoint(&store, FIRST_GRID, [2, 1, 1]).await;
    let street = households(&store, FIRST_GRID).await;
    // By name m00 would have the first half.
    for (home, member) in [(&street[18], "m00-201"), (&street[1], "m01-201")] {
        let mut resident = named("张三", Relation::Other, None);
        resident.person = Some(member.to_owned());
        store.create_resident(&change(), &keyring(), home, &resident, day("2026-02-02")).await.unwrap();
    }
    let assigned = assign(&store, FIRST_GRID, false, DAY).await;
    let of = |id: &str| assigned.created.iter().find(|link| link.subject == id).unwrap().contact.clone();
    assert_eq!((of(&street[0]), of(&street[19])), ("m01-201".to_owned(), "m00-201".to_owned()));
}

async fn assigning_anew_ends_what_the_plan_does_not_hold(database: Database) {
    let store = village(&database).await;
    let before = assign(&store, FIRST_GRID, false, DAY).await;
    store.create_people(&change(), &[person("m99", Role::OrdinaryMember, FIRST_GRID)]).await.unwrap();
    // Left alone, only the new member is given a backbone.
    let kept = assign(&store, FIRST_GRID, false, "2026-03-02").await;
    assert_eq!((kept.created.len(), kept.ended.len()), (1, 0));
    let anew = assign(&store, FIRST_GRID, true, "2026-03-03").await;
    assert!(!anew.ended.is_empty());
    assert_eq!(anew.ended.len(), anew.created.len());
    assert!(anew.ended.iter().all(|link| link.effective.to == Some(day("2026-03-03")) && link.version == 2));
    let homes = |links: &[ContactLink]| links.iter().filter(|link| link.contact == "m99").count();
    assert_eq!(homes(&anew.created), 7);
    assert_eq!(anew.ended[0].resident_count, 3);
    // The day before is as it was; from the day on it is as planned.
    assert_eq!(in_force(&store, "2026-03-02").await.len(), before.created.len() + 1);
    assert_eq!(in_force(&store, "2026-03-03").await.len(), before.created.len() + 1);
    assert_eq!(homes(&in_force(&store, "2026-03-03").await), 7);
    assert_eq!(listed(&store, Filter::default()).await.len(), before.created.len() + 1 + anew.created.len());
}

async fn what_is_no_longer_of_the_grid_ends(database: Database) {
    let store = village(&database).await;
    assign(&store, FIRST_GRID, false, DAY).await;
    let street = households(&store, FIRST_GRID).await;
    let to = minqing_registry::domain::household::NewHousehold {
        grid: code(OTHER_GRID),
        address: "别处1号".to_owned(),
    };
    store.move_household(&change(), &street[0], &to, day("2026-03-02"), None).await.unwrap();
    store.end_household(&change(), &keyring(), &street[1], day("2026-03-02")).await.unwrap();
    let (coverage, _) = store.contact_coverage(&code(FIRST_GRID), day("2026-03-02")).await.unwrap();
    assert_eq!((coverage.households, coverage.uncovered_households), (18, 0));
    let assigned = assign(&store, FIRST_GRID, false, "2026-03-02").await;
    assert_eq!((assigned.created.len(), assigned.ended.len()), (0, 2));
    let (elsewhere, lacking) = store.contact_coverage(&code(OTHER_GRID), day("2026-03-02")).await.unwrap();
    assert_eq!(
        (elsewhere.households, elsewhere.uncovered_households, elsewhere.uncovered_residents),
        (1, 1, 3)
    );
    assert_eq!(lacking.len(), 1);
}

async fn assignments_at_once_are_as_one(database: Database) {
    let store = village(&database).await;
    let run = || {
        let store = store.clone();
        tokio::spawn(async move {
            store.assign_contacts(&change(), &code(FIRST_GRID), true, day(DAY), false).await
        })
    };
    let runs: Vec<_> = (0..8).map(|_| run()).collect();
    let mut created = Vec::new();
    for run in runs {
        let assigned = run.await.unwrap().unwrap();
        assert!(assigned.ended.is_empty());
        created.push(assigned.created.len());
    }
    created.sort_unstable();
    assert_eq!(created, [0, 0, 0, 0, 0, 0, 0, 23]);
    assert_eq!(listed(&store, Filter::default()).await.len(), 23);
}

async fn a_grid_is_assigned_in_force_and_not_behind_its_links(database: Database) {
    let store = village(&database).await;
    let run = |grid: &'static str, on: &'static str| {
        let store = store.clone();
        async move { store.assign_contacts(&change(), &code(grid), false, day(on), false).await }
    };
    assert_eq!(reason(run("321181100201999", DAY).await), "NOT_FOUND");
    assert_eq!(reason(run(FIRST_GRID, "2026-01-31").await), "GRID_NOT_IN_FORCE");
    run(FIRST_GRID, "2026-03-05").await.unwrap();
    assert_eq!(reason(run(FIRST_GRID, "2026-03-04").await), "LINKS_BEGIN_LATER");
    store.end_grid(&change(), &code(OTHER_GRID), day("2026-03-01")).await.unwrap();
    assert_eq!(reason(run(OTHER_GRID, "2026-03-01").await), "GRID_NOT_IN_FORCE");
}

async fn a_request_that_comes_again_is_answered_as_before(database: Database) {
    let store = village(&database).await;
    let assign = || async {
        store.assign_contacts(&change_again(1, "assign"), &code(FIRST_GRID), true, day(DAY), false).await
    };
    let first = assign().await.unwrap();
    let id = first.created[0].id.unwrap();
    let end = || async { store.end_contact_link(&change_again(2, "end"), id, day(DAY), Some(1)).await };
    let ended = end().await.unwrap();
    assert_eq!(assign().await.unwrap(), first);
    assert_eq!(end().await.unwrap(), ended);
    let another = change_again(1, "another");
    let other = store.assign_contacts(&another, &code(FIRST_GRID), true, day(DAY), false).await;
    assert_eq!(reason(other), "REQUEST_ID_REUSED");
    assert_eq!(in_force(&store, DAY).await.len(), 22);
}

async fn a_link_ends_once(database: Database) {
    let store = village(&database).await;
    let assigned = assign(&store, FIRST_GRID, false, DAY).await;
    let link = assigned.created[3].clone();
    let id = link.id.unwrap();
    let end = |on: &'static str, version| {
        let store = store.clone();
        async move { store.end_contact_link(&change(), id, day(on), version).await }
    };
    assert_eq!(reason(end("2026-02-28", None).await), "ENDS_BEFORE_IT_BEGINS");
    assert_eq!(reason(end("2026-03-09", Some(2)).await), "ETAG_MISMATCH");
    let ended = end("2026-03-09", Some(1)).await.unwrap();
    assert_eq!((ended.effective.to, ended.version, ended.resident_count), (Some(day("2026-03-09")), 2, 3));
    assert_eq!(store.contact_link(id, day(DAY)).await.unwrap(), Some(ended));
    assert_eq!(reason(end("2026-03-09", None).await), "ALREADY_ENDED");
    end("2026-03-05", None).await.unwrap();
    assert_eq!(reason(store.end_contact_link(&change(), Uuid::nil(), day(DAY), None).await), "NOT_FOUND");
    let uncovered = |on: &'static str| {
        let store = store.clone();
        async move { store.contact_coverage(&code(FIRST_GRID), day(on)).await.unwrap().0.uncovered_households }
    };
    assert_eq!((uncovered("2026-03-04").await, uncovered("2026-03-05").await), (0, 1));
    // What is without a contact is assigned again, and by the same member, whose households are its neighbours.
    let again = assign(&store, FIRST_GRID, false, "2026-03-05").await;
    assert_eq!(pairs(&again.created), pairs(&[link]));
}
