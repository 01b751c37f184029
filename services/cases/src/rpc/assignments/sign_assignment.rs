//! SignAssignment.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{act, again, seen};
use crate::Cases;
use crate::domain::case::Target;

pub async fn handle(
    cases: &Cases,
    request: Request<proto::SignAssignmentRequest>,
) -> Result<proto::Assignment, Error> {
    let (call, request) = Call::open(request);
    let change = call.change("SignAssignment", &request.request_id, &request, cases.clock.now())?;
    if let Some(answer) = again(cases, &call, "SignAssignment", &change, &request.name).await? {
        return Ok(answer);
    }
    let seen = seen(cases, &call, "SignAssignment", &request.name).await?;
    act(cases, &change, seen, Target::Sign).await
}
