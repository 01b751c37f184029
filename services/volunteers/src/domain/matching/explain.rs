//! Why this team, and why not that one.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::facts::{Need, Team};
use super::problem::Problem;
use super::reason::{Reason, obstacle};
use super::sensitivity;
use super::solve::Solution;
use super::weights::{Parts, Weights};

/// The most other teams that are told of with a match.
pub const RUNNERS_UP_MAX: usize = 3;

/// Another team that could have met a need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunnerUp {
    /// The team.
    pub team: String,
    /// How much more it would cost at the prices: in all it would cost at least that much more.
    pub more_m: i64,
}

/// The teams that come closest to the one that a need has, the closest first; of equally close ones the first by name.
pub fn runners_up(problem: &Problem, solution: &Solution, need: usize) -> Vec<RunnerUp> {
    let own = solution.assignment[need];
    let others = problem.choices(need).iter().filter(|choice| Some(choice.team) != own);
    let mut others: Vec<(i64, u32)> = others
        .filter_map(|choice| {
            Some((sensitivity::at_prices(problem, solution, need, choice.team)?, choice.team))
        })
        .collect();
    others.sort_unstable();
    others.truncate(RUNNERS_UP_MAX);
    let told = |(more_m, team)| RunnerUp { team: problem.team_name(team).to_owned(), more_m };
    others.into_iter().map(told).collect()
}

/// What can be said of a need and a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The need went to this team.
    Chosen(Costs),
    /// The team cannot meet it.
    Cannot(Reason),
    /// It could, and it would cost more in all.
    Dearer {
        /// What the pair costs.
        costs: Costs,
        /// At least that much more in all, as the prices prove without another search.
        at_least_m: i64,
        /// Exactly that much more in all, when everybody else moves in the best way. Zero is a tie.
        in_all_m: i64,
    },
}

/// What a pair costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Costs {
    /// The pair alone, in parts.
    pub parts: Parts,
    /// What a slot of the team is worth: its own load, and what others would have to do without it.
    pub team_price_m: i64,
    /// What the need is worth: what the cheapest of its ways costs at these prices.
    pub need_value_m: i64,
}

/// A matching with all that it was made of.
#[derive(Debug, Clone, Copy)]
pub struct Whole<'a> {
    /// The problem as it was posed.
    pub problem: &'a Problem,
    /// Its solution.
    pub solution: &'a Solution,
    /// What counted how much.
    pub weights: &'a Weights,
    /// When it was posed.
    pub time: DateTime<Utc>,
}

impl Whole<'_> {
    /// Why a need went to this team, or why it did not. `None` when one of the two was not in the problem.
    pub fn verdict(&self, need: &Need, team: &Team) -> Option<Verdict> {
        let (problem, solution) = (self.problem, self.solution);
        let (place, other) = (problem.need(&need.name)?, problem.team(&team.name)?);
        if let Some(reason) = obstacle(need, team, self.time) {
            return Some(Verdict::Cannot(reason));
        }
        let costs = Costs {
            parts: self.weights.parts(need, team, self.time),
            team_price_m: solution.duals.teams[other as usize],
            need_value_m: solution.duals.needs[place],
        };
        if solution.assignment[place] == Some(other) {
            return Some(Verdict::Chosen(costs));
        }
        let at_least_m = sensitivity::at_prices(problem, solution, place, other)?;
        let in_all_m = sensitivity::in_all(problem, solution, place, other)?;
        Some(Verdict::Dearer { costs, at_least_m, in_all_m })
    }
}
