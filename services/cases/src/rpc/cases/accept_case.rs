//! AcceptCase.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{Asked, act, seen};
use crate::Cases;
use crate::domain::calendar;
use crate::domain::case::Command;

pub async fn handle(cases: &Cases, request: Request<proto::AcceptCaseRequest>) -> Result<proto::Case, Error> {
    let (call, request) = Call::open(request);
    let asked = Asked::read(&request.name, &request.etag)?;
    let mut seen = seen(cases, &call, "AcceptCase", &asked.number).await?;
    let change = call.change("AcceptCase", &request.request_id, &request, cases.clock.now())?;
    seen.calendar = cases.calendars.calendar(calendar::CHINA, None).await?;
    let calendar = seen.calendar.reference().clone();
    act(cases, &change, &asked, seen, Command::Accept { calendar, item: None }).await
}
