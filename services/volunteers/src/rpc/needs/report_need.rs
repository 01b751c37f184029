//! ReportNeed.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{Asked, REPORT_MAX, act, seen};
use crate::domain::need::Command;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ReportNeedRequest>,
) -> Result<proto::Need, Error> {
    let (call, request) = Call::open(request);
    let asked = Asked::read(&request.name, &request.etag)?;
    let text = convert::prose("text", &request.text, REPORT_MAX)?;
    seen(volunteers, &call, "ReportNeed", asked.id).await?;
    let change = call.change("ReportNeed", &request.request_id, &request, volunteers.clock.now())?;
    act(volunteers, &change, &asked, Command::Report(text, request.solved), 0).await
}
