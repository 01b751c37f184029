//! GetContactLink.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_proto::registry::v1 as proto;
use tonic::Request;
use uuid::Uuid;

use crate::Registry;
use crate::convert;
use crate::domain::contact_link::ContactLink;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::GetContactLinkRequest>,
) -> Result<proto::ContactLink, Error> {
    let (call, request) = Call::open(request);
    let id = convert::contact_link_id("name", &request.name)?;
    Ok(convert::contact_link(permitted(registry, &call, "GetContactLink", id).await?))
}

/// The link, if the caller may do this to it.
pub async fn permitted(
    registry: &Registry,
    call: &Call,
    action: &str,
    id: Uuid,
) -> Result<ContactLink, Error> {
    // Whoever may do this to no link at all is told so, whether this one exists or not.
    registry.authorize(call, action, Target::NOWHERE)?;
    let link = registry.store.contact_link(id, registry.today()).await?;
    let link = link.ok_or_else(|| Refusal::missing(format!("contact link {id}")))?;
    registry.authorize(call, action, Target::within(link.grid.as_str()))?;
    Ok(link)
}
