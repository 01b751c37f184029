//! What a command leads to, or the rule that stands against it.

use chrono::{DateTime, TimeDelta, Utc};
use minqing_platform::error::Refusal;

use super::event::{Event, Requirements, Submission};
use super::facts::{Place, Refused, Source};
use super::state::{Need, Status};

/// After so many events a need takes no more proposals: its history is read as a whole.
const EVENTS_MAX: i64 = 1_000;

/// How soon the corps promises each step, round the clock.
#[derive(Debug, Clone, Copy)]
pub struct Promise {
    /// Until a need is looked at.
    pub verify: TimeDelta,
    /// Until it is proposed to a team.
    pub propose: TimeDelta,
    /// Until the team answers.
    pub accept: TimeDelta,
}

impl Promise {
    /// For what has no next step.
    pub const NONE: Self =
        Self { verify: TimeDelta::zero(), propose: TimeDelta::zero(), accept: TimeDelta::zero() };
}

/// What is to happen to a need.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// It is true, and takes this.
    Verify(Requirements, Place),
    /// It is not taken up, and whoever raised it is told so.
    Refuse(Refused, String),
    /// Whoever raised it takes it back.
    Withdraw(String),
    /// A team is asked, by a matching or by hand.
    Propose {
        /// The team.
        team: String,
        /// The matching.
        matching: Option<String>,
    },
    /// The team takes it on.
    Accept,
    /// The team does not, or gives it back.
    Decline(String),
    /// The team did not answer in time.
    Lapse,
    /// The team did something about it; whether that solved it.
    Report(String, bool),
    /// Whoever raised it says whether it is solved, and how satisfied they are.
    Rate(bool, Option<u8>),
    /// Cases did not take what they were told, for this reason.
    RefuseAnswer(String),
    /// Cases are told again.
    RetryAnswer,
}

/// The events of a need that is raised.
///
/// # Errors
/// A window that is over already.
pub fn submit(submission: Submission, now: DateTime<Utc>) -> Result<Vec<Event>, Refusal> {
    check_windows(&submission.requirements, now)?;
    Ok(vec![Event::Submitted(Box::new(submission))])
}

/// The events that a command leads to.
///
/// # Errors
/// The business rule that stands against it, by its name.
pub fn decide(
    need: &Need,
    command: &Command,
    promise: Promise,
    now: DateTime<Utc>,
) -> Result<Vec<Event>, Refusal> {
    let event = match command {
        Command::Verify(requirements, place) => verify(need, requirements, place, promise, now)?,
        Command::Refuse(reason, text) => {
            must_be(need, &[Status::Submitted, Status::Open])?;
            Event::Refused { reason: *reason, text: text.clone() }
        }
        Command::Withdraw(reason) => {
            must_be(need, &[Status::Submitted, Status::Open, Status::Proposed, Status::Accepted])?;
            Event::Withdrawn { reason: reason.clone() }
        }
        Command::Propose { team, matching } => propose(need, team, matching.as_ref(), promise, now)?,
        Command::Accept => {
            must_be(need, &[Status::Proposed])?;
            Event::Accepted
        }
        Command::Decline(reason) => {
            must_be(need, &[Status::Proposed, Status::Accepted])?;
            Event::Declined { reason: reason.clone(), due: now + promise.propose }
        }
        Command::Lapse => lapse(need, promise, now)?,
        Command::Report(text, solved) => {
            must_be(need, &[Status::Accepted])?;
            Event::Reported { text: text.clone(), solved: *solved }
        }
        Command::Rate(confirmed, satisfaction) => rate(need, *confirmed, *satisfaction)?,
        Command::RefuseAnswer(reason) => Event::AnswerRefused { reason: reason.clone() },
        Command::RetryAnswer => {
            if need.answer_refused.is_none() {
                return rule("ANSWER_NOT_REFUSED", "cases refused nothing that they were told of it");
            }
            Event::AnswerRetried
        }
    };
    Ok(vec![event])
}

fn verify(
    need: &Need,
    requirements: &Requirements,
    place: &Place,
    promise: Promise,
    now: DateTime<Utc>,
) -> Result<Event, Refusal> {
    // What turns out otherwise is put right as long as no team was asked.
    must_be(need, &[Status::Submitted, Status::Open])?;
    if requirements.post.is_none() {
        return rule("POST_MISSING", "say which post serves it");
    }
    check_windows(requirements, now)?;
    let due = now + promise.propose;
    Ok(Event::Verified { requirements: requirements.clone(), place: place.clone(), due })
}

fn propose(
    need: &Need,
    team: &str,
    matching: Option<&String>,
    promise: Promise,
    now: DateTime<Utc>,
) -> Result<Event, Refusal> {
    must_be(need, &[Status::Open])?;
    if need.version >= EVENTS_MAX {
        return rule("HISTORY_FULL", format!("{EVENTS_MAX} things happened to it: bring it to an end"));
    }
    if need.declined.iter().any(|declined| declined == team) {
        return rule("TEAM_DECLINED", format!("teams/{team} declined it"));
    }
    Ok(Event::Proposed { team: team.to_owned(), matching: matching.cloned(), due: now + promise.accept })
}

fn lapse(need: &Need, promise: Promise, now: DateTime<Utc>) -> Result<Event, Refusal> {
    must_be(need, &[Status::Proposed])?;
    if need.due.is_none_or(|due| now < due) {
        return rule("PROPOSAL_STANDS", "the team still has time to answer");
    }
    Ok(Event::ProposalLapsed { due: now + promise.propose })
}

fn rate(need: &Need, confirmed: bool, satisfaction: Option<u8>) -> Result<Event, Refusal> {
    must_be(need, &[Status::Resolved])?;
    if need.source == Source::Case {
        return rule("RATED_IN_CASES", "whoever raised the case says so there");
    }
    if need.confirmed.is_some() {
        return rule("RATED_ALREADY", "it was rated");
    }
    Ok(Event::Rated { confirmed, satisfaction })
}

/// Whoever can be served only in the past cannot be served.
fn check_windows(requirements: &Requirements, now: DateTime<Utc>) -> Result<(), Refusal> {
    let windows = &requirements.windows;
    if !windows.is_empty() && windows.iter().all(|window| window.to <= now) {
        return rule("WINDOWS_PAST", "all of its windows are over");
    }
    Ok(())
}

/// Refuses what a need's status does not allow, by the status's own name.
fn must_be(need: &Need, allowed: &[Status]) -> Result<(), Refusal> {
    if allowed.contains(&need.status) {
        return Ok(());
    }
    let reason = match need.status {
        Status::Submitted => "NEED_SUBMITTED",
        Status::Open => "NEED_OPEN",
        Status::Proposed => "NEED_PROPOSED",
        Status::Accepted => "NEED_ACCEPTED",
        Status::Resolved => "NEED_RESOLVED",
        Status::Refused => "NEED_REFUSED",
        Status::Withdrawn => "NEED_WITHDRAWN",
    };
    let allowed: Vec<&str> = allowed.iter().map(|status| status.as_str()).collect();
    rule(reason, format!("needs/{} is {}; it must be {}", need.id, need.status, allowed.join(" or ")))
}

fn rule<T>(reason: &'static str, text: impl Into<std::borrow::Cow<'static, str>>) -> Result<T, Refusal> {
    Err(Refusal::rule(reason, text))
}
