//! What an event makes of a case. Never refuses: what happened, happened.

use chrono::{DateTime, Utc};

use super::event::{Event, NewAssignment, Recorded, Submission};
use super::facts::{Party, ReturnReason};
use super::state::{
    Assignment, AssignmentStatus, Callback, Case, Extension, ExtensionState, HandOver, Held, Part, Pause,
    Question, Reply, Retype, Status,
};

/// The case after an event; `None` only when the first event is no submission.
pub fn apply(case: Option<Case>, recorded: &Recorded) -> Option<Case> {
    if let Event::Submitted(submission) = &recorded.event {
        return Some(submitted(submission, recorded));
    }
    let mut case = case?;
    case.version = recorded.version;
    case.update_time = recorded.time;
    on(&mut case, recorded);
    // A unit that no longer has its part awaits no answer.
    let live: Vec<u32> =
        case.assignments.iter().filter(|part| part.status.is_live()).map(|part| part.id).collect();
    drop_questions(&mut case, |part| !live.contains(&part));
    Some(case)
}

/// The case that a history makes.
pub fn replay<'a>(history: impl IntoIterator<Item = &'a Recorded>) -> Option<Case> {
    history.into_iter().fold(None, apply)
}

fn submitted(submission: &Submission, recorded: &Recorded) -> Case {
    let Submission { first_asked, .. } = submission;
    Case {
        number: submission.number.clone(),
        version: recorded.version,
        status: Status::Submitted,
        kind: submission.kind,
        first_kind: submission.kind,
        retype: None,
        door: submission.door,
        priority: submission.priority,
        title: submission.title.clone(),
        content: submission.content.clone(),
        place: submission.place.clone(),
        item: submission.item.clone(),
        identity: submission.identity.clone(),
        against: submission.against.clone(),
        origin: submission.origin.clone(),
        owner: first_asked.clone(),
        desk: first_asked.clone(),
        owners: vec![Held { by: first_asked.clone(), since: recorded.time }],
        calendar: Some(submission.calendar.clone()),
        limit: None,
        round: 1,
        round_time: recorded.time,
        status_time: recorded.time,
        assignments: Vec::new(),
        bounces: 0,
        replies: Vec::new(),
        questions: Vec::new(),
        callbacks: Vec::new(),
        merged: Vec::new(),
        continued: Vec::new(),
        create_time: recorded.time,
        update_time: recorded.time,
        resolve_time: None,
        close_time: None,
    }
}

fn on(case: &mut Case, recorded: &Recorded) {
    let (by, now) = (&recorded.by, recorded.time);
    match &recorded.event {
        Event::Submitted(_) => {}
        Event::Accepted { calendar, item, limit } => {
            case.calendar = Some(calendar.clone());
            case.item.clone_from(item);
            case.limit = Some(*limit);
            stand(case, Status::Accepted, now);
            case.desk.clone_from(by);
            own(case, by.clone(), now);
        }
        Event::Rejected { reply, .. } => {
            case.desk.clone_from(by);
            tell(case, by, reply, now);
            end(case, Status::Rejected, now);
        }
        Event::Withdrawn { .. } => end(case, Status::Withdrawn, now),
        Event::RetypeAsked { to, reason } => {
            case.retype = Some(Retype { to: *to, by: by.clone(), reason: reason.clone() });
        }
        Event::Retyped { to, .. } => {
            case.kind = *to;
            case.retype = None;
        }
        Event::RetypeRefused { .. } => case.retype = None,
        Event::Dispatched { assignments, binding } => {
            case.desk.clone_from(by);
            dispatched(case, assignments, *binding, now);
        }
        Event::Replied { assignment, text } => {
            tell(case, by, text, now);
            if let Some(part) = assignment.and_then(|id| part(case, id)) {
                part.first_reply_time.get_or_insert(now);
            }
        }
        Event::Asked { assignment, text } => {
            let (assignment, text) = (*assignment, text.clone());
            let by = by.clone();
            case.questions.push(Question { assignment, by, text, time: now, answer: None, dropped: false });
        }
        Event::Answered { text } => {
            let open = case.questions.iter_mut().filter(|question| question.is_open());
            open.for_each(|question| question.answer = Some(text.clone()));
        }
        Event::QuestionDropped { assignment } => drop_questions(case, |part| part == *assignment),
        Event::CalledBack { reached, solved, satisfied, with, note } => case.callbacks.push(Callback {
            round: case.round,
            by: by.clone(),
            reached: *reached,
            solved: *solved,
            satisfied: *satisfied,
            with: *with,
            note: note.clone(),
            time: now,
        }),
        Event::Resolved => {
            case.resolve_time = Some(now);
            stand(case, Status::Resolved, now);
        }
        Event::Closed => end(case, Status::Closed, now),
        Event::Reopened { .. } => reopened(case, by, now),
        Event::Merged { into } => {
            case.continued.push(into.clone());
            end(case, Status::Merged, now);
        }
        Event::Absorbed { from, against } => {
            case.merged.push(from.clone());
            let new = against.iter().filter(|name| !case.against.contains(name)).cloned();
            case.against.extend(new.collect::<Vec<_>>());
        }
        Event::CalendarRenewed { calendar } => case.calendar = Some(calendar.clone()),
        Event::Split { into } => {
            case.continued.extend(into.iter().cloned());
            end(case, Status::Split, now);
        }
        event => of_part(case, event, by, now),
    }
}

/// What an event makes of a part.
fn of_part(case: &mut Case, event: &Event, by: &Party, now: DateTime<Utc>) {
    let Some(part) = event.assignment().and_then(|id| part(case, id)) else { return };
    match event {
        Event::Signed { .. } => {
            part.status = AssignmentStatus::Signed;
            part.signed = Some(Held { by: by.clone(), since: now });
            let owner = Party { name: by.name.clone(), organization: Some(part.organization.clone()) };
            if part.part == Part::Lead {
                own(case, owner, now);
            }
        }
        Event::Paused { reason, note, .. } => {
            part.status = AssignmentStatus::Paused;
            part.pauses.push(Pause { from: now, to: None, reason: *reason, note: note.clone() });
        }
        Event::Resumed { .. } => {
            part.status =
                if part.signed.is_some() { AssignmentStatus::Signed } else { AssignmentStatus::Pending };
            resume(part, now);
        }
        Event::ExtensionAsked { working_days, reason, .. } => part.extensions.push(Extension {
            working_days: *working_days,
            reason: reason.clone(),
            by: by.clone(),
            state: ExtensionState::Asked,
        }),
        Event::ExtensionGranted { notice, .. } => {
            review(part, ExtensionState::Granted);
            tell(case, by, notice, now);
        }
        Event::ExtensionRefused { .. } => review(part, ExtensionState::Refused),
        Event::Returned { reason, .. } => returned(case, event, *reason, now),
        Event::HandOverAsked { to, note, .. } => {
            part.hand_over = Some(HandOver { to: to.clone(), note: note.clone() });
        }
        Event::HandOverAccepted { .. } => {
            if let Some(hand_over) = part.hand_over.take() {
                part.organization = hand_over.to;
            }
            part.status = AssignmentStatus::Signed;
            part.signed = Some(Held { by: by.clone(), since: now });
            let owner = Party { name: by.name.clone(), organization: Some(part.organization.clone()) };
            if part.part == Part::Lead {
                own(case, owner, now);
            }
        }
        Event::HandOverDeclined { .. } => part.hand_over = None,
        Event::Completed { .. } => finish(part, AssignmentStatus::Resolved, now),
        Event::Escalated { rung, .. } => part.ladder.push(*rung),
        Event::Breached { .. } => part.breached = true,
        _ => {}
    }
}

fn dispatched(case: &mut Case, assignments: &[NewAssignment], binding: bool, now: DateTime<Utc>) {
    for new in assignments {
        case.assignments.push(Assignment {
            id: new.id,
            round: case.round,
            organization: new.organization.clone(),
            part: new.part,
            status: AssignmentStatus::Pending,
            binding,
            instruction: new.instruction.clone(),
            limit: new.limit,
            start_time: now,
            signed: None,
            first_reply_time: None,
            pauses: Vec::new(),
            extensions: Vec::new(),
            hand_over: None,
            returned: None,
            end_time: None,
            ladder: Vec::new(),
            breached: false,
        });
    }
    if let Some(lead) = assignments.iter().find(|new| new.part == Part::Lead) {
        let owner = Party { name: lead.organization.clone(), organization: Some(lead.organization.clone()) };
        own(case, owner, now);
    }
    stand(case, Status::Dispatched, now);
}

/// A fresh round, owned by the centre: whoever raised it may begin it, but has nothing to do in it.
fn reopened(case: &mut Case, by: &Party, now: DateTime<Utc>) {
    if !by.is_citizen() {
        case.desk.clone_from(by);
    }
    case.round += 1;
    case.round_time = now;
    case.bounces = 0;
    case.close_time = None;
    case.resolve_time = None;
    // What was never taken up has no limit yet, and must be taken up first.
    let status = if case.limit.is_some() { Status::Accepted } else { Status::Submitted };
    stand(case, status, now);
    own(case, case.desk.clone(), now);
}

/// A part goes back. Without its lead the case is with the centre again, and what others had to do waits with it.
fn returned(case: &mut Case, event: &Event, reason: ReturnReason, now: DateTime<Utc>) {
    let Some(part) = event.assignment().and_then(|id| part(case, id)) else { return };
    part.returned = Some(reason);
    finish(part, AssignmentStatus::Returned, now);
    if part.part == Part::Lead {
        case.bounces += 1;
        cancel_parts(case, now);
        stand(case, Status::Accepted, now);
        own(case, case.desk.clone(), now);
    }
}

fn drop_questions(case: &mut Case, of: impl Fn(u32) -> bool) {
    let dropped = case.questions.iter_mut().filter(|question| question.is_open() && of(question.assignment));
    dropped.for_each(|question| question.dropped = true);
}

fn part(case: &mut Case, id: u32) -> Option<&mut Assignment> {
    case.assignments.iter_mut().find(|assignment| assignment.id == id)
}

fn stand(case: &mut Case, status: Status, now: DateTime<Utc>) {
    case.status = status;
    case.status_time = now;
}

fn end(case: &mut Case, status: Status, now: DateTime<Utc>) {
    cancel_parts(case, now);
    case.retype = None;
    case.close_time = Some(now);
    stand(case, status, now);
}

fn cancel_parts(case: &mut Case, now: DateTime<Utc>) {
    let live = case.assignments.iter_mut().filter(|part| part.status.is_live());
    live.for_each(|part| finish(part, AssignmentStatus::Cancelled, now));
}

fn finish(part: &mut Assignment, status: AssignmentStatus, now: DateTime<Utc>) {
    resume(part, now);
    part.hand_over = None;
    part.status = status;
    part.end_time = Some(now);
}

fn resume(part: &mut Assignment, now: DateTime<Utc>) {
    let open = part.pauses.iter_mut().filter(|pause| pause.to.is_none());
    open.for_each(|pause| pause.to = Some(now));
}

fn review(part: &mut Assignment, state: ExtensionState) {
    let asked = part.extensions.iter_mut().filter(|extension| extension.state == ExtensionState::Asked);
    asked.for_each(|extension| extension.state = state);
}

fn tell(case: &mut Case, by: &Party, text: &str, now: DateTime<Utc>) {
    let round = case.round;
    case.replies.push(Reply { round, by: by.clone(), text: text.to_owned(), time: now });
}

fn own(case: &mut Case, by: Party, now: DateTime<Utc>) {
    if case.owner != by {
        case.owners.push(Held { by: by.clone(), since: now });
        case.owner = by;
    }
}
