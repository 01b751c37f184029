//! What figures are of, and how they are grouped.

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::clock::civil_day;
use minqing_platform::code::Code;
use serde::{Deserialize, Serialize};

use super::count::Counts;
use super::facts::Facts;
use crate::domain::case::{CaseType, Door};
use minqing_platform::named::named;

named! {
    /// Which day of a round decides whether it is in a period.
    Axis {
        /// The day on which it began.
        Created = "created",
        /// The day on which the lead unit was done.
        Resolved = "resolved",
        /// The day on which it ended, in whatever way.
        Closed = "closed",
    }
}

impl Axis {
    /// The instant on it, if there is one yet.
    pub const fn of(self, facts: &Facts) -> Option<DateTime<Utc>> {
        match self {
            Self::Created => Some(facts.begin),
            Self::Resolved => facts.resolve,
            Self::Closed => facts.close,
        }
    }
}

named! {
    /// By what figures are grouped.
    Grouping {
        /// Not at all.
        Whole = "whole",
        /// The organization that leads.
        Organization = "organization",
        /// The item.
        Item = "item",
        /// The town.
        Town = "town",
        /// The village or community.
        Village = "village",
        /// The grid.
        Grid = "grid",
        /// The type as it came in.
        Type = "type",
        /// The door.
        Door = "door",
        /// The month of the axis, in China's civil time.
        Month = "month",
    }
}

impl Grouping {
    /// How many digits of the place's code make a group, where places do.
    pub const fn digits(self) -> Option<usize> {
        match self {
            Self::Town => Some(9),
            Self::Village => Some(12),
            Self::Grid => Some(15),
            _ => None,
        }
    }
}

/// What figures are of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// The first day of the period, in China's civil time.
    pub from: NaiveDate,
    /// The first day after it.
    pub to: NaiveDate,
    /// Which day of a round must be in it.
    pub axis: Axis,
    /// Only in this division or grid.
    pub area: Option<Code>,
    /// Only those that this organization leads.
    pub organization: Option<String>,
    /// Only of this item.
    pub item: Option<String>,
    /// Only of this type, as they came in.
    pub kind: Option<CaseType>,
    /// Only through this door.
    pub door: Option<Door>,
    /// By what they are grouped.
    pub grouping: Grouping,
}

impl Query {
    /// Whether it is about a round.
    pub fn holds(&self, facts: &Facts) -> bool {
        let day = self.axis.of(facts).map(civil_day);
        day.is_some_and(|day| self.from <= day && day < self.to)
            && self.area.as_ref().is_none_or(|area| facts.division_code.starts_with(area.as_str()))
            && self.organization.as_ref().is_none_or(|name| *name == facts.organization)
            && self.item.as_ref().is_none_or(|name| *name == facts.item)
            && self.kind.is_none_or(|kind| kind == facts.kind)
            && self.door.is_none_or(|door| door == facts.door)
    }

    /// The group to which a round belongs that it is about.
    pub fn key(&self, facts: &Facts) -> String {
        match self.grouping {
            Grouping::Whole => String::new(),
            Grouping::Organization => facts.organization.clone(),
            Grouping::Item => facts.item.clone(),
            Grouping::Town | Grouping::Village | Grouping::Grid => {
                let digits = self.grouping.digits().unwrap_or(usize::MAX);
                facts.division_code.chars().take(digits).collect()
            }
            Grouping::Type => facts.kind.to_string(),
            Grouping::Door => facts.door.to_string(),
            Grouping::Month => {
                let day = self.axis.of(facts).map(civil_day);
                day.map(|day| day.format("%Y-%m").to_string()).unwrap_or_default()
            }
        }
    }
}

/// What is counted of one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// What its rounds have in common.
    pub key: String,
    /// How many there are.
    pub counts: Counts,
}

/// All groups together: no round is in two.
pub fn total(groups: &[Group]) -> Counts {
    let mut total = Counts::default();
    for group in groups {
        total.extend(&group.counts);
    }
    total
}
