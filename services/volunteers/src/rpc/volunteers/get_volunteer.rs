//! GetVolunteer.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::seen;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::GetVolunteerRequest>,
) -> Result<proto::Volunteer, Error> {
    let (call, request) = Call::open(request);
    let number = convert::volunteer_name("name", &request.name)?;
    let seen = seen(volunteers, &call, "GetVolunteer", &number).await?;
    convert::volunteer(&volunteers.keyring, seen.record, seen.sight)
}
