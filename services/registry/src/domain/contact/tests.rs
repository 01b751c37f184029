//! Behaviour of plans, coverage and chains, seen from outside.

mod by_hand;
mod chains;
mod coverages;
mod plans;

use proptest::prelude::*;

use super::{Grid, Household, Kind, Link, Person, Plan};

fn household(number: usize, residents: u32) -> Household {
    Household {
        name: format!("households/{number}"),
        address: format!("新桥路{number}号").as_str().into(),
        residents,
    }
}

fn people(level: &str, count: usize) -> Vec<Person> {
    (0..count).map(|number| Person { name: format!("people/{level}{number:03}"), home: None }).collect()
}

fn grid(residents: &[u32], members: usize, backbones: usize, leads: usize) -> Grid {
    Grid {
        households: residents.iter().enumerate().map(|(i, residents)| household(i + 1, *residents)).collect(),
        members: people("m", members),
        backbones: people("b", backbones),
        leads: people("l", leads),
    }
}

/// The links that stand after a plan.
fn after(standing: &[Link], plan: &Plan) -> Vec<Link> {
    let kept = standing
        .iter()
        .enumerate()
        .filter(|(number, _)| !plan.end.contains(number))
        .map(|(_, link)| link.clone());
    kept.chain(plan.create.iter().map(|planned| planned.link.clone())).collect()
}

/// For each contact of a kind, the numbers of its subjects in the line, ascending.
fn runs(grid: &Grid, links: &[Link], kind: Kind) -> Vec<(String, Vec<usize>)> {
    let mut runs = std::collections::BTreeMap::<String, Vec<usize>>::new();
    for (index, household) in grid.households.iter().enumerate() {
        for link in links.iter().filter(|link| link.kind == kind && link.subject == household.name) {
            runs.entry(link.contact.clone()).or_default().push(index);
        }
    }
    runs.into_iter().collect()
}

fn residents_of(grid: &Grid, run: &[usize]) -> u32 {
    run.iter().map(|index| grid.households[*index].residents).sum()
}

fn grids(households: usize, members: usize) -> impl Strategy<Value = Grid> {
    (prop::collection::vec(0..9_u32, 0..households), 0..members, 0..5_usize, 0..2_usize)
        .prop_map(|(residents, members, backbones, leads)| grid(&residents, members, backbones, leads))
}
