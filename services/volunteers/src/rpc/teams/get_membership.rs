//! GetMembership.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::permitted;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::GetMembershipRequest>,
) -> Result<proto::Membership, Error> {
    let (call, request) = Call::open(request);
    let name = convert::membership_name("name", &request.name)?;
    let membership = permitted(volunteers, &call, "GetMembership", &name, true).await?;
    Ok(convert::membership(membership))
}
