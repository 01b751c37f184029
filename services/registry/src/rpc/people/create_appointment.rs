//! CreateAppointment.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::authorize_appointments;
use crate::Registry;
use crate::convert;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::CreateAppointmentRequest>,
) -> Result<proto::Appointment, Error> {
    let (call, request) = Call::open(request);
    let person = convert::person_name("parent", &request.parent)?;
    let given = request.appointment.as_ref().ok_or_else(|| Violation::required("appointment"))?;
    let new = convert::new_appointment("appointment", given, registry.today())?;
    authorize_appointments(registry, &call, "CreateAppointment", [&new])?;
    let change = call.change("CreateAppointment", &request.request_id, &request, registry.clock.now())?;
    let made = registry.store.create_appointment(&change, &person, &new).await?;
    registry.appointments.forget();
    Ok(convert::appointment(made))
}
