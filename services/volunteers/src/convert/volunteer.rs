//! Volunteers between messages and domain.

use minqing_platform::error::Error;
use minqing_platform::field::timestamp;
use minqing_platform::named::number;
use minqing_platform::seal::Keyring;
use minqing_proto::volunteers::v1 as proto;

use crate::domain::access::Access;
use crate::domain::volunteer::{Availability, Guardian, Noted, Record, Volunteer};
use crate::store::sealed::open_personal;

/// How much of a volunteer is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sight {
    /// Names; masked where not.
    names: bool,
    /// The telephone in full; masked where not.
    phone: bool,
    /// The identity number and the guardian's telephone in full; masked where not.
    numbers: bool,
    /// The record as it is kept: birth date, real name, insurance. Left out where not.
    record: bool,
    /// Health, guardian and why somebody is suspended. Left out where not.
    intimate: bool,
}

impl Sight {
    /// To the volunteer, and for a stated purpose that was recorded: everything.
    pub const FULL: Self = Self { names: true, phone: true, numbers: true, record: true, intimate: true };
    /// To the volunteer and to the coordinators of their area: numbers masked.
    pub const KEPT: Self = Self { phone: false, numbers: false, ..Self::FULL };
    /// To whoever leads a team of theirs: what is needed to plan with them.
    pub const LED: Self = Self { record: false, intimate: false, ..Self::KEPT };
    /// To such a leader, for a stated purpose that was recorded: also the telephone.
    pub const CALLED: Self = Self { phone: true, ..Self::LED };
    /// In the list of an area.
    pub const LISTED: Self = Self { names: false, intimate: false, ..Self::KEPT };
    /// In the list of a team.
    pub const LISTED_LED: Self = Self { names: false, ..Self::LED };
}

/// A volunteer as a message.
///
/// # Errors
/// What is sealed does not open: a fault of the keys or of the data.
pub fn volunteer(keyring: &Keyring, record: Record, sight: Sight) -> Result<proto::Volunteer, Error> {
    let Record { volunteer, sealed } = record;
    let personal = open_personal(keyring, &volunteer.number, &sealed)?;
    let shown = if sight.numbers { personal.clone() } else { personal.masked(!sight.names) };
    let phone = if sight.phone { personal.phone } else { shown.phone };
    let mut message = planned(&volunteer);
    message.display_name = shown.display_name;
    message.phone = phone;
    if sight.record {
        message.identity_number = shown.identity_number;
        message.birth_date = volunteer.birth_date.to_string();
        message.person = volunteer.person.unwrap_or_default();
        message.verification = volunteer.verification.map(noted);
        message.insurance = volunteer.insurance;
    }
    if sight.intimate {
        message.health_limits = volunteer.health_limits.into_iter().map(number).collect();
        message.state_reason = volunteer.state_reason;
        message.guardian_consent = volunteer.guardian_consent.map(|consent| proto::GuardianConsent {
            valid_until: consent.until.to_string(),
            guardian: shown.guardian.map(guardian),
            noted: Some(noted(consent.noted)),
        });
    }
    Ok(message)
}

/// What a team needs to plan with a volunteer.
fn planned(volunteer: &Volunteer) -> proto::Volunteer {
    proto::Volunteer {
        name: format!("volunteers/{}", volunteer.number),
        division_code: volunteer.home.to_string(),
        skills: volunteer.skills.clone(),
        languages: volunteer.languages.clone(),
        availability: Some(availability(&volunteer.availability)),
        real_name_state: number(volunteer.real_name),
        insured_until: volunteer.insured_until.map(|day| day.to_string()).unwrap_or_default(),
        state: number(volunteer.state),
        create_time: Some(timestamp(volunteer.create_time)),
        update_time: Some(timestamp(volunteer.update_time)),
        etag: volunteer.version.to_string(),
        ..Default::default()
    }
}

fn availability(availability: &Availability) -> proto::Availability {
    let weekly = availability.weekly.iter().map(|span| proto::WeeklySpan {
        weekday: span.weekday.into(),
        from_minute: span.from.into(),
        to_minute: span.to.into(),
    });
    let dated = availability.dated.iter().map(|span| proto::DatedSpan {
        date: span.date.to_string(),
        from_minute: span.from.into(),
        to_minute: span.to.into(),
        available: span.available,
    });
    proto::Availability { weekly: weekly.collect(), dated: dated.collect() }
}

fn guardian(guardian: Guardian) -> proto::Guardian {
    let Guardian { display_name, relation, phone } = guardian;
    proto::Guardian { display_name, relation, phone }
}

fn noted(noted: Noted) -> proto::Noted {
    proto::Noted { actor: noted.by, occur_time: Some(timestamp(noted.time)), evidence: noted.evidence }
}

/// A record of access as a message.
pub fn access_record(record: Access) -> proto::VolunteerAccessRecord {
    proto::VolunteerAccessRecord {
        actor: record.actor,
        purpose: record.purpose,
        fields: record.fields,
        occur_time: Some(timestamp(record.occur_time)),
    }
}
