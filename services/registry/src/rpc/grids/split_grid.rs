//! SplitGrid.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;
use crate::domain::grid::PARTS_MAX;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::SplitGridRequest>,
) -> Result<proto::SplitGridResponse, Error> {
    let (call, mut request) = Call::open(request);
    let change = call.change("SplitGrid", &request.request_id, &request, registry.clock.now())?;
    let code = convert::grid_name("name", &request.name)?;
    registry.authorize(&call, "SplitGrid", Target::within(code.as_str()))?;
    convert::count("successors", request.successors.len(), 2, PARTS_MAX)?;
    let successors = std::mem::take(&mut request.successors)
        .into_iter()
        .enumerate()
        .map(|(index, new)| {
            convert::new_grid(&format!("successors[{index}]"), &new.code, &new.display_name, new.boundary)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let day = convert::date("effective_date", &request.effective_date)?.unwrap_or_else(|| registry.today());
    let split = registry.store.split_grid(&change, &code, &successors, day).await?;
    let grids = split.successors.iter().chain([&split.ended]).cloned().collect();
    registry.atlas.put(&registry.store, grids).await;
    Ok(proto::SplitGridResponse {
        ended: Some(convert::grid(split.ended)),
        successors: split.successors.into_iter().map(convert::grid).collect(),
    })
}
