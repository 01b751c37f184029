//! ListOwnHouseholds.

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
    request: Request<proto::ListOwnHouseholdsRequest>,
) -> Result<proto::ListOwnHouseholdsResponse, Error> {
    let (call, _) = Call::open(request);
    registry.authorize(&call, "ListOwnHouseholds", Target { division: None, own: true })?;
    let found = match permit::person(&call) {
        Some(person) => registry.store.households_of(person).await?,
        None => Vec::new(),
    };
    let household = |household| convert::household(&registry.keyring, household, Sight::Whole);
    Ok(proto::ListOwnHouseholdsResponse {
        households: found.into_iter().map(household).collect::<Result<_, _>>()?,
    })
}
