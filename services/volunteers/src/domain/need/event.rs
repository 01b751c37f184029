//! What happens to a need. Written once and never changed: a name or field here is kept for good.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::facts::{Place, Refused, Risk, Source, Window};

/// An event with who and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// Its place in the history, from 1.
    pub version: i64,
    /// What happened.
    pub event: Event,
    /// Who did it.
    pub by: String,
    /// When.
    pub time: DateTime<Utc>,
}

/// What it takes to serve a need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirements {
    /// The kind of post, by the last part of its name, once it is known.
    pub post: Option<String>,
    /// What those who serve it must be able to do.
    pub skills: Vec<String>,
    /// How many volunteers.
    pub headcount: u32,
    /// When; any time when empty.
    pub windows: Vec<Window>,
    /// How risky it is.
    pub risk: Risk,
}

impl Requirements {
    /// What it takes when nothing is said.
    pub const MODEST: Self =
        Self { post: None, skills: Vec::new(), headcount: 1, windows: Vec::new(), risk: Risk::Low };
}

/// A need as it is raised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Submission {
    /// The last part of its name.
    pub id: Uuid,
    /// Where it came from.
    pub source: Source,
    /// Of a case: the part of the corps in it (`cases/x/assignments/y`).
    pub assignment: Option<String>,
    /// Of a team: the team, by the last part of its name.
    pub planner: Option<String>,
    /// In one line.
    pub title: String,
    /// In full.
    pub content: String,
    /// Where.
    pub place: Place,
    /// What it takes, as far as it is known.
    pub requirements: Requirements,
    /// When it is to have been looked at.
    pub due: DateTime<Utc>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// It was raised.
    Submitted(Box<Submission>),
    /// It was found true.
    Verified {
        /// What it takes.
        requirements: Requirements,
        /// Where it is, where that was not known well enough.
        place: Place,
        /// When it is to have been proposed to a team.
        due: DateTime<Utc>,
    },
    /// It was not taken up.
    Refused {
        /// Why.
        reason: Refused,
        /// What whoever raised it was told.
        text: String,
    },
    /// It was taken back.
    Withdrawn {
        /// Why.
        reason: String,
    },
    /// It was proposed to a team.
    Proposed {
        /// The team.
        team: String,
        /// The matching that proposed it; by hand when none.
        matching: Option<String>,
        /// When the team is to have answered.
        due: DateTime<Utc>,
    },
    /// The team takes it on.
    Accepted,
    /// The team does not take it on, or gives it back.
    Declined {
        /// Why.
        reason: String,
        /// When it is to have been proposed to another team.
        due: DateTime<Utc>,
    },
    /// The team did not answer in time.
    ProposalLapsed {
        /// When it is to have been proposed to another team.
        due: DateTime<Utc>,
    },
    /// The team did something about it.
    Reported {
        /// What.
        text: String,
        /// Whether it is solved.
        solved: bool,
    },
    /// Whoever raised it said how it went.
    Rated {
        /// Whether it is solved.
        confirmed: bool,
        /// 1 (not at all satisfied) to 5 (very), if they said so.
        satisfaction: Option<u8>,
    },
    /// Cases did not take what they were told of it.
    AnswerRefused {
        /// The reason's name.
        reason: String,
    },
    /// What cases refused is told again.
    AnswerRetried,
}

impl Event {
    /// Its name in the feed and in lists.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Submitted(_) => "NeedSubmitted",
            Self::Verified { .. } => "NeedVerified",
            Self::Refused { .. } => "NeedRefused",
            Self::Withdrawn { .. } => "NeedWithdrawn",
            Self::Proposed { .. } => "NeedProposed",
            Self::Accepted => "NeedAccepted",
            Self::Declined { .. } => "NeedDeclined",
            Self::ProposalLapsed { .. } => "NeedProposalLapsed",
            Self::Reported { .. } => "NeedReported",
            Self::Rated { .. } => "NeedRated",
            Self::AnswerRefused { .. } => "NeedAnswerRefused",
            Self::AnswerRetried => "NeedAnswerRetried",
        }
    }

    /// What was said in words.
    pub fn text(&self) -> &str {
        match self {
            Self::Refused { text, .. } | Self::Reported { text, .. } => text,
            Self::Withdrawn { reason } | Self::Declined { reason, .. } | Self::AnswerRefused { reason } => {
                reason
            }
            _ => "",
        }
    }
}
