//! What is counted of one round of a case.

use chrono::{DateTime, Utc};

use crate::domain::calendar::Calendar;
use crate::domain::case::{
    AssignmentStatus, Case, CaseType, Clock, Door, Handled, Part, Recorded, Satisfaction, Status, apply,
    case_due, due_as_of,
};
use minqing_platform::named::named;

named! {
    /// Why a round is not counted.
    LeftOut {
        /// Taken back by whoever raised it.
        Withdrawn = "withdrawn",
        /// Not taken up.
        Rejected = "rejected",
        /// Carried on, and counted, in another case.
        Merged = "merged",
        /// Carried on, and counted, in several cases.
        Split = "split",
    }
}

impl LeftOut {
    /// Why a case that stands so is not counted.
    pub const fn of(status: Status) -> Option<Self> {
        match status {
            Status::Withdrawn => Some(Self::Withdrawn),
            Status::Rejected => Some(Self::Rejected),
            Status::Merged => Some(Self::Merged),
            Status::Split => Some(Self::Split),
            Status::Submitted | Status::Accepted | Status::Dispatched | Status::Resolved | Status::Closed => {
                None
            }
        }
    }
}

/// What is counted of one round of a case. Where something may be unknown or unsaid it is `None`, and never guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The case.
    pub number: String,
    /// The round, from 1.
    pub round: u32,
    /// The version of the case from which on it counts so.
    pub version: i64,
    /// Where it is about.
    pub division_code: String,
    /// The organization that leads; empty while none does.
    pub organization: String,
    /// The item (`items/x`); empty where none is known.
    pub item: String,
    /// The type as it came in: a milder one that it got later does not change the figures.
    pub kind: CaseType,
    /// The door.
    pub door: Door,
    /// Where it stands or, of an earlier round, stood last.
    pub status: Status,
    /// When the round began.
    pub begin: DateTime<Utc>,
    /// Whether the centre took it up.
    pub accepted: bool,
    /// When it first went to a unit.
    pub dispatch: Option<DateTime<Utc>>,
    /// When whoever raised it was first told something.
    pub first_reply: Option<DateTime<Utc>>,
    /// When the lead unit was done.
    pub resolve: Option<DateTime<Utc>>,
    /// When it ended.
    pub close: Option<DateTime<Utc>>,
    /// When the whole is due.
    pub due: Option<DateTime<Utc>>,
    /// Whether the first word came in time. Without one, it is too late once something happens after it was due.
    pub in_time: Option<bool>,
    /// Whether it was done in time. Undone, it is late once something happens after it was due, as the reminders do.
    pub on_time: Option<bool>,
    /// Whether it was tried to call back, or they told it by themselves.
    pub called_back: bool,
    /// Whether they were reached.
    pub reached: bool,
    /// Whether it is solved, as they say.
    pub solved: Option<bool>,
    /// How satisfied they are.
    pub satisfaction: Option<Satisfaction>,
    /// With whom.
    pub handled: Option<Handled>,
    /// Whether the case was begun anew after this round.
    pub reopened: bool,
}

impl Facts {
    /// Why it is not counted, if it is not.
    pub const fn left_out(&self) -> Option<LeftOut> {
        LeftOut::of(self.status)
    }

    /// Whether both count alike, whatever happened to the case between them.
    pub fn counts_like(&self, other: &Self) -> bool {
        *self == Self { version: self.version, ..other.clone() }
    }
}

/// What is counted of the round in which a case is.
pub fn facts(case: &Case, calendar: &Calendar) -> Facts {
    let replies = case.replies.iter().filter(|reply| reply.round == case.round);
    let first_reply = replies.map(|reply| reply.time).min();
    let leads = || case.current().filter(|part| part.part == Part::Lead);
    // A unit that gave it back does not lead; one from which it was taken when it ended did.
    let lead = leads().filter(|part| part.status != AssignmentStatus::Returned).max_by_key(|part| part.id);
    let calls = || case.callbacks.iter().filter(|callback| callback.round == case.round);
    let verdict = case.verdict();
    Facts {
        number: case.number.clone(),
        round: case.round,
        version: case.version,
        division_code: case.place.code.to_string(),
        organization: lead.map(|part| part.organization.clone()).unwrap_or_default(),
        item: case.item.as_ref().map(|item| item.name.clone()).unwrap_or_default(),
        kind: case.first_kind,
        door: case.door,
        status: case.status,
        begin: case.round_time,
        accepted: case.limit.is_some(),
        dispatch: leads().map(|part| part.start_time).min(),
        first_reply,
        resolve: case.resolve_time,
        close: case.close_time,
        // Not told where the calendar is not published that far.
        due: case_due(case, calendar).ok().flatten(),
        in_time: kept(case, Clock::FirstReply, first_reply, calendar),
        on_time: kept(case, Clock::Completion, case.resolve_time, calendar),
        called_back: calls().next().is_some(),
        reached: verdict.is_some(),
        solved: verdict.and_then(|callback| callback.solved),
        satisfaction: verdict.and_then(|callback| callback.satisfied),
        handled: verdict.and_then(|callback| callback.with),
        reopened: false,
    }
}

/// Whether a limit of the whole was kept. What is not done is late once something happened after it was due; until then
/// nobody knows.
fn kept(case: &Case, clock: Clock, done: Option<DateTime<Utc>>, calendar: &Calendar) -> Option<bool> {
    let at = done.unwrap_or(case.update_time);
    match (due_as_of(case, clock, at, calendar), done) {
        (Ok(Some(due)), Some(done)) => Some(done <= due),
        (Ok(Some(due)), None) => (due < at).then_some(false),
        (Ok(None) | Err(_), _) => None,
    }
}

/// What is counted of the rounds of a case that some events touched: of the round in which they leave it and, before
/// that, of rounds that they ended. `before` is the case before them.
pub fn facts_after(before: Option<&Case>, history: &[Recorded], calendar: &Calendar) -> Vec<Facts> {
    rounds_after(before, history).iter().map(|round| round.facts(calendar)).collect()
}

/// A round, as its last event left the case.
#[derive(Debug, Clone, PartialEq)]
pub struct Round {
    /// The case.
    pub case: Case,
    /// The version that began it anew, if one did.
    pub reopened: Option<i64>,
}

impl Round {
    /// What is counted of it, by the calendar that the case had then.
    pub fn facts(&self, calendar: &Calendar) -> Facts {
        let facts = facts(&self.case, calendar);
        match self.reopened {
            Some(version) => Facts { reopened: true, version, ..facts },
            None => facts,
        }
    }
}

/// The rounds that some events ended, and the one in which they leave the case.
pub fn rounds_after(before: Option<&Case>, history: &[Recorded]) -> Vec<Round> {
    let mut rounds = Vec::new();
    let mut case = before.cloned();
    for recorded in history {
        let after = apply(case.clone(), recorded);
        if let (Some(was), Some(is)) = (&case, &after)
            && was.round < is.round
        {
            rounds.push(Round { case: was.clone(), reopened: Some(is.version) });
        }
        case = after;
    }
    rounds.extend(case.map(|case| Round { case, reopened: None }));
    rounds
}
