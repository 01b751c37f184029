//! What is said about a need: words with a fixed meaning, where and when.

use chrono::{DateTime, Utc};
use minqing_platform::code::Code;
use minqing_platform::named::named;
use serde::{Deserialize, Serialize};

named! {
    /// Where a need came from.
    Source {
        /// A case that was dispatched to the corps.
        Case = "case",
        /// A resident.
        Resident = "resident",
        /// A team's own plan.
        Team = "team",
    }
}

named! {
    /// Why a need is not taken up.
    Refused {
        /// An office, a trade or a court does this.
        NotForVolunteers = "not_for_volunteers",
        /// Whoever raised it cannot be found or did not say enough.
        TooLittleSaid = "too_little_said",
        /// The same need is with the corps already.
        Duplicate = "duplicate",
        /// Nobody may ask that risk of volunteers.
        TooRisky = "too_risky",
        /// No team can do it in time.
        NoTeam = "no_team",
    }
}

named! {
    /// How risky a service is.
    Risk {
        /// That of every day.
        Low = "low",
        /// Roads, ladders, strangers' homes, crowds.
        Medium = "medium",
        /// Floods, fires, traffic, infection: nobody goes without insurance.
        High = "high",
    }
}

/// Where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The division or grid.
    pub code: Code,
    /// Degrees north and east in WGS-84, where a point was given.
    pub position: Option<(f64, f64)>,
    /// In words.
    pub address: String,
}

/// A span of time in which something can be done; the end is not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when.
    pub to: DateTime<Utc>,
}
