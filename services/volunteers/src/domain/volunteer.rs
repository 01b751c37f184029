//! Volunteers (志愿者): who registers, what they can do and when, and the rules by which their record changes.

mod act;
mod availability;
mod fit;
mod personal;

#[cfg(test)]
pub mod tests;

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::code::Code;
use minqing_platform::error::Refusal;
use minqing_platform::named::named;
use serde::{Deserialize, Serialize};

pub use act::{Act, Changes, decide};
pub use availability::{Availability, DAY_MINUTES, Dated, Weekly};
pub use fit::{ADULT_YEARS, age, fit, is_minor, serves};
pub use personal::{Guardian, Personal};

use super::post::Strain;

/// The most characters of a name.
pub const DISPLAY_NAME_MAX: usize = 100;
/// The most skills, and the most languages.
pub const WORDS_MAX: usize = 50;
/// The most characters of a skill or a language.
pub const WORD_MAX: usize = 50;
/// The most characters of an evidence, a reference or a reason.
pub const NOTE_MAX: usize = 200;
/// The most volunteers of one batch.
pub const BATCH_MAX: usize = 500;

named! {
    /// Whether somebody is who they say they are.
    RealName {
        /// They say so.
        Declared = "declared",
        /// Somebody of the corps saw a document.
        Verified = "verified",
    }
}

named! {
    /// Whether a volunteer serves.
    State {
        /// They do.
        Active = "active",
        /// Not for now, by a decision of the corps.
        Suspended = "suspended",
        /// They left.
        Left = "left",
    }
}

/// That somebody noted something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// Who.
    pub by: String,
    /// When.
    pub time: DateTime<Utc>,
    /// On which grounds.
    pub evidence: String,
}

/// A guardian's consent (监护人同意). Who the guardian is stands sealed beside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// The first day on which it no longer holds.
    pub until: NaiveDate,
    /// Who recorded it, when, and how it was given.
    pub noted: Noted,
}

/// A volunteer. Name, identity number, telephone and guardian are sealed, beside: see [`Personal`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volunteer {
    /// The unified number.
    pub number: String,
    /// Who they are when they sign in: `people/x` or `issuer#subject`.
    pub account: Option<String>,
    /// Their record in the registry, `people/x`, where they have one.
    pub person: Option<String>,
    /// Whether they are who they say they are.
    pub real_name: RealName,
    /// Who saw that.
    pub verification: Option<Noted>,
    /// The day of birth.
    pub birth_date: NaiveDate,
    /// What they can do; sorted.
    pub skills: Vec<String>,
    /// Which languages they speak; sorted.
    pub languages: Vec<String>,
    /// When they have time.
    pub availability: Availability,
    /// What their health does not allow; sorted.
    pub health_limits: Vec<Strain>,
    /// For a minor, the guardian's consent.
    pub guardian_consent: Option<Consent>,
    /// The first day on which they are no longer insured.
    pub insured_until: Option<NaiveDate>,
    /// By which insurance: the policy's number or the insurer.
    pub insurance: String,
    /// Where they belong.
    pub home: Code,
    /// Whether they serve.
    pub state: State,
    /// Why they do not.
    pub state_reason: String,
    /// Grows by one with each change.
    pub version: i64,
    /// When they registered.
    pub create_time: DateTime<Utc>,
    /// When the record last changed.
    pub update_time: DateTime<Utc>,
}

/// A volunteer with what is sealed of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The volunteer.
    pub volunteer: Volunteer,
    /// [`Personal`], sealed.
    pub sealed: Vec<u8>,
}

/// Somebody who registers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVolunteer {
    /// The number drawn for them.
    pub number: String,
    /// Their account, when they register themselves or it is known.
    pub account: Option<String>,
    /// Their record in the registry.
    pub person: Option<String>,
    /// The day of birth.
    pub birth_date: NaiveDate,
    /// What they can do.
    pub skills: Vec<String>,
    /// Which languages they speak.
    pub languages: Vec<String>,
    /// When they have time.
    pub availability: Availability,
    /// What their health does not allow.
    pub health_limits: Vec<Strain>,
    /// Where they belong.
    pub home: Code,
    /// [`Personal`], sealed.
    pub sealed: Vec<u8>,
    /// The keyed hash of the identity number.
    pub identity_index: Vec<u8>,
}

/// Somebody of an existing register, as far as it knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// Who.
    pub new: NewVolunteer,
    /// On which grounds they are known by their real name.
    pub verification: Option<String>,
    /// The first day on which they are no longer insured, and by what they are.
    pub insured: Option<(NaiveDate, String)>,
    /// The id of the team that they belong to.
    pub team: Option<String>,
}

impl Enrolment {
    /// The record as it begins: what the register knows happens by the same rules as otherwise.
    ///
    /// # Errors
    /// The rule that stands against it.
    pub fn enrolled(&self, by: &str, now: DateTime<Utc>, today: NaiveDate) -> Result<Record, Refusal> {
        let mut record = self.new.registered(now);
        let verify = self.verification.clone().map(Act::Verify);
        let insure = self.insured.clone().map(|(until, by)| Act::Insure(until, by));
        for act in verify.into_iter().chain(insure) {
            (record.volunteer, _, _) = decide(&record.volunteer, &act, by, now, today)?;
        }
        // It is one change that made the record.
        record.volunteer.version = 1;
        Ok(record)
    }
}

impl NewVolunteer {
    /// The record as it begins.
    pub fn registered(&self, now: DateTime<Utc>) -> Record {
        let new = self.clone();
        let volunteer = Volunteer {
            number: new.number,
            account: new.account,
            person: new.person,
            real_name: RealName::Declared,
            verification: None,
            birth_date: new.birth_date,
            skills: new.skills,
            languages: new.languages,
            availability: new.availability,
            health_limits: new.health_limits,
            guardian_consent: None,
            insured_until: None,
            insurance: String::new(),
            home: new.home,
            state: State::Active,
            state_reason: String::new(),
            version: 1,
            create_time: now,
            update_time: now,
        };
        Record { volunteer, sealed: new.sealed }
    }
}
