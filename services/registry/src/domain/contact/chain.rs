//! Who is answerable, level by level, and who stands in where a post is vacant.

use std::collections::HashMap;

use super::{Kind, Link};
use minqing_platform::code::Code;

/// A level of the chain, from the household up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The ordinary member.
    Member,
    /// The backbone member.
    Backbone,
    /// The grid lead.
    Lead,
    /// The cadres of the village or community.
    Village,
    /// The cadres of the town or subdistrict.
    Town,
    /// The cadres of the county-level city.
    City,
}

/// A person who is answerable: they act in public, so their name is shown in full.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Officer {
    /// Their resource name.
    pub name: String,
    /// What they are called.
    pub display_name: String,
}

/// The people appointed at a level on the day asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Station {
    /// The level.
    pub level: Level,
    /// The grid or division answered for.
    pub area: Code,
    /// The people, in any order; empty when vacant.
    pub officers: Vec<Officer>,
}

/// Who is answerable at a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The level.
    pub level: Level,
    /// The grid or division answered for.
    pub area: Code,
    /// The people appointed, by name, each once; empty when vacant.
    pub officers: Vec<Officer>,
    /// When vacant: who stands in; `None` when all above is vacant too.
    pub acting: Option<Acting>,
}

impl Answer {
    /// Whether no one is appointed.
    pub fn is_vacant(&self) -> bool {
        self.officers.is_empty()
    }
}

/// Who stands in for a vacant post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acting {
    /// The level they are appointed at.
    pub level: Level,
    /// The people.
    pub officers: Vec<Officer>,
}

/// The chain from the lowest level up: a vacancy falls to the next level above that is not vacant.
pub fn resolve(stations: impl IntoIterator<Item = Station>) -> Vec<Answer> {
    let mut stations: Vec<Station> = stations.into_iter().collect();
    stations.sort_by_key(|station| station.level);
    let mut answers: Vec<Answer> = Vec::with_capacity(stations.len());
    for Station { level, area, mut officers } in stations.into_iter().rev() {
        officers.sort();
        officers.dedup();
        // Looked for when needed: most posts are not vacant, and then nobody is copied.
        let acting = if officers.is_empty() {
            let above = answers.iter().rev().find(|answer| !answer.is_vacant());
            above.map(|above| Acting { level: above.level, officers: above.officers.clone() })
        } else {
            None
        };
        answers.push(Answer { level, area, officers, acting });
    }
    answers.reverse();
    answers
}

/// Links by what they look after, to follow them upwards. Each step is one look-up.
#[derive(Debug, Clone, Default)]
pub struct Links {
    contacts: [HashMap<String, String>; 3],
}

/// The contacts of a household by the links, whether or not they are still in office.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Trace<'a> {
    /// The ordinary member.
    pub member: Option<&'a str>,
    /// The backbone member.
    pub backbone: Option<&'a str>,
    /// The lead.
    pub lead: Option<&'a str>,
}

impl FromIterator<Link> for Links {
    fn from_iter<I: IntoIterator<Item = Link>>(links: I) -> Self {
        let mut contacts: [HashMap<String, String>; 3] = Default::default();
        for link in links {
            contacts[link.kind as usize].insert(link.subject, link.contact);
        }
        Self { contacts }
    }
}

impl Links {
    /// The contact of a subject.
    pub fn contact(&self, kind: Kind, subject: &str) -> Option<&str> {
        self.contacts[kind as usize].get(subject).map(String::as_str)
    }

    /// The contacts above a household. A member who left office still tells whose the household is further up.
    pub fn trace(&self, household: &str) -> Trace<'_> {
        let member = self.contact(Kind::HouseholdToMember, household);
        let backbone = member.and_then(|member| self.contact(Kind::MemberToBackbone, member));
        let lead = backbone.and_then(|backbone| self.contact(Kind::BackboneToLead, backbone));
        Trace { member, backbone, lead }
    }
}
