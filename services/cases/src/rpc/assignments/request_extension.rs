//! RequestExtension.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{REASON_MAX, act, again, seen};
use crate::domain::case::Target;
use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::RequestExtensionRequest>,
) -> Result<proto::Assignment, Error> {
    let (call, request) = Call::open(request);
    let days = u32::try_from(request.working_days)
        .map_err(|_| Violation::new("working_days", "OUT_OF_RANGE", "must not be negative"))?;
    let reason = convert::prose("reason", &request.reason, REASON_MAX)?;
    let change = call.change("RequestExtension", &request.request_id, &request, cases.clock.now())?;
    if let Some(answer) = again(cases, &call, "RequestExtension", &change, &request.name).await? {
        return Ok(answer);
    }
    let seen = seen(cases, &call, "RequestExtension", &request.name).await?;
    act(cases, &change, seen, Target::AskExtension(days, reason)).await
}
