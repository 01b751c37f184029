//! The plan of a grid's links: which begin and which end.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::assignment::{assign, missing};
use super::{Address, Kind, Link};

/// The most households of a grid that are assigned. A grid has about 100.
pub const HOUSEHOLDS_MAX: usize = 5_000;
/// The most members, backbones and leads of a grid, each.
pub const PERSONS_MAX: usize = 1_000;

/// A household to be looked after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Household {
    /// Its name, unique in the grid.
    pub name: String,
    /// Where it is in the line.
    pub address: Address,
    /// Its residents; an empty house has none, and is looked after all the same.
    pub residents: u32,
}

/// A person who can be a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their name, unique among those of their level.
    pub name: String,
    /// Where they live, if known: they are given the runs in the order of their own addresses, so that many keep in
    /// contact with their neighbours. Those without come last, in the order of their names.
    pub home: Option<Address>,
}

/// Who is to be looked after in a grid, and who can look after them, in any order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grid {
    /// The households in force.
    pub households: Vec<Household>,
    /// The ordinary members in force.
    pub members: Vec<Person>,
    /// The backbone members in force.
    pub backbones: Vec<Person>,
    /// The leads in force, usually one.
    pub leads: Vec<Person>,
}

/// What is to be done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The links that begin: by kind, then in the line of the subjects.
    pub create: Vec<Planned>,
    /// The standing links that end, as their numbers in what was given, ascending.
    pub end: Vec<usize>,
    /// What is lacking.
    pub shortage: Shortage,
}

/// A link that is to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The link.
    pub link: Link,
    /// The residents of the household, or of all households below the person.
    pub residents: u32,
}

/// What could not be assigned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortage {
    /// Households left without a contact.
    pub households: u32,
    /// Their residents.
    pub residents: u32,
    /// Ordinary members missing to take them.
    pub members_missing: u32,
    /// Ordinary members left without a backbone member.
    pub members_unassigned: u32,
    /// Backbone members missing to take them.
    pub backbones_missing: u32,
    /// Backbone members left without a lead.
    pub backbones_unassigned: u32,
    /// Leads missing to take them.
    pub leads_missing: u32,
}

impl Shortage {
    /// Whether nothing is lacking.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// A grid too large to be planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the grid has {found} {what}, more than {max}; split it first")]
pub struct TooLarge {
    /// What there are too many of.
    pub what: &'static str,
    /// How many there are.
    pub found: usize,
    /// How many there may be.
    pub max: usize,
}

/// Plans the links of a grid.
///
/// Standing links whose subject or contact is not in the grid end, as do second links of a subject. The others stay as
/// they are, unless everything is assigned anew (`reassign`); then those end that the new plan does not hold. A second
/// plan over what the first left creates and ends nothing.
///
/// # Errors
/// [`TooLarge`] over [`HOUSEHOLDS_MAX`] or [`PERSONS_MAX`].
pub fn plan(grid: &Grid, standing: &[Link], reassign: bool) -> Result<Plan, TooLarge> {
    check_size(grid)?;
    let households = in_line(&grid.households);
    let mut plan = Plan::default();
    let subjects: Vec<Subject> = households
        .iter()
        .map(|household| Subject {
            name: &household.name,
            load: household.residents,
            residents: household.residents,
        })
        .collect();
    let level = Level { kind: Kind::HouseholdToMember, standing, reassign };
    let below = level.plan(subjects, &in_order(&grid.members), &mut plan);
    plan.shortage.households = below.unassigned;
    plan.shortage.residents = below.unassigned_residents;
    plan.shortage.members_missing = below.missing;

    let level = Level { kind: Kind::MemberToBackbone, ..level };
    let below = level.plan(below.contacts, &in_order(&grid.backbones), &mut plan);
    plan.shortage.members_unassigned = below.unassigned;
    plan.shortage.backbones_missing = below.missing;

    let level = Level { kind: Kind::BackboneToLead, ..level };
    let below = level.plan(below.contacts, &in_order(&grid.leads), &mut plan);
    plan.shortage.backbones_unassigned = below.unassigned;
    plan.shortage.leads_missing = below.missing;
    plan.end.sort_unstable();
    Ok(plan)
}

fn check_size(grid: &Grid) -> Result<(), TooLarge> {
    let sizes = [
        ("households", grid.households.len(), HOUSEHOLDS_MAX),
        ("ordinary members", grid.members.len(), PERSONS_MAX),
        ("backbone members", grid.backbones.len(), PERSONS_MAX),
        ("leads", grid.leads.len(), PERSONS_MAX),
    ];
    match sizes.into_iter().find(|(_, found, max)| found > max) {
        Some((what, found, max)) => Err(TooLarge { what, found, max }),
        None => Ok(()),
    }
}

/// Households by address, then name; each name once.
fn in_line(households: &[Household]) -> Vec<&Household> {
    let mut seen = BTreeSet::new();
    let mut line: Vec<&Household> =
        households.iter().filter(|household| seen.insert(&household.name)).collect();
    line.sort_by(|a, b| (&a.address, &a.name).cmp(&(&b.address, &b.name)));
    line
}

/// The names of persons by home, then name; each once, those without a home last.
fn in_order(persons: &[Person]) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    let mut order: Vec<&Person> = persons.iter().filter(|person| seen.insert(&person.name)).collect();
    order.sort_by(|a, b| (a.home.is_none(), &a.home, &a.name).cmp(&(b.home.is_none(), &b.home, &b.name)));
    order.into_iter().map(|person| person.name.as_str()).collect()
}

/// Someone to be looked after, in the line.
struct Subject<'a> {
    name: &'a str,
    load: u32,
    residents: u32,
}

/// What a level leaves: its contacts, who are the subjects of the next one, and what it lacked.
struct Below<'a> {
    contacts: Vec<Subject<'a>>,
    unassigned: u32,
    unassigned_residents: u32,
    missing: u32,
}

#[derive(Clone, Copy)]
struct Level<'a> {
    kind: Kind,
    standing: &'a [Link],
    reassign: bool,
}

impl Level<'_> {
    fn plan<'s>(&self, subjects: Vec<Subject<'s>>, contacts: &[&'s str], plan: &mut Plan) -> Below<'s> {
        let kept = self.kept(&subjects, contacts, plan);
        let loads: Vec<u32> = subjects.iter().map(|subject| subject.load).collect();
        let before: Vec<Option<usize>> =
            kept.iter().map(|kept| kept.filter(|_| !self.reassign).map(|(contact, _)| contact)).collect();
        let capacity = self.kind.capacity();
        let taken = assign(&loads, contacts.len(), capacity, &before);

        for ((subject, kept), taken) in subjects.iter().zip(&kept).zip(&taken) {
            if kept.map(|(contact, _)| contact) == *taken {
                continue;
            }
            plan.end.extend(kept.map(|(_, number)| number));
            plan.create.extend(taken.map(|contact| Planned {
                link: Link {
                    kind: self.kind,
                    subject: subject.name.into(),
                    contact: contacts[contact].into(),
                },
                residents: subject.residents,
            }));
        }
        let missing = missing(&loads, &taken, capacity);
        below(&subjects, contacts, &taken, missing)
    }

    /// For each subject its contact and the number of the link that says so. Links that can not stay end here.
    fn kept(&self, subjects: &[Subject], contacts: &[&str], plan: &mut Plan) -> Vec<Option<(usize, usize)>> {
        let subject_at: BTreeMap<&str, usize> =
            subjects.iter().enumerate().map(|(i, s)| (s.name, i)).collect();
        let contact_at: BTreeMap<&str, usize> =
            contacts.iter().enumerate().map(|(i, name)| (*name, i)).collect();
        let mut kept: Vec<Option<(usize, usize)>> = vec![None; subjects.len()];
        for (number, link) in self.standing.iter().enumerate().filter(|(_, link)| link.kind == self.kind) {
            let found = subject_at.get(link.subject.as_str()).zip(contact_at.get(link.contact.as_str()));
            let Some((&subject, &contact)) = found else {
                plan.end.push(number);
                continue;
            };
            // Of two links the one with the earlier contact stays, whatever their order here.
            let place = &mut kept[subject];
            let first = place.map_or((contact, number), |known| known.min((contact, number)));
            let second = place.map(|known| known.max((contact, number)));
            *place = Some(first);
            plan.end.extend(second.map(|(_, number)| number));
        }
        kept
    }
}

/// The contacts in the line of their first subjects; those without any last, in their own order.
fn below<'s>(subjects: &[Subject], contacts: &[&'s str], taken: &[Option<usize>], missing: u32) -> Below<'s> {
    let mut first = vec![usize::MAX; contacts.len()];
    let mut residents = vec![0_u32; contacts.len()];
    let (mut unassigned, mut unassigned_residents) = (0, 0_u32);
    for (index, (subject, contact)) in subjects.iter().zip(taken).enumerate() {
        match *contact {
            Some(contact) => {
                first[contact] = first[contact].min(index);
                residents[contact] = residents[contact].saturating_add(subject.residents);
            }
            None => {
                unassigned += 1;
                unassigned_residents = unassigned_residents.saturating_add(subject.residents);
            }
        }
    }
    let mut order: Vec<usize> = (0..contacts.len()).collect();
    order.sort_by_key(|contact| (first[*contact], *contact));
    let contacts = order
        .into_iter()
        .map(|contact| Subject { name: contacts[contact], load: 1, residents: residents[contact] })
        .collect();
    Below { contacts, unassigned, unassigned_residents, missing }
}
