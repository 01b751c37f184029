//! What happened to a case that says who handles such matters.

use super::learnt::Lesson;
use crate::domain::case::{Case, Event, Part, Recorded};

/// The lessons of the newest part of a case's history, and how each counts: once more for a dispatch to the unit that
/// leads, once less for a return by it. A binding decision teaches like any other dispatch.
pub fn lessons(after: &Case, history: &[Recorded]) -> Vec<(Lesson, i64)> {
    history.iter().flat_map(|recorded| of_event(after, &recorded.event)).collect()
}

fn of_event(case: &Case, event: &Event) -> Vec<(Lesson, i64)> {
    match event {
        Event::Dispatched { assignments, .. } => assignments
            .iter()
            .filter(|new| new.part == Part::Lead)
            .map(|new| (lesson(case, &new.organization), 1))
            .collect(),
        Event::Returned { assignment, .. } => case
            .assignment(*assignment)
            .filter(|part| part.part == Part::Lead)
            .map(|part| (lesson(case, &part.organization), -1))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

fn lesson(case: &Case, organization: &str) -> Lesson {
    let text = format!("{}\n{}", case.title, case.content);
    let item = case.item.as_ref().map(|item| item.name.as_str());
    Lesson::new(organization, &text, Some(case.first_kind), item, &case.place.code)
}
