//! The contact chain (包片包责): who is answerable for whom, from the household up.
//!
//! A grid's lead keeps in contact with 10 backbone members, each of them with 10 ordinary members, each of them with
//! 30 residents. [`plan`] assigns the links of one grid, [`may_take`] allows one by hand, [`measure`] tells how far it is
//! covered, [`resolve`] who is answerable when some posts are vacant. All of it is pure, and the same input always gives the same answer.

mod address;
mod assignment;
mod by_hand;
mod chain;
mod coverage;
mod partition;
mod plan;

pub use address::Address;
pub use by_hand::may_take;
pub use chain::{Acting, Answer, Level, Links, Officer, Station, Trace, resolve};
pub use coverage::{Coverage, LISTED_MAX, Load, measure};
pub use plan::{
    Grid, HOUSEHOLDS_MAX, Household, PERSONS_MAX, Person, Plan, Planned, Shortage, TooLarge, plan,
};

use serde::{Deserialize, Serialize};

/// The most residents that an ordinary member keeps in contact with.
pub const RESIDENTS_MAX: u32 = 30;
/// The most ordinary members that a backbone member keeps in contact with.
pub const MEMBERS_MAX: u32 = 10;
/// The most backbone members that a lead keeps in contact with.
pub const BACKBONES_MAX: u32 = 10;

/// What a link joins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// A household to an ordinary member.
    HouseholdToMember,
    /// An ordinary member to a backbone member.
    MemberToBackbone,
    /// A backbone member to a lead.
    BackboneToLead,
}

impl Kind {
    /// How much one contact may have: residents, or people.
    pub const fn capacity(self) -> u32 {
        match self {
            Self::HouseholdToMember => RESIDENTS_MAX,
            Self::MemberToBackbone => MEMBERS_MAX,
            Self::BackboneToLead => BACKBONES_MAX,
        }
    }
}

/// A link: the contact keeps in contact with the subject.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// What it joins.
    pub kind: Kind,
    /// The household or person looked after.
    pub subject: String,
    /// The person who looks after it.
    pub contact: String,
}

#[cfg(test)]
mod tests;
