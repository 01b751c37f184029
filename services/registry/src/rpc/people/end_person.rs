//! EndPerson.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::{permitted, view};
use crate::Registry;
use crate::convert;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::EndPersonRequest>,
) -> Result<proto::Person, Error> {
    let (call, request) = Call::open(request);
    let id = convert::person_name("name", &request.name)?;
    let day = convert::date("effective_to", &request.effective_to)?.unwrap_or_else(|| registry.today());
    permitted(registry, &call, "EndPerson", &id).await?;
    let change = call.change("EndPerson", &request.request_id, &request, registry.clock.now())?;
    let ended = registry.store.end_person(&change, &id, day).await?;
    registry.appointments.forget();
    let view = view(registry, &call, &ended);
    convert::person(&registry.keyring, ended, view)
}
