//! What a command leads to, or the rule that stands against it.

mod dispatch;
mod finish;
mod intake;
mod supervise;
mod work;

use minqing_platform::error::Refusal;

pub use intake::submit;

use super::command::{Command, Context, Target};
use super::event::Event;
use super::state::{Assignment, Case, Status};

/// After so many events a case takes only what brings it nearer to its end: its history is read as a whole.
const EVENTS_MAX: i64 = 5_000;

/// The events that a command leads to.
///
/// # Errors
/// The business rule that stands against it, by its name.
pub fn decide(case: &Case, command: &Command, context: &Context<'_>) -> Result<Vec<Event>, Refusal> {
    if case.version >= EVENTS_MAX && only_prolongs(command) {
        return rule("HISTORY_FULL", format!("{EVENTS_MAX} things happened to it: bring it to an end"));
    }
    let decided = match command {
        Command::Accept { calendar, item } => intake::accept(case, calendar, item.as_ref()),
        Command::Reject(reason, reply) => intake::reject(case, *reason, reply),
        Command::Withdraw(reason) => intake::withdraw(case, reason),
        Command::Retype(to, reason) => intake::retype(case, *to, reason),
        Command::ReviewRetype(agreed, note) => intake::review_retype(case, *agreed, note, context),
        Command::Merge(into) => intake::merge(case, into),
        Command::Absorb { from, kind, against } => intake::absorb(case, from, *kind, against),
        Command::Split(into) => intake::split(case, into),
        Command::Dispatch(to) => dispatch::dispatch(case, to, context),
        Command::DecideOwner(to) => dispatch::decide_owner(case, to, context),
        Command::On(id, target) => work::on(case, *id, target, context),
        Command::Reply(text) => finish::reply(case, text),
        Command::Answer(text) => finish::answer(case, text),
        Command::CallBack { reached, solved, satisfied, with, note } => {
            finish::call_back(case, *reached, (*solved, *satisfied, *with), note, context)
        }
        Command::Close { unasked } => finish::close(case, *unasked),
        Command::Reopen(reason) => finish::reopen(case, reason),
        Command::Supervise { assignment, to, note } => supervise::supervise(case, *assignment, to, note),
        Command::RenewCalendar { year } => supervise::renew_calendar(case, *year, context),
    };
    // Whatever happens first after a limit has passed records that, before the unit that missed it can have passed its
    // part on.
    let mut events = work::breaches(case, context);
    events.extend(decided?);
    Ok(events)
}

/// Whether a command can be given again and again without a case getting anywhere.
const fn only_prolongs(command: &Command) -> bool {
    match command {
        Command::Reply(_) | Command::Retype(..) | Command::Absorb { .. } | Command::Reopen(_) => true,
        Command::CallBack { reached, .. } => !*reached,
        Command::On(_, target) => matches!(
            target,
            Target::Reply(_)
                | Target::Ask(_)
                | Target::Pause(..)
                | Target::AskExtension(..)
                | Target::HandOver(..)
        ),
        _ => false,
    }
}

/// Refuses what a case's status does not allow, by the status's own name.
fn must_be(case: &Case, allowed: &[Status]) -> Result<(), Refusal> {
    if allowed.contains(&case.status) {
        return Ok(());
    }
    let reason = match case.status {
        Status::Submitted => "CASE_SUBMITTED",
        Status::Accepted => "CASE_ACCEPTED",
        Status::Dispatched => "CASE_DISPATCHED",
        Status::Resolved => "CASE_RESOLVED",
        Status::Closed => "CASE_CLOSED",
        Status::Rejected => "CASE_REJECTED",
        Status::Withdrawn => "CASE_WITHDRAWN",
        Status::Merged => "CASE_MERGED",
        Status::Split => "CASE_SPLIT",
    };
    let allowed: Vec<&str> = allowed.iter().map(|status| status.as_str()).collect();
    let text = format!("case {} is {}; it must be {}", case.number, case.status, allowed.join(" or "));
    Err(Refusal::rule(reason, text))
}

/// A part that a unit still has.
fn live(case: &Case, id: u32) -> Result<&Assignment, Refusal> {
    let part = case.assignment(id).ok_or_else(|| Refusal::missing(format!("assignment {id}")))?;
    if part.status.is_live() {
        return Ok(part);
    }
    let text = format!("assignment {id} is {}", part.status);
    Err(Refusal::rule("ASSIGNMENT_ENDED", text))
}

fn rule<T>(reason: &'static str, text: impl Into<std::borrow::Cow<'static, str>>) -> Result<T, Refusal> {
    Err(Refusal::rule(reason, text))
}
