//! What a history means, read naively from its events: nothing here looks at a case as it is kept.

use chrono::{DateTime, TimeDelta, Utc};

use super::super::*;
use crate::domain::calendar::{Calendar, Limit};

/// When a part is due: its limit and what was granted, from its dispatch, and then all the time in which its clock stood
/// still. `None` while it stands still.
pub fn due(history: &[Recorded], id: u32, calendar: &Calendar) -> Option<DateTime<Utc>> {
    let mut part: Option<(DateTime<Utc>, Limit, Part)> = None;
    let (mut asked, mut granted) = (0, 0);
    let (mut since, mut pauses) = (None, Vec::new());
    for Recorded { event, time, .. } in history {
        let is_here = event.assignment() == Some(id);
        match event {
            Event::Dispatched { assignments, .. } => {
                let new = assignments.iter().find(|new| new.id == id);
                part = part.or(new.map(|new| (*time, new.limit, new.part)));
            }
            Event::ExtensionAsked { working_days, .. } if is_here => asked = *working_days,
            Event::ExtensionGranted { .. } if is_here => granted += asked,
            Event::Paused { .. } if is_here => since = Some(*time),
            Event::Resumed { .. } | Event::Completed { .. } | Event::Returned { .. } if is_here => {
                pauses.extend(since.take().map(|since| (since, *time)));
            }
            event if takes_all(event, history) => pauses.extend(since.take().map(|since| (since, *time))),
            _ => {}
        }
    }
    if since.is_some() {
        return None;
    }
    let (start, limit, _) = part.unwrap();
    let round_the_clock = matches!(limit, Limit::Minutes(_));
    let stood = pauses.iter().map(|(from, to)| {
        if round_the_clock { *to - *from } else { calendar.working_time(*from, *to).unwrap() }
    });
    let stood: TimeDelta = stood.sum();
    let limit = match limit {
        Limit::WorkingDays(days) => Limit::WorkingDays(days + granted),
        Limit::WorkingMinutes(minutes) => Limit::WorkingMinutes(minutes + granted * 480),
        Limit::Minutes(minutes) => Limit::Minutes(minutes + granted * 1_440),
    };
    let due = calendar.deadline(start, limit).unwrap();
    Some(if round_the_clock { due + stood } else { calendar.advance(due, stood).unwrap() })
}

/// Whether an event takes every part from its unit.
fn takes_all(event: &Event, history: &[Recorded]) -> bool {
    let is_lead = |id: u32| {
        history.iter().any(|recorded| match &recorded.event {
            Event::Dispatched { assignments, .. } => {
                assignments.iter().any(|new| new.id == id && new.part == Part::Lead)
            }
            _ => false,
        })
    };
    match event {
        Event::Returned { assignment, .. } => is_lead(*assignment),
        Event::Withdrawn { .. } | Event::Merged { .. } | Event::Split { .. } | Event::Rejected { .. } => true,
        _ => false,
    }
}

/// When a part was due that missed its limit, and when that was noted.
pub fn breaches(history: &[Recorded], id: u32) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let of = |recorded: &Recorded| match recorded.event {
        Event::Breached { assignment, due } if assignment == id => Some((due, recorded.time)),
        _ => None,
    };
    history.iter().filter_map(of).collect()
}

/// Whether whoever raised the case was told something since it began, or began anew last.
pub fn told_in_round(history: &[Recorded]) -> bool {
    let begun = history.iter().rposition(|recorded| matches!(recorded.event, Event::Reopened { .. }));
    history[begun.unwrap_or(0)..]
        .iter()
        .any(|recorded| matches!(recorded.event, Event::Replied { .. } | Event::Rejected { .. }))
}
