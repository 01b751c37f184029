//! EndHousehold.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::permit;
use crate::Registry;
use crate::convert;
use crate::convert::Sight;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::EndHouseholdRequest>,
) -> Result<proto::Household, Error> {
    let (call, request) = Call::open(request);
    let id = convert::household_name("name", &request.name)?;
    let day = convert::date("effective_to", &request.effective_to)?.unwrap_or_else(|| registry.today());
    permit::household(registry, &call, "EndHousehold", &id).await?;
    let change = call.change("EndHousehold", &request.request_id, &request, registry.clock.now())?;
    let ended = registry.store.end_household(&change, &registry.keyring, &id, day).await?;
    convert::household(&registry.keyring, ended, Sight::Whole)
}
