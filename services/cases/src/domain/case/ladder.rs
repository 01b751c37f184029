//! The ladder (催办、督办、通报): what happens, and when, as a limit nears and passes.

use chrono::{DateTime, Utc};

use super::clock::{completion_due, start_and_limit};
use super::state::{Assignment, AssignmentStatus};
use crate::domain::calendar::{Calendar, Limit, Unknown};
use minqing_platform::named::named;

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
    let Some(due) = running(part, calendar)? else { return Ok(Vec::new()) };
    left(part).map(|rung| Ok((rung, at(part, rung, due, calendar)?))).collect()
}

/// The rung that is climbed next, and when; known also where those beyond it fall in a year that is not published.
///
/// # Errors
/// The calendar does not know a year that is needed for this one.
pub fn next_rung(part: &Assignment, calendar: &Calendar) -> Result<Option<(Rung, DateTime<Utc>)>, Unknown> {
    let Some(due) = running(part, calendar)? else { return Ok(None) };
    left(part).next().map(|rung| Ok((rung, at(part, rung, due, calendar)?))).transpose()
}

/// The rungs whose time has come, in their order. Where several were missed, all of them.
pub fn due_rungs(part: &Assignment, calendar: &Calendar, now: DateTime<Utc>) -> Vec<Rung> {
    let Ok(Some(due)) = running(part, calendar) else { return Vec::new() };
    let has_come = |rung: &Rung| at(part, *rung, due, calendar).is_ok_and(|at| at <= now);
    left(part).take_while(has_come).collect()
}

/// Whether the time of a rung has come, or has passed; false while the clock stands still.
///
/// # Errors
/// The calendar does not know a year that is needed.
pub fn is_due(
    part: &Assignment,
    rung: Rung,
    calendar: &Calendar,
    now: DateTime<Utc>,
) -> Result<bool, Unknown> {
    Ok(match running(part, calendar)? {
        Some(due) => at(part, rung, due, calendar)? <= now,
        None => false,
    })
}

/// When a part is due whose clock runs.
fn running(part: &Assignment, calendar: &Calendar) -> Result<Option<DateTime<Utc>>, Unknown> {
    if !part.status.is_live() || part.status == AssignmentStatus::Paused {
        return Ok(None);
    }
    completion_due(part, calendar)
}

/// The rungs that were not climbed.
fn left(part: &Assignment) -> impl Iterator<Item = Rung> {
    Rung::ALL.iter().copied().filter(|rung| !part.ladder.contains(rung))
}

/// When a rung is climbed of a part that is due.
fn at(
    part: &Assignment,
    rung: Rung,
    due: DateTime<Utc>,
    calendar: &Calendar,
) -> Result<DateTime<Utc>, Unknown> {
    let at = match rung {
        Rung::DueSoon => soon(part, due),
        Rung::Urge => due,
        Rung::Supervise => calendar.deadline(due, Limit::WorkingDays(SUPERVISE_DAYS))?,
        Rung::Criticise => calendar.deadline(due, Limit::WorkingDays(CRITICISE_DAYS))?,
    };
    let rests = !matches!(part.limit, Limit::Minutes(_));
    if rests { calendar.next_opening(at) } else { Ok(at) }
}

/// When three quarters of the time are over: for any limit, from two hours to fifteen days, soon enough to act and late
/// enough to matter.
fn soon(part: &Assignment, due: DateTime<Utc>) -> DateTime<Utc> {
    let (start, _) = start_and_limit(part);
    start + (due - start) * 3 / 4
}
