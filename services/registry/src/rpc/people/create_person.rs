//! CreatePerson.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::{authorize_appointments, view};
use crate::Registry;
use crate::convert;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::CreatePersonRequest>,
) -> Result<proto::Person, Error> {
    let (call, request) = Call::open(request);
    let new = convert::new_person(&registry.keyring, "", &request, registry.today())?;
    registry.authorize(&call, "CreatePerson", Target::within(new.division.as_str()))?;
    authorize_appointments(registry, &call, "CreateAppointment", &new.appointments)?;
    let change = call.change("CreatePerson", &request.request_id, &request, registry.clock.now())?;
    let made = registry.store.create_people(&change, &[new]).await?;
    registry.appointments.forget();
    let made = made.into_iter().next().ok_or_else(|| Error::Internal("nobody was created".to_owned()))?;
    let view = view(registry, &call, &made);
    convert::person(&registry.keyring, made, view)
}
