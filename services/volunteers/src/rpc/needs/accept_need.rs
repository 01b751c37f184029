//! AcceptNeed.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{Asked, act, seen};
use crate::Volunteers;
use crate::domain::need::Command;

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::AcceptNeedRequest>,
) -> Result<proto::Need, Error> {
    let (call, request) = Call::open(request);
    let asked = Asked::read(&request.name, &request.etag)?;
    seen(volunteers, &call, "AcceptNeed", asked.id).await?;
    let change = call.change("AcceptNeed", &request.request_id, &request, volunteers.clock.now())?;
    act(volunteers, &change, &asked, Command::Accept, 0).await
}
