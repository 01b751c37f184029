//! SuspendVolunteer.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{happen, seen};
use crate::domain::volunteer::Act;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::SuspendVolunteerRequest>,
) -> Result<proto::Volunteer, Error> {
    let (call, request) = Call::open(request);
    let number = convert::volunteer_name("name", &request.name)?;
    let seen = seen(volunteers, &call, "SuspendVolunteer", &number).await?;
    let reason = convert::note("reason", &request.reason)?;
    let change = call.change("SuspendVolunteer", &request.request_id, &request, volunteers.clock.now())?;
    happen(volunteers, &change, seen, (None, Act::Suspend(reason)), None).await
}
