//! Civic information (民情信息): what officers see and hear on their rounds.
//!
//! What was written down never changes; what becomes of it is its [`Handling`]. Nothing here is about looking for
//! people: a household is only referred to.

pub mod batch;

#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, Utc};
use minqing_platform::code::Code;
use minqing_platform::error::Refusal;
use minqing_platform::status::Violation;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::case::{Anonymity, Case, Door, Party, is_guarded};
use minqing_platform::named::named;

/// How far a device's clock may be ahead.
pub const AHEAD_MAX: TimeDelta = TimeDelta::minutes(5);
/// How long a device may have been offline.
pub const OFFLINE_MAX: TimeDelta = TimeDelta::days(90);

named! {
    /// On what occasion something was observed.
    Kind {
        /// A patrol of a grid (巡查).
        Patrol = "patrol",
        /// A visit to a home (走访).
        Visit = "visit",
        /// A civic diary (民情日记).
        Diary = "diary",
    }
}

impl Kind {
    /// The door through which a case comes in that is made of it.
    pub const fn door(self) -> Door {
        match self {
            Self::Patrol => Door::Patrol,
            Self::Visit => Door::Visit,
            Self::Diary => Door::Diary,
        }
    }
}

named! {
    /// What an observation is about.
    Class {
        /// People's livelihood: income, illness, schooling, care (民生困难).
        Livelihood = "livelihood",
        /// Litter, water, air, noise (环境卫生).
        Environment = "environment",
        /// Hazards: fire, buildings, roads, work (安全隐患).
        Safety = "safety",
        /// Disputes among people (矛盾纠纷).
        Dispute = "dispute",
        /// Roads, lamps, pipes, squares (公共设施).
        Facilities = "facilities",
        /// How offices and services serve (公共服务).
        Services = "services",
        /// Theft, fraud, disorder (社会治安).
        Order = "order",
        /// Houses, land, building (房屋土地).
        Housing = "housing",
        /// Farming and village affairs (农业农村).
        Farming = "farming",
        /// Work and business (就业经营).
        Employment = "employment",
        /// What people think and propose (意见建议).
        Opinion = "opinion",
        /// Anything else (其他).
        Other = "other",
    }
}

named! {
    /// What has become of an observation.
    State {
        /// Nothing yet.
        New = "new",
        /// It is kept, and nothing must be done.
        Archived = "archived",
        /// It became a case.
        Raised = "raised",
    }
}

/// SHA-256 of who sent an observation and what it says.
pub type Digest = [u8; 32];

/// What was written down.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Drawn by the officer's device.
    pub id: Uuid,
    /// Tells the same content from another one.
    pub digest: Digest,
    /// The occasion.
    pub kind: Kind,
    /// When.
    pub observe_time: DateTime<Utc>,
    /// Who, and for which organization.
    pub officer: Party,
    /// The grid.
    pub grid: Code,
    /// Latitude and longitude in WGS-84, where a point was given.
    pub position: Option<(f64, f64)>,
    /// In one line.
    pub title: String,
    /// In full; may be empty.
    pub content: String,
    /// The household that was visited (`households/x`).
    pub household: Option<String>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handling {
    /// 1, and one more with each change.
    pub version: i64,
    /// What it is about, once that was said.
    pub class: Option<Class>,
    /// Whether something must be done.
    pub needs_action: bool,
    /// Where it stands.
    pub state: State,
    /// Who changed it last.
    pub handler: Option<String>,
    /// The number of the case it became.
    pub case: Option<String>,
    /// When it changed last.
    pub update_time: DateTime<Utc>,
}

/// An observation.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// What was written down.
    pub facts: Facts,
    /// What became of it.
    pub handling: Handling,
    /// When it arrived.
    pub create_time: DateTime<Utc>,
}

/// What is to become of an observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// It is about this; something must be done, or nothing, where that is said.
    Classify(Class, Option<bool>),
    /// Nothing must be done; it is about this, where that is said.
    Archive(Option<Class>),
    /// It becomes the case of this number.
    Raise(String),
}

impl Command {
    /// What the feed calls it.
    pub const fn event(&self) -> &'static str {
        match self {
            Self::Classify(..) => "ObservationClassified",
            Self::Archive(_) => "ObservationArchived",
            Self::Raise(_) => "ObservationRaised",
        }
    }
}

/// Checks when something was observed against the service's clock.
///
/// # Errors
/// It lies ahead by more than a device's clock may, or further back than a device may have been offline.
pub fn check_time(field: &str, observed: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Violation> {
    if observed > now + AHEAD_MAX {
        let text = format!("lies more than {} minutes ahead", AHEAD_MAX.num_minutes());
        return Err(Violation::new(field, "TIME_IN_FUTURE", text));
    }
    if observed < now - OFFLINE_MAX {
        let text = format!("lies more than {} days back", OFFLINE_MAX.num_days());
        return Err(Violation::new(field, "TIME_TOO_OLD", text));
    }
    Ok(())
}

/// Lets something become of an observation; gives how it is handled from then on.
///
/// # Errors
/// Something became of it before (`OBSERVATION_NOT_NEW`). It is to be archived though something must be done
/// (`OBSERVATION_NEEDS_ACTION`), or though nobody said what it is about (`CLASS_MISSING`).
pub fn decide(
    before: &Handling,
    command: &Command,
    by: &str,
    now: DateTime<Utc>,
) -> Result<Handling, Refusal> {
    if before.state != State::New {
        let text = format!("the observation is {} already", before.state);
        return Err(Refusal::rule("OBSERVATION_NOT_NEW", text));
    }
    let mut after = before.clone();
    match command {
        Command::Classify(class, needs_action) => {
            after.class = Some(*class);
            after.needs_action = needs_action.unwrap_or(before.needs_action);
        }
        Command::Archive(class) => {
            if before.needs_action {
                let text = "something must be done: make it a case, or say that nothing must be done";
                return Err(Refusal::rule("OBSERVATION_NEEDS_ACTION", text));
            }
            after.class = class.or(before.class);
            if after.class.is_none() {
                return Err(Refusal::rule("CLASS_MISSING", "what it is about must be said first"));
            }
            after.state = State::Archived;
        }
        Command::Raise(number) => {
            after.state = State::Raised;
            after.case = Some(number.clone());
        }
    }
    after.version += 1;
    after.handler = Some(by.to_owned());
    // The clock of another replica may be ahead of this one's.
    after.update_time = now.max(before.update_time);
    Ok(after)
}

/// Whether an observation that became this case tells who raised something against somebody, or who does not want to be
/// known: a household that was visited and what was said there would tell it as well as a name.
pub fn is_kept_close(case: &Case) -> bool {
    is_guarded(case) || !case.against.is_empty() || case.identity.anonymity != Anonymity::Open
}
