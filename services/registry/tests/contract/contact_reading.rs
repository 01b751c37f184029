//! Reading links, coverage, and what answers who is answerable.

use minqing_platform::identity::Role;
use minqing_registry::domain::contact::{Coverage, Kind, Load};
use minqing_registry::domain::contact_link::ContactLink;
use minqing_registry::domain::resident::Relation;
use minqing_registry::store::Shared;
use minqing_registry::store::contact::{Filter, Position, Uncovered};
use minqing_registry::store::person::AppointmentFilter;
use minqing_testkit::{Database, on_both_databases};
use uuid::Uuid;

use super::contact::{DAY, appoint, assign, households, in_force, listed, person, settle, village};
use super::household::{FIRST_GRID, OTHER_GRID, keyring, named, with_grids};
use super::{change, code, day};

on_both_databases! {
    links_are_listed_by_each_filter_page_by_page;
    links_count_the_residents_below_them;
    a_division_is_covered_as_its_grids_are;
    uncovered_households_are_listed_page_by_page;
    what_answers_is_read_from_a_day_on;
    changes_are_told_before_the_feed_shows_them;
}

async fn links_are_listed_by_each_filter_page_by_page(database: Database) {
    let store = village(&database).await;
    settle(&store, OTHER_GRID, &[3; 5]).await;
    appoint(&store, OTHER_GRID, [1, 1, 1]).await;
    assign(&store, FIRST_GRID, false, DAY).await;
    assign(&store, OTHER_GRID, false, DAY).await;
    let count = |filter: Filter| {
        let store = store.clone();
        async move { listed(&store, filter).await.len() }
    };
    assert_eq!(count(Filter::default()).await, 23 + 7);
    assert_eq!(count(Filter { within: Some(code(OTHER_GRID)), ..Filter::default() }).await, 7);
    assert_eq!(count(Filter { within: Some(code("321181100201")), ..Filter::default() }).await, 23);
    assert_eq!(count(Filter { kind: Some(Kind::MemberToBackbone), ..Filter::default() }).await, 3);
    assert_eq!(count(Filter { contact: Some("m00-201".to_owned()), ..Filter::default() }).await, 10);
    assert_eq!(count(Filter { subject: Some("m00-201".to_owned()), ..Filter::default() }).await, 1);
    assert_eq!(count(Filter { on: Some(day("2026-02-28")), ..Filter::default() }).await, 0);
    let all = listed(&store, Filter::default()).await;
    let (mut seen, mut after) = (Vec::new(), Position::default());
    loop {
        let page = store.contact_links(&Filter::default(), &after, 4, day(DAY)).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Position {
            grid: last.grid.to_string(),
            kind: last.kind as i32 + 1,
            subject: last.subject.clone(),
            id: last.id.unwrap(),
        };
        seen.extend(page);
    }
    assert_eq!(seen, all);
    let key = |link: &ContactLink| (link.grid.clone(), link.kind, link.subject.clone());
    assert!(all.windows(2).all(|pair| key(&pair[0]) < key(&pair[1])));
}

async fn links_count_the_residents_below_them(database: Database) {
    let store = village(&database).await;
    let created = assign(&store, FIRST_GRID, false, DAY).await.created;
    let counts = |links: &[ContactLink]| {
        let mut counts: Vec<_> =
            links.iter().map(|link| (link.kind, link.subject.clone(), link.resident_count)).collect();
        counts.sort();
        counts
    };
    assert_eq!(counts(&listed(&store, Filter::default()).await), counts(&created));
    let of = |kind| created.iter().filter(move |link| link.kind == kind).map(|link| link.resident_count);
    assert_eq!(of(Kind::MemberToBackbone).collect::<Vec<_>>(), [30, 30]);
    assert_eq!(of(Kind::BackboneToLead).collect::<Vec<_>>(), [60]);
}

/// The coverage of a grid, as an assignment that is only planned would tell it if it changed nothing.
async fn measured(store: &Shared, grid: &str, on: &str) -> Coverage {
    let plan = store.assign_contacts(&change(), &code(grid), false, day(on), true).await.unwrap();
    assert!(plan.created.is_empty() && plan.ended.is_empty(), "the test needs a grid that is assigned");
    plan.coverage
}

async fn a_division_is_covered_as_its_grids_are(database: Database) {
    let store = with_grids(&database).await;
    // One member too few in the one grid; in the other a household grows after it was assigned.
    settle(&store, FIRST_GRID, &[5; 10]).await;
    appoint(&store, FIRST_GRID, [1, 0, 1]).await;
    settle(&store, OTHER_GRID, &[10; 3]).await;
    appoint(&store, OTHER_GRID, [1, 1, 2]).await;
    for grid in [FIRST_GRID, OTHER_GRID] {
        assign(&store, grid, false, DAY).await;
    }
    let grown = &households(&store, OTHER_GRID).await[0];
    let resident = named("张三", Relation::Other, None);
    store.create_resident(&change(), &keyring(), grown, &resident, day(DAY)).await.unwrap();

    let mut sum = Coverage::default();
    for grid in [FIRST_GRID, OTHER_GRID] {
        let measured = measured(&store, grid, DAY).await;
        let (mut counted, lacking) = store.contact_coverage(&code(grid), day(DAY)).await.unwrap();
        assert!(counted.uncovered_listed.is_empty());
        counted.uncovered_listed.clone_from(&measured.uncovered_listed);
        assert_eq!(counted, measured, "{grid}");
        let households: u32 = lacking.iter().map(|grid| grid.households).sum();
        assert_eq!(households, measured.uncovered_households);
        sum.absorb(measured);
    }
    assert_eq!(
        sum.overloaded_listed,
        [Load { person: "m00-202".into(), kind: Kind::HouseholdToMember, load: 31 }]
    );
    sum.uncovered_listed.clear();
    for division in ["321181100", "32"] {
        let (counted, lacking) = store.contact_coverage(&code(division), day(DAY)).await.unwrap();
        assert_eq!(counted, sum, "{division}");
        assert_eq!(lacking[0].grid, FIRST_GRID);
    }
    let (nothing, _) = store.contact_coverage(&code("33"), day(DAY)).await.unwrap();
    assert_eq!(nothing, Coverage::default());
    // On the day a member leaves office, all whom they looked after are without a contact.
    let held = store
        .appointments(&AppointmentFilter { person: Some("m00-202".to_owned()), ..Default::default() }, "", 10)
        .await
        .unwrap();
    store.end_appointment(&change(), "m00-202", &held[0].id, day("2026-03-05"), day(DAY)).await.unwrap();
    let uncovered = |on: &'static str| {
        let store = store.clone();
        async move { store.contact_coverage(&code(OTHER_GRID), day(on)).await.unwrap().0 }
    };
    let (before, after) = (uncovered("2026-03-04").await, uncovered("2026-03-05").await);
    assert_eq!((before.uncovered_households, before.members, before.overloaded), (0, 1, 1));
    assert_eq!((after.uncovered_households, after.members, after.overloaded), (3, 0, 0));
}

async fn uncovered_households_are_listed_page_by_page(database: Database) {
    let store = with_grids(&database).await;
    settle(&store, FIRST_GRID, &[5; 12]).await;
    appoint(&store, FIRST_GRID, [1, 1, 1]).await;
    settle(&store, OTHER_GRID, &[1; 3]).await;
    assign(&store, FIRST_GRID, false, DAY).await;
    let grids = [FIRST_GRID.to_owned(), OTHER_GRID.to_owned()];
    let covered: Vec<String> = in_force(&store, DAY).await.into_iter().map(|link| link.subject).collect();
    let mut expected = households(&store, FIRST_GRID).await;
    expected.extend(households(&store, OTHER_GRID).await);
    expected.retain(|id| !covered.contains(id));
    assert_eq!(expected.len(), 6 + 3);
    let (mut seen, mut after) = (Vec::new(), Uncovered::default());
    loop {
        let page = store.uncovered_households(&grids, day(DAY), &after, 4).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.clone();
        seen.extend(page.into_iter().map(|place| place.household));
    }
    assert_eq!(seen, expected);
    assert!(store.uncovered_households(&[], day(DAY), &Uncovered::default(), 4).await.unwrap().is_empty());
}

async fn what_answers_is_read_from_a_day_on(database: Database) {
    let store = village(&database).await;
    let created = assign(&store, FIRST_GRID, false, DAY).await.created;
    let homes: Vec<_> = created.iter().filter(|link| link.kind == Kind::HouseholdToMember).collect();
    store.end_contact_link(&change(), homes[0].id.unwrap(), day("2026-03-05"), None).await.unwrap();
    store.end_household(&change(), &keyring(), &homes[1].subject, day("2026-03-05")).await.unwrap();
    let cadres = [person("c2", Role::Cadre, "321181100201"), person("c1", Role::Cadre, "321181100201")];
    store.create_people(&change(), &cadres).await.unwrap();
    let chain = |on: &'static str| {
        let store = store.clone();
        async move { store.chain(&code(FIRST_GRID), day(on)).await.unwrap().unwrap() }
    };
    let before = chain("2026-03-04").await;
    assert_eq!((before.links.len(), before.posts.len()), (23, 4));
    let after = chain("2026-03-05").await;
    assert_eq!((after.links.len(), after.posts.len()), (22, 4));
    // A household that ended is there to be told of.
    assert_eq!(after.households.len(), 20);
    let ended = after.households.iter().filter(|(_, days)| days.to == Some(day("2026-03-05"))).count();
    assert_eq!((ended, after.effective.from), (1, day("2026-02-01")));
    assert_eq!(store.chain(&code("321181100201999"), day(DAY)).await.unwrap(), None);

    let cadres = store.cadres(&code("321181100201"), day(DAY)).await.unwrap();
    let names: Vec<&str> = cadres.iter().map(|post| post.person.as_str()).collect();
    assert_eq!(names, ["c1", "c2"]);
    assert!(store.cadres(&code("321181100"), day(DAY)).await.unwrap().is_empty());
    let household: Uuid = homes[1].subject.parse().unwrap();
    assert_eq!(store.grid_of_household(household).await.unwrap(), Some(code(FIRST_GRID)));
    assert_eq!(store.grid_of_household(Uuid::nil()).await.unwrap(), None);
}

async fn changes_are_told_before_the_feed_shows_them(database: Database) {
    let store = village(&database).await;
    assign(&store, FIRST_GRID, false, DAY).await;
    // The feed may hide them for a while; these do not wait for it.
    let changes = store.changes_after(0, 0, 1_000).await.unwrap();
    let last = changes.last().unwrap();
    assert_eq!(last.subject, format!("grids/{FIRST_GRID}/contactLinks"));
    assert_eq!(last.division_code, FIRST_GRID);
    let page = store.changes_after(changes[1].tx, changes[1].seq, 3).await.unwrap();
    assert_eq!(page.iter().map(|change| change.seq).collect::<Vec<_>>(), [2, 3, 4].map(|n| changes[n].seq));
    assert!(store.changes_after(last.tx, last.seq, 10).await.unwrap().is_empty());
}
