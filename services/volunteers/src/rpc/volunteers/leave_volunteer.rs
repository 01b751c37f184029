//! LeaveVolunteer.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{happen, seen};
use crate::domain::volunteer::{Act, Personal};
use crate::store::sealed::{open_personal, seal_personal};
use crate::store::volunteer::Resealed;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::LeaveVolunteerRequest>,
) -> Result<proto::Volunteer, Error> {
    let (call, request) = Call::open(request);
    let number = convert::volunteer_name("name", &request.name)?;
    let seen = seen(volunteers, &call, "LeaveVolunteer", &number).await?;
    // Name and identity number stay sealed: hours and certificates must stay provable, and one person registers once.
    let personal = open_personal(&volunteers.keyring, &number, &seen.record.sealed)?;
    let personal = Personal { phone: String::new(), guardian: None, ..personal };
    let sealed = seal_personal(&volunteers.keyring, &number, &personal);
    let resealed = Some(Resealed { sealed, identity_index: None });
    let change = call.change("LeaveVolunteer", &request.request_id, &request, volunteers.clock.now())?;
    happen(volunteers, &change, seen, (None, Act::Leave), resealed).await
}
