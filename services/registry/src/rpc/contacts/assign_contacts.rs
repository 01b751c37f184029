//! AssignContacts.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::AssignContactsRequest>,
) -> Result<proto::AssignContactsResponse, Error> {
    let (call, request) = Call::open(request);
    let grid = convert::grid_name("grid", &request.grid)?;
    let day = convert::date_or_today("effective_date", &request.effective_date, registry.today())?;
    registry.authorize(&call, "AssignContacts", Target::within(grid.as_str()))?;
    let change = call.change("AssignContacts", &request.request_id, &request, registry.clock.now())?;
    let assigned =
        registry.store.assign_contacts(&change, &grid, request.reassign, day, request.validate_only).await?;
    Ok(convert::assigned(assigned, &grid))
}
