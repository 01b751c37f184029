//! UpdateDivision.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;
use crate::domain::division::DISPLAY_NAME_MAX;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::UpdateDivisionRequest>,
) -> Result<proto::Division, Error> {
    let (call, request) = Call::open(request);
    let division = request.division.as_ref().ok_or_else(|| Violation::required("division"))?;
    let code = convert::division_name("division.name", &division.name)?;
    convert::mask("update_mask", request.update_mask.as_ref(), &["display_name"])?;
    let name = convert::text("division.display_name", &division.display_name, DISPLAY_NAME_MAX)?;
    let version = convert::etag("division.etag", &division.etag)?;
    registry.authorize(&call, "UpdateDivision", Target::within(code.as_str()))?;
    let change = call.change("UpdateDivision", &request.request_id, &request, registry.clock.now())?;
    let renamed = registry.store.rename_division(&change, &code, &name, version).await?;
    Ok(convert::division(renamed))
}
