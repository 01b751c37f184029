//! MoveHousehold.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::permit;
use crate::Registry;
use crate::convert;
use crate::convert::Sight;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::MoveHouseholdRequest>,
) -> Result<proto::Household, Error> {
    let (call, request) = Call::open(request);
    let id = convert::household_name("name", &request.name)?;
    let to = convert::new_household("", &request.grid, &request.address)?;
    let version = convert::etag("etag", &request.etag)?;
    permit::household(registry, &call, "MoveHousehold", &id).await?;
    // It leaves one area and enters another: the caller must be permitted in both.
    registry.authorize(&call, "MoveHousehold", Target::within(to.grid.as_str()))?;
    let change = call.change("MoveHousehold", &request.request_id, &request, registry.clock.now())?;
    let moved = registry.store.move_household(&change, &id, &to, registry.today(), version).await?;
    convert::household(&registry.keyring, moved, Sight::Whole)
}
