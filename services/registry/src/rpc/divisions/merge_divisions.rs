//! MergeDivisions.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;
use crate::domain::division::PARTS_MAX;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::MergeDivisionsRequest>,
) -> Result<proto::Division, Error> {
    let (call, request) = Call::open(request);
    convert::count("names", request.names.len(), 2, PARTS_MAX)?;
    let codes = convert::each("names", &request.names, |field, name| convert::division_name(field, name))?;
    let new = request.successor.as_ref().ok_or_else(|| Violation::required("successor"))?;
    let successor = convert::new_division("successor", &new.code, &new.display_name)?;
    let day = convert::date("effective_date", &request.effective_date)?.unwrap_or_else(|| registry.today());
    for code in codes.iter().chain([&successor.code]) {
        registry.authorize(&call, "MergeDivisions", Target::within(code.as_str()))?;
    }
    let change = call.change("MergeDivisions", &request.request_id, &request, registry.clock.now())?;
    let made = registry.store.merge_divisions(&change, &codes, &successor, day).await?;
    Ok(convert::division(made))
}
