//! RefuseNeed.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{Asked, REASON_MAX, act, seen};
use crate::domain::need::Command;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::RefuseNeedRequest>,
) -> Result<proto::Need, Error> {
    let (call, request) = Call::open(request);
    let asked = Asked::read(&request.name, &request.etag)?;
    let reason = convert::member("reason", request.reason)?;
    let text = convert::prose("text", &request.text, REASON_MAX)?;
    seen(volunteers, &call, "RefuseNeed", asked.id).await?;
    let change = call.change("RefuseNeed", &request.request_id, &request, volunteers.clock.now())?;
    act(volunteers, &change, &asked, Command::Refuse(reason, text), 0).await
}
