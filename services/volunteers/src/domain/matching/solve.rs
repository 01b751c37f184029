//! The exact solution: successive shortest augmenting paths with prices.
//!
//! Needs come in one after another, the order of their names; for each the cheapest way to make room is searched: a chain
//! in which a need takes a slot of a team, one of that team's needs moves to another, and so on until a slot is free or a
//! need is better left unmatched. Prices of the teams keep all reduced costs at least zero, so that a chain is found by
//! Dijkstra's method, which stops as soon as the nearest end is certain. After each need the matching of those so far is
//! optimal, so the last one is, and the prices prove it ([`super::certificate`]).
//!
//! Method: J. Edmonds and R. M. Karp, "Theoretical improvements in algorithmic efficiency for network flow problems",
//! Journal of the ACM 19 (1972); R. Jonker and A. Volgenant, "A shortest augmenting path algorithm for dense and sparse
//! linear assignment problems", Computing 38 (1987), here with several slots a team at convex costs.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::certificate::Duals;
use super::problem::{Choice, Problem};

/// No team, or no need.
const NOBODY: u32 = u32::MAX;
/// Farther than anything.
const FAR: i64 = i64::MAX / 4;

/// Who meets what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    /// For each need the place of its team, if it has one.
    pub assignment: Vec<Option<u32>>,
    /// The prices that prove that nothing is cheaper.
    pub duals: Duals,
}

/// Solves a problem. Equal problems have equal solutions, down to which of several best ones.
///
/// Takes at most one search over all feasible pairs for each need; most searches look at a few.
pub fn solve(problem: &Problem) -> Solution {
    let mut state = State::new(problem);
    for need in problem.demands() {
        state.place(need);
    }
    let assignment: Vec<Option<u32>> =
        state.team_of.iter().map(|team| (*team != NOBODY).then_some(*team)).collect();
    let needs = problem.demands().map(|need| state.value(need)).collect();
    Solution { assignment, duals: Duals { needs, teams: state.price } }
}

/// Where a chain ends.
#[derive(Debug, Clone, Copy)]
enum End {
    /// With a free slot of a team.
    Slot(u32),
    /// With this need, which stays unmatched.
    Unmatched(u32),
}

struct State<'a> {
    problem: &'a Problem,
    /// The choices of each need, the cheapest first, so that a search need not look at those that are too dear.
    cheapest: Vec<Choice>,
    /// Where the choices of each need begin.
    starts: Vec<usize>,
    /// What the cheapest slot of all costs: no price is below it.
    floor: i64,
    /// The team of each need.
    team_of: Vec<u32>,
    /// What the present team of each need costs, or leaving it unmatched.
    cost_of: Vec<i64>,
    /// The needs of each team.
    needs_of: Vec<Vec<u32>>,
    /// Between what a team's last taken slot costs and what its next one does.
    price: Vec<i64>,
    search: Search,
}

/// What one search has found. Kept from one to the next to save memory.
struct Search {
    /// How far each team is.
    distance: Vec<i64>,
    /// The need through which each team is reached.
    through: Vec<u32>,
    /// The teams whose distance was set.
    touched: Vec<u32>,
    /// Teams yet to be looked at: the nearest first, of equally near ones the first by name.
    heap: BinaryHeap<Reverse<(i64, u32)>>,
    /// How far the nearest end is.
    nearest: i64,
    end: End,
}

impl<'a> State<'a> {
    fn new(problem: &'a Problem) -> Self {
        let teams = problem.teams();
        // A team without a slot is in no pair, so its price is nobody's.
        let price = teams.iter().map(|team| team.slots.first().copied().unwrap_or(0)).collect();
        let search = Search {
            distance: vec![FAR; teams.len()],
            through: vec![NOBODY; teams.len()],
            touched: Vec::new(),
            heap: BinaryHeap::new(),
            nearest: FAR,
            end: End::Unmatched(NOBODY),
        };
        let (cheapest, starts) = cheapest_first(problem);
        Self {
            problem,
            cheapest,
            starts,
            floor: teams.iter().filter_map(|team| team.slots.first().copied()).min().unwrap_or(0),
            team_of: vec![NOBODY; problem.demands().len()],
            cost_of: problem.demands().map(|need| problem.unmatched(need)).collect(),
            needs_of: vec![Vec::new(); teams.len()],
            price,
            search,
        }
    }

    /// What a need is worth: the least that any of its ways costs at the present prices, which is its own way.
    fn value(&self, need: usize) -> i64 {
        match self.team_of[need] {
            NOBODY => self.cost_of[need],
            team => self.cost_of[need] + self.price[team as usize],
        }
    }

    /// What the next slot of a team costs, if it has one.
    fn next_slot(&self, team: u32) -> Option<i64> {
        self.problem.slots(team).get(self.needs_of[team as usize].len()).copied()
    }

    /// Brings in one more need.
    fn place(&mut self, need: usize) {
        self.search.begin(need, self.problem.unmatched(need));
        self.reach_from(need, 0);
        let mut settled = Vec::new();
        while let Some(Reverse((distance, team))) = self.search.heap.pop() {
            if distance >= self.search.nearest {
                break;
            }
            if distance > self.search.distance[team as usize] {
                continue;
            }
            settled.push(team);
            self.reach_through(team, distance);
        }
        let nearest = self.search.nearest;
        for team in settled {
            self.price[team as usize] += nearest - self.search.distance[team as usize];
        }
        self.augment(need);
        self.search.clear();
    }

    /// The needs of a team may move on or stay unmatched.
    fn reach_through(&mut self, team: u32, distance: i64) {
        for index in 0..self.needs_of[team as usize].len() {
            let other = self.needs_of[team as usize][index];
            let need = other as usize;
            let offset = distance - self.value(need);
            self.search.end_at(offset + self.problem.unmatched(need), End::Unmatched(other));
            self.reach_from(need, offset);
        }
    }

    /// The teams of a need are as far as they cost from `offset` on.
    fn reach_from(&mut self, need: usize, offset: i64) {
        let through = u32::try_from(need).unwrap_or(NOBODY);
        for index in self.starts[need]..self.starts[need + 1] {
            let choice = self.cheapest[index];
            if offset + choice.cost + self.floor >= self.search.nearest {
                break;
            }
            let team = choice.team as usize;
            let distance = offset + choice.cost + self.price[team];
            if distance >= self.search.distance[team] || distance >= self.search.nearest {
                continue;
            }
            self.search.reach(choice.team, distance, through);
            if let Some(slot) = self.next_slot(choice.team) {
                self.search.end_at(distance + slot - self.price[team], End::Slot(choice.team));
            }
            // A team whose end it is needs no look at its needs: they cannot be nearer than its own slot.
            if distance < self.search.nearest {
                self.search.heap.push(Reverse((distance, choice.team)));
            }
        }
    }

    /// Moves the needs along the chain that was found.
    fn augment(&mut self, first: usize) {
        let mut team = match self.search.end {
            End::Unmatched(need) if need as usize == first => return,
            End::Unmatched(need) => {
                let team = self.team_of[need as usize];
                self.leave(need, team);
                self.team_of[need as usize] = NOBODY;
                self.cost_of[need as usize] = self.problem.unmatched(need as usize);
                team
            }
            End::Slot(team) => {
                let slot = self.next_slot(team).expect("a chain ends at a free slot");
                self.price[team as usize] = self.price[team as usize].max(slot);
                team
            }
        };
        loop {
            let need = self.search.through[team as usize];
            let from = std::mem::replace(&mut self.team_of[need as usize], team);
            self.cost_of[need as usize] =
                self.problem.cost(need as usize, team).expect("a chain goes along feasible pairs");
            self.needs_of[team as usize].push(need);
            if need as usize == first {
                return;
            }
            self.leave(need, from);
            team = from;
        }
    }

    fn leave(&mut self, need: u32, team: u32) {
        let needs = &mut self.needs_of[team as usize];
        let place = needs.iter().position(|other| *other == need).expect("a need is with its team");
        needs.swap_remove(place);
    }
}

/// The choices of all needs, of each the cheapest first and of equally cheap ones the first by name; and where each
/// need's begin.
fn cheapest_first(problem: &Problem) -> (Vec<Choice>, Vec<usize>) {
    let mut cheapest = Vec::with_capacity(problem.choice_count());
    let mut starts = vec![0];
    for need in problem.demands() {
        let start = cheapest.len();
        cheapest.extend_from_slice(problem.choices(need));
        cheapest[start..].sort_unstable_by_key(|choice| (choice.cost, choice.team));
        starts.push(cheapest.len());
    }
    (cheapest, starts)
}

impl Search {
    fn begin(&mut self, need: usize, unmatched: i64) {
        self.nearest = unmatched;
        self.end = End::Unmatched(u32::try_from(need).unwrap_or(NOBODY));
    }

    /// Takes an end if it is nearer than what was found.
    fn end_at(&mut self, distance: i64, end: End) {
        if distance < self.nearest {
            self.nearest = distance;
            self.end = end;
        }
    }

    fn reach(&mut self, team: u32, distance: i64, through: u32) {
        let place = team as usize;
        if self.distance[place] == FAR {
            self.touched.push(team);
        }
        self.distance[place] = distance;
        self.through[place] = through;
    }

    fn clear(&mut self) {
        for team in self.touched.drain(..) {
            self.distance[team as usize] = FAR;
            self.through[team as usize] = NOBODY;
        }
        self.heap.clear();
        self.end = End::Unmatched(NOBODY);
    }
}
