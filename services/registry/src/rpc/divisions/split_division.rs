//! SplitDivision.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;
use crate::domain::division::PARTS_MAX;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::SplitDivisionRequest>,
) -> Result<proto::SplitDivisionResponse, Error> {
    let (call, request) = Call::open(request);
    let code = convert::division_name("name", &request.name)?;
    convert::count("successors", request.successors.len(), 2, PARTS_MAX)?;
    let successors = request
        .successors
        .iter()
        .enumerate()
        .map(|(index, new)| {
            convert::new_division(&format!("successors[{index}]"), &new.code, &new.display_name)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let day = convert::date("effective_date", &request.effective_date)?.unwrap_or_else(|| registry.today());
    registry.authorize(&call, "SplitDivision", Target::within(code.as_str()))?;
    let change = call.change("SplitDivision", &request.request_id, &request, registry.clock.now())?;
    let split = registry.store.split_division(&change, &code, &successors, day).await?;
    Ok(proto::SplitDivisionResponse {
        ended: Some(convert::division(split.ended)),
        successors: split.successors.into_iter().map(convert::division).collect(),
    })
}
