//! EndGrid.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::EndGridRequest>,
) -> Result<proto::Grid, Error> {
    let (call, request) = Call::open(request);
    let code = convert::grid_name("name", &request.name)?;
    let day = convert::date("effective_to", &request.effective_to)?;
    registry.authorize(&call, "EndGrid", Target::within(code.as_str()))?;
    let change = call.change("EndGrid", &request.request_id, &request, registry.clock.now())?;
    let ended = registry.store.end_grid(&change, &code, day.unwrap_or_else(|| registry.today())).await?;
    registry.atlas.put(&registry.store, vec![ended.clone()]).await;
    Ok(convert::grid(ended))
}
