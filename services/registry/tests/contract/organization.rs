//! Organizations as they are stored.

use minqing_registry::domain::organization::{Changes, Facts, Kind, NewOrganization, Organization};
use minqing_registry::store::organization::{Filter, Wanted};
use minqing_testkit::{Database, on_both_databases};

use super::*;

on_both_databases! {
    an_organization_is_read_back_as_it_was_created;
    a_request_sent_again_creates_nothing_more;
    a_batch_is_created_whole_or_not_at_all;
    a_parent_may_stand_earlier_in_the_batch;
    a_hierarchy_neither_closes_nor_grows_too_deep;
    an_update_changes_what_is_given_and_nothing_else;
    an_organization_in_use_does_not_end;
    organizations_are_listed_by_each_filter;
    the_most_specific_is_responsible_first;
    two_parents_changed_at_once_close_no_circle;
}

/// A department of the city, responsible for it.
pub(super) fn new(id: &str, parent: Option<&str>) -> NewOrganization {
    NewOrganization {
        id: id.to_owned(),
        kind: Kind::Department,
        facts: Facts {
            display_name: format!("机构{id}"),
            parent: parent.map(ToOwned::to_owned),
            division: code("321181"),
            jurisdiction: vec![code("321181")],
            functions: Vec::new(),
            phone: String::new(),
            address: String::new(),
            opening_hours: String::new(),
        },
        from: day("2026-02-01"),
    }
}

async fn create(store: &Shared, new: NewOrganization) -> Result<Organization, Error> {
    Ok(store.create_organizations(&change(), &[new]).await?.remove(0))
}

async fn reparent(store: &Shared, id: &str, parent: &str) -> Result<Organization, Error> {
    let changes = Changes { parent: Some(Some(parent.to_owned())), ..Changes::default() };
    store.update_organization(&change(), id, changes, None, day("2026-03-01")).await
}

async fn ids(store: &Shared, filter: Filter) -> Vec<String> {
    let found = store.organizations(&filter, "", 100).await.unwrap();
    found.into_iter().map(|organization| organization.id).collect()
}

async fn an_organization_is_read_back_as_it_was_created(database: Database) {
    let store = open_with_villages(&database).await;
    let mut wanted = new("water", None);
    wanted.facts.jurisdiction = vec![code("321181100"), code("321181100201")];
    wanted.facts.functions = vec!["water".into(), "供水".into()];
    wanted.facts.phone = "0511-86520000".into();
    wanted.facts.opening_hours = "周一至周五".into();
    let made = create(&store, wanted.clone()).await.unwrap();
    assert_eq!(store.organization("water").await.unwrap(), Some(made.clone()));
    assert_eq!((made.facts, made.kind, made.version), (wanted.facts, Kind::Department, 1));
    assert_eq!(store.organization("other").await.unwrap(), None);
    assert_eq!(reason(create(&store, new("water", None)).await), "ALREADY_EXISTS");
    expect_events(&store, &[("DivisionCreated", 6), ("OrganizationCreated", 1)]).await;
}

async fn a_request_sent_again_creates_nothing_more(database: Database) {
    let store = open_with_villages(&database).await;
    let first = store.create_organizations(&change_again(1, "a"), &[new("a", None)]).await.unwrap();
    // The id would be another one each time where the caller gives none: the first answer counts.
    let again = store.create_organizations(&change_again(1, "a"), &[new("b", None)]).await.unwrap();
    assert_eq!(first, again);
    let reused = store.create_organizations(&change_again(1, "b"), &[new("b", None)]).await;
    assert_eq!(reason(reused), "REQUEST_ID_REUSED");
}

async fn a_batch_is_created_whole_or_not_at_all(database: Database) {
    let store = open_with_villages(&database).await;
    let twice = [new("a", None), new("b", None), new("a", None)];
    assert_eq!(reason(store.create_organizations(&change(), &twice).await), "NAME_TWICE");
    let orphan = [new("a", None), new("b", Some("nobody"))];
    assert_eq!(reason(store.create_organizations(&change(), &orphan).await), "PARENT_MISSING");
    assert_eq!(ids(&store, Filter::default()).await, Vec::<String>::new());
}

async fn a_parent_may_stand_earlier_in_the_batch(database: Database) {
    let store = open_with_villages(&database).await;
    let mut news: Vec<NewOrganization> = vec![new("centre", None)];
    news[0].kind = Kind::ServiceCentreCity;
    for number in 0..1_200 {
        let window = new(&format!("window-{number:04}"), Some("centre"));
        news.push(NewOrganization { kind: Kind::Window, ..window });
    }
    store.create_organizations(&change(), &news).await.unwrap();
    let below = Filter { parent: Some("centre".into()), ..Filter::default() };
    let first = store.organizations(&below, "window-1190", 100).await.unwrap();
    assert_eq!(first.len(), 9);
    news.reverse();
    for new in &mut news {
        new.id.push('x');
        new.facts.parent = new.facts.parent.as_ref().map(|parent| format!("{parent}x"));
    }
    assert_eq!(reason(store.create_organizations(&change(), &news).await), "PARENT_MISSING");
}

async fn a_hierarchy_neither_closes_nor_grows_too_deep(database: Database) {
    let store = open_with_villages(&database).await;
    let mut parent: Option<String> = None;
    for number in 0..10 {
        let id = format!("o{number}");
        create(&store, new(&id, parent.as_deref())).await.unwrap();
        parent = Some(id);
    }
    assert_eq!(reason(create(&store, new("o10", Some("o9"))).await), "HIERARCHY_TOO_DEEP");
    assert_eq!(reason(reparent(&store, "o0", "o9").await), "HIERARCHY_CLOSES");
    assert_eq!(reason(reparent(&store, "o5", "o5").await), "HIERARCHY_CLOSES");
    create(&store, new("top", None)).await.unwrap();
    assert_eq!(reason(reparent(&store, "o0", "top").await), "HIERARCHY_TOO_DEEP");
    reparent(&store, "o1", "top").await.unwrap();
}

async fn an_update_changes_what_is_given_and_nothing_else(database: Database) {
    let store = open_with_villages(&database).await;
    let before = create(&store, new("a", None)).await.unwrap();
    let changes = Changes {
        display_name: Some("新名".into()),
        jurisdiction: Some(vec![code("321181100")]),
        functions: Some(vec!["x".into()]),
        ..Changes::default()
    };
    let update = |version| {
        let (store, changes) = (store.clone(), changes.clone());
        async move { store.update_organization(&change(), "a", changes, version, day("2026-03-01")).await }
    };
    let after = update(Some(1)).await.unwrap();
    let facts = Facts {
        display_name: "新名".into(),
        jurisdiction: vec![code("321181100")],
        functions: vec!["x".into()],
        ..before.facts
    };
    assert_eq!((&after.facts, after.version), (&facts, 2));
    assert_eq!(store.organization("a").await.unwrap(), Some(after));
    assert_eq!(reason(update(Some(1)).await), "ETAG_MISMATCH");
    let missing = Changes { division: Some(code("321181999")), ..Changes::default() };
    let refused = store.update_organization(&change(), "a", missing, None, day("2026-03-01")).await;
    assert_eq!(reason(refused), "DIVISION_MISSING");
    let nobody = store.update_organization(&change(), "b", Changes::default(), None, day("2026-03-01")).await;
    assert_eq!(reason(nobody), "NOT_FOUND");
}

async fn an_organization_in_use_does_not_end(database: Database) {
    let store = open_with_villages(&database).await;
    create(&store, new("a", None)).await.unwrap();
    create(&store, new("b", Some("a"))).await.unwrap();
    let end = |id: &'static str, on: &'static str| {
        let store = store.clone();
        async move { store.end_organization(&change(), id, day(on)).await }
    };
    assert_eq!(reason(end("a", "2026-04-01").await), "HAS_PARTS_IN_FORCE");
    assert_eq!(reason(end("b", "2026-02-01").await), "ENDS_BEFORE_IT_BEGINS");
    let ended = end("b", "2026-04-01").await.unwrap();
    assert_eq!(ended.effective.to, Some(day("2026-04-01")));
    assert_eq!(store.organization("b").await.unwrap(), Some(ended));
    assert_eq!(reason(end("b", "2026-05-01").await), "ALREADY_ENDED");
    assert_eq!(reason(end("a", "2026-03-31").await), "HAS_PARTS_IN_FORCE");
    end("a", "2026-04-01").await.unwrap();
    let orphan = NewOrganization { from: day("2026-05-01"), ..new("c", Some("a")) };
    assert_eq!(reason(create(&store, orphan).await), "PARENT_NOT_IN_FORCE");
}

async fn organizations_are_listed_by_each_filter(database: Database) {
    let store = open_with_villages(&database).await;
    let mut town = new("town", None);
    (town.kind, town.facts.division) = (Kind::ServiceCentreTown, code("321181100"));
    town.facts.jurisdiction = vec![code("321181100")];
    town.facts.functions = vec!["供水".into()];
    let mut window = new("window", Some("town"));
    (window.kind, window.facts.display_name) = (Kind::Window, "50%_窗口".into());
    store.create_organizations(&change(), &[new("city", None), town, window]).await.unwrap();
    let all = ["city", "town", "window"];
    assert_eq!(ids(&store, Filter::default()).await, all);
    let kind = Filter { kind: Some(Kind::Window), ..Filter::default() };
    assert_eq!(ids(&store, kind).await, ["window"]);
    let parent = Filter { parent: Some("town".into()), ..Filter::default() };
    assert_eq!(ids(&store, parent).await, ["window"]);
    let within = Filter { within: Some(code("321181100")), ..Filter::default() };
    assert_eq!(ids(&store, within).await, ["town"]);
    let covers = |text| Filter { covers: Some(code(text)), ..Filter::default() };
    assert_eq!(ids(&store, covers("321181100201")).await, all);
    assert_eq!(ids(&store, covers("321181999")).await, ["city", "window"]);
    assert_eq!(ids(&store, covers("3211")).await, Vec::<String>::new());
    let function = Filter { function: "供水".into(), ..Filter::default() };
    assert_eq!(ids(&store, function).await, ["town"]);
    let query = |text: &str| Filter { query: text.into(), ..Filter::default() };
    assert_eq!(ids(&store, query("0%_窗")).await, ["window"]);
    assert_eq!(ids(&store, query("%口")).await, Vec::<String>::new());
    store.end_organization(&change(), "window", day("2026-03-01")).await.unwrap();
    let on = |text| Filter { on: Some(day(text)), ..Filter::default() };
    assert_eq!(ids(&store, on("2026-02-28")).await, all);
    assert_eq!(ids(&store, on("2026-03-01")).await, ["city", "town"]);
    assert_eq!(ids(&store, on("2026-01-31")).await, Vec::<String>::new());
}

async fn the_most_specific_is_responsible_first(database: Database) {
    let store = open_with_villages(&database).await;
    let of = |id: &str, codes: &[&str]| {
        let mut new = new(id, None);
        new.facts.jurisdiction = codes.iter().map(|text| code(text)).collect();
        new.facts.functions = vec!["water".into()];
        new
    };
    let mut other = of("other", &["321181"]);
    other.facts.functions.clear();
    let news = [
        of("a-city", &["321181"]),
        of("b-town", &["321181100"]),
        of("c-both", &["321181", "321181100201"]),
        of("d-town", &["321181100"]),
        of("e-elsewhere", &["321181100202"]),
        other,
    ];
    store.create_organizations(&change(), &news).await.unwrap();
    let wanted = |place: &str, function: &str| Wanted {
        code: code(place),
        function: function.into(),
        kind: None,
        on: day("2026-03-01"),
    };
    let ask = |wanted: Wanted, after: Option<(&'static str, &'static str)>, limit| {
        let store = store.clone();
        async move {
            let found = store.responsible(&wanted, after, limit).await.unwrap();
            found.into_iter().map(|(found, code)| format!("{} {code}", found.id)).collect::<Vec<_>>()
        }
    };
    // A grid of the village: nothing says that it exists.
    let grid = wanted("321181100201001", "water");
    let all = ["c-both 321181100201", "b-town 321181100", "d-town 321181100", "a-city 321181"];
    assert_eq!(ask(grid.clone(), None, 10).await, all);
    assert_eq!(ask(grid.clone(), None, 2).await, all[..2]);
    assert_eq!(ask(grid, Some(("321181100", "b-town")), 10).await, all[2..]);
    let city = ask(wanted("321181", ""), None, 10).await;
    assert_eq!(city, ["a-city 321181", "c-both 321181", "other 321181"]);
    let studios = Wanted { kind: Some(Kind::Studio), ..wanted("321181", "") };
    assert_eq!(ask(studios, None, 10).await, Vec::<String>::new());
    let early = Wanted { on: day("2026-01-31"), ..wanted("321181", "") };
    assert_eq!(ask(early, None, 10).await, Vec::<String>::new());
}

async fn two_parents_changed_at_once_close_no_circle(database: Database) {
    let store = open_with_villages(&database).await;
    store.create_organizations(&change(), &[new("a", None), new("b", None)]).await.unwrap();
    let (one, other) = tokio::join!(reparent(&store, "a", "b"), reparent(&store, "b", "a"));
    assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1);
    assert_eq!(reason(if one.is_err() { one } else { other }), "HIERARCHY_CLOSES");
}
