//! GetAppointment.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::GetAppointmentRequest>,
) -> Result<proto::Appointment, Error> {
    let (call, request) = Call::open(request);
    let (person, id) = convert::appointment_name("name", &request.name)?;
    registry.authorize(&call, "GetAppointment", Target::NOWHERE)?;
    let found = registry.store.appointment(&person, &id).await?;
    let held = found.ok_or_else(|| Refusal::missing(format!("appointment {id} of person {person}")))?;
    Ok(convert::appointment(held))
}
