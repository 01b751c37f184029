//! Whether a volunteer may serve in a post: age, guardian, health, insurance, real name.

use chrono::NaiveDate;
use minqing_platform::error::Refusal;

use super::{RealName, State, Volunteer};
use crate::domain::post::Post;

/// From this age, in years, nobody needs a guardian (Civil Code, Art. 17).
pub const ADULT_YEARS: u32 = 18;

/// The age on a day, in whole years; 0 before the day of birth.
pub fn age(birth: NaiveDate, day: NaiveDate) -> u32 {
    day.years_since(birth).unwrap_or(0)
}

/// Whether somebody is a minor on a day.
pub fn is_minor(birth: NaiveDate, day: NaiveDate) -> bool {
    age(birth, day) < ADULT_YEARS
}

/// A volunteer serves in a post on a day when they are with the corps under their real name, are of the age, have their
/// guardian's consent as a minor, can bear what the post asks of the body, and are insured where it is asked.
///
/// # Errors
/// The first rule that stands against it: `VOLUNTEER_LEFT`, `VOLUNTEER_SUSPENDED`, `REAL_NAME_NOT_VERIFIED`,
/// `POST_NOT_IN_FORCE`, `TOO_YOUNG`, `TOO_OLD`, `GUARDIAN_CONSENT_MISSING`, `HEALTH_LIMIT`, `INSURANCE_MISSING`.
pub fn fit(volunteer: &Volunteer, post: &Post, day: NaiveDate) -> Result<(), Refusal> {
    serves(volunteer)?;
    if volunteer.real_name != RealName::Verified {
        let text = "nobody of the corps has seen yet that the volunteer is who they say";
        return Err(Refusal::rule("REAL_NAME_NOT_VERIFIED", text));
    }
    post.in_force(day)?;
    let years = age(volunteer.birth_date, day);
    if years < post.age_min {
        let text = format!("posts/{} is for people of {} years and more", post.id, post.age_min);
        return Err(Refusal::rule("TOO_YOUNG", text));
    }
    if let Some(most) = post.age_max
        && years > most
    {
        return Err(Refusal::rule("TOO_OLD", format!("posts/{} is for people up to {most} years", post.id)));
    }
    let consents = volunteer.guardian_consent.as_ref().is_some_and(|consent| day < consent.until);
    if is_minor(volunteer.birth_date, day) && !consents {
        let text = format!("a minor needs a guardian's consent that holds on {day}");
        return Err(Refusal::rule("GUARDIAN_CONSENT_MISSING", text));
    }
    // Which strain it is says something of somebody's health, and is not told.
    if post.strains.iter().any(|strain| volunteer.health_limits.contains(strain)) {
        let text = format!("posts/{} asks what the volunteer's health does not allow", post.id);
        return Err(Refusal::rule("HEALTH_LIMIT", text));
    }
    if post.needs_insurance() && volunteer.insured_until.is_none_or(|until| until <= day) {
        let text = format!("nobody serves in posts/{} without an insurance that holds on {day}", post.id);
        return Err(Refusal::rule("INSURANCE_MISSING", text));
    }
    Ok(())
}

/// Refuses somebody who is not with the corps now.
///
/// # Errors
/// `VOLUNTEER_LEFT`, `VOLUNTEER_SUSPENDED`.
pub fn serves(volunteer: &Volunteer) -> Result<(), Refusal> {
    let number = &volunteer.number;
    match volunteer.state {
        State::Active => Ok(()),
        State::Suspended => {
            Err(Refusal::rule("VOLUNTEER_SUSPENDED", format!("volunteers/{number} is suspended")))
        }
        State::Left => Err(Refusal::rule("VOLUNTEER_LEFT", format!("volunteers/{number} left"))),
    }
}
