//! Problems made up by a rule, from a seed that a failure prints.

use crate::domain::matching::Problem;
use crate::domain::matching::problem::{Demand, Supply};

/// Numbers by a fixed rule (SplitMix64).
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (word ^ (word >> 31)) % end.max(1)
    }

    pub fn amount(&mut self, end: u64) -> i64 {
        i64::try_from(self.below(end)).unwrap()
    }
}

/// How large a made problem is, and how tight.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub needs: usize,
    pub teams: usize,
    /// The most slots of a team; some have fewer.
    pub slots_max: usize,
    /// About how many teams can meet a need.
    pub options: usize,
    /// Costs are below it: small ones make many equally good solutions.
    pub cost_end: u64,
}

pub fn parts(seed: u64, size: Size) -> (Vec<Demand>, Vec<Supply>) {
    let mut numbers = Numbers(seed);
    let supplies: Vec<Supply> = (0..size.teams)
        .map(|team| {
            let slots = 1 + numbers.below(size.slots_max as u64);
            let mut slots: Vec<i64> = (0..slots).map(|_| numbers.amount(size.cost_end)).collect();
            slots.sort_unstable();
            Supply { name: format!("teams/{team}"), slots }
        })
        .collect();
    let demands = (0..size.needs)
        .map(|need| {
            let mut options: Vec<usize> =
                (0..size.options).map(|_| numbers.below(size.teams as u64) as usize).collect();
            options.sort_unstable();
            options.dedup();
            let options = options.into_iter().map(|team| (team, numbers.amount(size.cost_end))).collect();
            let unmatched = numbers.amount(size.cost_end * 3);
            Demand { name: format!("needs/{need}"), unmatched, options }
        })
        .collect();
    (demands, supplies)
}

pub fn problem(seed: u64, size: Size) -> Problem {
    let (demands, supplies) = parts(seed, size);
    Problem::new(demands, supplies).unwrap()
}
