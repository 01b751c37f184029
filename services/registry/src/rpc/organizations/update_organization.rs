//! UpdateOrganization.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::{authorize_all, codes_of};
use crate::Registry;
use crate::convert;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::UpdateOrganizationRequest>,
) -> Result<proto::Organization, Error> {
    let (call, request) = Call::open(request);
    let given = request.organization.as_ref().ok_or_else(|| Violation::required("organization"))?;
    let id = convert::organization_name("organization.name", &given.name)?;
    let changes = convert::organization_changes(given, request.update_mask.as_ref())?;
    let version = convert::etag("organization.etag", &given.etag)?;
    let there = registry.store.organization(&id).await?;
    let there = there.ok_or_else(|| Refusal::missing(format!("organization {id}")))?;
    authorize_all(registry, &call, "UpdateOrganization", codes_of(&there.facts))?;
    let wanted = changes.division.iter().chain(changes.jurisdiction.iter().flatten());
    authorize_all(registry, &call, "UpdateOrganization", wanted)?;
    let change = call.change("UpdateOrganization", &request.request_id, &request, registry.clock.now())?;
    // What was read for the permission must not have changed since.
    let version = version.unwrap_or(there.version);
    let changed =
        registry.store.update_organization(&change, &id, changes, Some(version), registry.today()).await?;
    Ok(convert::organization(changed))
}
