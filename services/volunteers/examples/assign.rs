//! Solves a file in the assignment format of the OR-Library (J. E. Beasley, "OR-Library: distributing test problems by
//! electronic mail", 1990) and prints the optimal cost: `cargo run --release --example assign -- FILE`.
//!
//! The file has a number n and then n times n whole costs, the first row first, parted by white space of any kind. It is
//! solved by what matches needs with teams, and the proof is checked before anything is printed. Bad input ends with a
//! message and exit code 2.

use std::io::Write as _;
use std::process::ExitCode;

use minqing_volunteers::domain::matching::problem::{COST_MAX, Demand, Supply};
use minqing_volunteers::domain::matching::{Problem, certificate, solve};

/// The largest n: its square of costs takes 16 bytes each.
const N_MAX: usize = 6_000;

fn main() -> ExitCode {
    match run() {
        Ok(cost) => {
            // Whoever closed the pipe does not want to hear more.
            let _ = writeln!(std::io::stdout(), "{cost}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "error: {message}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<i128, String> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(path), None) = (arguments.next(), arguments.next()) else {
        return Err("give the path of one file".to_owned());
    };
    let path = std::path::PathBuf::from(path);
    let bytes = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| format!("{}: not text", path.display()))?;
    let (n, costs) = parse(text).map_err(|message| format!("{}: {message}", path.display()))?;
    cost(n, &costs)
}

/// Reads n and the costs.
fn parse(text: &str) -> Result<(usize, Vec<i64>), String> {
    let mut words = text.split_whitespace();
    let first = words.next().ok_or("the file is empty")?;
    let n: usize = first.parse().map_err(|_| format!("n is to be a whole number, not {first:?}"))?;
    if n == 0 || n > N_MAX {
        return Err(format!("n is to be from 1 to {N_MAX}, not {n}"));
    }
    let mut costs = Vec::with_capacity(n * n);
    for word in words {
        let place = costs.len();
        if place == n * n {
            return Err(format!("there are more than {n} times {n} costs"));
        }
        let cost = word.parse::<i64>().ok().filter(|cost| cost.unsigned_abs() <= bound(n).unsigned_abs());
        costs.push(cost.ok_or_else(|| {
            let (row, column) = (place / n + 1, place % n + 1);
            format!(
                "row {row}, column {column}: a whole number within {} is expected, not {word:?}",
                bound(n)
            )
        })?);
    }
    if costs.len() < n * n {
        return Err(format!("there are {} costs, not {n} times {n}", costs.len()));
    }
    Ok((n, costs))
}

/// The largest cost, so that leaving a row out can cost more than any chain of changes saves.
fn bound(n: usize) -> i64 {
    let n = i64::try_from(n).unwrap_or(i64::MAX);
    COST_MAX / (2 * n + 2)
}

/// The least cost in which every row has a column of its own.
fn cost(n: usize, costs: &[i64]) -> Result<i128, String> {
    let (least, most) = (costs.iter().min().copied().unwrap_or(0), costs.iter().max().copied().unwrap_or(0));
    // More than all that the other rows could save together.
    let unmatched = most + (most - least) * i64::try_from(n).unwrap_or(i64::MAX) + 1;
    let demands = costs.chunks(n).enumerate().map(|(row, costs)| Demand {
        name: format!("{row:04}"),
        unmatched,
        options: costs.iter().copied().enumerate().collect(),
    });
    let supplies = (0..n).map(|column| Supply { name: format!("{column:04}"), slots: vec![0] });
    let problem = Problem::new(demands.collect(), supplies.collect()).map_err(|error| error.to_string())?;
    let solution = solve(&problem);
    let objective = certificate::check(&problem, &solution.assignment, &solution.duals);
    let objective = objective.map_err(|fault| format!("the proof does not hold: {fault}"))?;
    if objective.matched < n {
        return Err("a row is left out".to_owned());
    }
    Ok(objective.total)
}
