//! HandOverAssignment.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::places;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{REASON_MAX, act, again, seen};
use crate::domain::case::Target;
use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::HandOverAssignmentRequest>,
) -> Result<proto::Assignment, Error> {
    let (call, request) = Call::open(request);
    let to = convert::named("organization", "organizations", &request.organization)?;
    let to = format!("organizations/{to}");
    let note = convert::prose("note", &request.note, REASON_MAX)?;
    let change = call.change("HandOverAssignment", &request.request_id, &request, cases.clock.now())?;
    if let Some(answer) = again(cases, &call, "HandOverAssignment", &change, &request.name).await? {
        return Ok(answer);
    }
    places::check_organization(&cases.registry, "organization", &to, cases.today()).await?;
    let seen = seen(cases, &call, "HandOverAssignment", &request.name).await?;
    act(cases, &change, seen, Target::HandOver(to, note)).await
}
