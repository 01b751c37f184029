//! EndOrganization.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::{authorize_all, codes_of};
use crate::Registry;
use crate::convert;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::EndOrganizationRequest>,
) -> Result<proto::Organization, Error> {
    let (call, request) = Call::open(request);
    let id = convert::organization_name("name", &request.name)?;
    let day = convert::date("effective_to", &request.effective_to)?.unwrap_or_else(|| registry.today());
    let there = registry.store.organization(&id).await?;
    let there = there.ok_or_else(|| Refusal::missing(format!("organization {id}")))?;
    authorize_all(registry, &call, "EndOrganization", codes_of(&there.facts))?;
    let change = call.change("EndOrganization", &request.request_id, &request, registry.clock.now())?;
    Ok(convert::organization(registry.store.end_organization(&change, &id, day).await?))
}
