//! What those above do, and what time does.

use minqing_platform::error::Refusal;

use super::{live, must_be, rule};
use crate::domain::case::command::Context;
use crate::domain::case::event::Event;
use crate::domain::case::state::{Case, Status};

/// Where somebody still owes something.
const OPEN: [Status; 4] = [Status::Submitted, Status::Accepted, Status::Dispatched, Status::Resolved];

pub(super) fn supervise(
    case: &Case,
    assignment: Option<u32>,
    to: &[String],
    note: &str,
) -> Result<Vec<Event>, Refusal> {
    must_be(case, &OPEN)?;
    if let Some(id) = assignment {
        live(case, id)?;
    }
    Ok(vec![Event::Supervised { assignment, to: to.to_vec(), note: note.to_owned() }])
}

/// A case keeps the calendar it froze, unless that one could not say when things are due. Then it goes on by the newest
/// version that can, for nothing is lost by it that was known.
pub(super) fn renew_calendar(case: &Case, year: i32, context: &Context<'_>) -> Result<Vec<Event>, Refusal> {
    must_be(case, &OPEN)?;
    let newest = context.calendar.reference();
    let is_newer =
        |kept: &crate::domain::calendar::Ref| kept.id == newest.id && kept.version < newest.version;
    if !case.calendar.as_ref().is_some_and(is_newer) {
        return rule("CALENDAR_NOT_NEWER", "the case has this version of its calendar, or another calendar");
    }
    if !context.calendar.years().any(|known| known == year) {
        return rule("CALENDAR_UNKNOWN", format!("the days off of {year} are not published"));
    }
    Ok(vec![Event::CalendarRenewed { calendar: newest.clone() }])
}
