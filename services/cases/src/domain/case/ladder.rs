//! The ladder (催办、督办、通报): what happens, and when, as a limit nears and passes.

use chrono::{DateTime, Utc};

use super::clock::{completion_due, start_and_limit};
use super::state::{Assignment, AssignmentStatus};
use crate::domain::calendar::{Calendar, Limit, Unknown};
use crate::domain::named::named;

named! {
    /// A rung of the ladder, each climbed once at most in a part.
    Rung {
        /// The limit is near: the unit is reminded.
        DueSoon = "due_soon",
        /// The limit has passed: the unit is urged (催办).
        Urge = "urge",
        /// It is a working day over: those above supervise (督办).
        Supervise = "supervise",
        /// It is three working days over: a notice of criticism (通报).
        Criticise = "criticise",
    }
}

/// Working days after the limit.
const SUPERVISE_DAYS: u32 = 1;
const CRITICISE_DAYS: u32 = 3;

/// The rungs of a part that are still to be climbed and when, soonest first. Nobody is told at midnight: a rung that
/// falls outside working hours waits for the next working instant, but in an emergency, whose clock never rests.
/// A part that stands still climbs none.
///
/// # Errors
/// The calendar does not know a year that is needed.
pub fn rungs(part: &Assignment, calendar: &Calendar) -> Result<Vec<(Rung, DateTime<Utc>)>, Unknown> {
    if !part.status.is_live() || part.status == AssignmentStatus::Paused {
        return Ok(Vec::new());
    }
    let Some(due) = completion_due(part, calendar)? else { return Ok(Vec::new()) };
    let mut rungs = Vec::new();
    for &rung in Rung::ALL.iter().filter(|rung| !part.ladder.contains(rung)) {
        let at = match rung {
            Rung::DueSoon => soon(part, due),
            Rung::Urge => due,
            Rung::Supervise => calendar.deadline(due, Limit::WorkingDays(SUPERVISE_DAYS))?,
            Rung::Criticise => calendar.deadline(due, Limit::WorkingDays(CRITICISE_DAYS))?,
        };
        let rests = !matches!(part.limit, Limit::Minutes(_));
        rungs.push((rung, if rests { calendar.next_opening(at)? } else { at }));
    }
    Ok(rungs)
}

/// When three quarters of the time are over: for any limit, from two hours to fifteen days, soon enough to act and late
/// enough to matter.
fn soon(part: &Assignment, due: DateTime<Utc>) -> DateTime<Utc> {
    let (start, _) = start_and_limit(part);
    start + (due - start) * 3 / 4
}
