//! RevealVolunteer.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{record_access, seen};
use crate::Volunteers;
use crate::convert::{self, Sight};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::RevealVolunteerRequest>,
) -> Result<proto::Volunteer, Error> {
    let (call, request) = Call::open(request);
    let number = convert::volunteer_name("name", &request.name)?;
    let seen = seen(volunteers, &call, "RevealVolunteer", &number).await?;
    let purpose = convert::purpose("purpose", &request.purpose)?;
    let (sight, fields): (Sight, &[&str]) = if seen.sight == Sight::LED {
        (Sight::CALLED, &["phone"])
    } else {
        (Sight::FULL, &["identity_number", "phone", "guardian_consent"])
    };
    record_access(volunteers, &call, &number, &purpose, fields).await?;
    convert::volunteer(&volunteers.keyring, seen.record, sight)
}
