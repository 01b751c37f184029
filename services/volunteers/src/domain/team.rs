//! Teams (志愿服务队), each with one post, and who belongs to them.

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::code::Code;
use minqing_platform::error::Refusal;
use minqing_platform::named::named;
use minqing_platform::period::Period;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The most characters of a team's name.
pub const DISPLAY_NAME_MAX: usize = 100;
/// The most divisions and grids a team reaches to, its home apart.
pub const REACH_MAX: usize = 100;
/// The most needs a team can have at a time.
pub const CAPACITY_MAX: u32 = 1_000;
/// The most teams of one batch.
pub const BATCH_MAX: usize = 500;

/// A team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// The last part of its name.
    pub id: String,
    /// What it is called.
    pub display_name: String,
    /// The id of its post.
    pub post: String,
    /// Where it is at home.
    pub home: Code,
    /// Where else it serves: divisions and grids; sorted.
    pub reach: Vec<Code>,
    /// How many needs it can have at a time.
    pub capacity: u32,
    /// The number of the volunteer who leads it.
    pub leader: Option<String>,
    /// The days in force.
    pub effective: Period,
    /// 1, and one more with each change.
    pub version: i64,
    /// When it was made.
    pub create_time: DateTime<Utc>,
    /// When it last changed.
    pub update_time: DateTime<Utc>,
}

/// A team that is to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTeam {
    /// The last part of its name.
    pub id: String,
    /// What it is called.
    pub display_name: String,
    /// The id of its post.
    pub post: String,
    /// Where it is at home.
    pub home: Code,
    /// Where else it serves; sorted.
    pub reach: Vec<Code>,
    /// How many needs it can have at a time.
    pub capacity: u32,
    /// The number of the volunteer who leads it.
    pub leader: Option<String>,
    /// The first day.
    pub from: NaiveDate,
}

/// What an update gives; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// What it is called.
    pub display_name: Option<String>,
    /// Where else it serves.
    pub reach: Option<Vec<Code>>,
    /// How many needs it can have at a time.
    pub capacity: Option<u32>,
    /// Who leads it; `Some(None)` for nobody.
    pub leader: Option<Option<String>>,
}

impl Team {
    /// A team as it begins.
    pub fn begun(new: &NewTeam, now: DateTime<Utc>) -> Self {
        let new = new.clone();
        Self {
            id: new.id,
            display_name: new.display_name,
            post: new.post,
            home: new.home,
            reach: new.reach,
            capacity: new.capacity,
            leader: new.leader,
            effective: Period::since(new.from),
            version: 1,
            create_time: now,
            update_time: now,
        }
    }

    /// The team with changes.
    ///
    /// # Errors
    /// It has an end already.
    pub fn changed(&self, changes: Changes, now: DateTime<Utc>) -> Result<Self, Refusal> {
        self.unended()?;
        let old = self.clone();
        Ok(Self {
            display_name: changes.display_name.unwrap_or(old.display_name),
            reach: changes.reach.unwrap_or(old.reach),
            capacity: changes.capacity.unwrap_or(old.capacity),
            leader: changes.leader.unwrap_or(old.leader),
            version: old.version + 1,
            update_time: now,
            ..self.clone()
        })
    }

    /// The team with an end: the first day on which it is no more.
    ///
    /// # Errors
    /// It has one already, or would end before it begins.
    pub fn ended(&self, day: NaiveDate, now: DateTime<Utc>) -> Result<Self, Refusal> {
        self.unended()?;
        let effective = Period { to: Some(day), ..self.effective };
        if effective.is_empty() {
            let text = format!("team {} begins on {}", self.id, effective.from);
            return Err(Refusal::rule("ENDS_BEFORE_IT_BEGINS", text));
        }
        Ok(Self { effective, version: self.version + 1, update_time: now, ..self.clone() })
    }

    /// Whether a place lies at its home or where else it serves.
    pub fn reaches(&self, place: &Code) -> bool {
        self.home.contains(place) || self.reach.iter().any(|area| area.contains(place))
    }

    /// Refuses a team that is not in force on a day.
    ///
    /// # Errors
    /// `TEAM_NOT_IN_FORCE`.
    pub fn in_force(&self, day: NaiveDate) -> Result<(), Refusal> {
        if self.effective.holds(day) {
            return Ok(());
        }
        Err(Refusal::rule("TEAM_NOT_IN_FORCE", format!("teams/{} is not in force on {day}", self.id)))
    }

    fn unended(&self) -> Result<(), Refusal> {
        match self.effective.to {
            Some(to) => Err(Refusal::rule("ALREADY_ENDED", format!("team {} ended on {to}", self.id))),
            None => Ok(()),
        }
    }
}

named! {
    /// Whether a volunteer belongs to a team.
    MembershipState {
        /// It is asked for.
        Requested = "requested",
        /// They do.
        Active = "active",
        /// It was asked for, and declined.
        Declined = "declined",
        /// They did.
        Ended = "ended",
    }
}

/// That a volunteer belongs to a team, or asked to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The last part of its name.
    pub id: Uuid,
    /// The id of the team.
    pub team: String,
    /// The number of the volunteer.
    pub volunteer: String,
    /// Whether they do.
    pub state: MembershipState,
    /// Why it was declined or ended.
    pub reason: String,
    /// Who decided last.
    pub decider: String,
    /// Grows by one with each change.
    pub version: i64,
    /// When it was asked for.
    pub create_time: DateTime<Utc>,
    /// When it last changed.
    pub update_time: DateTime<Utc>,
}

impl Membership {
    /// One that begins in a state.
    pub fn begun(team: &str, volunteer: &str, state: MembershipState, by: &str, now: DateTime<Utc>) -> Self {
        Self {
            id: Uuid::now_v7(),
            team: team.to_owned(),
            volunteer: volunteer.to_owned(),
            state,
            reason: String::new(),
            decider: by.to_owned(),
            version: 1,
            create_time: now,
            update_time: now,
        }
    }

    /// The membership in its next state.
    ///
    /// # Errors
    /// `MEMBERSHIP_STATE`: from its state there is no way to that one.
    pub fn moved(
        &self,
        to: MembershipState,
        reason: &str,
        by: &str,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        use MembershipState::{Active, Declined, Ended, Requested};
        let way = matches!((self.state, to), (Requested, Active | Declined | Ended) | (Active, Ended));
        if !way {
            let text = format!("the membership is {} and cannot become {to}", self.state);
            return Err(Refusal::rule("MEMBERSHIP_STATE", text));
        }
        Ok(Self {
            state: to,
            reason: reason.to_owned(),
            decider: by.to_owned(),
            version: self.version + 1,
            update_time: now,
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests;
