//! ReviewHandOver.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{REASON_MAX, act, again, seen};
use crate::domain::case::Target;
use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::ReviewHandOverRequest>,
) -> Result<proto::Assignment, Error> {
    let (call, request) = Call::open(request);
    let note = convert::optional_prose("note", &request.note, REASON_MAX)?;
    let target = if request.accepted { Target::AcceptHandOver } else { Target::DeclineHandOver(note) };
    let change = call.change("ReviewHandOver", &request.request_id, &request, cases.clock.now())?;
    if let Some(answer) = again(cases, &call, "ReviewHandOver", &change, &request.name).await? {
        return Ok(answer);
    }
    let seen = seen(cases, &call, "ReviewHandOver", &request.name).await?;
    act(cases, &change, seen, target).await
}
