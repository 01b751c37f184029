//! What of a case falls due by itself, and when: what the worker is woken for.

use chrono::{DateTime, Utc};

use super::clock::dues;
use super::ladder::next_rung;
use super::state::{Assignment, Case, Question};
use crate::domain::calendar::{Calendar, Limit, Unknown};
use minqing_platform::named::named;

/// So long an answer is awaited; then the clock that waits for it runs again, so that no question parks a case for good.
pub const ANSWER: Limit = Limit::WorkingDays(5);

named! {
    /// What falls due.
    TimerKind {
        /// The next rung of a part's ladder.
        Ladder = "ladder",
        /// A question that was not answered.
        Question = "question",
        /// A year is needed that is not published: the case waits for the next version of its calendar.
        Calendar = "calendar",
    }
}

/// Something that falls due by itself. There is one of a kind and a part at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timer {
    /// The part; 0 for the case as a whole.
    pub part: u32,
    /// What.
    pub kind: TimerKind,
    /// When; `None` while it waits for a calendar.
    pub at: Option<DateTime<Utc>>,
}

/// Everything of a case that falls due by itself. What cannot be known yet waits for a calendar; what can is not held up
/// by it.
pub fn timers(case: &Case, calendar: &Calendar) -> Vec<Timer> {
    let mut timers = Vec::new();
    let mut is_unknown = dues(case, calendar).is_err();
    let mut push = |part: &Assignment, kind, at: Result<Option<DateTime<Utc>>, Unknown>| match at {
        Ok(Some(at)) => timers.push(Timer { part: part.id, kind, at: Some(at) }),
        Ok(None) => {}
        Err(_) => is_unknown = true,
    };
    for part in case.current().filter(|part| part.status.is_live()) {
        push(part, TimerKind::Ladder, next_rung(part, calendar).map(|next| next.map(|(_, at)| at)));
        push(part, TimerKind::Question, unanswered(case, part, calendar));
    }
    if is_unknown {
        timers.push(Timer { part: 0, kind: TimerKind::Calendar, at: None });
    }
    timers
}

/// When the clock of a part runs on that waits for an answer; within working hours.
///
/// # Errors
/// The calendar does not know a year that is needed.
pub fn unanswered(
    case: &Case,
    part: &Assignment,
    calendar: &Calendar,
) -> Result<Option<DateTime<Utc>>, Unknown> {
    let open = |asked: &&Question| asked.assignment == part.id && asked.is_open();
    match case.questions.iter().rev().find(open).filter(|_| part.awaits_citizen()) {
        Some(asked) => calendar.next_opening(calendar.deadline(asked.time, ANSWER)?).map(Some),
        None => Ok(None),
    }
}

/// The year for want of which something of a case cannot be known.
pub fn unknown_year(case: &Case, calendar: &Calendar) -> Option<i32> {
    let of_parts = || {
        case.current().filter(|part| part.status.is_live()).find_map(|part| {
            next_rung(part, calendar).err().or_else(|| unanswered(case, part, calendar).err())
        })
    };
    dues(case, calendar).err().or_else(of_parts).map(|unknown| unknown.year)
}
