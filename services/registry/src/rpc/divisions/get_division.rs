//! GetDivision.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::GetDivisionRequest>,
) -> Result<proto::Division, Error> {
    let (call, request) = Call::open(request);
    let code = convert::division_name("name", &request.name)?;
    registry.authorize(&call, "GetDivision", Target::within(code.as_str()))?;
    let found = registry.store.division(&code).await?;
    let division = found.ok_or_else(|| Refusal::missing(format!("division {code}")))?;
    Ok(convert::division(division))
}
