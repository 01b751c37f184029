//! BatchCreatePeople.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::{authorize_appointments, view};
use crate::Registry;
use crate::convert;
use crate::domain::person::BATCH_MAX;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::BatchCreatePeopleRequest>,
) -> Result<proto::BatchCreatePeopleResponse, Error> {
    let (call, request) = Call::open(request);
    convert::count("requests", request.requests.len(), 1, BATCH_MAX)?;
    let today = registry.today();
    let (mut news, mut violations) = (Vec::new(), Vec::new());
    for (place, one) in request.requests.iter().enumerate() {
        match convert::new_person(&registry.keyring, &format!("requests[{place}]"), one, today) {
            Ok(new) => news.push(new),
            Err(faults) => violations.extend(faults),
        }
    }
    for new in &news {
        registry.authorize(&call, "BatchCreatePeople", Target::within(new.division.as_str()))?;
        authorize_appointments(registry, &call, "BatchCreatePeople", &new.appointments)?;
    }
    if !violations.is_empty() {
        return Err(violations.into());
    }
    let change = call.change("BatchCreatePeople", &request.request_id, &request, registry.clock.now())?;
    let made = registry.store.create_people(&change, &news).await?;
    registry.appointments.forget();
    let people = made.into_iter().map(|person| {
        let view = view(registry, &call, &person);
        convert::person(&registry.keyring, person, view)
    });
    Ok(proto::BatchCreatePeopleResponse { people: people.collect::<Result<_, _>>()? })
}
