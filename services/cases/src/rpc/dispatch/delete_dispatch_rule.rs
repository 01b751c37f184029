//! DeleteDispatchRule.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::DeleteDispatchRuleRequest>,
) -> Result<proto::DispatchRule, Error> {
    let (call, request) = Call::open(request);
    let id = convert::dispatch_rule_name("name", &request.name)?;
    let version = convert::etag("etag", &request.etag)?;
    let change = call.change("DeleteDispatchRule", &request.request_id, &request, cases.clock.now())?;
    match cases.store.dispatch_rule(&id).await? {
        Some(there) => {
            cases.authorize(&call, "DeleteDispatchRule", Target::within(there.division.as_str()))?;
        }
        // It may have been deleted by this very request, sent before: the store knows, by the caller's own request id.
        None => cases.authorize(&call, "DeleteDispatchRule", Target::NOWHERE)?,
    }
    Ok(convert::dispatch_rule(cases.store.delete_dispatch_rule(&change, &id, version).await?))
}
