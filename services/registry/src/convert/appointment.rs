//! Appointments between messages and domain.

use chrono::NaiveDate;
use minqing_platform::identity::Role;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use uuid::Uuid;

use super::division::{level, level_of};
use super::{Faults, code, date, optional_organization, person_name, timestamp};
use crate::domain::appointment::{Appointment, NewAppointment, Office};
use minqing_platform::code::Code;
use minqing_platform::period::Period;

/// An appointment as a message.
pub fn appointment(held: Appointment) -> proto::Appointment {
    let office = held.office;
    let shown = office.level.or_else(|| office.place.as_ref().map(Code::level));
    proto::Appointment {
        name: format!("people/{}/appointments/{}", held.person, held.id),
        role: role(office.role).into(),
        level: shown.map_or(proto::DivisionLevel::Unspecified, level).into(),
        organization: office.organization.map(|id| format!("organizations/{id}")).unwrap_or_default(),
        division_code: office.place.map(String::from).unwrap_or_default(),
        effective_from: held.effective.from.to_string(),
        effective_to: held.effective.to.map(|day| day.to_string()).unwrap_or_default(),
        person_display_name: held.person_display_name,
        create_time: Some(timestamp(held.create_time)),
        update_time: Some(timestamp(held.update_time)),
        etag: held.version.to_string(),
    }
}

const fn role(role: Role) -> proto::Role {
    match role {
        // Nobody is appointed to these two.
        Role::Anonymous | Role::Citizen => proto::Role::Unspecified,
        Role::GridLead => proto::Role::GridLead,
        Role::BackboneMember => proto::Role::BackboneMember,
        Role::OrdinaryMember => proto::Role::OrdinaryMember,
        Role::InformationOfficer => proto::Role::InformationOfficer,
        Role::Cadre => proto::Role::Cadre,
        Role::WindowClerk => proto::Role::WindowClerk,
        Role::Dispatcher => proto::Role::Dispatcher,
        Role::Supervisor => proto::Role::Supervisor,
        Role::Proxy => proto::Role::Proxy,
        Role::Assistant => proto::Role::Assistant,
        Role::Representative => proto::Role::Representative,
        Role::Mediator => proto::Role::Mediator,
        Role::Coordinator => proto::Role::Coordinator,
        Role::Auditor => proto::Role::Auditor,
        Role::SystemAccount => proto::Role::SystemAccount,
        Role::Administrator => proto::Role::Administrator,
    }
}

/// Reads a role, which may be left out.
///
/// # Errors
/// A number that is no role.
pub fn role_of(field: &str, value: i32) -> Result<Option<Role>, Violation> {
    let said = proto::Role::try_from(value)
        .map_err(|_| Violation::new(field, "INVALID_ENUM", format!("{value} is no role")))?;
    Ok(Role::ALL.into_iter().filter(|known| known.is_appointable()).find(|known| role(*known) == said))
}

/// Reads the name of an appointment (`people/x/appointments/y`); gives the last parts of person and appointment.
///
/// # Errors
/// The field is empty, or is no such name.
pub fn appointment_name(field: &str, text: &str) -> Result<(String, String), Violation> {
    if text.is_empty() {
        return Err(Violation::required(field));
    }
    let wrong = || {
        let form = "must be of the form people/{person}/appointments/{appointment}";
        Violation::new(field, "INVALID_NAME", form)
    };
    let (person, id) = text.split_once("/appointments/").ok_or_else(wrong)?;
    let person = person_name(field, person).map_err(|_| wrong())?;
    if id.is_empty() || id.contains('/') {
        return Err(wrong());
    }
    Ok((person, id.to_owned()))
}

/// Reads an appointment that is to begin; `field` is the path of its message, `from` its first day when left out.
///
/// # Errors
/// Every field that is not valid.
pub fn new_appointment(
    field: &str,
    given: &proto::Appointment,
    from: NaiveDate,
) -> Result<NewAppointment, Vec<Violation>> {
    let at = |name: &str| format!("{field}.{name}");
    let mut faults = Faults::default();
    let role = faults.take(
        role_of(&at("role"), given.role).and_then(|role| role.ok_or_else(|| Violation::required(at("role")))),
    );
    let level = faults.take(level_of(&at("level"), given.level));
    let organization = faults.take(optional_organization(&at("organization"), &given.organization));
    let place = match given.division_code.as_str() {
        "" => Some(None),
        text => faults.take(code(&at("division_code"), text).map(Some)),
    };
    let first =
        faults.take(date(&at("effective_from"), &given.effective_from)).map(|day| day.unwrap_or(from));
    let to = faults.take(date(&at("effective_to"), &given.effective_to));
    let read = || {
        let office = Office { role: role?, level: level?, organization: organization?, place: place? };
        let effective = Period { from: first?, to: to? };
        Some(NewAppointment { id: Uuid::now_v7().to_string(), office, effective })
    };
    faults.or(read())
}
