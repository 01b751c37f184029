//! ReviewMembership.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::permitted;
use crate::domain::team::MembershipState;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ReviewMembershipRequest>,
) -> Result<proto::Membership, Error> {
    let (call, request) = Call::open(request);
    let name = convert::membership_name("name", &request.name)?;
    permitted(volunteers, &call, "ReviewMembership", &name, false).await?;
    let (to, reason) = if request.approve {
        (MembershipState::Active, convert::optional_note("reason", &request.reason)?)
    } else {
        (MembershipState::Declined, convert::note("reason", &request.reason)?)
    };
    let change = call.change("ReviewMembership", &request.request_id, &request, volunteers.clock.now())?;
    let (team, id) = name;
    let today = volunteers.today();
    let moved = volunteers.store.move_membership(&change, &team, id, to, &reason, today).await?;
    Ok(convert::membership(moved))
}
