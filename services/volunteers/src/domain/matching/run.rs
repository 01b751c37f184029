//! A matching as it is run and kept: what went in, what came out, and what became of each match.

use chrono::{DateTime, Utc};
use minqing_platform::code::Code;
use minqing_platform::named::named;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::certificate::{self, Fault, Objective};
use super::explain::{RunnerUp, Verdict, Whole, runners_up};
use super::facts::{Need, Team};
use super::weights::{Parts, Weights};
use super::{Problem, Solution, pose, problem, solve};

named! {
    /// Whether a matching is through.
    Progress {
        /// Its matches are being proposed.
        Running = "running",
        /// Each of its matches was proposed, or could not be.
        Done = "done",
    }
}

named! {
    /// What became of a need in a matching.
    Outcome {
        /// It has a team and is yet to be proposed to it.
        Pending = "pending",
        /// It was proposed to its team.
        Proposed = "proposed",
        /// Something had happened meanwhile that stands against the proposal.
        Skipped = "skipped",
        /// It has no team.
        Unmatched = "unmatched",
    }
}

/// Why a matching came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The problem cannot be posed.
    #[error(transparent)]
    Problem(#[from] problem::Error),
    /// What was kept does not fit together.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What a matching says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matching {
    /// The last part of its name.
    pub id: Uuid,
    /// The area whose needs were matched.
    pub area: Code,
    /// Who ran it.
    pub actor: String,
    /// The instant for which it was posed.
    pub time: DateTime<Utc>,
    /// What counted how much.
    pub weights: Weights,
    /// How many teams were asked for.
    pub teams: i64,
    /// How many pairs could be.
    pub pairs: i64,
    /// How many needs there were.
    pub needs: i64,
    /// How many of them have a team.
    pub matched: i64,
    /// What it costs in all, in metres.
    pub total_m: i64,
    /// Of that the pairs.
    pub pairs_m: i64,
    /// Of that the load.
    pub load_m: i64,
    /// Of that the needs that stay unmatched.
    pub unmatched_m: i64,
    /// What the prices prove that no assignment costs less than: the same as the total, or it would not be here.
    pub bound_m: i64,
}

/// What came of a need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Match {
    /// The need as it was.
    pub facts: Need,
    /// Its team.
    pub team: Option<String>,
    /// What the need is worth at the prices.
    pub value_m: i64,
    /// What the pair costs.
    pub parts: Option<Parts>,
    /// The teams that come closest.
    pub runners_up: Vec<RunnerUp>,
    /// Whether any team could have met it.
    pub had_options: bool,
}

impl Match {
    /// What has become of it before it is proposed, and why it has no team.
    pub const fn begun(&self) -> (Outcome, &'static str) {
        match (&self.team, self.had_options) {
            (Some(_), _) => (Outcome::Pending, ""),
            (None, true) => (Outcome::Unmatched, "OTHERS_FIRST"),
            (None, false) => (Outcome::Unmatched, "NO_TEAM_CAN"),
        }
    }
}

/// What came of a team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TeamShare {
    /// The team as it was.
    pub facts: Team,
    /// What a slot of it is worth.
    pub price_m: i64,
}

/// A matching with all that it was made of and came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// What it says of itself.
    pub matching: Matching,
    /// Its needs.
    pub matches: Vec<Match>,
    /// Its teams.
    pub teams: Vec<TeamShare>,
}

/// Who runs a matching of which area, and when.
#[derive(Debug, Clone)]
pub struct Order {
    /// The last part of its name.
    pub id: Uuid,
    /// The area.
    pub area: Code,
    /// Who.
    pub actor: String,
    /// When.
    pub time: DateTime<Utc>,
}

/// Matches needs with teams, and checks the proof.
///
/// # Errors
/// There are too many of them, or two of one name; or the proof does not hold, which is a bug.
pub fn run(order: Order, needs: Vec<Need>, teams: Vec<Team>, weights: Weights) -> Result<Run, Error> {
    let problem = pose(&needs, &teams, &weights, order.time)?;
    let solution = solve(&problem);
    let objective = certificate::check(&problem, &solution.assignment, &solution.duals)?;
    let bound = certificate::bound(&problem, &solution.duals)?;
    let by_name: std::collections::HashMap<&str, &Team> =
        teams.iter().map(|team| (team.name.as_str(), team)).collect();
    let matches = needs.iter().filter_map(|need| {
        let place = problem.need(&need.name)?;
        let team = solution.assignment[place].map(|team| problem.team_name(team));
        Some(Match {
            facts: need.clone(),
            team: team.map(str::to_owned),
            value_m: solution.duals.needs[place],
            parts: team.and_then(|team| by_name.get(team)).map(|team| weights.parts(need, team, order.time)),
            runners_up: runners_up(&problem, &solution, place),
            had_options: !problem.choices(place).is_empty(),
        })
    });
    let mut matches: Vec<Match> = matches.collect();
    matches.sort_by(|left, right| left.facts.name.cmp(&right.facts.name));
    let matching = said(order, &problem, objective, bound, weights);
    let price =
        |team: &Team| problem.team(&team.name).map_or(0, |place| solution.duals.teams[place as usize]);
    let mut teams: Vec<TeamShare> =
        teams.iter().map(|team| TeamShare { price_m: price(team), facts: team.clone() }).collect();
    teams.sort_by(|left, right| left.facts.name.cmp(&right.facts.name));
    Ok(Run { matching, matches, teams })
}

fn said(order: Order, problem: &Problem, objective: Objective, bound: i128, weights: Weights) -> Matching {
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let metres = |metres: i128| i64::try_from(metres).unwrap_or(i64::MAX);
    Matching {
        id: order.id,
        area: order.area,
        actor: order.actor,
        time: order.time,
        weights,
        teams: count(problem.teams().len()),
        pairs: count(problem.choice_count()),
        needs: count(problem.demands().len()),
        matched: count(objective.matched),
        total_m: metres(objective.total),
        pairs_m: metres(objective.pairs),
        load_m: metres(objective.load),
        unmatched_m: metres(objective.unmatched),
        bound_m: metres(bound),
    }
}

impl Run {
    /// Why a need went to a team, or why not, as it was when the matching was run. `None` when one of them had no part in it.
    ///
    /// # Errors
    /// What was kept does not fit together: its proof is checked again.
    pub fn verdict(&self, need: &str, team: &str) -> Result<Option<Verdict>, Error> {
        let needs: Vec<Need> = self.matches.iter().map(|one| one.facts.clone()).collect();
        let teams: Vec<Team> = self.teams.iter().map(|one| one.facts.clone()).collect();
        let (weights, time) = (&self.matching.weights, self.matching.time);
        let problem = pose(&needs, &teams, weights, time)?;
        let solution = self.solution(&problem)?;
        certificate::check(&problem, &solution.assignment, &solution.duals)?;
        let whole = Whole { problem: &problem, solution: &solution, weights, time };
        let need = needs.iter().find(|one| one.name == need);
        let team = teams.iter().find(|one| one.name == team);
        Ok(need.zip(team).and_then(|(need, team)| whole.verdict(need, team)))
    }

    /// The solution as it was kept.
    fn solution(&self, problem: &Problem) -> Result<Solution, Fault> {
        let mut assignment = vec![None; problem.demands().len()];
        let mut duals =
            certificate::Duals { needs: vec![0; assignment.len()], teams: vec![0; problem.teams().len()] };
        for one in &self.matches {
            let place = problem.need(&one.facts.name).ok_or(Fault::Shape)?;
            assignment[place] = one.team.as_deref().and_then(|team| problem.team(team));
            duals.needs[place] = one.value_m;
        }
        for one in &self.teams {
            let place = problem.team(&one.facts.name).ok_or(Fault::Shape)?;
            duals.teams[place as usize] = one.price_m;
        }
        Ok(Solution { assignment, duals })
    }
}
