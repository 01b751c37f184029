//! From the door to the centre's desk.

use minqing_platform::error::Refusal;

use super::{must_be, rule};
use crate::domain::calendar::{self, Limit};
use crate::domain::case::clock::limit_of;
use crate::domain::case::command::{Context, NewPart};
use crate::domain::case::event::{Event, Submission};
use crate::domain::case::facts::{Anonymity, CaseType, Party, RejectReason};
use crate::domain::case::state::{Case, ItemRef, Status};

/// The most cases that are merged into one, and the most into which one is split.
const MERGED_MAX: usize = 1_000;
const SPLIT_MAX: usize = 20;

/// Raises a case.
///
/// # Errors
/// Somebody is known although they must not be, or must be and is not.
pub fn submit(submission: Submission) -> Result<Vec<Event>, Refusal> {
    if submission.identity.anonymity == Anonymity::Anonymous && submission.identity.person.is_some() {
        return rule("ANONYMOUS_WITH_NAME", "an anonymous case holds no person");
    }
    let Party { name, organization } = &submission.first_asked;
    if std::iter::once(name).chain(organization).any(|asked| submission.against.contains(asked)) {
        let text = "whom it is against cannot own it; raise it through another door";
        return rule("OWNER_COMPLAINED_OF", text);
    }
    Ok(vec![Event::Submitted(Box::new(submission))])
}

pub(super) fn accept(
    case: &Case,
    calendar: &calendar::Ref,
    item: Option<&(ItemRef, Limit)>,
) -> Result<Vec<Event>, Refusal> {
    must_be(case, &[Status::Submitted])?;
    // Urgency goes before what an item promises: a burst pipe is not a form to be filled in.
    let own = limit_of(case.kind, case.priority);
    let limit = match (own, item) {
        (Limit::WorkingDays(_), Some((_, promised))) => *promised,
        _ => own,
    };
    let item = item.map(|(item, _)| item.clone());
    Ok(vec![Event::Accepted { calendar: calendar.clone(), item, limit }])
}

pub(super) fn reject(case: &Case, reason: RejectReason, reply: &str) -> Result<Vec<Event>, Refusal> {
    must_be(case, &[Status::Submitted, Status::Accepted])?;
    Ok(vec![Event::Rejected { reason, reply: reply.to_owned() }])
}

/// Whoever raised it may take it back at any time, but not the matter of others with it.
pub(super) fn withdraw(case: &Case, reason: &str) -> Result<Vec<Event>, Refusal> {
    must_be(case, &[Status::Submitted, Status::Accepted, Status::Dispatched, Status::Resolved])?;
    if !case.merged.is_empty() {
        let text = "others raised the same matter, and are answered here: it goes on for them";
        return rule("CASE_CARRIES_OTHERS", text);
    }
    Ok(vec![Event::Withdrawn { reason: reason.to_owned() }])
}

/// A graver type takes effect at once; a milder one waits for a second person, so that nobody makes complaints vanish
/// by calling them questions.
pub(super) fn retype(case: &Case, to: CaseType, reason: &str) -> Result<Vec<Event>, Refusal> {
    must_be(case, &[Status::Submitted, Status::Accepted, Status::Dispatched])?;
    if to == case.kind {
        return rule("TYPE_UNCHANGED", format!("the case is a {to} already"));
    }
    if case.retype.is_some() {
        return rule("RETYPE_PENDING", "another change of type awaits its review");
    }
    let reason = reason.to_owned();
    Ok(vec![if to.gravity() < case.kind.gravity() {
        Event::RetypeAsked { to, reason }
    } else {
        Event::Retyped { to, reason }
    }])
}

pub(super) fn review_retype(
    case: &Case,
    agreed: bool,
    note: &str,
    context: &Context<'_>,
) -> Result<Vec<Event>, Refusal> {
    let Some(asked) = &case.retype else {
        return rule("NO_RETYPE_PENDING", "no change of type awaits a review");
    };
    if asked.by.name == context.by.name {
        return rule("SECOND_PERSON_NEEDED", "whoever asked for the milder type cannot review it");
    }
    Ok(vec![if agreed {
        Event::Retyped { to: asked.to, reason: asked.reason.clone() }
    } else {
        Event::RetypeRefused { note: note.to_owned() }
    }])
}

pub(super) fn merge(case: &Case, into: &str) -> Result<Vec<Event>, Refusal> {
    must_be(case, &[Status::Submitted, Status::Accepted, Status::Dispatched])?;
    if into == case.number {
        return rule("MERGE_WITH_ITSELF", "a case cannot be merged into itself");
    }
    if !case.merged.is_empty() {
        let text = "other cases are carried on in this one; merge those instead";
        return rule("MERGE_HAS_MERGED", text);
    }
    Ok(vec![Event::Merged { into: into.to_owned() }])
}

/// Nothing is made milder by being carried on elsewhere, and nothing is carried on by those it is against.
pub(super) fn absorb(
    case: &Case,
    from: &str,
    kind: CaseType,
    against: &[String],
) -> Result<Vec<Event>, Refusal> {
    must_be(case, &[Status::Submitted, Status::Accepted, Status::Dispatched])?;
    if kind.gravity() > case.kind.gravity() {
        let text = format!("a {kind} cannot be carried on in a {}; retype one of them first", case.kind);
        return rule("MERGE_INTO_MILDER", text);
    }
    if handlers(case).any(|name| against.iter().any(|against| against == name)) {
        let text = "the case is against those who handle the other one";
        return rule("MERGE_WITH_COMPLAINED_OF", text);
    }
    if case.merged.len() >= MERGED_MAX {
        return rule("MERGED_TOO_MANY", format!("at most {MERGED_MAX} cases are merged into one"));
    }
    Ok(vec![Event::Absorbed { from: from.to_owned(), against: against.to_vec() }])
}

/// Whoever owns a case, has a part in it, or is asked to take one over.
fn handlers(case: &Case) -> impl Iterator<Item = &str> {
    let owner = std::iter::once(&case.owner.name).chain(&case.owner.organization);
    let live = case.assignments.iter().filter(|part| part.status.is_live());
    let units = live.flat_map(|part| {
        std::iter::once(&part.organization).chain(part.hand_over.iter().map(|asked| &asked.to))
    });
    owner.chain(units).map(String::as_str)
}

/// The parts may be of any type, so long as one of them is as grave as the whole: what it was about must be in there.
pub(super) fn split(case: &Case, into: &[NewPart]) -> Result<Vec<Event>, Refusal> {
    must_be(case, &[Status::Submitted, Status::Accepted])?;
    if !(2..=SPLIT_MAX).contains(&into.len()) {
        return rule("SPLIT_COUNT", format!("a case is split into 2 to {SPLIT_MAX}"));
    }
    if !case.merged.is_empty() {
        return rule("MERGE_HAS_MERGED", "other cases are carried on in this one");
    }
    if into.iter().all(|part| part.kind.gravity() < case.kind.gravity()) {
        return rule("SPLIT_MILDER", format!("one of the parts must be as grave as a {}", case.kind));
    }
    Ok(vec![Event::Split { into: into.iter().map(|part| part.number.clone()).collect() }])
}
