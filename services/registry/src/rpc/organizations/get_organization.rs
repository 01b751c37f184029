//! GetOrganization.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::GetOrganizationRequest>,
) -> Result<proto::Organization, Error> {
    let (call, request) = Call::open(request);
    let id = convert::organization_name("name", &request.name)?;
    registry.authorize(&call, "GetOrganization", Target::NOWHERE)?;
    let found = registry.store.organization(&id).await?;
    Ok(convert::organization(found.ok_or_else(|| Refusal::missing(format!("organization {id}")))?))
}
