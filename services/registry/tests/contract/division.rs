//! Divisions as they are stored.

use minqing_platform::code::Level;
use minqing_registry::domain::division_file::{self, File};
use minqing_registry::domain::grid::NewGrid;
use minqing_registry::store::Shared;
use minqing_registry::store::division::Filter;
use minqing_testkit::{Database, on_both_databases};

use super::{
    change, change_again, code, danyang, day, expect_events, new_division, open, open_with_villages, reason,
};

on_both_databases! {
    a_division_is_created_below_one_in_force;
    a_division_without_one_above_is_refused;
    a_code_is_given_once;
    a_renamed_division_has_a_new_version;
    a_stale_version_is_refused;
    a_division_ends_when_nothing_below_it_is_in_force;
    a_division_with_a_grid_in_force_does_not_end;
    a_split_ends_one_and_begins_others_on_the_same_day;
    a_split_that_is_refused_leaves_everything_as_it_was;
    a_merge_ends_several_and_begins_one;
    a_request_that_comes_again_is_answered_as_before;
    divisions_are_listed_by_place_level_name_and_day;
    pages_follow_each_other_without_gap_or_overlap;
    danyang_is_imported_and_a_second_import_changes_nothing;
    an_import_renames_and_leaves_ended_divisions_alone;
    an_import_of_villages_without_their_town_is_refused_whole;
    a_check_of_an_import_changes_nothing;
    events_are_read_from_a_cursor_on;
}

async fn a_division_is_created_below_one_in_force(database: Database) {
    let store = open_with_villages(&database).await;
    let made = store
        .create_division(&change(), &new_division("321181100203", "新村"), day("2026-02-01"))
        .await
        .unwrap();
    let read = store.division(&code("321181100203")).await.unwrap().unwrap();
    assert_eq!(read, made);
    assert_eq!((read.version, read.effective.from, read.effective.to), (1, day("2026-02-01"), None));
    assert_eq!(store.division(&code("321181100299")).await.unwrap(), None);
    let some = store.divisions_of(&[code("321181100203"), code("32"), code("33")]).await.unwrap();
    assert_eq!(some.iter().map(|d| d.code.as_str()).collect::<Vec<_>>(), ["32", "321181100203"]);
    assert!(store.divisions_of(&[]).await.unwrap().is_empty());
}

async fn a_division_without_one_above_is_refused(database: Database) {
    let store = open_with_villages(&database).await;
    let create = |code, from| {
        let (store, new) = (store.clone(), new_division(code, "x"));
        async move { store.create_division(&change(), &new, day(from)).await }
    };
    assert_eq!(reason(create("321181999001", "2026-02-01").await), "PARENT_MISSING");
    assert_eq!(reason(create("321181100203", "2025-12-31").await), "PARENT_NOT_IN_FORCE");
}

async fn a_code_is_given_once(database: Database) {
    let store = open_with_villages(&database).await;
    let again = store.create_division(&change(), &new_division("321181100201", "x"), day("2026-02-01")).await;
    assert_eq!(reason(again), "ALREADY_EXISTS");
    assert_eq!(store.division(&code("321181100201")).await.unwrap().unwrap().display_name, "前巷村");
}

async fn a_renamed_division_has_a_new_version(database: Database) {
    let store = open_with_villages(&database).await;
    let renamed = store.rename_division(&change(), &code("321181100201"), "新巷村", Some(1)).await.unwrap();
    assert_eq!((renamed.display_name.as_str(), renamed.version), ("新巷村", 2));
    assert_eq!(store.division(&code("321181100201")).await.unwrap(), Some(renamed));
    let missing = store.rename_division(&change(), &code("321181100299"), "x", None).await;
    assert_eq!(reason(missing), "NOT_FOUND");
}

async fn a_stale_version_is_refused(database: Database) {
    let store = open_with_villages(&database).await;
    store.rename_division(&change(), &code("321181100201"), "一", Some(1)).await.unwrap();
    let stale = store.rename_division(&change(), &code("321181100201"), "二", Some(1)).await;
    assert_eq!(reason(stale), "ETAG_MISMATCH");
    assert_eq!(store.division(&code("321181100201")).await.unwrap().unwrap().display_name, "一");
}

async fn a_division_ends_when_nothing_below_it_is_in_force(database: Database) {
    let store = open_with_villages(&database).await;
    let end = |text: &'static str, on: &'static str| {
        let store = store.clone();
        async move { store.end_division(&change(), &code(text), day(on)).await }
    };
    assert_eq!(reason(end("321181100", "2026-03-01").await), "HAS_PARTS_IN_FORCE");
    assert_eq!(reason(end("321181100201", "2026-01-01").await), "ENDS_BEFORE_IT_BEGINS");
    assert_eq!(reason(end("321181100299", "2026-03-01").await), "NOT_FOUND");
    let ended = end("321181100201", "2026-03-01").await.unwrap();
    assert_eq!((ended.effective.to, ended.version), (Some(day("2026-03-01")), 2));
    assert_eq!(reason(end("321181100201", "2026-04-01").await), "ALREADY_ENDED");
    end("321181100202", "2026-03-01").await.unwrap();
    // On the last day of its villages the town may end with them, but not a day earlier.
    assert_eq!(reason(end("321181100", "2026-02-28").await), "HAS_PARTS_IN_FORCE");
    end("321181100", "2026-03-01").await.unwrap();
}

async fn a_division_with_a_grid_in_force_does_not_end(database: Database) {
    let store = open_with_villages(&database).await;
    let new = NewGrid { code: code("321181100201001"), display_name: "一".to_owned(), boundary: None };
    store.create_grid(&change(), &new, day("2026-02-01")).await.unwrap();
    let end = |on| {
        let store = store.clone();
        async move { store.end_division(&change(), &code("321181100201"), day(on)).await }
    };
    assert_eq!(reason(end("2026-03-01").await), "HAS_PARTS_IN_FORCE");
    store.end_grid(&change(), &new.code, day("2026-03-01")).await.unwrap();
    assert_eq!(reason(end("2026-02-28").await), "HAS_PARTS_IN_FORCE");
    end("2026-03-01").await.unwrap();
}

async fn a_split_ends_one_and_begins_others_on_the_same_day(database: Database) {
    let store = open_with_villages(&database).await;
    let news = [new_division("321181100211", "前巷东村"), new_division("321181100212", "前巷西村")];
    let split =
        store.split_division(&change(), &code("321181100201"), &news, day("2026-06-01")).await.unwrap();
    assert_eq!(split.ended.effective.to, Some(day("2026-06-01")));
    assert_eq!(split.ended.successors, [code("321181100211"), code("321181100212")]);
    assert_eq!(store.division(&code("321181100201")).await.unwrap(), Some(split.ended));
    for made in split.successors {
        assert_eq!(made.effective.from, day("2026-06-01"));
        assert_eq!(store.division(&made.code).await.unwrap(), Some(made));
    }
    expect_events(&store, &[("DivisionCreated", 8), ("DivisionEnded", 1)]).await;
}

async fn a_split_that_is_refused_leaves_everything_as_it_was(database: Database) {
    let store = open_with_villages(&database).await;
    let split = |news: Vec<_>| {
        let store = store.clone();
        async move { store.split_division(&change(), &code("321181100201"), &news, day("2026-06-01")).await }
    };
    let taken = vec![new_division("321181100211", "a"), new_division("321181100202", "b")];
    assert_eq!(reason(split(taken).await), "ALREADY_EXISTS");
    let elsewhere = vec![new_division("321181100211", "a"), new_division("321181101001", "b")];
    assert_eq!(reason(split(elsewhere).await), "ANOTHER_PARENT");
    let twice = vec![new_division("321181100211", "a"), new_division("321181100211", "b")];
    assert_eq!(reason(split(twice).await), "CODE_TWICE");
    assert_eq!(store.division(&code("321181100211")).await.unwrap(), None);
    assert_eq!(store.division(&code("321181100201")).await.unwrap().unwrap().effective.to, None);
    expect_events(&store, &[("DivisionCreated", 6)]).await;
}

async fn a_merge_ends_several_and_begins_one(database: Database) {
    let store = open_with_villages(&database).await;
    let olds = [code("321181100202"), code("321181100201")];
    let made = store
        .merge_divisions(&change(), &olds, &new_division("321181100213", "巷村"), day("2026-06-01"))
        .await
        .unwrap();
    assert_eq!(store.division(&made.code).await.unwrap(), Some(made.clone()));
    for old in &olds {
        let ended = store.division(old).await.unwrap().unwrap();
        assert_eq!(
            (ended.effective.to, ended.successors),
            (Some(day("2026-06-01")), vec![made.code.clone()])
        );
    }
    let again =
        store.merge_divisions(&change(), &olds, &new_division("321181100214", "x"), day("2026-07-01")).await;
    assert_eq!(reason(again), "ALREADY_ENDED");
    assert_eq!(store.division(&code("321181100214")).await.unwrap(), None);
}

async fn a_request_that_comes_again_is_answered_as_before(database: Database) {
    let store = open_with_villages(&database).await;
    let new = new_division("321181100203", "新村");
    let first = store.create_division(&change_again(1, "create"), &new, day("2026-02-01")).await.unwrap();
    let renamed = store.rename_division(&change_again(2, "rename"), &new.code, "旧村", None).await.unwrap();
    let ended = store.end_division(&change_again(3, "end"), &new.code, day("2026-05-01")).await.unwrap();
    // The answer is that of the time, whatever happened since.
    let again = store.create_division(&change_again(1, "create"), &new, day("2026-02-01")).await.unwrap();
    assert_eq!(again, first);
    let again = store.rename_division(&change_again(2, "rename"), &new.code, "旧村", None).await.unwrap();
    assert_eq!(again, renamed);
    let again = store.end_division(&change_again(3, "end"), &new.code, day("2026-05-01")).await.unwrap();
    assert_eq!(again, ended);
    let other = store.create_division(&change_again(1, "another"), &new, day("2026-02-01")).await;
    assert_eq!(reason(other), "REQUEST_ID_REUSED");

    let news = [new_division("321181100211", "a"), new_division("321181100212", "b")];
    let split = |change| {
        let (store, news) = (store.clone(), news.clone());
        async move { store.split_division(&change, &code("321181100201"), &news, day("2026-06-01")).await }
    };
    let first = split(change_again(4, "split")).await.unwrap();
    assert_eq!(split(change_again(4, "split")).await.unwrap(), first);
    let merge = |change| {
        let store = store.clone();
        let olds = [code("321181100211"), code("321181100212")];
        let new = new_division("321181100213", "c");
        async move { store.merge_divisions(&change, &olds, &new, day("2026-07-01")).await }
    };
    let first = merge(change_again(5, "merge")).await.unwrap();
    assert_eq!(merge(change_again(5, "merge")).await.unwrap(), first);
    // Each of the five was done once.
    let kinds = [("DivisionCreated", 6 + 1 + 2 + 1), ("DivisionRenamed", 1), ("DivisionEnded", 1 + 1 + 2)];
    expect_events(&store, &kinds).await;
}

async fn listed(store: &Shared, filter: Filter) -> Vec<String> {
    let found = store.divisions(&filter, "", 1_000).await.unwrap();
    found.into_iter().map(|division| division.code.to_string()).collect()
}

async fn divisions_are_listed_by_place_level_name_and_day(database: Database) {
    let store = open_with_villages(&database).await;
    store.end_division(&change(), &code("321181100202"), day("2026-05-01")).await.unwrap();
    let below = || Filter { below: Some(code("321181")), ..Filter::default() };
    assert_eq!(listed(&store, below()).await, ["321181100", "321181100201", "321181100202"]);
    let towns = Filter { level: Some(Level::Town), ..below() };
    assert_eq!(listed(&store, towns).await, ["321181100"]);
    let named = Filter { query: "巷".to_owned(), ..Filter::default() };
    assert_eq!(listed(&store, named).await, ["321181100201", "321181100202"]);
    for (on, expected) in [("2026-04-30", 2), ("2026-05-01", 1), ("2025-12-31", 0)] {
        let filter = Filter { level: Some(Level::Village), on: Some(day(on)), ..below() };
        assert_eq!(listed(&store, filter).await.len(), expected, "{on}");
    }
    // What LIKE gives a meaning to has none here.
    for query in ["%", "_", "\\"] {
        let filter = Filter { query: query.to_owned(), ..Filter::default() };
        assert!(listed(&store, filter).await.is_empty(), "{query}");
    }
}

async fn pages_follow_each_other_without_gap_or_overlap(database: Database) {
    let store = open(&database).await;
    store.import_divisions(&change(), &danyang(), day("2026-01-01"), false).await.unwrap();
    let filter = Filter { below: Some(code("321181")), ..Filter::default() };
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = store.divisions(&filter, &after, 17).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.code.to_string();
        seen.extend(page.iter().map(|division| division.code.to_string()));
    }
    assert_eq!(seen, listed(&store, filter).await);
    assert_eq!(seen.len(), 12 + 229);
}

async fn danyang_is_imported_and_a_second_import_changes_nothing(database: Database) {
    let store = open(&database).await;
    let first = store.import_divisions(&change(), &danyang(), day("2026-01-01"), false).await.unwrap();
    let figures: Vec<_> = first.iter().map(|r| (r.rows, r.created, r.implied, r.unchanged)).collect();
    assert_eq!(figures, [(12, 12, 3, 0), (229, 229, 0, 0)]);
    let city = store.division(&code("321181")).await.unwrap().unwrap();
    assert_eq!(city.display_name, "丹阳市");
    expect_events(&store, &[("DivisionCreated", 244)]).await;
    let second = store.import_divisions(&change(), &danyang(), day("2026-01-02"), false).await.unwrap();
    let figures: Vec<_> = second.iter().map(|r| (r.created, r.renamed, r.implied, r.unchanged)).collect();
    assert_eq!(figures, [(0, 0, 0, 12), (0, 0, 0, 229)]);
    expect_events(&store, &[("DivisionCreated", 244)]).await;
}

fn villages(rows: &str) -> File {
    division_file::read("villages.csv", format!("code,name,streetCode\n{rows}").as_bytes()).unwrap()
}

async fn an_import_renames_and_leaves_ended_divisions_alone(database: Database) {
    let store = open_with_villages(&database).await;
    store.end_division(&change(), &code("321181100202"), day("2026-05-01")).await.unwrap();
    let file = villages("321181100201,新巷村,321181100\n321181100202,后巷村,321181100\n");
    let change = change_again(7, "import");
    let first =
        store.import_divisions(&change, std::slice::from_ref(&file), day("2026-06-01"), false).await.unwrap();
    assert_eq!((first[0].renamed, first[0].ended, first[0].created), (1, 1, 0));
    assert_eq!(store.division(&code("321181100201")).await.unwrap().unwrap().display_name, "新巷村");
    assert!(store.division(&code("321181100202")).await.unwrap().unwrap().effective.to.is_some());
    let again = store.import_divisions(&change, &[file], day("2026-06-01"), false).await.unwrap();
    assert_eq!(again, first);
}

async fn an_import_of_villages_without_their_town_is_refused_whole(database: Database) {
    let store = open_with_villages(&database).await;
    let file = villages("321181100203,新村,321181100\n321181999001,孤村,321181999\n");
    let refused = store.import_divisions(&change(), &[file], day("2026-06-01"), false).await;
    assert_eq!(reason(refused), "ORPHAN_CODE");
    assert_eq!(store.division(&code("321181100203")).await.unwrap(), None);
    let nothing = store.import_divisions(&change(), &[villages("")], day("2026-06-01"), false).await.unwrap();
    assert_eq!((nothing[0].rows, nothing[0].created), (0, 0));
}

async fn a_check_of_an_import_changes_nothing(database: Database) {
    let store = open(&database).await;
    let checked = store.import_divisions(&change(), &danyang(), day("2026-01-01"), true).await.unwrap();
    assert_eq!(checked[1].created, 229);
    assert!(listed(&store, Filter::default()).await.is_empty());
    expect_events(&store, &[]).await;
}

async fn events_are_read_from_a_cursor_on(database: Database) {
    let store = open_with_villages(&database).await;
    expect_events(&store, &[("DivisionCreated", 6)]).await;
    let all = store.events_after(0, 0, 100).await.unwrap();
    assert!(all.windows(2).all(|pair| (pair[0].tx, pair[0].seq) < (pair[1].tx, pair[1].seq)));
    assert_eq!(store.events_end().await.unwrap(), (all[5].tx, all[5].seq));
    let rest = store.events_after(all[3].tx, all[3].seq, 100).await.unwrap();
    assert_eq!(rest.iter().map(|event| event.id).collect::<Vec<_>>(), [all[4].id, all[5].id]);
    assert_eq!(store.events_after(0, 0, 2).await.unwrap().len(), 2);
    assert_eq!(
        (all[5].subject.as_str(), all[5].division_code.as_str()),
        ("divisions/321181100202", "321181100202")
    );
    assert_eq!((all[5].actor.as_str(), all[5].occur_time), ("system", change().now));
}
