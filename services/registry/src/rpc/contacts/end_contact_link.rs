//! EndContactLink.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::get_contact_link::permitted;
use crate::Registry;
use crate::convert;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::EndContactLinkRequest>,
) -> Result<proto::ContactLink, Error> {
    let (call, request) = Call::open(request);
    let id = convert::contact_link_id("name", &request.name)?;
    let day = convert::date_or_today("effective_to", &request.effective_to, registry.today())?;
    let version = convert::etag("etag", &request.etag)?;
    let change = call.change("EndContactLink", &request.request_id, &request, registry.clock.now())?;
    permitted(registry, &call, "EndContactLink", id).await?;
    Ok(convert::contact_link(registry.store.end_contact_link(&change, id, day, version).await?))
}
