//! What a unit does with its part.

use minqing_platform::error::Refusal;

use super::{live, must_be, rule};
use crate::domain::case::clock::{RETURN, completion_due};
use crate::domain::case::command::{Context, Target};
use crate::domain::case::event::Event;
use crate::domain::case::facts::{PauseReason, ReturnReason};
use crate::domain::case::guard::may_be_dispatched_to;
use crate::domain::case::ladder::{self, Rung};
use crate::domain::case::state::{Assignment, AssignmentStatus, Case, Part, Status};

/// The most working days by which a part is extended in all.
pub const EXTENSION_DAYS_MAX: u32 = 10;

pub(super) fn on(
    case: &Case,
    id: u32,
    target: &Target,
    context: &Context<'_>,
) -> Result<Vec<Event>, Refusal> {
    must_be(case, &[Status::Dispatched])?;
    let part = live(case, id)?;
    match target {
        Target::Sign => sign(part),
        Target::Reply(text) => reply(part, text),
        Target::Ask(text) => ask(case, part, text, context),
        Target::Pause(reason, note) => pause(part, *reason, note, context),
        Target::Resume => resume(case, part),
        Target::AskExtension(days, reason) => ask_extension(part, *days, reason, context),
        Target::ReviewExtension(granted, text) => review_extension(part, *granted, text, context),
        Target::Return(reason, note) => give_back(part, *reason, note, context),
        Target::HandOver(to, note) => hand_over(case, part, to, note),
        Target::AcceptHandOver => accept_hand_over(case, part),
        Target::DeclineHandOver(note) => decline_hand_over(part, note),
        Target::Complete(text) => complete(case, part, text.as_deref()),
        Target::Escalate(rung, to) => escalate(part, *rung, to, context),
    }
}

fn sign(part: &Assignment) -> Result<Vec<Event>, Refusal> {
    if part.signed.is_some() {
        return rule("ALREADY_SIGNED", format!("assignment {} is signed for", part.id));
    }
    Ok(vec![Event::Signed { assignment: part.id }])
}

fn signed(part: &Assignment) -> Result<(), Refusal> {
    if part.signed.is_none() {
        return rule("ASSIGNMENT_NOT_SIGNED", format!("assignment {} must be signed for first", part.id));
    }
    Ok(())
}

fn reply(part: &Assignment, text: &str) -> Result<Vec<Event>, Refusal> {
    signed(part)?;
    Ok(vec![Event::Replied { assignment: Some(part.id), text: text.to_owned() }])
}

/// Asking stops the clock until there is an answer, unless the limit has passed: no question undoes that. One question at
/// a time: the clock cannot stand still twice.
fn ask(case: &Case, part: &Assignment, text: &str, context: &Context<'_>) -> Result<Vec<Event>, Refusal> {
    signed(part)?;
    if has_question(case, part) {
        return rule("QUESTION_OPEN", "the last question is not answered yet");
    }
    let mut events = vec![Event::Asked { assignment: part.id, text: text.to_owned() }];
    if part.status != AssignmentStatus::Paused && !is_expired(part, context) {
        let (reason, note) = (PauseReason::AwaitingCitizen, String::new());
        events.push(Event::Paused { assignment: part.id, reason, note });
    }
    Ok(events)
}

/// Before expiry only: who is late cannot stop the clock and be in time again.
fn pause(
    part: &Assignment,
    reason: PauseReason,
    note: &str,
    context: &Context<'_>,
) -> Result<Vec<Event>, Refusal> {
    signed(part)?;
    if part.status == AssignmentStatus::Paused {
        return rule("ALREADY_PAUSED", "its clock stands still already");
    }
    if reason == PauseReason::AwaitingCitizen {
        return rule("QUESTION_NEEDED", "ask whoever raised it: that stops the clock");
    }
    if is_expired(part, context) {
        return rule("LIMIT_EXPIRED", "the limit has passed: its clock cannot be stopped any more");
    }
    Ok(vec![Event::Paused { assignment: part.id, reason, note: note.to_owned() }])
}

fn resume(case: &Case, part: &Assignment) -> Result<Vec<Event>, Refusal> {
    if part.status != AssignmentStatus::Paused {
        return rule("NOT_PAUSED", "its clock is running");
    }
    let mut events = dropped_question(case, part);
    events.push(Event::Resumed { assignment: part.id });
    Ok(events)
}

fn has_question(case: &Case, part: &Assignment) -> bool {
    case.questions.iter().any(|question| question.assignment == part.id && question.is_open())
}

/// A unit that goes on without an answer no longer waits for one.
fn dropped_question(case: &Case, part: &Assignment) -> Vec<Event> {
    let dropped = has_question(case, part).then_some(Event::QuestionDropped { assignment: part.id });
    dropped.into_iter().collect()
}

/// Before expiry only, once at a time, at most ten working days in all.
fn ask_extension(
    part: &Assignment,
    days: u32,
    reason: &str,
    context: &Context<'_>,
) -> Result<Vec<Event>, Refusal> {
    signed(part)?;
    if part.asked_extension().is_some() {
        return rule("EXTENSION_PENDING", "a request for more time awaits its review");
    }
    let granted = part.granted_days();
    if days == 0 || granted + days > EXTENSION_DAYS_MAX {
        let text = format!("at most {EXTENSION_DAYS_MAX} working days in all; {granted} are granted already");
        return rule("EXTENSION_CAP", text);
    }
    before_expiry(part, context)?;
    Ok(vec![Event::ExtensionAsked { assignment: part.id, working_days: days, reason: reason.to_owned() }])
}

fn review_extension(
    part: &Assignment,
    granted: bool,
    text: &str,
    context: &Context<'_>,
) -> Result<Vec<Event>, Refusal> {
    let Some(asked) = part.asked_extension() else {
        return rule("NO_EXTENSION_PENDING", "no request for more time awaits a review");
    };
    if asked.by.name == context.by.name || context.by.organization.as_deref() == Some(&part.organization) {
        return rule("SECOND_PERSON_NEEDED", "the unit that asked for more time cannot grant it");
    }
    if !granted {
        return Ok(vec![Event::ExtensionRefused { assignment: part.id, note: text.to_owned() }]);
    }
    before_expiry(part, context)?;
    Ok(vec![Event::ExtensionGranted { assignment: part.id, notice: text.to_owned() }])
}

fn before_expiry(part: &Assignment, context: &Context<'_>) -> Result<(), Refusal> {
    match completion_due(part, context.calendar)? {
        Some(due) if due <= context.now => {
            rule("LIMIT_EXPIRED", "the limit has passed: it is too late to extend it")
        }
        _ => Ok(()),
    }
}

/// Within two working days of the dispatch, which signing does not put off.
fn give_back(
    part: &Assignment,
    reason: ReturnReason,
    note: &str,
    context: &Context<'_>,
) -> Result<Vec<Event>, Refusal> {
    if part.binding {
        return rule("ASSIGNMENT_BINDING", "it was decided for good which unit handles it");
    }
    let until = context.calendar.deadline(part.start_time, RETURN)?;
    if until < context.now {
        return rule("RETURN_TOO_LATE", "a case is given back within two working days of its dispatch");
    }
    Ok(vec![Event::Returned { assignment: part.id, reason, note: note.to_owned() }])
}

fn hand_over(case: &Case, part: &Assignment, to: &str, note: &str) -> Result<Vec<Event>, Refusal> {
    signed(part)?;
    may_be_dispatched_to(case, to)?;
    if part.hand_over.is_some() {
        return rule("HAND_OVER_PENDING", "another unit was asked to take it over already");
    }
    if case.current().any(|other| other.status.is_live() && other.organization == to) {
        return rule("UNIT_TWICE", format!("{to} has a part in it already"));
    }
    Ok(vec![Event::HandOverAsked { assignment: part.id, to: to.to_owned(), note: note.to_owned() }])
}

/// Whatever the first unit waited for, the second one starts working.
fn accept_hand_over(case: &Case, part: &Assignment) -> Result<Vec<Event>, Refusal> {
    if part.hand_over.is_none() {
        return rule("NO_HAND_OVER_PENDING", "no unit was asked to take it over");
    }
    let mut events = dropped_question(case, part);
    if part.status == AssignmentStatus::Paused {
        events.push(Event::Resumed { assignment: part.id });
    }
    events.push(Event::HandOverAccepted { assignment: part.id });
    Ok(events)
}

fn decline_hand_over(part: &Assignment, note: &str) -> Result<Vec<Event>, Refusal> {
    if part.hand_over.is_none() {
        return rule("NO_HAND_OVER_PENDING", "no unit was asked to take it over");
    }
    Ok(vec![Event::HandOverDeclined { assignment: part.id, note: note.to_owned() }])
}

/// The lead unit is done last, and only when whoever raised the case was told something in this round.
fn complete(case: &Case, part: &Assignment, text: Option<&str>) -> Result<Vec<Event>, Refusal> {
    signed(part)?;
    let mut events = Vec::new();
    if let Some(text) = text {
        events.push(Event::Replied { assignment: Some(part.id), text: text.to_owned() });
    }
    events.push(Event::Completed { assignment: part.id });
    if part.part == Part::Joint {
        return Ok(events);
    }
    if text.is_none() && part.first_reply_time.is_none() {
        return rule("REPLY_MISSING", "whoever raised it must be told the outcome first");
    }
    if case.current().any(|other| other.part == Part::Joint && other.status.is_live()) {
        return rule("JOINT_OPEN", "joint units are not done yet");
    }
    events.push(Event::Resolved);
    Ok(events)
}

/// Each rung once: one that was climbed already is refused, so that two timers cannot climb it both.
fn escalate(
    part: &Assignment,
    rung: Rung,
    to: &[String],
    context: &Context<'_>,
) -> Result<Vec<Event>, Refusal> {
    if part.ladder.contains(&rung) {
        return rule("RUNG_CLIMBED", format!("{rung} was done already"));
    }
    let Some(due) = completion_due(part, context.calendar)? else {
        return rule("ALREADY_PAUSED", "its clock stands still");
    };
    if !ladder::is_due(part, rung, context.calendar, context.now)? {
        return rule("NOT_YET_DUE", format!("it is too early for {rung}"));
    }
    Ok(vec![Event::Escalated { assignment: part.id, rung, to: to.to_vec(), due }])
}

fn is_expired(part: &Assignment, context: &Context<'_>) -> bool {
    completion_due(part, context.calendar).ok().flatten().is_some_and(|due| due <= context.now)
}

/// The limits that were missed by the units that have a case, and not recorded yet.
pub(super) fn breaches(case: &Case, context: &Context<'_>) -> Vec<Event> {
    let live = case.assignments.iter().filter(|part| part.status.is_live());
    live.filter_map(|part| breach(part, context)).collect()
}

fn breach(part: &Assignment, context: &Context<'_>) -> Option<Event> {
    let due = completion_due(part, context.calendar).ok()??;
    (!part.breached && due < context.now).then_some(Event::Breached { assignment: part.id, due })
}
