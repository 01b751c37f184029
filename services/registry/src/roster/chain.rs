//! The chain of one grid, and the cadres of one division, small in memory. Pure.
//!
//! Follows links as [`crate::domain::contact::Links`] does, but with numbers for names: a city has 200,000 households,
//! and each is held as 24 bytes and its link as 16.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::NaiveDate;
use minqing_platform::identity::Role;
use uuid::Uuid;

use crate::domain::contact::{Kind, Level, Officer, Station};
use crate::store::contact as stored;
use minqing_platform::code::{self, Code};
use minqing_platform::period::Period;

/// Who is answerable in a grid, for every day from one on.
#[derive(Debug)]
pub struct Chain {
    /// The grid.
    pub grid: Code,
    /// The village, the town and the city that it lies in.
    pub above: [Code; 3],
    /// Its days.
    pub effective: Period,
    /// The first day that can be asked about.
    since: NaiveDate,
    /// Everybody in a link or in office. Who only stands in a link has no display name here, and is not shown.
    people: Box<[Officer]>,
    /// Members, backbones and leads, in the order of their names.
    offices: [Box<[(u32, Period)]>; 3],
    /// In the order of their ids.
    households: Box<[(Uuid, Period)]>,
    /// For each kind the subject, its contact and the days, in the order of the subjects.
    links: [Box<[Tie]>; 3],
    /// Whether somebody asked since it was last looked at.
    used: AtomicBool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Tie {
    subject: u32,
    contact: u32,
    from: NaiveDate,
    to: Option<NaiveDate>,
}

/// The levels of a grid, and the links by which each is found from the one below.
const LEVELS: [(Level, Role, Kind); 3] = [
    (Level::Member, Role::OrdinaryMember, Kind::HouseholdToMember),
    (Level::Backbone, Role::BackboneMember, Kind::MemberToBackbone),
    (Level::Lead, Role::GridLead, Kind::BackboneToLead),
];
const LEAD: usize = 2;

/// The divisions above a grid that have cadres who answer for it.
const ABOVE: [code::Level; 3] = [code::Level::Village, code::Level::Town, code::Level::County];
/// The levels at which they answer.
pub const ABOVE_LEVELS: [Level; 3] = [Level::Village, Level::Town, Level::City];

impl Chain {
    /// From what is stored of a grid, from a day on.
    pub fn new(grid: Code, since: NaiveDate, stored: stored::Chain) -> Self {
        let stored::Chain { effective, posts, mut households, links } = stored;
        households.sort_unstable_by_key(|(id, _)| *id);
        let mut people = People::default();
        // Offices first: they bring the names.
        let offices = LEVELS.map(|(_, role, _)| {
            let held = posts.iter().filter(|post| post.role == role);
            held.map(|post| (people.named(&post.person, &post.display_name), post.effective)).collect()
        });
        let ties = LEVELS.map(|(_, _, kind)| {
            let of_kind = links.iter().filter(|link| link.kind == kind);
            let tie = |link: &stored::Standing| {
                let subject = match kind {
                    Kind::HouseholdToMember => place_of(&households, link.subject.parse().ok()?)?,
                    Kind::MemberToBackbone | Kind::BackboneToLead => people.number(&link.subject) as usize,
                };
                let Period { from, to } = link.effective;
                Some(Tie {
                    subject: u32::try_from(subject).ok()?,
                    contact: people.number(&link.contact),
                    from,
                    to,
                })
            };
            let mut ties: Vec<Tie> = of_kind.filter_map(tie).collect();
            ties.sort_unstable();
            ties.into_boxed_slice()
        });
        Self {
            above: ABOVE.map(|level| grid.ancestors().find(|code| code.level() == level)).map(|code| {
                // A grid has all the levels above it.
                code.unwrap_or_else(|| grid.clone())
            }),
            grid,
            effective,
            since,
            people: people.list.into_boxed_slice(),
            offices,
            households: households.into_boxed_slice(),
            links: ties,
            used: AtomicBool::new(true),
        }
    }

    /// Whether a day can be asked about.
    pub fn knows(&self, day: NaiveDate) -> bool {
        day >= self.since
    }

    /// The place of a household.
    pub fn household(&self, id: Uuid) -> Option<usize> {
        place_of(&self.households, id)
    }

    /// The days of the household at a place.
    pub fn household_effective(&self, place: usize) -> Option<Period> {
        self.households.get(place).map(|(_, effective)| *effective)
    }

    /// The ids of the households.
    pub fn household_ids(&self) -> impl Iterator<Item = Uuid> {
        self.households.iter().map(|(id, _)| *id)
    }

    /// Whether somebody, by their resource name, is in a link or in office.
    pub fn holds(&self, mut named: impl FnMut(&str) -> bool) -> bool {
        self.people.iter().any(|person| named(&person.name))
    }

    /// How much memory it takes, in records of some tens of bytes.
    pub fn weight(&self) -> usize {
        let offices: usize = self.offices.iter().map(|held| held.len()).sum();
        let ties: usize = self.links.iter().map(|ties| ties.len()).sum();
        // A person is two texts.
        1 + 4 * self.people.len() + offices + self.households.len() + ties
    }

    /// Somebody asks.
    pub fn touch(&self) {
        self.used.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked since the last call.
    pub fn was_used(&self) -> bool {
        self.used.swap(false, Ordering::Relaxed)
    }

    /// The stations of the grid on a day: of the household at a place its member, its backbone and its lead, or without
    /// one the leads.
    ///
    /// A link leads on though its contact left office. Where the links do not lead to a lead in office, all leads of the
    /// grid answer: most grids have one, and the grid is theirs. Nobody answers for a grid that is not in force, whatever
    /// office they hold in it still: until its households are moved, all of it falls to the village.
    pub fn stations(&self, household: Option<usize>, day: NaiveDate) -> Vec<Station> {
        if !self.effective.holds(day) {
            let first = if household.is_some() { 0 } else { LEAD };
            return LEVELS[first..].iter().map(|(level, ..)| self.station(*level, None)).collect();
        }
        let mut stations = Vec::with_capacity(6);
        let mut at = household.and_then(|place| u32::try_from(place).ok());
        if household.is_some() {
            for (index, (level, _, _)) in LEVELS.iter().enumerate() {
                at = at.and_then(|subject| self.contact(index, subject, day));
                let officers = at.filter(|person| self.in_office(index, *person, day));
                stations.push(self.station(*level, officers));
            }
        }
        let led = stations.last().is_some_and(|station| !station.officers.is_empty());
        if !led {
            stations.truncate(LEAD);
            let leads = self.offices[LEAD].iter().filter(|(_, effective)| effective.holds(day));
            stations.push(self.station(Level::Lead, leads.map(|(person, _)| *person)));
        }
        stations
    }

    fn station(&self, level: Level, people: impl IntoIterator<Item = u32>) -> Station {
        let officer = |person: u32| self.people.get(person as usize).cloned();
        Station { level, area: self.grid.clone(), officers: people.into_iter().filter_map(officer).collect() }
    }

    fn contact(&self, index: usize, subject: u32, day: NaiveDate) -> Option<u32> {
        let ties = &self.links[index];
        let first = ties.partition_point(|tie| tie.subject < subject);
        let mut of_subject = ties[first..].iter().take_while(|tie| tie.subject == subject);
        of_subject.find(|tie| Period { from: tie.from, to: tie.to }.holds(day)).map(|tie| tie.contact)
    }

    fn in_office(&self, index: usize, person: u32, day: NaiveDate) -> bool {
        self.offices[index].iter().any(|(holder, effective)| *holder == person && effective.holds(day))
    }
}

fn place_of(households: &[(Uuid, Period)], id: Uuid) -> Option<usize> {
    households.binary_search_by_key(&id, |(id, _)| *id).ok()
}

/// Numbers for people.
#[derive(Default)]
struct People {
    list: Vec<Officer>,
    numbers: HashMap<String, u32>,
}

impl People {
    fn number(&mut self, id: &str) -> u32 {
        self.named(id, "")
    }

    fn named(&mut self, id: &str, display_name: &str) -> u32 {
        if let Some(number) = self.numbers.get(id) {
            return *number;
        }
        let number = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.list.push(Officer { name: format!("people/{id}"), display_name: display_name.to_owned() });
        self.numbers.insert(id.to_owned(), number);
        number
    }
}

/// The cadres of a division, for every day from one on.
#[derive(Debug)]
pub struct Cadres {
    since: NaiveDate,
    /// In the order of their names.
    posts: Box<[(Officer, Period)]>,
}

impl Cadres {
    /// From what is stored of a division, from a day on.
    pub fn new(since: NaiveDate, posts: Vec<stored::Post>) -> Self {
        let officer = |post: stored::Post| {
            let name = format!("people/{}", post.person);
            (Officer { name, display_name: post.display_name }, post.effective)
        };
        Self { since, posts: posts.into_iter().map(officer).collect() }
    }

    /// Whether a day can be asked about.
    pub fn knows(&self, day: NaiveDate) -> bool {
        day >= self.since
    }

    /// Whether somebody, by their resource name, is among them.
    pub fn hold(&self, mut named: impl FnMut(&str) -> bool) -> bool {
        self.posts.iter().any(|(officer, _)| named(&officer.name))
    }

    /// Those in office on a day.
    pub fn station(&self, level: Level, area: Code, day: NaiveDate) -> Station {
        let on_day = self.posts.iter().filter(|(_, effective)| effective.holds(day));
        Station { level, area, officers: on_day.map(|(officer, _)| officer.clone()).collect() }
    }
}

#[cfg(test)]
mod tests;
