//! What can happen to a volunteer's record.

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::code::Code;
use minqing_platform::error::Refusal;
use serde_json::{Value, json};

use super::{Availability, Consent, Noted, RealName, State, Volunteer, is_minor, serves};
use crate::domain::post::Strain;

/// What an update gives; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Whether the name, which is sealed, is another.
    pub renamed: bool,
    /// Whether the telephone, which is sealed, is another.
    pub phone: bool,
    /// With another identity number, which is sealed, the day of birth it tells.
    pub birth_date: Option<NaiveDate>,
    /// The account; `Some(None)` takes it away.
    pub account: Option<Option<String>>,
    /// What they can do.
    pub skills: Option<Vec<String>>,
    /// Which languages they speak.
    pub languages: Option<Vec<String>>,
    /// When they have time.
    pub availability: Option<Availability>,
    /// What their health does not allow.
    pub health_limits: Option<Vec<Strain>>,
    /// Where they belong.
    pub home: Option<Code>,
}

impl Changes {
    /// The names of the fields that change, for the event: never what they hold.
    pub fn fields(&self) -> Vec<&'static str> {
        let given = [
            ("display_name", self.renamed),
            ("phone", self.phone),
            ("identity_number", self.birth_date.is_some()),
            ("account", self.account.is_some()),
            ("skills", self.skills.is_some()),
            ("languages", self.languages.is_some()),
            ("availability", self.availability.is_some()),
            ("health_limits", self.health_limits.is_some()),
            ("division_code", self.home.is_some()),
        ];
        given.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect()
    }
}

/// What happens to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// It is corrected.
    Change(Changes),
    /// Somebody saw who they are; on which grounds.
    Verify(String),
    /// A guardian consents until the day before this one; how it was given.
    Consent(NaiveDate, String),
    /// They are insured until the day before this one; by what.
    Insure(NaiveDate, String),
    /// They do not serve for now; why.
    Suspend(String),
    /// They serve again.
    Reinstate,
    /// They leave.
    Leave,
}

/// The record after something happened, and the event that tells of it.
///
/// # Errors
/// The rule that stands against it.
pub fn decide(
    old: &Volunteer,
    act: &Act,
    by: &str,
    now: DateTime<Utc>,
    today: NaiveDate,
) -> Result<(Volunteer, &'static str, Value), Refusal> {
    let mut new = Volunteer { version: old.version + 1, update_time: now, ..old.clone() };
    let noted = |evidence: &str| Noted { by: by.to_owned(), time: now, evidence: evidence.to_owned() };
    let (kind, payload) = match act {
        Act::Change(changes) => {
            change(&mut new, changes)?;
            ("VolunteerUpdated", json!({"fields": changes.fields()}))
        }
        Act::Verify(evidence) => {
            serves(old)?;
            (new.real_name, new.verification) = (RealName::Verified, Some(noted(evidence)));
            ("VolunteerVerified", json!({}))
        }
        Act::Consent(until, evidence) => {
            serves(old)?;
            if !is_minor(old.birth_date, today) {
                return Err(Refusal::rule("NOT_A_MINOR", "an adult needs nobody's consent"));
            }
            ends_later(*until, today)?;
            new.guardian_consent = Some(Consent { until: *until, noted: noted(evidence) });
            ("GuardianConsentRecorded", json!({"until": until}))
        }
        Act::Insure(until, insurance) => {
            serves(old)?;
            ends_later(*until, today)?;
            (new.insured_until, new.insurance) = (Some(*until), insurance.clone());
            ("InsuranceRecorded", json!({"until": until}))
        }
        Act::Suspend(reason) => {
            serves(old)?;
            (new.state, new.state_reason) = (State::Suspended, reason.clone());
            // Why somebody is suspended is between them and the corps.
            ("VolunteerSuspended", json!({}))
        }
        Act::Reinstate => {
            if old.state == State::Active {
                return Err(Refusal::rule("VOLUNTEER_ACTIVE", "the volunteer serves already"));
            }
            (new.state, new.state_reason) = (State::Active, String::new());
            ("VolunteerReinstated", json!({}))
        }
        Act::Leave => {
            if old.state == State::Left {
                return Err(Refusal::rule("VOLUNTEER_LEFT", "the volunteer left already"));
            }
            // What served nothing but planning is struck out; hours and certificates must stay provable.
            new.state = State::Left;
            (new.availability, new.health_limits) = (Availability::default(), Vec::new());
            (new.skills, new.languages) = (Vec::new(), Vec::new());
            ("VolunteerLeft", json!({}))
        }
    };
    Ok((new, kind, payload))
}

fn change(new: &mut Volunteer, changes: &Changes) -> Result<(), Refusal> {
    if new.state == State::Left {
        return Err(Refusal::rule("VOLUNTEER_LEFT", "the record of whoever left changes no more"));
    }
    let given = changes.clone();
    if let Some(birth_date) = given.birth_date {
        if new.real_name == RealName::Verified {
            let text = "the identity number was verified and changes no more";
            return Err(Refusal::rule("REAL_NAME_VERIFIED", text));
        }
        new.birth_date = birth_date;
    }
    if given.renamed {
        // Another name is to be seen again.
        (new.real_name, new.verification) = (RealName::Declared, None);
    }
    if let Some(account) = given.account {
        new.person = account.clone().filter(|account| account.starts_with("people/"));
        new.account = account;
    }
    new.skills = given.skills.unwrap_or_else(|| std::mem::take(&mut new.skills));
    new.languages = given.languages.unwrap_or_else(|| std::mem::take(&mut new.languages));
    new.availability = given.availability.unwrap_or_else(|| std::mem::take(&mut new.availability));
    new.health_limits = given.health_limits.unwrap_or_else(|| std::mem::take(&mut new.health_limits));
    if let Some(home) = given.home {
        new.home = home;
    }
    Ok(())
}

fn ends_later(until: NaiveDate, today: NaiveDate) -> Result<(), Refusal> {
    if until <= today {
        let text = format!("{until} is not after {today}");
        return Err(Refusal::rule("ENDS_BEFORE_IT_BEGINS", text));
    }
    Ok(())
}
