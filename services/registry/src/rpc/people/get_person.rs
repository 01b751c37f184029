//! GetPerson.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::{missing, view};
use crate::Registry;
use crate::convert;
use crate::convert::View;
use crate::store::person::AppointmentFilter;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::GetPersonRequest>,
) -> Result<proto::Person, Error> {
    let (call, request) = Call::open(request);
    let id = convert::person_name("name", &request.name)?;
    registry.authorize(&call, "GetPerson", Target::NOWHERE)?;
    let person = registry.store.person(&id).await?.ok_or_else(|| missing(&id))?;
    let view = view(registry, &call, &person);
    // A person without an office is nobody's business: that there is one is not told either.
    if view == View::Public && !is_officer(registry, &id).await? {
        return Err(missing(&id));
    }
    convert::person(&registry.keyring, person, view)
}

async fn is_officer(registry: &Registry, id: &str) -> Result<bool, Error> {
    let on = Some(registry.today());
    let filter = AppointmentFilter { person: Some(id.to_owned()), on, ..AppointmentFilter::default() };
    Ok(!registry.store.appointments(&filter, "", 1).await?.is_empty())
}
