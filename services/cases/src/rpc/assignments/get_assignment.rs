//! GetAssignment.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{calendar_of, seen};
use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::GetAssignmentRequest>,
) -> Result<proto::Assignment, Error> {
    let (call, request) = Call::open(request);
    let seen = seen(cases, &call, "GetAssignment", &request.name).await?;
    let calendar = calendar_of(cases, &seen.case).await?;
    let part = seen.case.assignment(seen.part).ok_or_else(|| Error::Internal("a part is gone".to_owned()))?;
    Ok(convert::assignment(&seen.case, part, &calendar, seen.sight, cases.clock.now()))
}
