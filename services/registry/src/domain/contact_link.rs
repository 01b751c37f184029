//! Links of the contact chain as records: when they hold, and the rules by which they end.

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::error::Refusal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::contact::{Kind, Link};
use minqing_platform::code::Code;
use minqing_platform::period::Period;

/// A link of the contact chain, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactLink {
    /// Its id; `None` for one that was only planned.
    pub id: Option<Uuid>,
    /// The grid for which it was made.
    pub grid: Code,
    /// What it joins.
    pub kind: Kind,
    /// The id of the household or person looked after.
    pub subject: String,
    /// The id of the person who does.
    pub contact: String,
    /// The days in force. A link that ended on the day it began never held.
    pub effective: Period,
    /// Residents of the household, or of all households below the person.
    pub resident_count: u32,
    /// When the record was made.
    pub create_time: DateTime<Utc>,
    /// When the record last changed.
    pub update_time: DateTime<Utc>,
    /// Grows by one with each change.
    pub version: i64,
}

impl ContactLink {
    /// What it joins, without the record around it.
    pub fn link(&self) -> Link {
        Link { kind: self.kind, subject: self.subject.clone(), contact: self.contact.clone() }
    }
}

/// A link of a household to a member that is to be made by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLink {
    /// The household's grid.
    pub grid: Code,
    /// The id of the household.
    pub household: String,
    /// The id of the ordinary member.
    pub member: String,
}

impl NewLink {
    /// The link as it is when it is made, with so many residents in the household.
    pub fn begun(&self, id: Uuid, resident_count: u32, effective: Period, now: DateTime<Utc>) -> ContactLink {
        ContactLink {
            id: Some(id),
            grid: self.grid.clone(),
            kind: Kind::HouseholdToMember,
            subject: self.household.clone(),
            contact: self.member.clone(),
            effective,
            resident_count,
            create_time: now,
            update_time: now,
            version: 1,
        }
    }

    /// Whether another link bears on this one: it is of the same household or of the same member.
    pub fn meets(&self, link: &ContactLink) -> bool {
        link.kind == Kind::HouseholdToMember
            && (link.subject == self.household || link.contact == self.member)
    }
}

/// A grid is assigned while it is in force. Gives the days of links that begin on a day: none outlives the grid.
///
/// # Errors
/// It begins later, or ended before.
pub fn may_assign(grid: &Code, effective: &Period, day: NaiveDate) -> Result<Period, Refusal> {
    if effective.holds(day) {
        return Ok(Period { from: day, to: effective.to });
    }
    Err(Refusal::rule("GRID_NOT_IN_FORCE", format!("grid {grid} is not in force on {day}")))
}

/// An assignment does not reach behind one that was made for a later day: what stands from that day on was planned
/// with other people and households.
///
/// # Errors
/// A standing link begins later.
pub fn may_precede<'a>(
    standing: impl IntoIterator<Item = &'a ContactLink>,
    day: NaiveDate,
) -> Result<(), Refusal> {
    match standing.into_iter().map(|link| link.effective.from).max() {
        Some(latest) if latest > day => {
            let text = format!("links that stand begin on {latest}; assign from that day on");
            Err(Refusal::rule("LINKS_BEGIN_LATER", text))
        }
        _ => Ok(()),
    }
}

/// A link ends on the day it begins or later: one that was wrong from the start need not hold for a day. An end that
/// is set can be brought forward, not put off.
///
/// # Errors
/// It would end before it begins, or ends by then already.
pub fn may_end(link: &ContactLink, day: NaiveDate) -> Result<(), Refusal> {
    let Period { from, to } = link.effective;
    if let Some(to) = to.filter(|to| *to <= day) {
        return Err(Refusal::rule("ALREADY_ENDED", format!("the link ended on {to}")));
    }
    if day < from {
        return Err(Refusal::rule("ENDS_BEFORE_IT_BEGINS", format!("the link begins on {from}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, number).unwrap()
    }

    fn link(from: u32, to: Option<u32>) -> ContactLink {
        ContactLink {
            id: None,
            grid: "321181100201001".parse().unwrap(),
            kind: Kind::MemberToBackbone,
            subject: "m".into(),
            contact: "b".into(),
            effective: Period { from: day(from), to: to.map(day) },
            resident_count: 0,
            create_time: DateTime::UNIX_EPOCH,
            update_time: DateTime::UNIX_EPOCH,
            version: 1,
        }
    }

    fn reason(result: Result<(), Refusal>) -> Option<&'static str> {
        result.err().map(|refusal| refusal.reason)
    }

    #[test]
    fn a_link_ends_once_and_not_before_it_begins() {
        assert_eq!(reason(may_end(&link(5, None), day(5))), None);
        assert_eq!(reason(may_end(&link(5, None), day(4))), Some("ENDS_BEFORE_IT_BEGINS"));
        assert_eq!(reason(may_end(&link(5, Some(9)), day(8))), None);
        assert_eq!(reason(may_end(&link(5, Some(9)), day(9))), Some("ALREADY_ENDED"));
    }

    #[test]
    fn an_assignment_does_not_reach_behind_a_later_one() {
        let standing = [link(5, None), link(9, None)];
        assert_eq!(reason(may_precede(&standing, day(9))), None);
        assert_eq!(reason(may_precede(&standing, day(8))), Some("LINKS_BEGIN_LATER"));
        assert_eq!(reason(may_precede([], day(1))), None);
    }

    #[test]
    fn a_grid_is_assigned_while_it_is_in_force() {
        let period = Period { from: day(2), to: Some(day(4)) };
        let grid: Code = "321181100201001".parse().unwrap();
        let assign = |on| reason(may_assign(&grid, &period, day(on)).map(drop));
        assert_eq!(
            [1, 2, 3, 4].map(assign),
            [Some("GRID_NOT_IN_FORCE"), None, None, Some("GRID_NOT_IN_FORCE")]
        );
        assert_eq!(may_assign(&grid, &period, day(3)).unwrap(), Period { from: day(3), to: period.to });
    }
}
