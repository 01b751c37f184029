//! EndAppointment.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::EndAppointmentRequest>,
) -> Result<proto::Appointment, Error> {
    let (call, request) = Call::open(request);
    let (person, id) = convert::appointment_name("name", &request.name)?;
    let today = registry.today();
    let day = convert::date("effective_to", &request.effective_to)?.unwrap_or(today);
    let found = registry.store.appointment(&person, &id).await?;
    let missing = || Refusal::missing(format!("appointment {id} of person {person}"));
    let held = found.ok_or_else(missing)?;
    registry.authorize(&call, "EndAppointment", Target::within(held.office.division_code()))?;
    let change = call.change("EndAppointment", &request.request_id, &request, registry.clock.now())?;
    let ended = registry.store.end_appointment(&change, &person, &id, day, today).await?;
    registry.appointments.forget();
    Ok(convert::appointment(ended))
}
