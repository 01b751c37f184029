//! What happens to a case. Written once and never changed: a name or field here is kept for good.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::facts::{
    CaseType, Door, Handled, Identity, Party, PauseReason, Place, Priority, RejectReason, ReturnReason,
    Satisfaction,
};
use super::ladder::Rung;
use super::state::{ItemRef, Part};
use crate::domain::calendar::{self, Limit};

/// An event with who and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// Its place in the history, from 1.
    pub version: i64,
    /// What happened.
    pub event: Event,
    /// Who did it.
    pub by: Party,
    /// When.
    pub time: DateTime<Utc>,
}

/// A case as it is raised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Submission {
    /// The number given to it.
    pub number: String,
    /// What is wanted.
    pub kind: CaseType,
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
    /// The item of the catalogue, when it is known already.
    pub item: Option<ItemRef>,
    /// How whoever raised it is known.
    pub identity: Identity,
    /// Organizations and people it is against.
    pub against: Vec<String>,
    /// What it came from.
    pub origin: Option<String>,
    /// Who was asked first, and owns it.
    pub first_asked: Party,
    /// The calendar by which the next step is due.
    pub calendar: calendar::Ref,
}

/// A part as it is dispatched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewAssignment {
    /// Counted within the case.
    pub id: u32,
    /// The organization.
    pub organization: String,
    /// Lead or joint.
    pub part: Part,
    /// Its own limit.
    pub limit: Limit,
    /// What the unit is to do.
    pub instruction: String,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// It was raised.
    Submitted(Box<Submission>),
    /// The centre took it up and froze its calendar, item and limit.
    Accepted {
        /// The calendar.
        calendar: calendar::Ref,
        /// The item.
        item: Option<ItemRef>,
        /// The limit for completion.
        limit: Limit,
    },
    /// The centre did not take it up, and said why.
    Rejected {
        /// Why.
        reason: RejectReason,
        /// What whoever raised it was told.
        reply: String,
    },
    /// Whoever raised it took it back.
    Withdrawn {
        /// Why, in their words.
        reason: String,
    },
    /// A milder type was asked for.
    RetypeAsked {
        /// The type.
        to: CaseType,
        /// Why.
        reason: String,
    },
    /// The type changed.
    Retyped {
        /// The type.
        to: CaseType,
        /// Why.
        reason: String,
    },
    /// A milder type was refused.
    RetypeRefused {
        /// Why.
        note: String,
    },
    /// It went to units.
    Dispatched {
        /// Their parts.
        assignments: Vec<NewAssignment>,
        /// Whether the unit may not give it back.
        binding: bool,
    },
    /// A unit signed for its part.
    Signed {
        /// The part.
        assignment: u32,
    },
    /// Whoever raised it was told something.
    Replied {
        /// The part, when a unit tells it.
        assignment: Option<u32>,
        /// What.
        text: String,
    },
    /// Whoever raised it was asked something.
    Asked {
        /// The part.
        assignment: u32,
        /// What.
        text: String,
    },
    /// They answered.
    Answered {
        /// What.
        text: String,
    },
    /// A unit goes on without an answer.
    QuestionDropped {
        /// The part.
        assignment: u32,
    },
    /// A clock stands still.
    Paused {
        /// The part.
        assignment: u32,
        /// Why.
        reason: PauseReason,
        /// In words.
        note: String,
    },
    /// A clock runs again.
    Resumed {
        /// The part.
        assignment: u32,
    },
    /// More time was asked for.
    ExtensionAsked {
        /// The part.
        assignment: u32,
        /// How much.
        working_days: u32,
        /// Why.
        reason: String,
    },
    /// More time was granted.
    ExtensionGranted {
        /// The part.
        assignment: u32,
        /// What whoever raised it was told.
        notice: String,
    },
    /// More time was refused.
    ExtensionRefused {
        /// The part.
        assignment: u32,
        /// Why.
        note: String,
    },
    /// A unit gave its part back.
    Returned {
        /// The part.
        assignment: u32,
        /// Why.
        reason: ReturnReason,
        /// In words.
        note: String,
    },
    /// A unit asks another to take its part over.
    HandOverAsked {
        /// The part.
        assignment: u32,
        /// To whom.
        to: String,
        /// Why.
        note: String,
    },
    /// The other unit took it over; the clock goes on.
    HandOverAccepted {
        /// The part.
        assignment: u32,
    },
    /// The other unit declined.
    HandOverDeclined {
        /// The part.
        assignment: u32,
        /// Why.
        note: String,
    },
    /// A unit is done with its part.
    Completed {
        /// The part.
        assignment: u32,
    },
    /// The lead unit is done with the whole.
    Resolved,
    /// Whoever raised it was called back, or not reached.
    CalledBack {
        /// Whether they were reached.
        reached: bool,
        /// Whether it is solved.
        solved: Option<bool>,
        /// How satisfied they are.
        satisfied: Option<Satisfaction>,
        /// With whom.
        with: Option<Handled>,
        /// In words.
        note: String,
    },
    /// It ended.
    Closed,
    /// It began anew, with a fresh clock.
    Reopened {
        /// Why.
        reason: String,
    },
    /// It is carried on in another case.
    Merged {
        /// The case.
        into: String,
    },
    /// Another case is carried on in this one.
    Absorbed {
        /// The case.
        from: String,
        /// Organizations and people it is against: this one is against them too from now on.
        against: Vec<String>,
    },
    /// It is carried on in several cases.
    Split {
        /// The cases.
        into: Vec<String>,
    },
    /// A rung of the ladder was climbed.
    Escalated {
        /// The part.
        assignment: u32,
        /// The rung.
        rung: Rung,
        /// The people who were told (`people/x`).
        to: Vec<String>,
        /// When the part was due.
        due: DateTime<Utc>,
    },
    /// A limit was missed; the unit answers for it.
    Breached {
        /// The part.
        assignment: u32,
        /// When it was due.
        due: DateTime<Utc>,
    },
    /// Somebody saw to it by hand.
    Supervised {
        /// The part, if it is about one.
        assignment: Option<u32>,
        /// The people who were told.
        to: Vec<String>,
        /// What they were told.
        note: String,
    },
    /// A year was published that its calendar did not know: limits run by this version from now on.
    CalendarRenewed {
        /// The calendar.
        calendar: calendar::Ref,
    },
}

impl Event {
    /// Its name in the feed (`CaseDispatched`).
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Submitted(_) => "CaseSubmitted",
            Self::Accepted { .. } => "CaseAccepted",
            Self::Rejected { .. } => "CaseRejected",
            Self::Withdrawn { .. } => "CaseWithdrawn",
            Self::RetypeAsked { .. } => "CaseRetypeAsked",
            Self::Retyped { .. } => "CaseRetyped",
            Self::RetypeRefused { .. } => "CaseRetypeRefused",
            Self::Dispatched { .. } => "CaseDispatched",
            Self::Signed { .. } => "AssignmentSigned",
            Self::Replied { .. } => "CaseReplied",
            Self::Asked { .. } => "CitizenAsked",
            Self::Answered { .. } => "CitizenAnswered",
            Self::QuestionDropped { .. } => "QuestionDropped",
            Self::Paused { .. } => "AssignmentPaused",
            Self::Resumed { .. } => "AssignmentResumed",
            Self::ExtensionAsked { .. } => "ExtensionAsked",
            Self::ExtensionGranted { .. } => "ExtensionGranted",
            Self::ExtensionRefused { .. } => "ExtensionRefused",
            Self::Returned { .. } => "AssignmentReturned",
            Self::HandOverAsked { .. } => "HandOverAsked",
            Self::HandOverAccepted { .. } => "HandOverAccepted",
            Self::HandOverDeclined { .. } => "HandOverDeclined",
            Self::Completed { .. } => "AssignmentCompleted",
            Self::Resolved => "CaseResolved",
            Self::CalledBack { .. } => "CaseCalledBack",
            Self::Closed => "CaseClosed",
            Self::Reopened { .. } => "CaseReopened",
            Self::Merged { .. } => "CaseMerged",
            Self::Absorbed { .. } => "CaseAbsorbed",
            Self::Split { .. } => "CaseSplit",
            Self::Escalated { .. } => "CaseEscalated",
            Self::Breached { .. } => "LimitBreached",
            Self::Supervised { .. } => "CaseSupervised",
            Self::CalendarRenewed { .. } => "CaseCalendarRenewed",
        }
    }

    /// The part it is about, if it is about one.
    pub const fn assignment(&self) -> Option<u32> {
        match self {
            Self::Replied { assignment, .. } | Self::Supervised { assignment, .. } => *assignment,
            Self::Signed { assignment }
            | Self::Asked { assignment, .. }
            | Self::QuestionDropped { assignment }
            | Self::Paused { assignment, .. }
            | Self::Resumed { assignment }
            | Self::ExtensionAsked { assignment, .. }
            | Self::ExtensionGranted { assignment, .. }
            | Self::ExtensionRefused { assignment, .. }
            | Self::Returned { assignment, .. }
            | Self::HandOverAsked { assignment, .. }
            | Self::HandOverAccepted { assignment }
            | Self::HandOverDeclined { assignment, .. }
            | Self::Completed { assignment }
            | Self::Escalated { assignment, .. }
            | Self::Breached { assignment, .. } => Some(*assignment),
            _ => None,
        }
    }
}
