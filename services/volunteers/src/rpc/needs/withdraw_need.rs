//! WithdrawNeed.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{Asked, REASON_MAX, act, seen};
use crate::domain::need::Command;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::WithdrawNeedRequest>,
) -> Result<proto::Need, Error> {
    let (call, request) = Call::open(request);
    let asked = Asked::read(&request.name, &request.etag)?;
    let reason = convert::optional_prose("reason", &request.reason, REASON_MAX)?;
    seen(volunteers, &call, "WithdrawNeed", asked.id).await?;
    let change = call.change("WithdrawNeed", &request.request_id, &request, volunteers.clock.now())?;
    act(volunteers, &change, &asked, Command::Withdraw(reason), 0).await
}
