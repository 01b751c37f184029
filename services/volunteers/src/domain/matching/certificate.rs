//! The proof that nothing is cheaper, and a check of it that trusts no solver.
//!
//! Each need has a value and each team a price. If no way of a need (a team's pair cost and price, or staying unmatched)
//! costs less than its value, then no assignment whatever costs less in all than the values less what the prices exceed
//! the slots' own costs by: weak duality. An assignment that costs just that much is a best one. The check adds up both
//! sides by itself.

use super::problem::Problem;

/// Prices that prove an assignment to be a best one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duals {
    /// What each need is worth: the least that any of its ways costs at these prices.
    pub needs: Vec<i64>,
    /// What a slot of each team is worth.
    pub teams: Vec<i64>,
}

/// What an assignment costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Objective {
    /// In all.
    pub total: i128,
    /// The costs of the pairs.
    pub pairs: i128,
    /// The costs of the slots that are taken.
    pub load: i128,
    /// The costs of needs that stay unmatched.
    pub unmatched: i128,
    /// How many needs are matched.
    pub matched: usize,
}

/// What is wrong with an assignment or its proof.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// There are more or fewer values than needs or prices than teams.
    #[error("values and prices do not fit the problem")]
    Shape,
    /// A need has a team that cannot meet it.
    #[error("{need} has a team that cannot meet it")]
    NotFeasible {
        /// The need.
        need: String,
    },
    /// A team has more needs than slots.
    #[error("{team} has {taken} needs and {slots} slots")]
    OverCapacity {
        /// The team.
        team: String,
        /// How many needs it has.
        taken: usize,
        /// How many it can have.
        slots: usize,
    },
    /// A way of a need costs less than the need's value, so that the values bound nothing.
    #[error("{need} is valued {by} above a way it has")]
    NotDualFeasible {
        /// The need.
        need: String,
        /// By how much.
        by: i128,
    },
    /// The values prove only that nothing costs less than `bound`.
    #[error("the assignment costs {total}; it is proven only that nothing costs less than {bound}")]
    Gap {
        /// What the assignment costs.
        total: i128,
        /// What the values prove.
        bound: i128,
    },
}

/// Checks that an assignment is feasible and that the duals prove it to be a best one.
///
/// # Errors
/// See [`Fault`].
pub fn check(problem: &Problem, assignment: &[Option<u32>], duals: &Duals) -> Result<Objective, Fault> {
    let objective = objective(problem, assignment)?;
    let bound = bound(problem, duals)?;
    if objective.total == bound { Ok(objective) } else { Err(Fault::Gap { total: objective.total, bound }) }
}

/// What an assignment costs.
///
/// # Errors
/// It is not feasible.
pub fn objective(problem: &Problem, assignment: &[Option<u32>]) -> Result<Objective, Fault> {
    if assignment.len() != problem.demands().len() {
        return Err(Fault::Shape);
    }
    let mut taken = vec![0_usize; problem.teams().len()];
    let mut objective = Objective { total: 0, pairs: 0, load: 0, unmatched: 0, matched: 0 };
    for (need, team) in problem.demands().zip(assignment) {
        let Some(team) = *team else {
            objective.unmatched += i128::from(problem.unmatched(need));
            continue;
        };
        let not_feasible = || Fault::NotFeasible { need: problem.need_name(need).to_owned() };
        objective.pairs += i128::from(problem.cost(need, team).ok_or_else(not_feasible)?);
        objective.matched += 1;
        taken[team as usize] += 1;
    }
    for (team, taken) in problem.teams().iter().zip(taken) {
        let slots = team.slots.get(..taken).ok_or_else(|| Fault::OverCapacity {
            team: team.name.clone(),
            taken,
            slots: team.slots.len(),
        })?;
        objective.load += slots.iter().copied().map(i128::from).sum::<i128>();
    }
    objective.total = objective.pairs + objective.load + objective.unmatched;
    Ok(objective)
}

/// What no assignment costs less than.
///
/// # Errors
/// The duals do not fit the problem, or value a need above a way it has.
pub fn bound(problem: &Problem, duals: &Duals) -> Result<i128, Fault> {
    if duals.needs.len() != problem.demands().len() || duals.teams.len() != problem.teams().len() {
        return Err(Fault::Shape);
    }
    let mut bound = 0;
    for (need, value) in problem.demands().zip(&duals.needs) {
        let price = |team: u32| i128::from(duals.teams[team as usize]);
        let teams = problem.choices(need).iter().map(|choice| i128::from(choice.cost) + price(choice.team));
        let least = teams.fold(i128::from(problem.unmatched(need)), i128::min);
        let value = i128::from(*value);
        if value > least {
            let need = problem.need_name(need).to_owned();
            return Err(Fault::NotDualFeasible { need, by: value - least });
        }
        bound += value;
    }
    for (team, price) in problem.teams().iter().zip(&duals.teams) {
        let rents = team.slots.iter().map(|slot| (i128::from(*price) - i128::from(*slot)).max(0));
        bound -= rents.sum::<i128>();
    }
    Ok(bound)
}
