//! What is kept, and what an event drops of it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;
use uuid::Uuid;

use super::{By, Cadres, Chain, Known};
use crate::store::contact::Changed;
use minqing_platform::code::{Code, Level};

/// The most that is kept, in [`Chain::weight`]s of some tens of bytes. A city of 2,300 grids, 200,000 households and
/// 40,000 people in office weighs 600,000.
const WEIGHT_MAX: usize = 1_000_000;

/// Grids and divisions that were asked about.
#[derive(Debug, Default)]
pub(super) struct State {
    chains: HashMap<Code, Arc<Chain>>,
    /// The chain that holds a household.
    households: HashMap<Uuid, Arc<Chain>>,
    cadres: HashMap<Code, Arc<Cadres>>,
    weight: usize,
    /// What is being read, and by whom: an event that comes meanwhile takes it away, since what was read may be older.
    reading: HashMap<Code, u64>,
    tickets: u64,
}

/// Stands for one reading of a grid or division.
#[derive(Debug)]
pub(super) struct Ticket {
    code: Code,
    number: u64,
}

impl State {
    /// Who answers on a day, if all that is needed is kept.
    pub(super) fn known(&self, by: By<'_>, day: NaiveDate) -> Option<Known> {
        let chain = match by {
            By::Household(household) => self.households.get(&household)?,
            By::Grid(grid) => self.chains.get(grid)?,
        };
        if !chain.knows(day) {
            return None;
        }
        let place = match by {
            By::Household(household) => Some(chain.household(household)?),
            By::Grid(_) => None,
        };
        let [village, town, city] = &chain.above;
        let above = [self.cadres(village, day)?, self.cadres(town, day)?, self.cadres(city, day)?];
        chain.touch();
        Some(Known { chain: Arc::clone(chain), place, above })
    }

    pub(super) fn chain(&self, grid: &Code, day: NaiveDate) -> Option<Arc<Chain>> {
        let chain = self.chains.get(grid).filter(|chain| chain.knows(day))?;
        chain.touch();
        Some(Arc::clone(chain))
    }

    pub(super) fn cadres(&self, division: &Code, day: NaiveDate) -> Option<Arc<Cadres>> {
        self.cadres.get(division).filter(|cadres| cadres.knows(day)).map(Arc::clone)
    }

    /// A reading of the database begins.
    pub(super) fn begin(&mut self, code: &Code) -> Ticket {
        self.tickets += 1;
        self.reading.insert(code.clone(), self.tickets);
        Ticket { code: code.clone(), number: self.tickets }
    }

    /// Keeps what was read, unless it may be older than an event.
    pub(super) fn keep_chain(&mut self, ticket: Ticket, chain: &Arc<Chain>) {
        if !self.redeem(&ticket) {
            return;
        }
        self.drop_grid(&ticket.code);
        self.weight += chain.weight();
        if self.weight > WEIGHT_MAX {
            self.make_room();
            self.weight += chain.weight();
        }
        for household in chain.household_ids() {
            self.households.insert(household, Arc::clone(chain));
        }
        self.chains.insert(ticket.code, Arc::clone(chain));
    }

    /// Keeps what was read, unless it may be older than an event. Cadres weigh nothing: there are a few a division.
    pub(super) fn keep_cadres(&mut self, ticket: Ticket, division: &Code, cadres: &Arc<Cadres>) {
        if self.redeem(&ticket) {
            self.cadres.insert(division.clone(), Arc::clone(cadres));
        }
    }

    fn redeem(&mut self, ticket: &Ticket) -> bool {
        let valid = self.reading.get(&ticket.code) == Some(&ticket.number);
        if valid {
            self.reading.remove(&ticket.code);
        }
        valid
    }

    /// Drops what nobody asked about since the last time, or everything if that is too little.
    fn make_room(&mut self) {
        let idle: Vec<Code> =
            self.chains.values().filter(|chain| !chain.was_used()).map(|chain| chain.grid.clone()).collect();
        self.weight = self.chains.values().map(|chain| chain.weight()).sum();
        for grid in &idle {
            self.drop_grid(grid);
        }
        if self.weight > WEIGHT_MAX / 2 {
            self.chains.clear();
            self.households.clear();
            self.weight = 0;
        }
    }

    /// Drops everything.
    pub(super) fn clear(&mut self) {
        let tickets = self.tickets;
        *self = Self { tickets, ..Self::default() };
    }

    /// Drops what events may have changed.
    pub(super) fn drop_changed(&mut self, changes: &[Changed]) {
        let mut people: HashSet<&str> = HashSet::new();
        for change in changes {
            let (noun, rest) = change.subject.split_once('/').unwrap_or((&change.subject, ""));
            match (noun, change.division_code.parse::<Code>()) {
                // Neither names nor days of these are kept here.
                ("divisions" | "organizations", _) => {}
                // The person's own record: their name stands wherever they hold an office.
                ("people", _) if !rest.contains('/') => {
                    people.insert(&change.subject);
                }
                (_, Ok(code)) if code.level() == Level::Grid => self.drop_grid(&code),
                // An appointment to a division.
                ("people", Ok(code)) => {
                    self.cadres.remove(&code);
                    self.reading.remove(&code);
                }
                // Something of many grids: all that lie in the division.
                (_, Ok(code)) => self.drop_grids(|grid| code.contains(grid)),
                // An appointment to everywhere concerns no grid; anything else that lies nowhere may concern all.
                ("people", Err(_)) => {}
                (_, Err(_)) => self.drop_grids(|_| true),
            }
        }
        if !people.is_empty() {
            self.drop_people(&people);
        }
    }

    fn drop_people(&mut self, people: &HashSet<&str>) {
        let named = |name: &str| people.contains(name);
        let grids = self.chains.values().filter(|chain| chain.holds(named));
        let grids: Vec<Code> = grids.map(|chain| chain.grid.clone()).collect();
        for grid in &grids {
            self.drop_grid(grid);
        }
        self.cadres.retain(|_, cadres| !cadres.hold(named));
        // Who is in what is being read is not known yet.
        self.reading.clear();
    }

    fn drop_grids(&mut self, concerned: impl Fn(&Code) -> bool) {
        self.reading.retain(|code, _| code.level() != Level::Grid || !concerned(code));
        let grids: Vec<Code> = self.chains.keys().filter(|grid| concerned(grid)).cloned().collect();
        for grid in &grids {
            self.drop_grid(grid);
        }
    }

    fn drop_grid(&mut self, grid: &Code) {
        self.reading.remove(grid);
        let Some(chain) = self.chains.remove(grid) else { return };
        self.weight = self.weight.saturating_sub(chain.weight());
        for household in chain.household_ids() {
            // A household that moved stands for its new grid already.
            if self.households.get(&household).is_some_and(|known| Arc::ptr_eq(known, &chain)) {
                self.households.remove(&household);
            }
        }
    }
}

#[cfg(test)]
mod tests;
