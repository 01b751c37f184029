//! GetGrid.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::GetGridRequest>,
) -> Result<proto::Grid, Error> {
    let (call, request) = Call::open(request);
    let code = convert::grid_name("name", &request.name)?;
    registry.authorize(&call, "GetGrid", Target::within(code.as_str()))?;
    let grid = registry.store.grid(&code).await?.ok_or_else(|| Refusal::missing(format!("grid {code}")))?;
    Ok(convert::grid(grid))
}
