//! Makes the problem of what is known: which pairs can be, and what each costs.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use minqing_platform::code::Code;

use super::facts::{Need, Team};
use super::problem::{Demand, Error, Problem, Supply};
use super::reason::obstacle;
use super::weights::Weights;

/// Teams by what they serve and where they go, so that a need looks only at those that may come.
struct Index<'a>(HashMap<(&'a str, &'a str), Vec<usize>>);

impl<'a> Index<'a> {
    fn new(teams: &'a [Team]) -> Self {
        let mut index: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
        for (place, team) in teams.iter().enumerate() {
            for area in team.areas() {
                index.entry((&team.post, area.as_str())).or_default().push(place);
            }
        }
        Self(index)
    }

    /// Teams that serve a post and go to a place, each once.
    fn candidates(&self, post: &str, place: &Code) -> Vec<usize> {
        let mut candidates = Vec::new();
        for area in std::iter::once(place.clone()).chain(place.ancestors()) {
            candidates.extend(self.0.get(&(post, area.as_str())).into_iter().flatten());
        }
        candidates.sort_unstable();
        candidates.dedup();
        candidates
    }
}

/// Poses the problem of needs and teams at an instant.
///
/// # Errors
/// There are too many, or two of one name.
pub fn pose(needs: &[Need], teams: &[Team], weights: &Weights, now: DateTime<Utc>) -> Result<Problem, Error> {
    let index = Index::new(teams);
    let demands = needs.iter().map(|need| {
        let candidates = index.candidates(&need.post, &need.place).into_iter();
        let feasible = candidates.filter(|team| obstacle(need, &teams[*team], now).is_none());
        Demand {
            name: need.name.clone(),
            unmatched: weights.unmatched(need, now),
            options: feasible.map(|team| (team, weights.parts(need, &teams[team], now).total_m())).collect(),
        }
    });
    let supplies = teams.iter().map(|team| Supply { name: team.name.clone(), slots: weights.slots(team) });
    Problem::new(demands.collect(), supplies.collect())
}
