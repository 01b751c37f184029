//! The problem as numbers: needs, teams, and what each feasible pair costs. It knows nothing of volunteers.
//!
//! It is a transportation problem with convex costs: every need takes one slot of one team or stays unmatched, and each
//! further slot of a team costs at least as much as the one before. Least cost in all is wanted.

/// The most needs or teams of one problem.
pub const NAMES_MAX: usize = 200_000;
/// The most feasible pairs of one problem.
pub const OPTIONS_MAX: usize = 64_000_000;
/// The largest amount of one cost, either way: sums over [`NAMES_MAX`] of them stay far within 64 bits.
pub const COST_MAX: i64 = 1_000_000_000_000;

/// Something that is wanted, and by whom it can be given at which cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// Its name, which no other need has.
    pub name: String,
    /// What it costs to leave it unmatched.
    pub unmatched: i64,
    /// The teams that can, as places in the list of teams, and what each costs.
    pub options: Vec<(usize, i64)>,
}

/// Who can give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supply {
    /// Its name, which no other team has.
    pub name: String,
    /// What its first, second, … further need costs by the load alone; never less than the one before.
    pub slots: Vec<i64>,
}

/// A team that can meet a need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The place of the team.
    pub team: u32,
    /// What the pair costs, without the load.
    pub cost: i64,
}

/// Why a problem cannot be posed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Too many needs, teams or pairs.
    #[error("more than {max} {what}")]
    TooLarge {
        /// Of what.
        what: &'static str,
        /// The most there may be.
        max: usize,
    },
    /// Two needs or two teams have one name.
    #[error("{0} is named twice")]
    SameName(String),
    /// A cost is beyond [`COST_MAX`].
    #[error("a cost of {0} is beyond what can be added up")]
    CostTooLarge(String),
    /// A further slot costs less than the one before.
    #[error("a further need of {0} would cost less than the one before")]
    NotConvex(String),
    /// A need names a team that is not there, one without a slot, or one twice.
    #[error("{0} names a team that is not there, that has no slot, or that it names twice")]
    BadOption(String),
}

/// A problem that can be solved. Needs and teams are in the order of their names, whatever order they came in, so that
/// equal problems have equal solutions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    need_names: Vec<String>,
    unmatched: Vec<i64>,
    starts: Vec<usize>,
    choices: Vec<Choice>,
    teams: Vec<Supply>,
}

impl Problem {
    /// Poses a problem.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn new(mut demands: Vec<Demand>, supplies: Vec<Supply>) -> Result<Self, Error> {
        check_count("needs", demands.len(), NAMES_MAX)?;
        check_count("teams", supplies.len(), NAMES_MAX)?;
        check_count("pairs", demands.iter().map(|demand| demand.options.len()).sum(), OPTIONS_MAX)?;
        supplies.iter().try_for_each(check_supply)?;
        let (teams, places) = sorted(supplies);
        check_names(teams.iter().map(|team| &team.name))?;
        demands.sort_by(|left, right| left.name.cmp(&right.name));
        check_names(demands.iter().map(|demand| &demand.name))?;
        let mut problem = Self {
            need_names: Vec::with_capacity(demands.len()),
            unmatched: Vec::with_capacity(demands.len()),
            starts: vec![0],
            choices: Vec::with_capacity(demands.iter().map(|demand| demand.options.len()).sum()),
            teams,
        };
        for demand in demands {
            problem.push(demand, &places)?;
        }
        Ok(problem)
    }

    fn push(&mut self, demand: Demand, places: &[u32]) -> Result<(), Error> {
        let start = self.choices.len();
        check_cost(&demand.name, demand.unmatched)?;
        for (team, cost) in demand.options {
            check_cost(&demand.name, cost)?;
            let team = *places.get(team).ok_or_else(|| Error::BadOption(demand.name.clone()))?;
            self.choices.push(Choice { team, cost });
        }
        let choices = &mut self.choices[start..];
        choices.sort_unstable_by_key(|choice| choice.team);
        let is_twice = choices.windows(2).any(|pair| pair[0].team == pair[1].team);
        if is_twice || choices.iter().any(|choice| self.teams[choice.team as usize].slots.is_empty()) {
            return Err(Error::BadOption(demand.name));
        }
        self.starts.push(self.choices.len());
        self.unmatched.push(demand.unmatched);
        self.need_names.push(demand.name);
        Ok(())
    }

    /// The places of all needs, in the order of their names.
    pub fn demands(&self) -> std::ops::Range<usize> {
        0..self.need_names.len()
    }

    /// The teams, in the order of their names.
    pub fn teams(&self) -> &[Supply] {
        &self.teams
    }

    /// The name of a need.
    pub fn need_name(&self, need: usize) -> &str {
        &self.need_names[need]
    }

    /// The name of a team.
    pub fn team_name(&self, team: u32) -> &str {
        &self.teams[team as usize].name
    }

    /// What the further slots of a team cost.
    pub fn slots(&self, team: u32) -> &[i64] {
        &self.teams[team as usize].slots
    }

    /// What it costs to leave a need unmatched.
    pub fn unmatched(&self, need: usize) -> i64 {
        self.unmatched[need]
    }

    /// The teams that can meet a need, in the order of their names.
    pub fn choices(&self, need: usize) -> &[Choice] {
        &self.choices[self.starts[need]..self.starts[need + 1]]
    }

    /// How many feasible pairs there are.
    pub fn choice_count(&self) -> usize {
        self.choices.len()
    }

    /// The cost of a pair, if it is feasible.
    pub fn cost(&self, need: usize, team: u32) -> Option<i64> {
        let choices = self.choices(need);
        let place = choices.binary_search_by_key(&team, |choice| choice.team).ok()?;
        Some(choices[place].cost)
    }

    /// The place of a need.
    pub fn need(&self, name: &str) -> Option<usize> {
        self.need_names.binary_search_by(|other| other.as_str().cmp(name)).ok()
    }

    /// The place of a team.
    pub fn team(&self, name: &str) -> Option<u32> {
        let place = self.teams.binary_search_by(|other| other.name.as_str().cmp(name)).ok()?;
        u32::try_from(place).ok()
    }
}

/// Teams in the order of their names, and for each place they came in where they are now.
fn sorted(supplies: Vec<Supply>) -> (Vec<Supply>, Vec<u32>) {
    let mut order: Vec<usize> = (0..supplies.len()).collect();
    order.sort_by(|left, right| supplies[*left].name.cmp(&supplies[*right].name));
    let mut places = vec![0; supplies.len()];
    for (now, came) in (0..).zip(&order) {
        places[*came] = now;
    }
    let mut teams = supplies;
    teams.sort_by(|left, right| left.name.cmp(&right.name));
    (teams, places)
}

fn check_count(what: &'static str, count: usize, max: usize) -> Result<(), Error> {
    if count > max { Err(Error::TooLarge { what, max }) } else { Ok(()) }
}

fn check_cost(name: &str, cost: i64) -> Result<(), Error> {
    if (-COST_MAX..=COST_MAX).contains(&cost) { Ok(()) } else { Err(Error::CostTooLarge(name.to_owned())) }
}

fn check_supply(team: &Supply) -> Result<(), Error> {
    team.slots.iter().try_for_each(|cost| check_cost(&team.name, *cost))?;
    if team.slots.is_sorted() { Ok(()) } else { Err(Error::NotConvex(team.name.clone())) }
}

fn check_names<'a>(names: impl Iterator<Item = &'a String> + Clone) -> Result<(), Error> {
    let twice = names.clone().zip(names.skip(1)).find(|(left, right)| left == right);
    twice.map_or(Ok(()), |(name, _)| Err(Error::SameName(name.clone())))
}
