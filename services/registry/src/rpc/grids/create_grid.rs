//! CreateGrid.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::CreateGridRequest>,
) -> Result<proto::Grid, Error> {
    let (call, mut request) = Call::open(request);
    let change = call.change("CreateGrid", &request.request_id, &request, registry.clock.now())?;
    let grid = request.grid.take().ok_or_else(|| Violation::required("grid"))?;
    let code = convert::grid_code("grid.code", &grid.code)?;
    // Before the boundary is read: checking one costs time that only those may cost who may create it.
    registry.authorize(&call, "CreateGrid", Target::within(code.as_str()))?;
    let new = convert::new_grid("grid", &grid.code, &grid.display_name, grid.boundary)?;
    let from = convert::date("grid.effective_from", &grid.effective_from)?;
    let made = registry.store.create_grid(&change, &new, from.unwrap_or_else(|| registry.today())).await?;
    registry.atlas.put(&registry.store, vec![made.clone()]).await;
    Ok(convert::grid(made))
}
