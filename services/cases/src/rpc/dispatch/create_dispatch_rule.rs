//! CreateDispatchRule.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{check_outcome, item_of};
use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::CreateDispatchRuleRequest>,
) -> Result<proto::DispatchRule, Error> {
    let (call, request) = Call::open(request);
    let new = convert::new_dispatch_rule(&request)?;
    cases.authorize(&call, "CreateDispatchRule", Target::within(new.division.as_str()))?;
    item_of(cases, "dispatch_rule.item", new.facts.item.as_deref()).await?;
    check_outcome(cases, Some(&new.facts.outcome)).await?;
    let change = call.change("CreateDispatchRule", &request.request_id, &request, cases.clock.now())?;
    Ok(convert::dispatch_rule(cases.store.create_dispatch_rule(&change, &new).await?))
}
