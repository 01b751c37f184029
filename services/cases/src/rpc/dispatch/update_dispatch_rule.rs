//! UpdateDispatchRule.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{check_outcome, item_of, present};
use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::UpdateDispatchRuleRequest>,
) -> Result<proto::DispatchRule, Error> {
    let (call, request) = Call::open(request);
    let given = request.dispatch_rule.as_ref().ok_or_else(|| Violation::required("dispatch_rule"))?;
    let id = convert::dispatch_rule_name("dispatch_rule.name", &given.name)?;
    let changes = convert::dispatch_rule_changes(given, request.update_mask.as_ref())?;
    let version = convert::etag("dispatch_rule.etag", &given.etag)?;
    let there = present(cases, &id).await?;
    // A rule stays in its area, so what is read here holds for the change as well.
    cases.authorize(&call, "UpdateDispatchRule", Target::within(there.division.as_str()))?;
    item_of(cases, "dispatch_rule.item", changes.item.as_ref().and_then(Option::as_deref)).await?;
    check_outcome(cases, changes.outcome.as_ref()).await?;
    let change = call.change("UpdateDispatchRule", &request.request_id, &request, cases.clock.now())?;
    Ok(convert::dispatch_rule(cases.store.update_dispatch_rule(&change, &id, changes, version).await?))
}
