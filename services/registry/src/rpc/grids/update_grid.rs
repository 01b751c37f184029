//! UpdateGrid.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;
use crate::domain::grid::{DISPLAY_NAME_MAX, Update};

pub async fn handle(
    registry: &Registry,
    request: Request<proto::UpdateGridRequest>,
) -> Result<proto::Grid, Error> {
    let (call, mut request) = Call::open(request);
    let change = call.change("UpdateGrid", &request.request_id, &request, registry.clock.now())?;
    let grid = request.grid.take().ok_or_else(|| Violation::required("grid"))?;
    let code = convert::grid_name("grid.name", &grid.name)?;
    registry.authorize(&call, "UpdateGrid", Target::within(code.as_str()))?;
    let version = convert::etag("grid.etag", &grid.etag)?;
    let update = update(grid, request.update_mask.as_ref())?;
    let changed = registry.store.update_grid(&change, &code, &update, version).await?;
    registry.atlas.put(&registry.store, vec![changed.clone()]).await;
    Ok(convert::grid(changed))
}

/// What is to change: what the mask names, or what the message holds when there is no mask (AIP-134).
fn update(grid: proto::Grid, mask: Option<&prost_types::FieldMask>) -> Result<Update, Violation> {
    convert::mask("update_mask", mask, &["display_name", "boundary"])?;
    let named = |path: &str, held: bool| match mask {
        Some(mask) if !mask.paths.is_empty() => mask.paths.iter().any(|named| named == path),
        _ => held,
    };
    let display_name = named("display_name", !grid.display_name.is_empty())
        .then(|| convert::text("grid.display_name", &grid.display_name, DISPLAY_NAME_MAX))
        .transpose()?;
    let boundary = named("boundary", grid.boundary.is_some())
        .then(|| grid.boundary.map(|shape| convert::boundary("grid.boundary", shape)).transpose())
        .transpose()?;
    Ok(Update { display_name, boundary })
}
