//! CreateCalendar.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::CreateCalendarRequest>,
) -> Result<proto::Calendar, Error> {
    let (call, request) = Call::open(request);
    // Cases of any place may be counted by it.
    cases.authorize(&call, "CreateCalendar", Target::within(""))?;
    let new = convert::new_calendar(&request)?;
    let change = call.change("CreateCalendar", &request.request_id, &request, cases.clock.now())?;
    let made = cases.store.create_calendar(&change, &new).await?;
    super::whole(cases, made).await
}
