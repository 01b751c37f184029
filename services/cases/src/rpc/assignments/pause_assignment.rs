//! PauseAssignment.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{REASON_MAX, act, again, seen};
use crate::domain::case::Target;
use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::PauseAssignmentRequest>,
) -> Result<proto::Assignment, Error> {
    let (call, request) = Call::open(request);
    let reason = convert::member("reason", request.reason)?;
    let note = convert::optional_prose("note", &request.note, REASON_MAX)?;
    let change = call.change("PauseAssignment", &request.request_id, &request, cases.clock.now())?;
    if let Some(answer) = again(cases, &call, "PauseAssignment", &change, &request.name).await? {
        return Ok(answer);
    }
    let seen = seen(cases, &call, "PauseAssignment", &request.name).await?;
    act(cases, &change, seen, Target::Pause(reason, note)).await
}
