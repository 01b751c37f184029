//! A need as its history leaves it.

use chrono::{DateTime, Utc};
use minqing_platform::named::named;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::event::Requirements;
use super::facts::{Place, Refused, Source};

named! {
    /// Where a need stands.
    Status {
        /// Raised; nobody has looked at it yet.
        Submitted = "submitted",
        /// Found true (核实); it awaits a team.
        Open = "open",
        /// Proposed to a team, which has to answer.
        Proposed = "proposed",
        /// A team takes it on.
        Accepted = "accepted",
        /// Served, and reported on.
        Resolved = "resolved",
        /// Not taken up.
        Refused = "refused",
        /// Taken back by whoever raised it.
        Withdrawn = "withdrawn",
    }
}

impl Status {
    /// Whether somebody still owes something.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Submitted | Self::Open | Self::Proposed | Self::Accepted)
    }

    /// Whether it takes up a team's capacity.
    pub const fn is_with_team(self) -> bool {
        matches!(self, Self::Proposed | Self::Accepted)
    }
}

/// A need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Need {
    /// The last part of its name.
    pub id: Uuid,
    /// How many events made it.
    pub version: i64,
    /// Where it stands.
    pub status: Status,
    /// Where it came from.
    pub source: Source,
    /// By whom it was raised; the service itself for a case.
    pub raiser: String,
    /// Of a case: the part of the corps in it.
    pub assignment: Option<String>,
    /// Of a team's own plan: the team.
    pub planner: Option<String>,
    /// In one line.
    pub title: String,
    /// In full.
    pub content: String,
    /// Where.
    pub place: Place,
    /// What it takes.
    pub requirements: Requirements,
    /// The team that it is proposed to, or that takes or took it on.
    pub team: Option<String>,
    /// The matching that proposed it.
    pub matching: Option<String>,
    /// Teams that declined it, or did not answer.
    pub declined: Vec<String>,
    /// When the next step is due.
    pub due: Option<DateTime<Utc>>,
    /// Why it was not taken up.
    pub refused: Option<Refused>,
    /// What whoever raised it was told at the end.
    pub answer: Option<String>,
    /// Whether it is solved, as the team says.
    pub solved: Option<bool>,
    /// Whether it is solved, as whoever raised it says.
    pub confirmed: Option<bool>,
    /// How satisfied they are, 1 to 5.
    pub satisfaction: Option<u8>,
    /// Why cases did not take the last thing they were told.
    pub answer_refused: Option<String>,
    /// When it was raised.
    pub create_time: DateTime<Utc>,
    /// When the newest event happened.
    pub update_time: DateTime<Utc>,
    /// When it was reported on.
    pub resolve_time: Option<DateTime<Utc>>,
}
