//! Needs matched with teams: posing the problem, solving it, checking the proof; at the city's size and by growth, and
//! against a solver of a published crate.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use minqing_volunteers::domain::matching::problem::{Demand, Supply};
use minqing_volunteers::domain::matching::weights::Weights;
use minqing_volunteers::domain::matching::{Problem, certificate, pose, solve};
use pathfinding::prelude::{Matrix, kuhn_munkres_min};

use super::{Plan, peak};
use crate::child::Outcome;
use crate::corps::{self, Size};
use crate::table::{count, milliseconds};

/// The table.
pub const TABLE: Plan = Plan {
    title: "matching: all open needs with all teams, in memory",
    header: &[
        "what",
        "needs",
        "teams",
        "people",
        "slots",
        "pairs that can be",
        "matched",
        "pose ms",
        "solve ms",
        "check ms",
        "peak MiB",
    ],
};

/// The table of the comparison.
pub const COMPARED: Plan = Plan {
    title: "matching: against `kuhn_munkres_min` of pathfinding 4",
    header: &["what", "ours ms", "with the proof ms", "theirs ms", "theirs of ours"],
};

/// The city, more of it, and what is harder: too few places, and every team able to serve everywhere.
const SIZES: [(&str, Size); 7] = [
    ("the city", size(5_000, 800, 9_800, 12, false)),
    ("the city, too few places", size(5_000, 800, 9_800, 8, false)),
    ("the city, every pair can be", size(5_000, 800, 9_800, 12, true)),
    ("twice", size(10_000, 1_600, 19_600, 12, false)),
    ("five times", size(25_000, 2_500, 30_600, 20, false)),
    ("ten times", size(50_000, 5_000, 61_250, 20, false)),
    ("ten times, too few places", size(50_000, 5_000, 61_250, 16, false)),
];

const fn size(needs: u64, teams: u64, people: u64, capacity_max: u64, anywhere: bool) -> Size {
    Size { needs, teams, people, capacity_max, anywhere }
}

/// Poses, solves and checks each size.
pub fn measure() -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    for (what, size) in SIZES {
        let (needs, teams) = corps::made(size);
        let (posed, problem) = timed(|| pose(&needs, &teams, &Weights::default(), corps::now()));
        let problem = problem.context(what)?;
        let (solved, solution) = timed(|| solve(&problem));
        let (checked, objective) =
            timed(|| certificate::check(&problem, &solution.assignment, &solution.duals));
        let objective = objective.context(what)?;
        let slots: usize = problem.teams().iter().map(|team| team.slots.len()).sum();
        outcome.rows.push(vec![
            what.to_owned(),
            count(size.needs),
            count(size.teams),
            count(size.people),
            count(slots as u64),
            count(problem.choice_count() as u64),
            count(objective.matched as u64),
            milliseconds(posed),
            milliseconds(solved),
            milliseconds(checked),
            peak()?,
        ]);
    }
    outcome
        .notes
        .push("32 posts, 12 towns; a need's cost by tree, urgency, skills, continuity and load".into());
    outcome.notes.push("one thread; the peak is of the rows so far".into());
    Ok(outcome)
}

/// Square assignments, and the needs and slots of a city as one, which is how the crate can be asked.
pub fn compare() -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    for (n, most) in [(800, 100), (800, 100_000), (1_600, 100)] {
        let costs = Matrix::from_fn(n, n, |(row, column)| square_cost(row, column, most));
        let what = format!("assignment, n = {n}, costs to {most}");
        outcome.rows.push(compared(what, &square(n, most)?, &costs)?);
    }
    let (needs, teams) = corps::made(size(1_000, 160, 1_960, 14, false));
    let problem = pose(&needs, &teams, &Weights::default(), corps::now())?;
    outcome.rows.push(compared("1,000 needs, 160 teams".to_owned(), &problem, &dense(&problem)?)?);
    outcome.notes.push("both have the same cost, or the run fails; theirs gives no proof".into());
    outcome.notes.push(
        "needs and teams as a dense matrix with a column for each slot, as the crate takes them".into(),
    );
    Ok(outcome)
}

fn compared(what: String, problem: &Problem, costs: &Matrix<i64>) -> anyhow::Result<Vec<String>> {
    let (ours, solution) = timed(|| solve(problem));
    let (proof, objective) = timed(|| certificate::check(problem, &solution.assignment, &solution.duals));
    let objective = objective?;
    let (theirs, (total, _)) = timed(|| kuhn_munkres_min(costs));
    ensure!(i128::from(total) == objective.total, "{what}: {total} and {}", objective.total);
    let ratio = theirs.as_secs_f64() / ours.as_secs_f64().max(1e-9);
    let with_proof = milliseconds(ours + proof);
    Ok(vec![what, milliseconds(ours), with_proof, milliseconds(theirs), format!("{ratio:.1}")])
}

fn square_cost(row: usize, column: usize, most: i64) -> i64 {
    let mut word = (row as u64) << 32 | column as u64;
    for _ in 0..2 {
        word = (word ^ (word >> 31)).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0xD1B5_4A32_D192_ED03);
    }
    1 + i64::try_from(word >> 33).unwrap_or_default() % most
}

fn square(n: usize, most: i64) -> anyhow::Result<Problem> {
    let unmatched = 2 * most * i64::try_from(n)?;
    let demand = |row: usize| Demand {
        name: format!("{row:05}"),
        unmatched,
        options: (0..n).map(|column| (column, square_cost(row, column, most))).collect(),
    };
    let supply = |column: usize| Supply { name: format!("{column:05}"), slots: vec![0] };
    Ok(Problem::new((0..n).map(demand).collect(), (0..n).map(supply).collect())?)
}

/// Needs in rows and slots in columns. A slot of a team that cannot meet the need costs what leaving the need unmatched
/// does, which is the same as long as there are as many slots as needs.
fn dense(problem: &Problem) -> anyhow::Result<Matrix<i64>> {
    let slots: Vec<(u32, i64)> = (0_u32..)
        .zip(problem.teams())
        .flat_map(|(place, team)| team.slots.iter().map(move |slot| (place, *slot)))
        .collect();
    let needs = problem.demands().len();
    ensure!(slots.len() >= needs, "{} slots for {needs} needs", slots.len());
    Ok(Matrix::from_fn(needs, slots.len(), |(need, column)| {
        let (team, slot) = slots[column];
        problem.cost(need, team).map_or_else(|| problem.unmatched(need), |cost| cost + slot)
    }))
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let done = work();
    (start.elapsed(), done)
}
