//! From the answer to the end, or to a new beginning.

use minqing_platform::error::Refusal;

use super::{must_be, rule};
use crate::domain::case::command::Context;
use crate::domain::case::event::Event;
use crate::domain::case::facts::{Anonymity, Handled, Satisfaction};
use crate::domain::case::state::{Assignment, Case, Status};

/// After so many calls that reached nobody, a case may end without a verdict.
const CALLS_MAX: usize = 3;

pub(super) fn reply(case: &Case, text: &str) -> Result<Vec<Event>, Refusal> {
    must_be(case, &[Status::Submitted, Status::Accepted, Status::Dispatched, Status::Resolved])?;
    Ok(vec![Event::Replied { assignment: None, text: text.to_owned() }])
}

/// An answer lets every clock run again that waited for it, and no other: it does not end the weather.
pub(super) fn answer(case: &Case, text: &str) -> Result<Vec<Event>, Refusal> {
    must_be(case, &[Status::Dispatched])?;
    let open: Vec<u32> = case
        .questions
        .iter()
        .filter(|question| question.is_open())
        .map(|question| question.assignment)
        .collect();
    if open.is_empty() {
        return rule("NOTHING_ASKED", "nothing was asked");
    }
    let waits = |id: &u32| case.assignment(*id).is_some_and(Assignment::awaits_citizen);
    let mut events = vec![Event::Answered { text: text.to_owned() }];
    events.extend(open.into_iter().filter(waits).map(|assignment| Event::Resumed { assignment }));
    Ok(events)
}

/// Whether it is solved and whether they are satisfied are two facts; neither is guessed from the other. A case that is
/// not solved begins anew with the same call. Whoever raised it has their own word once in each round, whatever an officer
/// wrote down before, also when the case is closed.
pub(super) fn call_back(
    case: &Case,
    reached: bool,
    (solved, satisfied, with): (Option<bool>, Option<Satisfaction>, Option<Handled>),
    note: &str,
    context: &Context<'_>,
) -> Result<Vec<Event>, Refusal> {
    must_be(case, &[Status::Resolved, Status::Closed])?;
    if reached != solved.is_some() || (!reached && (satisfied.is_some() || with.is_some())) {
        return rule("CALLBACK_INCOMPLETE", "whoever is reached says whether it is solved; nobody else does");
    }
    let mut said = case.callbacks.iter().filter(|callback| callback.round == case.round);
    let told = if context.by.is_citizen() {
        said.any(|callback| callback.by.is_citizen())
    } else {
        case.status == Status::Closed && case.verdict().is_some()
    };
    if told {
        return rule("RATED_ALREADY", "its outcome was told already");
    }
    let mut events = vec![Event::CalledBack { reached, solved, satisfied, with, note: note.to_owned() }];
    if solved == Some(false) {
        events.push(Event::Reopened { reason: "not solved".to_owned() });
    }
    Ok(events)
}

/// Not without an answer, and not without having asked whether it is solved: unless a sample leaves the case out, nobody
/// could be reached three times, or nobody is known who could be asked.
pub(super) fn close(case: &Case, unasked: bool) -> Result<Vec<Event>, Refusal> {
    must_be(case, &[Status::Resolved])?;
    if !case.is_answered() {
        return rule("REPLY_MISSING", "whoever raised it was told nothing yet");
    }
    let calls = case.callbacks.iter().filter(|callback| callback.round == case.round).count();
    let unasked = unasked || case.identity.anonymity == Anonymity::Anonymous;
    if case.verdict().is_none() && !unasked && calls < CALLS_MAX {
        return rule("CALLBACK_MISSING", "whoever raised it must be asked whether it is solved");
    }
    Ok(vec![Event::Closed])
}

pub(super) fn reopen(case: &Case, reason: &str) -> Result<Vec<Event>, Refusal> {
    must_be(case, &[Status::Resolved, Status::Closed, Status::Rejected])?;
    Ok(vec![Event::Reopened { reason: reason.to_owned() }])
}
