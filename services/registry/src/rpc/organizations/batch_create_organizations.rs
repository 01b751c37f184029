//! BatchCreateOrganizations.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::{authorize_all, codes_of};
use crate::Registry;
use crate::convert;
use crate::domain::organization::BATCH_MAX;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::BatchCreateOrganizationsRequest>,
) -> Result<proto::BatchCreateOrganizationsResponse, Error> {
    let (call, request) = Call::open(request);
    convert::count("requests", request.requests.len(), 1, BATCH_MAX)?;
    let today = registry.today();
    let (mut news, mut violations) = (Vec::new(), Vec::new());
    for (place, one) in request.requests.iter().enumerate() {
        match convert::new_organization(&format!("requests[{place}]"), one, today) {
            Ok(new) => news.push(new),
            Err(faults) => violations.extend(faults),
        }
    }
    let codes = news.iter().flat_map(|new| codes_of(&new.facts));
    authorize_all(registry, &call, "BatchCreateOrganizations", codes)?;
    if !violations.is_empty() {
        return Err(violations.into());
    }
    let change =
        call.change("BatchCreateOrganizations", &request.request_id, &request, registry.clock.now())?;
    let made = registry.store.create_organizations(&change, &news).await?;
    Ok(proto::BatchCreateOrganizationsResponse {
        organizations: made.into_iter().map(convert::organization).collect(),
    })
}
