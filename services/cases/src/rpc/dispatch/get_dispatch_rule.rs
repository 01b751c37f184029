//! GetDispatchRule.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::GetDispatchRuleRequest>,
) -> Result<proto::DispatchRule, Error> {
    let (call, request) = Call::open(request);
    let id = convert::dispatch_rule_name("name", &request.name)?;
    cases.authorize(&call, "GetDispatchRule", Target::NOWHERE)?;
    Ok(convert::dispatch_rule(super::present(cases, &id).await?))
}
