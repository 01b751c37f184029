//! CreateShift.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{organize_activity, present};
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::CreateShiftRequest>,
) -> Result<proto::Shift, Error> {
    let (call, request) = Call::open(request);
    let activity = convert::activity_name("parent", &request.parent)?;
    let given = request.shift.as_ref().ok_or_else(|| Violation::required("shift"))?;
    let now = volunteers.clock.now();
    let new = convert::new_shift(activity, given, now)?;
    organize_activity(volunteers, &call, "CreateShift", &present(volunteers, activity).await?).await?;
    let change = call.change("CreateShift", &request.request_id, &request, now)?;
    Ok(convert::shift(&volunteers.store.create_shift(&change, &new).await?))
}
