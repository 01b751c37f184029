//! CreateDivision.

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
    request: Request<proto::CreateDivisionRequest>,
) -> Result<proto::Division, Error> {
    let (call, request) = Call::open(request);
    let division = request.division.as_ref().ok_or_else(|| Violation::required("division"))?;
    let new = convert::new_division("division", &division.code, &division.display_name)?;
    let from = convert::date("division.effective_from", &division.effective_from)?;
    registry.authorize(&call, "CreateDivision", Target::within(new.code.as_str()))?;
    let change = call.change("CreateDivision", &request.request_id, &request, registry.clock.now())?;
    let made =
        registry.store.create_division(&change, &new, from.unwrap_or_else(|| registry.today())).await?;
    Ok(convert::division(made))
}
