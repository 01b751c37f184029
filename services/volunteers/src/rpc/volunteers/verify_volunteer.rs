//! VerifyVolunteer.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{happen, seen};
use crate::domain::volunteer::Act;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::VerifyVolunteerRequest>,
) -> Result<proto::Volunteer, Error> {
    let (call, request) = Call::open(request);
    let number = convert::volunteer_name("name", &request.name)?;
    let seen = seen(volunteers, &call, "VerifyVolunteer", &number).await?;
    if seen.own {
        let text = "somebody else of the corps must see who the caller is";
        return Err(Refusal::rule("OWN_RECORD", text).into());
    }
    let evidence = convert::note("evidence", &request.evidence)?;
    let change = call.change("VerifyVolunteer", &request.request_id, &request, volunteers.clock.now())?;
    happen(volunteers, &change, seen, (None, Act::Verify(evidence)), None).await
}
