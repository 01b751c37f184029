//! CreateContactLink.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;
use crate::domain::contact_link::NewLink;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::CreateContactLinkRequest>,
) -> Result<proto::ContactLink, Error> {
    const ACTION: &str = "CreateContactLink";
    let (call, request) = Call::open(request);
    let given = request.contact_link.as_ref().ok_or_else(|| Violation::required("contact_link"))?;
    let (id, member) = convert::new_contact_link("contact_link", given)?;
    let field = "contact_link.effective_from";
    let day = convert::date_or_today(field, &given.effective_from, registry.today())?;
    let change = call.change(ACTION, &request.request_id, &request, registry.clock.now())?;
    // Whoever may do this to no household at all is told so, whether this one exists or not.
    registry.authorize(&call, ACTION, Target::NOWHERE)?;
    let grid = registry.store.grid_of_household(id).await?;
    let grid = grid.ok_or_else(|| Refusal::missing(format!("household {id}")))?;
    registry.authorize(&call, ACTION, Target::within(grid.as_str()))?;
    let new = NewLink { grid, household: id.to_string(), member };
    Ok(convert::contact_link(registry.store.create_contact_link(&change, &new, day).await?))
}
