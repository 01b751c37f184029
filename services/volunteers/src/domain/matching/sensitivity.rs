//! What it would cost in all to have it otherwise: the least total with one pair forced, less the least total.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::problem::Problem;
use super::solve::Solution;

/// What a pair costs more than the need's own way at the prices: a lower bound of [`in_all`], and never below zero.
/// `None` for a pair that is not feasible.
pub fn at_prices(problem: &Problem, solution: &Solution, need: usize, team: u32) -> Option<i64> {
    let cost = problem.cost(need, team)?;
    Some(cost + solution.duals.teams[team as usize] - solution.duals.needs[need])
}

/// How much more the best assignment would cost in which this team meets this need. `None` for a pair that is not
/// feasible.
///
/// The needs that make room, and those that take the room that is left, are moved in the best way: the shortest way back
/// from the team to the need in the graph of what can still be changed, at reduced costs that the prices keep from being
/// negative.
pub fn in_all(problem: &Problem, solution: &Solution, need: usize, team: u32) -> Option<i64> {
    let own = solution.assignment[need];
    if own == Some(team) {
        return Some(0);
    }
    let here = at_prices(problem, solution, need, team)?;
    Some(here + Way::new(problem, solution).back(team, own))
}

/// The sink of all flow, as a place after all teams: a slot becomes free or is taken, a need is left or taken up.
struct Way<'a> {
    problem: &'a Problem,
    solution: &'a Solution,
    needs_of: Vec<Vec<usize>>,
    /// The needs that stay unmatched.
    left: Vec<usize>,
    distance: Vec<i64>,
    heap: BinaryHeap<Reverse<(i64, usize)>>,
}

impl<'a> Way<'a> {
    fn new(problem: &'a Problem, solution: &'a Solution) -> Self {
        let teams = problem.teams().len();
        let mut needs_of = vec![Vec::new(); teams];
        let mut left = Vec::new();
        for (need, team) in problem.demands().zip(&solution.assignment) {
            match team {
                Some(team) => needs_of[*team as usize].push(need),
                None => left.push(need),
            }
        }
        Self {
            problem,
            solution,
            needs_of,
            left,
            distance: vec![i64::MAX; teams + 1],
            heap: BinaryHeap::new(),
        }
    }

    fn back(mut self, from: u32, own: Option<u32>) -> i64 {
        let sink = self.problem.teams().len();
        let target = own.map_or(sink, |team| team as usize);
        self.reach(from as usize, 0);
        while let Some(Reverse((distance, place))) = self.heap.pop() {
            if place == target {
                return distance;
            }
            if distance == self.distance[place] {
                if place == sink { self.look_from_sink(distance) } else { self.look_from(place, distance) }
            }
        }
        // Not reached: from every team a way leads to the sink, by a free slot or a need of its that stays unmatched.
        unreachable!("every way leads to the sink, and from there to every team that has a need")
    }

    fn look_from(&mut self, team: usize, distance: i64) {
        let (problem, duals) = (self.problem, &self.solution.duals);
        let sink = problem.teams().len();
        if let Some(slot) = problem.teams()[team].slots.get(self.needs_of[team].len()) {
            self.reach(sink, distance + slot - duals.teams[team]);
        }
        for need in self.needs_of[team].clone() {
            self.reach(sink, distance + problem.unmatched(need) - duals.needs[need]);
            self.move_on(need, distance);
        }
    }

    /// A need takes another team.
    fn move_on(&mut self, need: usize, distance: i64) {
        let duals = &self.solution.duals;
        for choice in self.problem.choices(need) {
            let place = choice.team as usize;
            self.reach(place, distance + choice.cost + duals.teams[place] - duals.needs[need]);
        }
    }

    /// A team whose last slot is not taken any more, or a need that was unmatched.
    fn look_from_sink(&mut self, distance: i64) {
        for (place, team) in self.problem.teams().iter().enumerate() {
            let taken = self.needs_of[place].len();
            if let Some(last) = taken.checked_sub(1) {
                self.reach(place, distance + self.solution.duals.teams[place] - team.slots[last]);
            }
        }
        for need in std::mem::take(&mut self.left) {
            self.move_on(need, distance);
        }
    }

    fn reach(&mut self, place: usize, distance: i64) {
        if distance < self.distance[place] {
            self.distance[place] = distance;
            self.heap.push(Reverse((distance, place)));
        }
    }
}
