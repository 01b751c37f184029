//! UpdateCalendar.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::field;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::UpdateCalendarRequest>,
) -> Result<proto::Calendar, Error> {
    let (call, request) = Call::open(request);
    cases.authorize(&call, "UpdateCalendar", Target::within(""))?;
    let given = request.calendar.as_ref().ok_or_else(|| Violation::required("calendar"))?;
    let id = convert::calendar_name("calendar.name", &given.name)?;
    let changes = convert::calendar_changes(given, request.update_mask.as_ref())?;
    let version = field::etag("calendar.etag", &given.etag)?;
    let change = call.change("UpdateCalendar", &request.request_id, &request, cases.clock.now())?;
    let changed = cases.store.update_calendar(&change, &id, changes, version).await?;
    super::whole(cases, changed).await
}
