//! Links end with their grid.

use minqing_registry::domain::contact_link::ContactLink;
use minqing_registry::domain::grid::NewGrid;
use minqing_registry::store::Shared;
use minqing_registry::store::contact::Filter;
use minqing_testkit::{Database, on_both_databases};

use super::contact::{DAY, appoint, assign, in_force, listed, settle, village};
use super::household::{FIRST_GRID, OTHER_GRID};
use super::{change, change_again, code, day, reason};

on_both_databases! {
    the_links_of_a_grid_end_with_it_and_each_is_told_of;
    a_link_that_would_begin_after_its_grid_ended_never_holds;
    a_link_made_in_a_grid_whose_end_is_set_ends_with_it;
    a_split_ends_the_links_and_guesses_no_new_ones;
    a_merge_ends_the_links_of_each_grid;
    an_end_that_is_refused_leaves_the_links;
}

const END: &str = "2026-03-10";

fn new(code_text: &str) -> NewGrid {
    NewGrid { code: code(code_text), display_name: "新网格".to_owned(), boundary: None }
}

/// The subjects of the events of a kind, and where they belong.
async fn told(store: &Shared, kind: &str, count: usize) -> Vec<(String, String)> {
    // On PostgreSQL the feed hides for a moment what another test's transaction could precede.
    for _ in 0..200 {
        let events = store.events_after(0, 0, 100_000).await.unwrap();
        let of_kind = events.into_iter().filter(|event| event.kind == kind);
        let found: Vec<_> = of_kind.map(|event| (event.subject, event.division_code)).collect();
        if found.len() >= count {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the feed never had {count} of {kind}");
}

fn names(links: &[ContactLink]) -> Vec<(String, String)> {
    let name = |link: &ContactLink| (format!("contactLinks/{}", link.id.unwrap()), link.grid.to_string());
    let mut names: Vec<_> = links.iter().map(name).collect();
    names.sort();
    names
}

async fn the_links_of_a_grid_end_with_it_and_each_is_told_of(database: Database) {
    let store = village(&database).await;
    let assigned = assign(&store, FIRST_GRID, false, DAY).await;
    let early = assigned.created[0].id.unwrap();
    store.end_contact_link(&change(), early, day("2026-03-05"), None).await.unwrap();
    let ended = store.end_grid(&change_again(1, "end"), &code(FIRST_GRID), day(END)).await.unwrap();
    assert_eq!(in_force(&store, "2026-03-09").await.len(), 22);
    assert!(in_force(&store, END).await.is_empty());
    for link in listed(&store, Filter::default()).await {
        let expected = if link.id == Some(early) { "2026-03-05" } else { END };
        assert_eq!((link.effective.to, link.version), (Some(day(expected)), 2));
    }
    // Each once, in whatever order; the one that ended before not again.
    let mut events = told(&store, "ContactLinkEnded", 23).await;
    events.sort();
    assert_eq!(events, names(&assigned.created));
    let again = store.end_grid(&change_again(1, "end"), &code(FIRST_GRID), day(END)).await.unwrap();
    assert_eq!(again, ended);
    assert_eq!(told(&store, "ContactLinkEnded", 23).await.len(), 23);
    let (coverage, _) = store.contact_coverage(&code(FIRST_GRID), day(END)).await.unwrap();
    assert_eq!((coverage.households, coverage.uncovered_households), (20, 20));
}

async fn a_link_that_would_begin_after_its_grid_ended_never_holds(database: Database) {
    let store = village(&database).await;
    assign(&store, FIRST_GRID, false, "2026-03-20").await;
    store.end_grid(&change(), &code(FIRST_GRID), day(END)).await.unwrap();
    for link in listed(&store, Filter::default()).await {
        assert_eq!((link.effective.from, link.effective.to), (day("2026-03-20"), Some(day("2026-03-20"))));
    }
    assert!(in_force(&store, "2026-03-20").await.is_empty());
}

async fn a_link_made_in_a_grid_whose_end_is_set_ends_with_it(database: Database) {
    let store = village(&database).await;
    store.end_grid(&change(), &code(FIRST_GRID), day(END)).await.unwrap();
    let assigned = assign(&store, FIRST_GRID, false, DAY).await;
    assert!(assigned.created.iter().all(|link| link.effective.to == Some(day(END))));
    let (coverage, _) = store.contact_coverage(&code(FIRST_GRID), day(DAY)).await.unwrap();
    assert_eq!(coverage.uncovered_households, 0);
    let home = super::contact::households(&store, FIRST_GRID).await.remove(0);
    let id = assigned.created.iter().find(|link| link.subject == home).unwrap().id.unwrap();
    store.end_contact_link(&change(), id, day("2026-03-02"), None).await.unwrap();
    let (grid, member) = (code(FIRST_GRID), "m00-201".to_owned());
    let new = minqing_registry::domain::contact_link::NewLink { grid, household: home, member };
    let made = store.create_contact_link(&change(), &new, day("2026-03-02")).await.unwrap();
    assert_eq!(made.effective.to, Some(day(END)));
    assert_eq!(in_force(&store, "2026-03-09").await.len(), 23);
    assert!(in_force(&store, END).await.is_empty());
    // A second assignment over links with an end changes nothing.
    let again = assign(&store, FIRST_GRID, true, "2026-03-03").await;
    assert_eq!((again.created.len(), again.ended.len()), (0, 0));
}

async fn a_split_ends_the_links_and_guesses_no_new_ones(database: Database) {
    let store = village(&database).await;
    assign(&store, FIRST_GRID, false, DAY).await;
    let news = [new("321181100201011"), new("321181100201012")];
    let split =
        || async { store.split_grid(&change_again(1, "split"), &code(FIRST_GRID), &news, day(END)).await };
    let first = split().await.unwrap();
    assert_eq!(in_force(&store, "2026-03-09").await.len(), 23);
    assert!(in_force(&store, END).await.is_empty());
    assert_eq!(split().await.unwrap(), first);
    assert_eq!(told(&store, "ContactLinkEnded", 23).await.len(), 23);
    // The new grid is assigned once it has people and households.
    settle_from(&store, "321181100201011").await;
    let assigned = assign(&store, "321181100201011", false, END).await;
    assert!(!assigned.created.is_empty() && assigned.ended.is_empty());
}

/// Moves the first two households of the old grid to a new one, and appoints a member there.
async fn settle_from(store: &Shared, grid: &str) {
    let street = super::contact::households(store, FIRST_GRID).await;
    for id in &street[..2] {
        let to = minqing_registry::domain::household::NewHousehold {
            grid: code(grid),
            address: "新桥路1号".to_owned(),
        };
        store.move_household(&change(), id, &to, day(END), None).await.unwrap();
    }
    let mut member = super::contact::person("n", minqing_platform::identity::Role::OrdinaryMember, grid);
    member.from = day(END);
    member.appointments[0].effective.from = day(END);
    store.create_people(&change(), &[member]).await.unwrap();
}

async fn a_merge_ends_the_links_of_each_grid(database: Database) {
    let store = village(&database).await;
    // Merged with one beside it; the grid of the other village goes on.
    let beside = "321181100201002";
    store.create_grid(&change(), &new(beside), day("2026-02-01")).await.unwrap();
    settle(&store, OTHER_GRID, &[3; 2]).await;
    appoint(&store, OTHER_GRID, [1, 1, 1]).await;
    for grid in [FIRST_GRID, OTHER_GRID] {
        assign(&store, grid, false, DAY).await;
    }
    let olds = [code(beside), code(FIRST_GRID)];
    store.merge_grids(&change(), &olds, &new("321181100201013"), day(END)).await.unwrap();
    let left = in_force(&store, END).await;
    assert_eq!(left.len(), 2 + 1 + 1);
    assert!(left.iter().all(|link| link.grid == code(OTHER_GRID) && link.version == 1));
    assert_eq!(told(&store, "ContactLinkEnded", 23).await.len(), 23);
}

async fn an_end_that_is_refused_leaves_the_links(database: Database) {
    let store = village(&database).await;
    assign(&store, FIRST_GRID, false, DAY).await;
    // The second of them has another parent.
    let news = [new("321181100201011"), new("321181100202012")];
    let split = store.split_grid(&change(), &code(FIRST_GRID), &news, day(END)).await;
    assert_eq!(reason(split), "ANOTHER_PARENT");
    // The second is there already, which is found out when the old grid has ended in the transaction.
    store.create_grid(&change(), &new("321181100201002"), day("2026-02-01")).await.unwrap();
    let taken = [new("321181100201011"), new("321181100201002")];
    let split = store.split_grid(&change(), &code(FIRST_GRID), &taken, day(END)).await;
    assert_eq!(reason(split), "ALREADY_EXISTS");
    assert_eq!(in_force(&store, END).await.len(), 23);
}
