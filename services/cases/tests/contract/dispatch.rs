//! Rules of dispatch, and what was learnt, as they are stored.

use std::collections::BTreeSet;

use minqing_cases::domain::case::CaseType;
use minqing_cases::domain::dispatch::learnt::{Counts, Feature, Lesson};
use minqing_cases::domain::dispatch::rule::{Changes, Facts, NewRule, Outcome, RULES_MAX};
use minqing_cases::store::Shared;
use minqing_cases::store::dispatch::Filter;
use minqing_testkit::{Database, on_both_databases};

use super::item::{change, change_again, now, reason};
use super::{expect_events, open};

on_both_databases! {
    a_rule_is_read_back_changed_and_deleted;
    rules_are_listed_by_priority_and_each_filter;
    no_more_rules_overlap_than_are_looked_through;
    changes_of_rules_sent_again_are_answered_as_before;
    what_is_noted_is_counted_once_however_many_count;
    what_is_unlearnt_leaves_no_trace;
    the_rarest_words_are_forgotten;
}

const VOCABULARY: usize = 1_000;

fn new(id: &str) -> NewRule {
    let facts = Facts {
        display_name: "停水派水务".into(),
        priority: 10,
        case_types: vec![CaseType::Help, CaseType::Complaint],
        item: Some("items/water".into()),
        function: "供水".into(),
        keywords: vec!["停水".into(), "water".into()],
        outcome: Outcome::Organization("organizations/water".into()),
    };
    NewRule { id: id.into(), division: "321181".parse().unwrap(), facts }
}

async fn create(store: &Shared, id: &str, change_of: impl FnOnce(&mut NewRule)) {
    let mut new = new(id);
    change_of(&mut new);
    store.create_dispatch_rule(&change(), &new).await.unwrap();
}

async fn a_rule_is_read_back_changed_and_deleted(database: Database) {
    let store = open(&database).await;
    let made = store.create_dispatch_rule(&change(), &new("a")).await.unwrap();
    assert_eq!((&made.facts, made.version), (&new("a").facts, 1));
    assert_eq!(store.dispatch_rule("a").await.unwrap(), Some(made.clone()));
    assert_eq!(reason(store.create_dispatch_rule(&change(), &new("a")).await), "ALREADY_EXISTS");
    let changes = Changes {
        outcome: Some(Outcome::Function("供水".into())),
        item: Some(None),
        keywords: Some(Vec::new()),
        ..Changes::default()
    };
    let changed = store.update_dispatch_rule(&change(), "a", changes.clone(), Some(1)).await.unwrap();
    let facts = changes.applied(&made.facts);
    assert_eq!((&changed.facts, changed.version), (&facts, 2));
    assert_eq!(store.dispatch_rule("a").await.unwrap(), Some(changed.clone()));
    let stale = store.update_dispatch_rule(&change(), "a", Changes::default(), Some(1)).await;
    assert_eq!(reason(stale), "ETAG_MISMATCH");
    assert_eq!(reason(store.delete_dispatch_rule(&change(), "a", Some(1)).await), "ETAG_MISMATCH");
    assert_eq!(store.delete_dispatch_rule(&change(), "a", Some(2)).await.unwrap(), changed);
    assert_eq!(store.dispatch_rule("a").await.unwrap(), None);
    assert_eq!(reason(store.delete_dispatch_rule(&change(), "a", None).await), "NOT_FOUND");
    let gone = store.update_dispatch_rule(&change(), "a", Changes::default(), None).await;
    assert_eq!(reason(gone), "NOT_FOUND");
    let kinds = [("DispatchRuleCreated", 1), ("DispatchRuleUpdated", 1), ("DispatchRuleDeleted", 1)];
    expect_events(&store, &kinds).await;
}

async fn rules_are_listed_by_priority_and_each_filter(database: Database) {
    let store = open(&database).await;
    create(&store, "b", |_| {}).await;
    create(&store, "a", |_| {}).await;
    create(&store, "z-first", |new| new.facts.priority = 0).await;
    create(&store, "town", |new| {
        new.division = "321181100".parse().unwrap();
        new.facts.priority = 20;
        new.facts.item = None;
        new.facts.outcome = Outcome::Function("供水".into());
    })
    .await;
    let ids = async |filter: Filter, after: Option<(i32, &str)>| -> Vec<String> {
        let found = store.dispatch_rules(&filter, after, 100).await.unwrap();
        found.into_iter().map(|rule| rule.id).collect()
    };
    assert_eq!(ids(Filter::default(), None).await, ["z-first", "a", "b", "town"]);
    assert_eq!(ids(Filter::default(), Some((10, "a"))).await, ["b", "town"]);
    let covers = |code: &str| Filter { covers: Some(code.parse().unwrap()), ..Filter::default() };
    assert_eq!(ids(covers("321181101"), None).await, ["z-first", "a", "b"]);
    assert_eq!(ids(covers("321181100201001"), None).await, ["z-first", "a", "b", "town"]);
    assert_eq!(ids(covers("3211"), None).await, Vec::<String>::new());
    let within = Filter { within: Some("321181100".parse().unwrap()), ..Filter::default() };
    assert_eq!(ids(within, None).await, ["town"]);
    let organization = Some("organizations/water".into());
    assert_eq!(ids(Filter { organization, ..Filter::default() }, None).await, ["z-first", "a", "b"]);
    let item = Some("items/gas".into());
    assert_eq!(ids(Filter { item, ..Filter::default() }, None).await, Vec::<String>::new());
}

async fn no_more_rules_overlap_than_are_looked_through(database: Database) {
    let store = open(&database).await;
    create(&store, "city", |_| {}).await;
    for number in 1..RULES_MAX {
        let town = format!("321181{}", 100 + number % 13);
        create(&store, &format!("r{number}"), |new| new.division = town.parse().unwrap()).await;
    }
    // The city's area overlaps all of them; a town's only its own and the city's.
    assert_eq!(reason(store.create_dispatch_rule(&change(), &new("more")).await), "TOO_MANY_RULES");
    create(&store, "town", |new| new.division = "321181100".parse().unwrap()).await;
}

async fn changes_of_rules_sent_again_are_answered_as_before(database: Database) {
    let store = open(&database).await;
    let first = store.create_dispatch_rule(&change_again(1, "a"), &new("a")).await.unwrap();
    assert_eq!(store.create_dispatch_rule(&change_again(1, "a"), &new("x")).await.unwrap(), first);
    let changes = || Changes { priority: Some(3), ..Changes::default() };
    let second = store.update_dispatch_rule(&change_again(2, "a"), "a", changes(), Some(1)).await.unwrap();
    let again = store.update_dispatch_rule(&change_again(2, "a"), "a", changes(), Some(1)).await.unwrap();
    assert_eq!(second, again);
    let gone = store.delete_dispatch_rule(&change_again(3, "a"), "a", None).await.unwrap();
    assert_eq!(store.delete_dispatch_rule(&change_again(3, "a"), "a", None).await.unwrap(), gone);
}

fn lesson(organization: &str, text: &str) -> Lesson {
    let place = "321181100201001".parse().unwrap();
    let organization = format!("organizations/{organization}");
    Lesson::new(&organization, text, Some(CaseType::Help), Some("items/water"), &place)
}

fn features(lessons: &[Lesson]) -> BTreeSet<Feature> {
    lessons.iter().flat_map(|lesson| lesson.features.clone()).collect()
}

async fn counted(store: &Shared) -> usize {
    let mut all = 0;
    loop {
        match store.count_lessons(now(), VOCABULARY).await.unwrap() {
            0 => return all,
            some => all += some,
        }
    }
}

async fn what_is_noted_is_counted_once_however_many_count(database: Database) {
    let store = open(&database).await;
    let texts = ["小区水管破裂漏水", "路灯不亮路面破损", "水管漏水", "小区停电"];
    let lessons: Vec<Lesson> =
        (0..1_500).map(|number| lesson(["water", "road", "power"][number % 3], texts[number % 4])).collect();
    store.note_lessons(&lessons, 1, now()).await.unwrap();
    let wanted = features(&lessons);
    assert_eq!(store.counts_of(&wanted).await.unwrap(), Counts::default());
    let (one, other, third) = tokio::join!(counted(&store), counted(&store), counted(&store));
    assert_eq!(one + other + third, 1_500);
    let mut expected = Counts::default();
    for lesson in &lessons {
        expected.add(&lesson.organization, &lesson.features, 1);
    }
    assert_eq!(store.counts_of(&wanted).await.unwrap(), expected);
    // Only what is asked for is read.
    let asked = BTreeSet::from([Feature::Word("水管".into()), Feature::Word("未见".into())]);
    let counts = store.counts_of(&asked).await.unwrap();
    assert_eq!(counts.features.len(), 1);
    assert_eq!(counts.organizations, expected.organizations);
}

async fn what_is_unlearnt_leaves_no_trace(database: Database) {
    let store = open(&database).await;
    let (kept, returned) =
        ([lesson("water", "水管漏水")], [lesson("road", "路灯不亮"), lesson("water", "水管破裂")]);
    store.note_lessons(&kept, 1, now()).await.unwrap();
    store.note_lessons(&returned, 1, now()).await.unwrap();
    counted(&store).await;
    store.note_lessons(&returned, -1, now()).await.unwrap();
    // One that was never learnt, and one that comes and goes before it is counted.
    store.note_lessons(&[lesson("nobody", "燃气泄漏")], -1, now()).await.unwrap();
    store.note_lessons(&[lesson("power", "小区停电")], 1, now()).await.unwrap();
    store.note_lessons(&[lesson("power", "小区停电")], -1, now()).await.unwrap();
    assert_eq!(counted(&store).await, 5);
    let mut expected = Counts::default();
    expected.add(&kept[0].organization, &kept[0].features, 1);
    let all = features(&[&kept[..], &returned[..]].concat());
    assert_eq!(store.counts_of(&all).await.unwrap(), expected);
}

async fn the_rarest_words_are_forgotten(database: Database) {
    let store = open(&database).await;
    let word = |organization: &str, word: &str| Lesson {
        organization: format!("organizations/{organization}"),
        features: BTreeSet::from([Feature::Word(word.into()), Feature::Place("321181100".into())]),
    };
    let lessons =
        [word("a", "often"), word("b", "often"), word("a", "rare"), word("a", "seldom"), word("b", "seldom")];
    store.note_lessons(&lessons, 1, now()).await.unwrap();
    assert_eq!(store.count_lessons(now(), 2).await.unwrap(), 5);
    let counts = store.counts_of(&features(&lessons)).await.unwrap();
    assert!(!counts.features.contains_key(&Feature::Word("rare".into())));
    // Only words are forgotten.
    assert_eq!(counts.features.len(), 3);
    assert_eq!(counts.features[&Feature::Word("seldom".into())].len(), 2);
    assert_eq!(counts.organizations["organizations/a"], 3);
}
