//! ResolveAssignment.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{REPLY_MAX, act, again, seen};
use crate::domain::case::Target;
use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::ResolveAssignmentRequest>,
) -> Result<proto::Assignment, Error> {
    let (call, request) = Call::open(request);
    let text = convert::optional_prose("text", &request.text, REPLY_MAX)?;
    let text = (!text.is_empty()).then_some(text);
    let change = call.change("ResolveAssignment", &request.request_id, &request, cases.clock.now())?;
    if let Some(answer) = again(cases, &call, "ResolveAssignment", &change, &request.name).await? {
        return Ok(answer);
    }
    let seen = seen(cases, &call, "ResolveAssignment", &request.name).await?;
    act(cases, &change, seen, Target::Complete(text)).await
}
