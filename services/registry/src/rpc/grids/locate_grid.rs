//! LocateGrid.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Kind, Refusal};
use minqing_platform::policy::Target;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::LocateGridRequest>,
) -> Result<proto::LocateGridResponse, Error> {
    let (call, request) = Call::open(request);
    let place = convert::datum(&request)?;
    let day = convert::date("effective_on", &request.effective_on)?.unwrap_or_else(|| registry.today());
    registry.authorize(&call, "LocateGrid", Target::NOWHERE)?;
    let found = registry.atlas.locate(place, day).await?.ok_or_else(|| Refusal {
        kind: Kind::Missing,
        reason: "PLACE_NOT_IN_A_GRID",
        message: "no grid in force on that day holds this place".into(),
    })?;
    Ok(proto::LocateGridResponse {
        grid: Some(convert::grid_basic(found.grid)),
        divisions: found.divisions.into_iter().map(convert::division).collect(),
        location: Some(convert::lat_lng(place)),
    })
}
