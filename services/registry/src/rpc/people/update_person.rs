//! UpdatePerson.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::{permitted, target, view};
use crate::Registry;
use crate::convert;
use crate::domain::person::{Changes, Person};
use crate::store::person::AppointmentFilter;

/// What people can change of themselves. Not their accounts: by another's they would act as somebody else.
const OWN_FIELDS: &[&str] = &["display_name", "work_phone", "phone"];
/// The most appointments of one person.
const APPOINTMENTS_MAX: i64 = 1_000;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::UpdatePersonRequest>,
) -> Result<proto::Person, Error> {
    let (call, request) = Call::open(request);
    let given = request.person.as_ref().ok_or_else(|| Violation::required("person"))?;
    let id = convert::person_name("person.name", &given.name)?;
    let person = permitted(registry, &call, "UpdatePerson", &id).await?;
    let changes = convert::person_changes(&registry.keyring, &id, given, request.update_mask.as_ref())?;
    let version = convert::etag("person.etag", &given.etag)?.unwrap_or(person.version);
    authorize(registry, &call, &person, &changes).await?;
    let change = call.change("UpdatePerson", &request.request_id, &request, registry.clock.now())?;
    // What was read for the permission must not have changed since.
    let changed = registry.store.update_person(&change, &id, changes, Some(version)).await?;
    registry.appointments.forget();
    let view = view(registry, &call, &changed);
    convert::person(&registry.keyring, changed, view)
}

/// Whoever changes more than people can change of themselves must keep the record.
async fn authorize(
    registry: &Registry,
    call: &Call,
    person: &Person,
    changes: &Changes,
) -> Result<(), Error> {
    if changes.fields().iter().all(|field| OWN_FIELDS.contains(field)) {
        return Ok(());
    }
    let kept = Target { own: false, ..target(call, person) };
    registry.authorize(call, "UpdatePerson", kept)?;
    if let Some(division) = &changes.division {
        registry.authorize(call, "UpdatePerson", Target::within(division.as_str()))?;
    }
    if changes.subjects.is_some() {
        // An account acts by the person's appointments, so whoever links one lends all of them: also those that lie
        // outside of the record's division.
        let filter = AppointmentFilter { person: Some(person.id.clone()), ..AppointmentFilter::default() };
        let held = registry.store.appointments(&filter, "", APPOINTMENTS_MAX).await?;
        let today = registry.today();
        for held in held.iter().filter(|held| held.effective.to.is_none_or(|to| to > today)) {
            registry.authorize(call, "UpdatePerson", Target::within(held.office.division_code()))?;
        }
    }
    Ok(())
}
