//! Who is calling, and in which roles.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Role;

/// The name of the issuer of calls that a service makes of its own accord.
pub const SYSTEM_ISSUER: &str = "urn:minqing:system";

/// A role that somebody holds, where and for whom.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appointment {
    /// The role.
    pub role: Role,
    /// For which organization, as a resource name (`organizations/x`); none where the role belongs to none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// Where: the leading digits of a division's or grid's code. Empty is everywhere.
    #[serde(default)]
    pub division: String,
}

impl Appointment {
    /// An appointment for no organization and everywhere.
    pub const fn everywhere(role: Role) -> Self {
        Self { role, organization: None, division: String::new() }
    }

    /// Whether a division's or grid's code lies within this appointment's reach.
    pub fn covers(&self, code: &str) -> bool {
        code.starts_with(&self.division)
    }
}

static ANONYMOUS: [Appointment; 1] = [Appointment::everywhere(Role::Anonymous)];
static CITIZEN: [Appointment; 1] = [Appointment::everywhere(Role::Citizen)];

/// Who is calling. The identity layer puts it into the extensions of every request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who vouches for the subject: the token's `iss`. Empty for an anonymous caller.
    pub issuer: String,
    /// The name by which the issuer knows the caller: the token's `sub`. Empty for an anonymous caller.
    pub subject: String,
    /// The person in the registry (`people/x`) to whom the subject is linked.
    pub person: Option<String>,
    /// What the caller was appointed to, as of this call.
    pub appointments: Vec<Appointment>,
}

impl Caller {
    /// Nobody signed in.
    pub const fn anonymous() -> Self {
        Self { issuer: String::new(), subject: String::new(), person: None, appointments: Vec::new() }
    }

    /// A service of this suite acting of its own accord: a timer, an import, a demo.
    pub fn system() -> Self {
        Self {
            issuer: SYSTEM_ISSUER.to_owned(),
            subject: "system".to_owned(),
            person: None,
            appointments: vec![Appointment::everywhere(Role::SystemAccount)],
        }
    }

    /// Whether nobody signed in.
    pub fn is_anonymous(&self) -> bool {
        self.subject.is_empty()
    }

    /// The roles to decide by, never empty: the appointments, or else that of a citizen, or of an anonymous caller.
    pub fn roles(&self) -> &[Appointment] {
        if self.is_anonymous() {
            &ANONYMOUS
        } else if self.appointments.is_empty() {
            &CITIZEN
        } else {
            &self.appointments
        }
    }

    /// The name for records of access and of changes: the person where one is linked, else the issuer's name and the
    /// subject, so that equal subjects of two issuers stay apart.
    pub fn name_for_audit(&self) -> Cow<'_, str> {
        match &self.person {
            Some(person) => Cow::Borrowed(person),
            None if self.is_anonymous() => Cow::Borrowed("anonymous"),
            None => Cow::Owned(format!("{}#{}", self.issuer, self.subject)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_holds_no_appointment_acts_as_citizen_or_anonymously() {
        assert_eq!(Caller::anonymous().roles()[0].role, Role::Anonymous);
        let mut caller = Caller::system();
        assert_eq!(caller.roles()[0].role, Role::SystemAccount);
        caller.appointments.clear();
        assert_eq!(caller.roles(), [Appointment::everywhere(Role::Citizen)]);
    }

    #[test]
    fn equal_subjects_of_two_issuers_are_told_apart_in_records() {
        let mut one = Caller::system();
        one.issuer = "https://a".into();
        let other = Caller { issuer: "https://b".into(), ..one.clone() };
        assert_ne!(one.name_for_audit(), other.name_for_audit());
        assert_eq!(Caller::anonymous().name_for_audit(), "anonymous");
    }

    #[test]
    fn an_appointment_reaches_every_code_that_begins_with_its_division() {
        let town = Appointment { division: "321181100".into(), ..Appointment::everywhere(Role::Cadre) };
        assert!(town.covers("321181100001") && !town.covers("321181101001") && !town.covers("321181"));
        assert!(Appointment::everywhere(Role::Auditor).covers("321181101001"));
    }
}
