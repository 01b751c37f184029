//! EndMembership.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::permitted;
use crate::domain::team::MembershipState;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::EndMembershipRequest>,
) -> Result<proto::Membership, Error> {
    let (call, request) = Call::open(request);
    let name = convert::membership_name("name", &request.name)?;
    permitted(volunteers, &call, "EndMembership", &name, true).await?;
    let reason = convert::optional_note("reason", &request.reason)?;
    let change = call.change("EndMembership", &request.request_id, &request, volunteers.clock.now())?;
    let ((team, id), to) = (name, MembershipState::Ended);
    let today = volunteers.today();
    let ended = volunteers.store.move_membership(&change, &team, id, to, &reason, today).await?;
    Ok(convert::membership(ended))
}
