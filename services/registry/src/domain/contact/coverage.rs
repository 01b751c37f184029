//! How far a grid or a division is covered.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Grid, Kind, Link};

/// How many households or people a list names at most; the counts are of all.
pub const LISTED_MAX: usize = 1_000;

/// How far an area is covered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Households.
    pub households: u32,
    /// Households without an ordinary member.
    pub uncovered_households: u32,
    /// Residents.
    pub residents: u32,
    /// Residents of the households without an ordinary member.
    pub uncovered_residents: u32,
    /// Ordinary members.
    pub members: u32,
    /// Ordinary members without a backbone member.
    pub uncovered_members: u32,
    /// Backbone members.
    pub backbones: u32,
    /// Backbone members without a lead.
    pub uncovered_backbones: u32,
    /// Leads.
    pub leads: u32,
    /// People above their capacity.
    pub overloaded: u32,
    /// Those people, the furthest above it first, then by name; at most [`LISTED_MAX`].
    pub overloaded_listed: Vec<Load>,
    /// The households without an ordinary member, in the order of addresses; at most [`LISTED_MAX`].
    pub uncovered_listed: Vec<String>,
}

/// What a person has to look after at one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// The person.
    pub person: String,
    /// The kind of links counted.
    pub kind: Kind,
    /// Residents for an ordinary member; people for others.
    pub load: u32,
}

impl Load {
    fn excess(&self) -> u32 {
        self.load.saturating_sub(self.kind.capacity())
    }
}

/// Measures one grid. Links of others, and of people who are no longer of the grid, count for nothing.
pub fn measure(grid: &Grid, links: &[Link]) -> Coverage {
    let weights: BTreeMap<&str, u32> =
        grid.households.iter().map(|h| (h.name.as_str(), h.residents)).collect();
    let names = |persons: &'_ [super::Person]| -> BTreeSet<String> {
        persons.iter().map(|person| person.name.clone()).collect()
    };
    let (members, backbones, leads) = (names(&grid.members), names(&grid.backbones), names(&grid.leads));
    let weigh = |name: &str| weights.get(name).copied();
    let one = |people: &BTreeSet<String>, name: &str| people.contains(name).then_some(1);

    let households = Tally::of(links, Kind::HouseholdToMember, weigh, &members);
    let members_up = Tally::of(links, Kind::MemberToBackbone, |name| one(&members, name), &backbones);
    let backbones_up = Tally::of(links, Kind::BackboneToLead, |name| one(&backbones, name), &leads);

    let mut line: Vec<_> =
        grid.households.iter().filter(|h| !households.covered.contains(h.name.as_str())).collect();
    line.sort_by(|a, b| (&a.address, &a.name).cmp(&(&b.address, &b.name)));
    let mut coverage = Coverage {
        households: count(weights.len()),
        uncovered_households: count(weights.len() - households.covered.len()),
        residents: sum(weights.values().copied()),
        uncovered_residents: sum(line.iter().map(|household| household.residents)),
        members: count(members.len()),
        uncovered_members: count(members.len() - members_up.covered.len()),
        backbones: count(backbones.len()),
        uncovered_backbones: count(backbones.len() - backbones_up.covered.len()),
        leads: count(leads.len()),
        uncovered_listed: line.into_iter().take(LISTED_MAX).map(|household| household.name.clone()).collect(),
        ..Coverage::default()
    };
    let loads = [households, members_up, backbones_up].into_iter().flat_map(Tally::overloaded).collect();
    coverage.list_overloaded(loads);
    coverage
}

impl Coverage {
    /// Adds another area, whose grids come after these. People who serve in both are counted in each.
    pub fn absorb(&mut self, other: Self) {
        self.households += other.households;
        self.uncovered_households += other.uncovered_households;
        self.residents += other.residents;
        self.uncovered_residents += other.uncovered_residents;
        self.members += other.members;
        self.uncovered_members += other.uncovered_members;
        self.backbones += other.backbones;
        self.uncovered_backbones += other.uncovered_backbones;
        self.leads += other.leads;
        self.uncovered_listed.extend(other.uncovered_listed);
        self.uncovered_listed.truncate(LISTED_MAX);
        let total = self.overloaded + other.overloaded;
        let mut listed = std::mem::take(&mut self.overloaded_listed);
        listed.extend(other.overloaded_listed);
        self.list_overloaded(listed);
        self.overloaded = total;
    }

    fn list_overloaded(&mut self, mut loads: Vec<Load>) {
        loads.sort_by(|a, b| {
            b.excess().cmp(&a.excess()).then_with(|| (&a.person, a.kind).cmp(&(&b.person, b.kind)))
        });
        self.overloaded = count(loads.len());
        loads.truncate(LISTED_MAX);
        self.overloaded_listed = loads;
    }
}

/// The links of one kind: who is covered, and how much each contact has.
struct Tally<'a> {
    kind: Kind,
    covered: BTreeSet<&'a str>,
    loads: BTreeMap<&'a str, u32>,
}

impl<'a> Tally<'a> {
    fn of(
        links: &'a [Link],
        kind: Kind,
        weigh: impl Fn(&str) -> Option<u32>,
        contacts: &BTreeSet<String>,
    ) -> Self {
        let mut tally = Self { kind, covered: BTreeSet::new(), loads: BTreeMap::new() };
        for link in links.iter().filter(|link| link.kind == kind && contacts.contains(&link.contact)) {
            if let Some(weight) = weigh(&link.subject) {
                tally.covered.insert(&link.subject);
                *tally.loads.entry(&link.contact).or_default() += weight;
            }
        }
        tally
    }

    fn overloaded(self) -> impl Iterator<Item = Load> {
        let kind = self.kind;
        self.loads
            .into_iter()
            .filter(move |(_, load)| *load > kind.capacity())
            .map(move |(person, load)| Load { person: person.to_owned(), kind, load })
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn sum(numbers: impl Iterator<Item = u32>) -> u32 {
    numbers.fold(0, u32::saturating_add)
}
