//! ReplyAssignment.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{REPLY_MAX, act, seen};
use crate::domain::case::Target;
use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::ReplyAssignmentRequest>,
) -> Result<proto::Assignment, Error> {
    let (call, request) = Call::open(request);
    let text = convert::prose("text", &request.text, REPLY_MAX)?;
    let seen = seen(cases, &call, "ReplyAssignment", &request.name).await?;
    let change = call.change("ReplyAssignment", &request.request_id, &request, cases.clock.now())?;
    act(cases, &change, seen, Target::Reply(text)).await
}
