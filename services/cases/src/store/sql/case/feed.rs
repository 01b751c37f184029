//! What the feed is told of a case: that something happened, never what somebody wrote or who somebody is.

use minqing_platform::journal::NewEvent;
use serde_json::json;

use crate::domain::case::{Assignment, Case, Event, Recorded};

/// The events of the feed for the newest part of a history.
pub(in crate::store::sql) fn events(
    before: Option<&Case>,
    after: &Case,
    history: &[Recorded],
) -> Vec<NewEvent> {
    let mut events: Vec<NewEvent> =
        history.iter().map(|recorded| of_event(before, after, recorded)).collect();
    events.extend(answered(before, after, history));
    let dispatched = history.iter().filter_map(|recorded| match &recorded.event {
        Event::Dispatched { assignments, .. } => Some(assignments),
        _ => None,
    });
    let new = dispatched.flatten().filter_map(|new| after.assignment(new.id));
    events.extend(new.map(|part| of_part("AssignmentDispatched", after, part, None)));
    let ended = after.assignments.iter().filter(|part| {
        let was = before.and_then(|before| before.assignment(part.id));
        was.is_some_and(|was| was.status.is_live()) && part.returned.is_none() && !part.status.is_live()
    });
    let completed = |id| {
        history
            .iter()
            .any(|recorded| matches!(recorded.event, Event::Completed { assignment } if assignment == id))
    };
    events.extend(
        ended
            .filter(|part| !completed(part.id))
            .map(|part| of_part("AssignmentCancelled", after, part, None)),
    );
    events
}

/// Each unit that asked hears of the answer, also where no clock had stood still for it.
fn answered(before: Option<&Case>, after: &Case, history: &[Recorded]) -> Vec<NewEvent> {
    let Some(before) = before else { return Vec::new() };
    if !history.iter().any(|recorded| matches!(recorded.event, Event::Answered { .. })) {
        return Vec::new();
    }
    let open = before.questions.iter().filter(|question| question.is_open());
    let asked = open.filter_map(|question| after.assignment(question.assignment));
    asked.map(|part| of_part("QuestionAnswered", after, part, None)).collect()
}

fn of_event(before: Option<&Case>, case: &Case, recorded: &Recorded) -> NewEvent {
    let kind = recorded.event.name();
    if let Some(part) = recorded.event.assignment().and_then(|id| case.assignment(id)) {
        let was = before.and_then(|before| before.assignment(part.id));
        let other = match &recorded.event {
            Event::HandOverAsked { to, .. } => Some(to.as_str()),
            // The unit that had it learns that it has it no longer; the one that declined, that this was heard.
            Event::HandOverAccepted { .. } => was.map(|was| was.organization.as_str()),
            Event::HandOverDeclined { .. } => {
                was.and_then(|was| was.hand_over.as_ref()).map(|asked| asked.to.as_str())
            }
            _ => None,
        };
        let mut told = of_part(kind, case, part, other);
        tell(&mut told, &recorded.event);
        return told;
    }
    let mut told = NewEvent {
        kind,
        subject: format!("cases/{}", case.number),
        division_code: case.place.code.to_string(),
        payload: json!({
            "version": recorded.version,
            "status": case.status,
            "type": case.kind,
            "owner_organization": case.owner.organization,
        }),
    };
    tell(&mut told, &recorded.event);
    told
}

/// Adds who is told of something that is late: those who send messages follow the feed. What was said is not here.
fn tell(told: &mut NewEvent, event: &Event) {
    match event {
        Event::Escalated { rung, to, due, .. } => {
            told.payload["rung"] = json!(rung);
            told.payload["people"] = json!(to);
            told.payload["due_time"] = json!(due);
        }
        Event::Supervised { to, .. } => told.payload["people"] = json!(to),
        _ => {}
    }
}

/// `organizations` are those whom it concerns: the unit, and another one that is asked to take over, or handed it over.
fn of_part(kind: &'static str, case: &Case, part: &Assignment, other: Option<&str>) -> NewEvent {
    let organizations: Vec<&str> = std::iter::once(part.organization.as_str()).chain(other).collect();
    NewEvent {
        kind,
        subject: format!("cases/{}/assignments/{}", case.number, part.id),
        division_code: case.place.code.to_string(),
        payload: json!({ "status": part.status, "organizations": organizations }),
    }
}
