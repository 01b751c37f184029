//! MergeGrids.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;
use crate::domain::grid::PARTS_MAX;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::MergeGridsRequest>,
) -> Result<proto::Grid, Error> {
    let (call, mut request) = Call::open(request);
    let change = call.change("MergeGrids", &request.request_id, &request, registry.clock.now())?;
    convert::count("names", request.names.len(), 2, PARTS_MAX)?;
    let codes = convert::each("names", &request.names, |field, name| convert::grid_name(field, name))?;
    let new = request.successor.take().ok_or_else(|| Violation::required("successor"))?;
    let code = convert::grid_code("successor.code", &new.code)?;
    for code in codes.iter().chain([&code]) {
        registry.authorize(&call, "MergeGrids", Target::within(code.as_str()))?;
    }
    let successor = convert::new_grid("successor", &new.code, &new.display_name, new.boundary)?;
    let day = convert::date("effective_date", &request.effective_date)?.unwrap_or_else(|| registry.today());
    let merge = registry.store.merge_grids(&change, &codes, &successor, day).await?;
    let grids = merge.ended.into_iter().chain([merge.successor.clone()]).collect();
    registry.atlas.put(&registry.store, grids).await;
    Ok(convert::grid(merge.successor))
}
