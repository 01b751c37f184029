//! DeclineNeed.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{Asked, REASON_MAX, act, seen};
use crate::domain::need::Command;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::DeclineNeedRequest>,
) -> Result<proto::Need, Error> {
    let (call, request) = Call::open(request);
    let asked = Asked::read(&request.name, &request.etag)?;
    let reason = convert::prose("reason", &request.reason, REASON_MAX)?;
    seen(volunteers, &call, "DeclineNeed", asked.id).await?;
    let change = call.change("DeclineNeed", &request.request_id, &request, volunteers.clock.now())?;
    act(volunteers, &change, &asked, Command::Decline(reason), 0).await
}
