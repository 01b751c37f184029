//! What must never be: an open case that nobody moves.

use chrono::{DateTime, TimeDelta, Utc};

use super::clock::dues;
use super::ladder::Rung;
use super::state::{Assignment, AssignmentStatus, Case, Part, Status};
use super::timer::{Timer, timers, unknown_year};
use crate::domain::calendar::Calendar;
use minqing_platform::named::named;

named! {
    /// Why an open case is an orphan.
    Orphan {
        /// Nobody in an organization owns it.
        NoOwner = "no_owner",
        /// Its clock runs, and nothing is set that would wake anybody.
        NothingDue = "nothing_due",
        /// Something fell due long ago, and nothing came of it: timers do not run.
        NotClimbed = "not_climbed",
        /// It is overdue and every rung of the ladder was climbed: nobody will be told any more.
        BeyondLadder = "beyond_ladder",
        /// The centre has not done what it owes: take it up, dispatch it, call back.
        CentreOverdue = "centre_overdue",
        /// A unit was done, and whoever raised it was told nothing.
        NoReply = "no_reply",
        /// The days off of a year that is needed are not published.
        CalendarUnknown = "calendar_unknown",
    }
}

/// So late a timer may be without anybody wondering.
const LATE: TimeDelta = TimeDelta::hours(1);

/// Why a case is an orphan; nothing for one that is well. `stored` are the timers that are set for it.
pub fn orphaned(case: &Case, calendar: &Calendar, stored: &[Timer], now: DateTime<Utc>) -> Vec<Orphan> {
    if !case.status.is_open() {
        return Vec::new();
    }
    let wanted = timers(case, calendar);
    let is_set = |timer: &Timer| stored.iter().any(|set| (set.part, set.kind) == (timer.part, timer.kind));
    let is_late = |timer: &Timer| timer.at.is_some_and(|at| at + LATE < now);
    let mut found = Vec::new();
    let mut note = |is, why| found.extend(Some(why).filter(|_| is));
    note(!has_owner(case), Orphan::NoOwner);
    note(!wanted.iter().all(is_set) || nobody_leads(case), Orphan::NothingDue);
    note(wanted.iter().any(is_late), Orphan::NotClimbed);
    note(live(case).any(is_beyond), Orphan::BeyondLadder);
    note(is_overdue(case, calendar, now), Orphan::CentreOverdue);
    note(case.status == Status::Resolved && !case.is_answered(), Orphan::NoReply);
    note(unknown_year(case, calendar).is_some(), Orphan::CalendarUnknown);
    found
}

fn live(case: &Case) -> impl Iterator<Item = &Assignment> {
    case.current().filter(|part| part.status.is_live())
}

/// Somebody in an organization, or a person of the registry: neither whoever raised it, nor the service itself.
fn has_owner(case: &Case) -> bool {
    case.owner.organization.is_some() || case.owner.name.starts_with("people/")
}

/// With a unit, but no unit that answers for the whole.
fn nobody_leads(case: &Case) -> bool {
    case.status == Status::Dispatched && !live(case).any(|part| part.part == Part::Lead)
}

fn is_beyond(part: &Assignment) -> bool {
    part.status != AssignmentStatus::Paused && Rung::ALL.iter().all(|rung| part.ladder.contains(rung))
}

fn is_overdue(case: &Case, calendar: &Calendar, now: DateTime<Utc>) -> bool {
    case.status != Status::Dispatched
        && dues(case, calendar).is_ok_and(|dues| dues.first().is_some_and(|due| due.at < now))
}
