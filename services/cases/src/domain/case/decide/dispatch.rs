//! From the centre to the units.

use std::collections::HashSet;

use minqing_platform::error::Refusal;

use super::{must_be, rule};
use crate::domain::calendar::Limit;
use crate::domain::case::command::{Context, NewDispatch};
use crate::domain::case::event::{Event, NewAssignment};
use crate::domain::case::guard::may_be_dispatched_to;
use crate::domain::case::state::{Case, Part, Status};

/// After so many returns only a binding decision names the unit.
pub const BOUNCES_MAX: u32 = 2;
/// The most units of one dispatch.
const UNITS_MAX: usize = 10;

pub(super) fn dispatch(
    case: &Case,
    to: &[NewDispatch],
    context: &Context<'_>,
) -> Result<Vec<Event>, Refusal> {
    must_be(case, &[Status::Accepted])?;
    if case.bounces >= BOUNCES_MAX {
        let text = format!("it came back {} times: a binding decision must name the unit", case.bounces);
        return rule("BOUNCE_CAP", text);
    }
    let before = case.current().filter(|part| part.returned.is_some());
    let before: HashSet<&str> = before.map(|part| part.organization.as_str()).collect();
    if let Some(again) = to.iter().find(|new| before.contains(new.organization.as_str())) {
        let text =
            format!("{} gave it back; only a binding decision sends it there again", again.organization);
        return rule("DISPATCHED_TO_RETURNER", text);
    }
    dispatched(case, to, false, context)
}

pub(super) fn decide_owner(
    case: &Case,
    to: &NewDispatch,
    context: &Context<'_>,
) -> Result<Vec<Event>, Refusal> {
    must_be(case, &[Status::Accepted])?;
    if case.bounces == 0 {
        return rule("NOTHING_TO_DECIDE", "no unit gave it back: dispatch it");
    }
    dispatched(case, std::slice::from_ref(to), true, context)
}

fn dispatched(
    case: &Case,
    to: &[NewDispatch],
    binding: bool,
    context: &Context<'_>,
) -> Result<Vec<Event>, Refusal> {
    if case.retype.is_some() {
        return rule("RETYPE_PENDING", "a change of type awaits its review");
    }
    if !(1..=UNITS_MAX).contains(&to.len()) {
        return rule("UNIT_COUNT", format!("a case goes to 1 to {UNITS_MAX} units"));
    }
    if to.iter().filter(|new| new.part == Part::Lead).count() != 1 {
        return rule("ONE_LEAD", "exactly one unit leads");
    }
    let mut seen = HashSet::new();
    for new in to {
        may_be_dispatched_to(case, &new.organization)?;
        if !seen.insert(&new.organization) {
            return rule("UNIT_TWICE", format!("{} stands twice", new.organization));
        }
    }
    let own = case.limit.unwrap_or(Limit::WorkingDays(1));
    let next = case.assignments.iter().map(|part| part.id).max().unwrap_or(0) + 1;
    let assignments: Vec<NewAssignment> = (next..)
        .zip(to)
        .map(|(id, new)| NewAssignment {
            id,
            organization: new.organization.clone(),
            part: new.part,
            limit: new.limit.unwrap_or(own),
            instruction: new.instruction.clone(),
        })
        .collect();
    within_limit(own, &assignments, context)?;
    Ok(vec![Event::Dispatched { assignments, binding }])
}

/// No part has longer than the whole, and no joint unit longer than the lead, who needs what they do.
fn within_limit(own: Limit, assignments: &[NewAssignment], context: &Context<'_>) -> Result<(), Refusal> {
    let due = |limit| context.calendar.deadline(context.now, limit);
    let lead = assignments.iter().find(|new| new.part == Part::Lead).map_or(own, |new| new.limit);
    for new in assignments {
        let most = if new.part == Part::Lead { own } else { lead };
        // Where the calendar does not reach that far, limits of one kind can still be compared.
        let longer = match (due(new.limit), due(most)) {
            (Ok(new), Ok(most)) => new > most,
            _ => minutes(new.limit) > minutes(most),
        };
        if longer {
            let text = format!("the limit of {} is longer than what is left for it", new.organization);
            return rule("SUB_LIMIT_TOO_LONG", text);
        }
    }
    Ok(())
}

/// A limit in minutes of work, for want of a calendar.
const fn minutes(limit: Limit) -> u32 {
    match limit {
        Limit::WorkingDays(days) => days.saturating_mul(8 * 60),
        Limit::WorkingMinutes(minutes) => minutes,
        // A third of the day is worked.
        Limit::Minutes(minutes) => minutes / 3,
    }
}
