//! When things are due: pure, of a case's history and a version of a calendar. Nothing here is ever stored as a
//! counter, so a change of type, item or calendar loses no pause, and a closed case's figures stay as they were.

use chrono::{DateTime, TimeDelta, Utc};

use super::facts::{CaseType, Priority};
use super::state::{Assignment, AssignmentStatus, Case, Part, Pause, Status};
use crate::domain::calendar::{Calendar, Limit, Unknown};
use minqing_platform::named::named;

named! {
    /// What is due.
    Clock {
        /// That the centre takes it up or says why not.
        Acceptance = "acceptance",
        /// That it goes to a unit, for the first time or again.
        Dispatch = "dispatch",
        /// That the unit signs and reaches whoever raised it.
        Contact = "contact",
        /// That the unit tells whoever raised it something.
        FirstReply = "first_reply",
        /// That the unit is done.
        Completion = "completion",
        /// That whoever raised it is asked whether it is solved, the next working day.
        Callback = "callback",
    }
}

/// The centre's own limits, and those of a unit's first steps.
pub const ACCEPTANCE: Limit = Limit::WorkingDays(1);
pub const DISPATCH: Limit = Limit::WorkingDays(1);
pub const CONTACT: Limit = Limit::WorkingDays(1);
pub const FIRST_REPLY: Limit = Limit::WorkingDays(3);
pub const CALLBACK: Limit = Limit::WorkingDays(1);
/// The centre's days and then a unit's: so long a first reply may take to a case that never goes to a unit.
const UNSENT_REPLY: Limit = Limit::WorkingDays(5);
/// Within so long a unit may give a case back.
pub const RETURN: Limit = Limit::WorkingDays(2);
/// In an emergency the centre's steps to a unit are due at once.
const EMERGENCY_STEP: Limit = Limit::Minutes(15);

/// Something that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// What.
    pub clock: Clock,
    /// By which part; `None` for the centre.
    pub assignment: Option<u32>,
    /// When.
    pub at: DateTime<Utc>,
}

/// The limit for completion where no item promises another: by urgency, then by type.
pub const fn limit_of(kind: CaseType, priority: Priority) -> Limit {
    match priority {
        Priority::Emergency => Limit::Minutes(2 * 60),
        Priority::Utility => Limit::Minutes(24 * 60),
        Priority::Ordinary => Limit::WorkingDays(match kind {
            CaseType::Consultation | CaseType::Help => 3,
            CaseType::Praise => 5,
            CaseType::Suggestion => 7,
            CaseType::Complaint => 13,
            CaseType::Report => 15,
        }),
    }
}

/// Everything that is due in a case, soonest first. An open case always has something due, unless the clock of
/// everything stands still.
///
/// # Errors
/// The calendar does not know a year that is needed.
pub fn dues(case: &Case, calendar: &Calendar) -> Result<Vec<Due>, Unknown> {
    let step = |clock, limit: Limit| {
        // Nobody is called back at night, whatever it was about.
        let at_once = case.priority == Priority::Emergency && clock != Clock::Callback;
        let limit = if at_once { EMERGENCY_STEP } else { limit };
        Ok(vec![Due { clock, assignment: None, at: calendar.deadline(case.status_time, limit)? }])
    };
    match case.status {
        Status::Submitted => step(Clock::Acceptance, ACCEPTANCE),
        Status::Accepted => step(Clock::Dispatch, DISPATCH),
        Status::Resolved => step(Clock::Callback, CALLBACK),
        Status::Dispatched => {
            let mut dues = Vec::new();
            for part in case.current().filter(|part| part.status.is_live()) {
                dues.extend(of_part(part, calendar)?);
            }
            dues.sort_by_key(|due| due.at);
            Ok(dues)
        }
        Status::Closed | Status::Rejected | Status::Withdrawn | Status::Merged | Status::Split => {
            Ok(Vec::new())
        }
    }
}

/// What is due next.
///
/// # Errors
/// The calendar does not know a year that is needed.
pub fn next_due(case: &Case, calendar: &Calendar) -> Result<Option<Due>, Unknown> {
    Ok(dues(case, calendar)?.first().copied())
}

fn of_part(part: &Assignment, calendar: &Calendar) -> Result<Vec<Due>, Unknown> {
    let mut dues = Vec::new();
    let mut push = |clock, at| dues.push(Due { clock, assignment: Some(part.id), at });
    let Some(completion) = completion_due(part, calendar)? else { return Ok(dues) };
    push(Clock::Completion, completion);
    // Neither may be later than completion: a case of two hours has no working day to sign in.
    if part.signed.is_none() {
        push(Clock::Contact, calendar.deadline(part.start_time, CONTACT)?.min(completion));
    }
    if part.first_reply_time.is_none() && part.part == Part::Lead {
        push(
            Clock::FirstReply,
            paused(part.start_time, FIRST_REPLY, &part.pauses, calendar)?.min(completion),
        );
    }
    Ok(dues)
}

/// When a part is due; `None` while its clock stands still. The same after it ended as before.
///
/// # Errors
/// The calendar does not know a year that is needed.
pub fn completion_due(part: &Assignment, calendar: &Calendar) -> Result<Option<DateTime<Utc>>, Unknown> {
    if part.status == AssignmentStatus::Paused {
        return Ok(None);
    }
    let (start, limit) = start_and_limit(part);
    paused(start, limit, &part.pauses, calendar).map(Some)
}

/// From when a part's clock runs, and how long, with what was granted.
pub(super) fn start_and_limit(part: &Assignment) -> (DateTime<Utc>, Limit) {
    (part.start_time, extended(part.limit, part.granted_days()))
}

/// A limit with working days granted beyond it. Of working minutes a day has eight hours; round the clock a day is a day.
fn extended(limit: Limit, days: u32) -> Limit {
    const HOUR: u32 = 60;
    match limit {
        Limit::WorkingDays(limit) => Limit::WorkingDays(limit + days),
        Limit::WorkingMinutes(limit) => Limit::WorkingMinutes(limit + days * 8 * HOUR),
        Limit::Minutes(limit) => Limit::Minutes(limit + days * 24 * HOUR),
    }
}

/// A deadline, put off by the time in which the clock stood still.
fn paused(
    start: DateTime<Utc>,
    limit: Limit,
    pauses: &[Pause],
    calendar: &Calendar,
) -> Result<DateTime<Utc>, Unknown> {
    let due = calendar.deadline(start, limit)?;
    let ended = pauses.iter().filter_map(|pause| pause.to.map(|to| (pause.from, to)));
    let mut credit = TimeDelta::zero();
    for (from, to) in ended {
        credit += match limit {
            Limit::Minutes(_) => to - from,
            Limit::WorkingDays(_) | Limit::WorkingMinutes(_) => calendar.working_time(from, to)?,
        };
    }
    match limit {
        Limit::Minutes(_) => Ok(due + credit),
        Limit::WorkingDays(_) | Limit::WorkingMinutes(_) if credit.is_zero() => Ok(due),
        Limit::WorkingDays(_) | Limit::WorkingMinutes(_) => calendar.advance(due, credit),
    }
}

/// When the case as a whole is due, for whoever raised it: its own limit from the first dispatch of the round, put off by
/// what was granted to the lead unit and by the time in which the lead unit's clock stood still. A unit that gives the
/// case back does not put it off: what the next one has left is the centre's to answer for.
///
/// # Errors
/// The calendar does not know a year that is needed.
pub fn case_due(case: &Case, calendar: &Calendar) -> Result<Option<DateTime<Utc>>, Unknown> {
    let leads = || case.current().filter(|part| part.part == Part::Lead);
    let (Some(start), Some(limit)) = (leads().map(|part| part.start_time).min(), case.limit) else {
        return Ok(None);
    };
    if leads().any(|part| part.status == AssignmentStatus::Paused) {
        return Ok(None);
    }
    let limit = extended(limit, leads().map(Assignment::granted_days).sum());
    let pauses: Vec<Pause> = leads().flat_map(|part| part.pauses.clone()).collect();
    paused(start, limit, &pauses, calendar).map(Some)
}

/// When something of the case as a whole was due, as far as it could be seen at an instant: the time in which the lead
/// unit's clock had stood still until then puts it off. Of the first reply (three working days, or the limit where that is
/// shorter) and of completion; nothing else is due for the whole. Before it went to a unit, which has its days from then
/// on, the first reply is due when the centre's days and a unit's would have passed.
///
/// # Errors
/// The calendar does not know a year that is needed.
pub fn due_as_of(
    case: &Case,
    clock: Clock,
    at: DateTime<Utc>,
    calendar: &Calendar,
) -> Result<Option<DateTime<Utc>>, Unknown> {
    let leads = || case.current().filter(|part| part.part == Part::Lead);
    let (Some(start), Some(limit)) = (leads().map(|part| part.start_time).min(), case.limit) else {
        let first = calendar.deadline(case.round_time, UNSENT_REPLY)?;
        return Ok((clock == Clock::FirstReply).then_some(first));
    };
    let begun = leads().flat_map(|part| part.pauses.iter()).filter(|pause| pause.from < at);
    let cut = |pause: &Pause| Pause { to: Some(pause.to.map_or(at, |to| to.min(at))), ..pause.clone() };
    let pauses: Vec<Pause> = begun.map(cut).collect();
    let completion =
        || paused(start, extended(limit, leads().map(Assignment::granted_days).sum()), &pauses, calendar);
    match clock {
        Clock::Completion => completion().map(Some),
        Clock::FirstReply => Ok(Some(completion()?.min(paused(start, FIRST_REPLY, &pauses, calendar)?))),
        Clock::Acceptance | Clock::Dispatch | Clock::Contact | Clock::Callback => Ok(None),
    }
}
