//! GetHousehold.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::permit;
use crate::Registry;
use crate::convert;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::GetHouseholdRequest>,
) -> Result<proto::Household, Error> {
    let (call, request) = Call::open(request);
    let id = convert::household_name("name", &request.name)?;
    let permitted = permit::household(registry, &call, "GetHousehold", &id).await?;
    convert::household(&registry.keyring, permitted.household, permitted.sight)
}
