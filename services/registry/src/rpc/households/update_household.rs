//! UpdateHousehold.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::permit;
use crate::Registry;
use crate::convert;
use crate::convert::Sight;
use crate::domain::address::ADDRESS_MAX;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::UpdateHouseholdRequest>,
) -> Result<proto::Household, Error> {
    let (call, request) = Call::open(request);
    let household = request.household.as_ref().ok_or_else(|| Violation::required("household"))?;
    let id = convert::household_name("household.name", &household.name)?;
    convert::mask("update_mask", request.update_mask.as_ref(), &["address"])?;
    let address = convert::text("household.address", &household.address, ADDRESS_MAX)?;
    let version = convert::etag("household.etag", &household.etag)?;
    permit::household(registry, &call, "UpdateHousehold", &id).await?;
    let change = call.change("UpdateHousehold", &request.request_id, &request, registry.clock.now())?;
    let changed = registry.store.update_household(&change, &id, &address, version).await?;
    convert::household(&registry.keyring, changed, Sight::Whole)
}
