//! A case as its history leaves it.

use chrono::{DateTime, Utc};
use minqing_platform::code::Code;
use serde::{Deserialize, Serialize};

use super::facts::{
    CaseType, Door, Handled, Identity, Party, PauseReason, Place, Priority, ReturnReason, Satisfaction,
};
use super::ladder::Rung;
use crate::domain::calendar::{self, Limit};
use minqing_platform::named::named;

named! {
    /// Where a case stands.
    Status {
        /// Raised; nobody has taken it up yet. Whoever was asked first owns it (首问负责).
        Submitted = "submitted",
        /// Taken up by the centre; not yet with a unit.
        Accepted = "accepted",
        /// With a unit, in work.
        Dispatched = "dispatched",
        /// The lead unit is done; whoever raised it is asked whether it is solved.
        Resolved = "resolved",
        /// Answered and ended (办结).
        Closed = "closed",
        /// Not taken up, with an answer that says why.
        Rejected = "rejected",
        /// Taken back by whoever raised it.
        Withdrawn = "withdrawn",
        /// Carried on in another case, which answers here too.
        Merged = "merged",
        /// Carried on in several cases.
        Split = "split",
    }
}

impl Status {
    /// Whether somebody still owes something.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Submitted | Self::Accepted | Self::Dispatched | Self::Resolved)
    }
}

/// A case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// The number by which it is known.
    pub number: String,
    /// How many events made it.
    pub version: i64,
    /// Where it stands.
    pub status: Status,
    /// What is wanted, as it is seen now.
    pub kind: CaseType,
    /// What was wanted when it came in: this one is counted.
    pub first_kind: CaseType,
    /// A milder type that awaits a second person.
    pub retype: Option<Retype>,
    /// The door.
    pub door: Door,
    /// The urgency.
    pub priority: Priority,
    /// In one line.
    pub title: String,
    /// In full.
    pub content: String,
    /// Where.
    pub place: Place,
    /// The item of the catalogue and its version, frozen at acceptance.
    pub item: Option<ItemRef>,
    /// How whoever raised it is known.
    pub identity: Identity,
    /// Organizations (`organizations/x`) and people (`people/x`) it is against.
    pub against: Vec<String>,
    /// What it came from: an observation, a case it was split from, another system's own number.
    pub origin: Option<String>,
    /// Who owns it: whoever must move next, and answers for it.
    pub owner: Party,
    /// Who moved it on last in the name of the centre or, before that, was asked first: it comes back to them.
    pub desk: Party,
    /// Every owner since the first who was asked, the newest last.
    pub owners: Vec<Held>,
    /// The calendar by which its limits run, frozen at acceptance.
    pub calendar: Option<calendar::Ref>,
    /// The limit for completion, frozen at acceptance.
    pub limit: Option<Limit>,
    /// 1, and one more with each reopening: a fresh clock.
    pub round: u32,
    /// When this round began.
    pub round_time: DateTime<Utc>,
    /// Since when it stands where it stands; what comes next is due from here.
    pub status_time: DateTime<Utc>,
    /// Units and their parts, of all rounds.
    pub assignments: Vec<Assignment>,
    /// How often it came back from a unit, in this round.
    pub bounces: u32,
    /// What whoever raised it was told.
    pub replies: Vec<Reply>,
    /// What they were asked.
    pub questions: Vec<Question>,
    /// What they said about the outcome.
    pub callbacks: Vec<Callback>,
    /// Cases that were merged into this one.
    pub merged: Vec<String>,
    /// The case it was merged into, or those it was split into.
    pub continued: Vec<String>,
    /// When it came in.
    pub create_time: DateTime<Utc>,
    /// When the newest event happened.
    pub update_time: DateTime<Utc>,
    /// When the last round was resolved.
    pub resolve_time: Option<DateTime<Utc>>,
    /// When it ended.
    pub close_time: Option<DateTime<Utc>>,
}

impl Case {
    /// The unit that leads in this round, unless it is not with one.
    pub fn lead(&self) -> Option<&Assignment> {
        self.current().find(|assignment| assignment.part == Part::Lead && assignment.status.is_live())
    }

    /// The parts of this round.
    pub fn current(&self) -> impl Iterator<Item = &Assignment> {
        self.assignments.iter().filter(|assignment| assignment.round == self.round)
    }

    /// One part.
    pub fn assignment(&self, id: u32) -> Option<&Assignment> {
        self.assignments.iter().find(|assignment| assignment.id == id)
    }

    /// Whether whoever raised it was told something in this round.
    pub fn is_answered(&self) -> bool {
        self.replies.iter().any(|reply| reply.round == self.round)
    }

    /// What was said last about the outcome of this round by somebody who was reached.
    pub fn verdict(&self) -> Option<&Callback> {
        self.callbacks.iter().rev().find(|callback| callback.round == self.round && callback.reached)
    }

    /// Every organization that has or had a part.
    pub fn organizations(&self) -> impl Iterator<Item = &str> {
        self.assignments.iter().map(|assignment| assignment.organization.as_str())
    }

    /// The grid, where it is known.
    pub fn grid(&self) -> Option<&Code> {
        (self.place.code.level() == minqing_platform::code::Level::Grid).then_some(&self.place.code)
    }
}

/// An item of the catalogue as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemRef {
    /// `items/x`.
    pub name: String,
    /// Its version.
    pub version: i64,
}

/// Somebody who owned a case, since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Who.
    pub by: Party,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// A milder type that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retype {
    /// The type.
    pub to: CaseType,
    /// By whom: somebody else must agree.
    pub by: Party,
    /// Why.
    pub reason: String,
}

named! {
    /// What a unit's part is.
    Part {
        /// It answers for the whole (主办).
        Lead = "lead",
        /// It does its share (协办).
        Joint = "joint",
    }
}

named! {
    /// Where a part stands.
    AssignmentStatus {
        /// Sent to the unit; the clock runs already.
        Pending = "pending",
        /// The unit has signed for it (签收).
        Signed = "signed",
        /// Its clock stands still.
        Paused = "paused",
        /// Done.
        Resolved = "resolved",
        /// Given back.
        Returned = "returned",
        /// Taken from the unit: the case ended or went another way.
        Cancelled = "cancelled",
    }
}

impl AssignmentStatus {
    /// Whether the unit still has it.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Pending | Self::Signed | Self::Paused)
    }
}

/// A unit's part in a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// Counted within the case, from 1.
    pub id: u32,
    /// The round.
    pub round: u32,
    /// The organization (`organizations/x`).
    pub organization: String,
    /// Lead or joint.
    pub part: Part,
    /// Where it stands.
    pub status: AssignmentStatus,
    /// Whether it was decided for good: it cannot be returned (裁定).
    pub binding: bool,
    /// What the unit is to do.
    pub instruction: String,
    /// Its own limit.
    pub limit: Limit,
    /// When it was dispatched; its clock starts here, whenever the unit signs.
    pub start_time: DateTime<Utc>,
    /// When and by whom it was signed for.
    pub signed: Option<Held>,
    /// When the unit first told whoever raised it something.
    pub first_reply_time: Option<DateTime<Utc>>,
    /// Spans in which its clock stood still.
    pub pauses: Vec<Pause>,
    /// More time that was asked for, the newest last.
    pub extensions: Vec<Extension>,
    /// Another unit that was asked to take over.
    pub hand_over: Option<HandOver>,
    /// Why it was given back.
    pub returned: Option<ReturnReason>,
    /// When the unit was done, gave it back, or lost it.
    pub end_time: Option<DateTime<Utc>>,
    /// The rungs of the ladder that were climbed.
    pub ladder: Vec<Rung>,
    /// Whether missing its limit was recorded.
    pub breached: bool,
}

impl Assignment {
    /// Working days granted beyond the limit.
    pub fn granted_days(&self) -> u32 {
        let granted = |extension: &&Extension| extension.state == ExtensionState::Granted;
        self.extensions.iter().filter(granted).map(|extension| extension.working_days).sum()
    }

    /// Whether its clock stands still for an answer.
    pub fn awaits_citizen(&self) -> bool {
        let lasting = self.pauses.iter().find(|pause| pause.to.is_none());
        lasting.is_some_and(|pause| pause.reason == PauseReason::AwaitingCitizen)
    }

    /// The extension that awaits a decision.
    pub fn asked_extension(&self) -> Option<&Extension> {
        self.extensions.iter().find(|extension| extension.state == ExtensionState::Asked)
    }
}

/// A span in which a clock stands still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Since when.
    pub from: DateTime<Utc>,
    /// Until when; `None` while it lasts.
    pub to: Option<DateTime<Utc>>,
    /// Why.
    pub reason: PauseReason,
    /// In words.
    pub note: String,
}

/// More time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// How much, in working days.
    pub working_days: u32,
    /// Why.
    pub reason: String,
    /// By whom.
    pub by: Party,
    /// Asked, granted, refused.
    pub state: ExtensionState,
}

named! {
    /// Where a request for more time stands.
    ExtensionState {
        /// Asked for.
        Asked = "asked",
        /// Granted.
        Granted = "granted",
        /// Refused.
        Refused = "refused",
    }
}

/// A hand-over that awaits its acceptance. Until then the first unit owns the part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOver {
    /// To whom.
    pub to: String,
    /// Why.
    pub note: String,
}

/// Something whoever raised the case was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The round.
    pub round: u32,
    /// By whom.
    pub by: Party,
    /// What.
    pub text: String,
    /// When.
    pub time: DateTime<Utc>,
}

/// Something whoever raised the case was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The part for which it is asked.
    pub assignment: u32,
    /// By whom.
    pub by: Party,
    /// What.
    pub text: String,
    /// When.
    pub time: DateTime<Utc>,
    /// The answer, once there is one.
    pub answer: Option<String>,
    /// Whether the unit went on without an answer, or no longer has the part.
    pub dropped: bool,
}

impl Question {
    /// Whether an answer is still awaited.
    pub const fn is_open(&self) -> bool {
        self.answer.is_none() && !self.dropped
    }
}

/// What whoever raised the case said about its outcome: three facts, none of which stands for another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callback {
    /// The round.
    pub round: u32,
    /// By whom it was asked or, by `citizen`, told.
    pub by: Party,
    /// Whether somebody was reached.
    pub reached: bool,
    /// Whether it is solved.
    pub solved: Option<bool>,
    /// How satisfied they are.
    pub satisfied: Option<Satisfaction>,
    /// With whom.
    pub with: Option<Handled>,
    /// In words.
    pub note: String,
    /// When.
    pub time: DateTime<Utc>,
}
