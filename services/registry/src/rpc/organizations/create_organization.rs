//! CreateOrganization.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::{authorize_all, codes_of};
use crate::Registry;
use crate::convert;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::CreateOrganizationRequest>,
) -> Result<proto::Organization, Error> {
    let (call, request) = Call::open(request);
    let new = convert::new_organization("", &request, registry.today())?;
    authorize_all(registry, &call, "CreateOrganization", codes_of(&new.facts))?;
    let change = call.change("CreateOrganization", &request.request_id, &request, registry.clock.now())?;
    let made = registry.store.create_organizations(&change, &[new]).await?;
    let made = made.into_iter().next().ok_or_else(|| Error::Internal("nothing was created".to_owned()))?;
    Ok(convert::organization(made))
}
