//! What the database counts is what one counts by hand from the histories.

use minqing_cases::domain::case::{CaseType, Door};
use minqing_cases::domain::figures::{Axis, Facts, Grouping, Measure, Part, Query, Rate, Selection, total};
use minqing_cases::store::Shared;
use minqing_cases::store::figures::{Listed, Scope};
use minqing_testkit::{Database, on_both_databases};

use crate::lives::{counted, lives, query, told};
use crate::matter::UNIT;
use crate::room;

on_both_databases! {
    figures_are_what_one_counts_by_hand_from_the_histories;
    every_figure_lists_as_many_rounds_as_it_counts;
    a_case_that_was_not_solved_at_first_stays_in_the_figures;
}

const COUNT: u32 = 30;

fn queries() -> Vec<Query> {
    let mut queries = Vec::new();
    for axis in Axis::ALL {
        for grouping in Grouping::ALL {
            queries.push(query(*axis, *grouping));
        }
        let whole = query(*axis, Grouping::Month);
        let march =
            Query { from: "2026-03-03".parse().unwrap(), to: "2026-03-10".parse().unwrap(), ..whole.clone() };
        queries.push(march);
        queries.push(Query { area: Some("321181100".parse().unwrap()), ..whole.clone() });
        queries.push(Query { organization: Some(UNIT.to_owned()), ..whole.clone() });
        queries.push(Query { item: Some("items/none".to_owned()), ..whole.clone() });
        queries.push(Query { kind: Some(CaseType::Help), ..whole.clone() });
        queries.push(Query { door: Some(Door::Web), ..whole });
    }
    queries
}

async fn rounds_of(store: &Shared, query: &Query, scope: &Scope, selection: &Selection) -> Vec<Facts> {
    let listed = Listed { query, scope, snapshot: None, group: None, selection };
    let found = store.figure_rounds(&listed, None, 10_000).await.unwrap();
    found.into_iter().map(|(facts, _)| facts).collect()
}

async fn figures_are_what_one_counts_by_hand_from_the_histories(database: Database) {
    let room = room::open(&database).await;
    let store = room.cases.store();
    lives(store, COUNT).await;
    let told = told(store, COUNT).await;
    for query in queries() {
        let groups = store.figures(&query, &Scope::everything()).await.unwrap();
        assert_eq!(groups, counted(&query, &told), "{query:?}");
    }
    // Nothing of this is empty, or it would say nothing.
    let whole = query(Axis::Created, Grouping::Whole);
    let all = total(&store.figures(&whole, &Scope::everything()).await.unwrap());
    let never = [Measure::Split, Measure::DissatisfiedCentre];
    for measure in Measure::ALL.iter().filter(|measure| !never.contains(measure)) {
        assert!(all.of(*measure) > 0, "{measure}");
    }

    // Row by row, whatever the version from which on it counts so.
    let everything = [Measure::Counted, Measure::Withdrawn, Measure::Rejected, Measure::Merged];
    let selection = Selection { any: everything.to_vec(), none: Vec::new() };
    let stored = rounds_of(store, &whole, &Scope::everything(), &selection).await;
    assert_eq!(stored.len(), told.len());
    for (stored, told) in stored.iter().zip(&told) {
        assert!(stored.counts_like(told), "{stored:?} is not {told:?}");
        assert!(stored.version <= told.version);
    }

    // A narrower scope: a town, or a unit's own.
    let town = Scope { within: vec!["321181100".to_owned()], organizations: Vec::new() };
    let of_town = Query { area: Some("321181100".parse().unwrap()), ..whole.clone() };
    assert_eq!(store.figures(&whole, &town).await.unwrap(), counted(&of_town, &told));
    let unit = Scope { within: Vec::new(), organizations: vec![UNIT.to_owned()] };
    let of_unit = Query { organization: Some(UNIT.to_owned()), ..whole.clone() };
    assert_eq!(store.figures(&whole, &unit).await.unwrap(), counted(&of_unit, &told));
    assert_eq!(store.figures(&whole, &Scope::default()).await.unwrap(), []);
}

async fn every_figure_lists_as_many_rounds_as_it_counts(database: Database) {
    let room = room::open(&database).await;
    let store = room.cases.store();
    lives(store, COUNT).await;
    let query = query(Axis::Created, Grouping::Town);
    let scope = Scope::everything();
    let groups = store.figures(&query, &scope).await.unwrap();
    let all = total(&groups);
    for measure in Measure::ALL {
        let listed = rounds_of(store, &query, &scope, &Selection::one(*measure)).await;
        assert_eq!(i64::try_from(listed.len()).unwrap(), all.of(*measure), "{measure}");
        assert!(listed.iter().all(|facts| measure.holds(facts)), "{measure}");
    }
    for rate in Rate::ALL {
        for part in Part::ALL {
            let selection = Selection::of(*rate, *part);
            let mut together = 0;
            for group in &groups {
                let listed = Listed {
                    query: &query,
                    scope: &scope,
                    snapshot: None,
                    group: Some(&group.key),
                    selection: &selection,
                };
                let found = store.figure_rounds(&listed, None, 10_000).await.unwrap();
                assert!(found.iter().all(|(facts, _)| query.key(facts) == group.key));
                let fraction = group.counts.rate(*rate);
                let figure = match part {
                    Part::Numerator => fraction.numerator,
                    Part::Denominator => fraction.denominator,
                    Part::Unsaid => fraction.unsaid,
                };
                assert_eq!(i64::try_from(found.len()).unwrap(), figure, "{rate} {part} of {}", group.key);
                together += found.len();
            }
            assert_eq!(rounds_of(store, &query, &scope, &selection).await.len(), together);
        }
    }
}

async fn a_case_that_was_not_solved_at_first_stays_in_the_figures(database: Database) {
    let room = room::open(&database).await;
    let store = room.cases.store();
    lives(store, 7).await;
    let selection = Selection::of(Rate::Solved, Part::Denominator);
    let whole = query(Axis::Created, Grouping::Whole);
    let rounds = rounds_of(store, &whole, &Scope::everything(), &selection).await;
    let of_case: Vec<_> = rounds
        .iter()
        .filter(|facts| facts.number.ends_with('6'))
        .map(|facts| (facts.round, facts.solved, facts.reopened))
        .collect();
    assert_eq!(of_case, [(1, Some(false), true), (2, Some(true), false)]);
}
