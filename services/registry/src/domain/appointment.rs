//! Appointments (任职): who holds which office, where, and for whom.

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::error::Refusal;
use minqing_platform::identity::Role;
use serde::{Deserialize, Serialize};

use super::organization::{ends_after_it_begins, in_force_during};
use minqing_platform::code::{Code, Level};
use minqing_platform::period::Period;

/// What makes two appointments of one person the same office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Office {
    /// What the person is appointed to.
    pub role: Role,
    /// The level of a representative; `None` for other roles.
    pub level: Option<Level>,
    /// For which organization, by the last part of its name.
    pub organization: Option<String>,
    /// Where: a division or a grid; `None` is everywhere.
    pub place: Option<Code>,
}

impl Office {
    /// The code of the place; empty for everywhere.
    pub fn division_code(&self) -> &str {
        self.place.as_ref().map_or("", Code::as_str)
    }
}

/// An appointment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// The last part of its name.
    pub id: String,
    /// The person, by the last part of the name.
    pub person: String,
    /// The person's display name.
    pub person_display_name: String,
    /// The office.
    pub office: Office,
    /// The days in force.
    pub effective: Period,
    /// When the record was made.
    pub create_time: DateTime<Utc>,
    /// When the record last changed.
    pub update_time: DateTime<Utc>,
    /// Grows by one with each change.
    pub version: i64,
}

/// An appointment that is to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAppointment {
    /// The last part of its name.
    pub id: String,
    /// The office.
    pub office: Office,
    /// The days in force.
    pub effective: Period,
}

/// What the rules need to know of what an appointment refers to. `None` when it does not exist.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The days of the person.
    pub person: &'a Period,
    /// The days of the division or grid.
    pub place: Option<&'a Period>,
    /// The days of the organization.
    pub organization: Option<&'a Period>,
}

/// An appointment makes sense by itself: it ends after it begins, its level and place fit the role.
///
/// # Errors
/// One of these does not hold.
pub fn is_sound(office: &Office, effective: &Period) -> Result<(), Refusal> {
    if let Some(to) = effective.to
        && effective.is_empty()
    {
        let text = format!("it would end on {to} and begins on {}", effective.from);
        return Err(Refusal::rule("APPOINTMENT_ENDS_BEFORE_IT_BEGINS", text));
    }
    let role = office.role;
    if !role.is_appointable() {
        return Err(Refusal::rule("ROLE_NOT_APPOINTABLE", format!("nobody is appointed {role}")));
    }
    match (role, office.level) {
        (Role::Representative, None | Some(Level::Village | Level::Grid)) => {
            let text = "a representative is of a province, a prefecture, a county or a town";
            return Err(Refusal::rule("REPRESENTATIVE_WITHOUT_LEVEL", text));
        }
        (Role::Representative, Some(_)) | (_, None) => {}
        (_, Some(_)) => {
            return Err(Refusal::rule("LEVEL_NOT_OF_ROLE", format!("the level of a {role} is not chosen")));
        }
    }
    let everywhere = matches!(role, Role::Administrator | Role::Auditor | Role::SystemAccount);
    match &office.place {
        None if !everywhere => {
            Err(Refusal::rule("PLACE_NEEDED", format!("a {role} is appointed to a division or grid")))
        }
        Some(code) if role == Role::GridLead && code.level() != Level::Grid => {
            Err(Refusal::rule("GRID_NEEDED", format!("a grid lead is appointed to a grid; {code} is none")))
        }
        _ => Ok(()),
    }
}

/// An appointment may begin where the person is in force on its first day, the place and the organization are on all of its
/// days, and the person does not hold the same office on any of them.
///
/// # Errors
/// One of these does not hold, or [`is_sound`] fails.
pub fn may_begin<'a>(
    new: &NewAppointment,
    setting: Setting<'_>,
    held: impl IntoIterator<Item = (&'a Office, &'a Period)>,
) -> Result<(), Refusal> {
    let (office, effective) = (&new.office, &new.effective);
    is_sound(office, effective)?;
    let day = effective.from;
    if !setting.person.holds(day) {
        return Err(Refusal::rule("PERSON_NOT_IN_FORCE", format!("the person is not in force on {day}")));
    }
    if let Some(code) = &office.place {
        in_force_during("division", code.as_str(), setting.place, effective)?;
    }
    if let Some(id) = &office.organization {
        in_force_during("organization", id, setting.organization, effective)?;
    }
    let again = |(other, days): &(&Office, &Period)| {
        // The level is no part of it: nobody represents one place at two levels for one body at once.
        let same = (other.role, &other.organization, &other.place)
            == (office.role, &office.organization, &office.place);
        same && days.overlaps(effective)
    };
    if held.into_iter().any(|other| again(&other)) {
        let text = format!("the person is {} there already on some of these days", office.role);
        return Err(Refusal::rule("APPOINTMENT_OVERLAPS", text));
    }
    Ok(())
}

/// An appointment may end after it begins; one with an end may end earlier, not later.
///
/// # Errors
/// It would end before it begins, or ended before.
pub fn may_end(appointment: &Appointment, day: NaiveDate, today: NaiveDate) -> Result<(), Refusal> {
    let effective = appointment.effective;
    // An end that lies ahead was a plan, which can be brought forward.
    let brought_forward = effective.to.is_some_and(|to| to > today && day < to);
    let open = if brought_forward { Period::since(effective.from) } else { effective };
    match ends_after_it_begins("appointment", &appointment.id, &open, day) {
        Err(refusal) if refusal.reason == "ENDS_BEFORE_IT_BEGINS" => {
            Err(Refusal::rule("APPOINTMENT_ENDS_BEFORE_IT_BEGINS", refusal.message))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(number: i64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Duration::days(number)
    }

    fn office(role: Role, place: &str) -> Office {
        Office { role, level: None, organization: None, place: place.parse().ok() }
    }

    fn new(office: Office, effective: Period) -> NewAppointment {
        NewAppointment { id: "a".into(), office, effective }
    }

    fn reason(result: Result<(), Refusal>) -> Option<&'static str> {
        result.err().map(|refusal| refusal.reason)
    }

    fn periods() -> impl Strategy<Value = Period> {
        (0..20_i64, prop::option::of(1..20_i64))
            .prop_map(|(from, days)| Period { from: day(from), to: days.map(|days| day(from + days)) })
    }

    const ALWAYS: Period = Period::since(NaiveDate::MIN);

    #[test]
    fn an_appointment_that_ends_before_it_begins_is_refused() {
        let wrong = Period { from: day(5), to: Some(day(5)) };
        let refused = is_sound(&office(Role::Cadre, "321181"), &wrong);
        assert_eq!(reason(refused), Some("APPOINTMENT_ENDS_BEFORE_IT_BEGINS"));
    }

    #[test]
    fn level_and_place_fit_the_role() {
        let sound = |office| reason(is_sound(&office, &Period::since(day(0))));
        assert_eq!(sound(office(Role::Representative, "321181100")), Some("REPRESENTATIVE_WITHOUT_LEVEL"));
        let level = |role, level| Office { level: Some(level), ..office(role, "321181100") };
        assert_eq!(sound(level(Role::Representative, Level::Province)), None);
        assert_eq!(sound(level(Role::Cadre, Level::Town)), Some("LEVEL_NOT_OF_ROLE"));
        assert_eq!(sound(office(Role::GridLead, "321181100201")), Some("GRID_NEEDED"));
        assert_eq!(sound(office(Role::GridLead, "321181100201001")), None);
        assert_eq!(sound(office(Role::Cadre, "")), Some("PLACE_NEEDED"));
        assert_eq!(sound(office(Role::Auditor, "")), None);
        assert_eq!(sound(office(Role::Citizen, "321181")), Some("ROLE_NOT_APPOINTABLE"));
    }

    #[test]
    fn what_it_refers_to_must_be_in_force() {
        let ended = Period { from: day(-9), to: Some(day(0)) };
        let appointment = new(
            Office { organization: Some("o".into()), ..office(Role::Cadre, "321181") },
            Period::since(day(0)),
        );
        let begin = |person: &Period, place: Option<&Period>, organization: Option<&Period>| {
            reason(may_begin(&appointment, Setting { person, place, organization }, []))
        };
        assert_eq!(begin(&ALWAYS, Some(&ALWAYS), Some(&ALWAYS)), None);
        assert_eq!(begin(&ended, Some(&ALWAYS), Some(&ALWAYS)), Some("PERSON_NOT_IN_FORCE"));
        assert_eq!(begin(&ALWAYS, None, Some(&ALWAYS)), Some("DIVISION_MISSING"));
        assert_eq!(begin(&ALWAYS, Some(&ended), Some(&ALWAYS)), Some("DIVISION_NOT_IN_FORCE"));
        assert_eq!(begin(&ALWAYS, Some(&ALWAYS), None), Some("ORGANIZATION_MISSING"));
        assert_eq!(begin(&ALWAYS, Some(&ALWAYS), Some(&ended)), Some("ORGANIZATION_NOT_IN_FORCE"));
    }

    #[test]
    fn an_end_is_brought_forward_but_what_ended_stays_ended() {
        let appointment = |to| Appointment {
            id: "a".into(),
            person: "p".into(),
            person_display_name: String::new(),
            office: office(Role::Cadre, "321181"),
            effective: Period { from: day(0), to },
            create_time: DateTime::UNIX_EPOCH,
            update_time: DateTime::UNIX_EPOCH,
            version: 1,
        };
        assert_eq!(reason(may_end(&appointment(None), day(3), day(2))), None);
        assert_eq!(
            reason(may_end(&appointment(None), day(0), day(2))),
            Some("APPOINTMENT_ENDS_BEFORE_IT_BEGINS")
        );
        assert_eq!(reason(may_end(&appointment(Some(day(9))), day(3), day(2))), None);
        assert_eq!(reason(may_end(&appointment(Some(day(9))), day(10), day(2))), Some("ALREADY_ENDED"));
        assert_eq!(reason(may_end(&appointment(Some(day(2))), day(1), day(2))), Some("ALREADY_ENDED"));
    }

    proptest! {
        #[test]
        fn nobody_holds_one_office_twice_on_a_day(held in periods(), next in periods(), elsewhere: bool) {
            let there = office(Role::Proxy, "321181100");
            let wanted = office(Role::Proxy, if elsewhere { "321181101" } else { "321181100" });
            let setting = Setting { person: &ALWAYS, place: Some(&ALWAYS), organization: None };
            let refused = reason(may_begin(&new(wanted, next), setting, [(&there, &held)]));
            let twice = !elsewhere && (0..60).map(day).any(|day| held.holds(day) && next.holds(day));
            prop_assert_eq!(refused, twice.then_some("APPOINTMENT_OVERLAPS"));
        }
    }
}
