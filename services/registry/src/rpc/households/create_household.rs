//! CreateHousehold.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;
use crate::convert::Sight;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::CreateHouseholdRequest>,
) -> Result<proto::Household, Error> {
    let (call, request) = Call::open(request);
    let household = request.household.as_ref().ok_or_else(|| Violation::required("household"))?;
    let new = convert::new_household("household", &household.grid, &household.address)?;
    let from = convert::date("household.effective_from", &household.effective_from)?;
    registry.authorize(&call, "CreateHousehold", Target::within(new.grid.as_str()))?;
    let change = call.change("CreateHousehold", &request.request_id, &request, registry.clock.now())?;
    let from = from.unwrap_or_else(|| registry.today());
    let made = registry.store.create_household(&change, &new, from).await?;
    convert::household(&registry.keyring, made, Sight::Whole)
}
