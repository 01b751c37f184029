//! DropSignUp.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{acted, present_own};
use crate::Volunteers;
use crate::store::sign_up::Act;

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::DropSignUpRequest>,
) -> Result<proto::SignUp, Error> {
    let (call, request) = Call::open(request);
    let (_, sign_up, _) = present_own(volunteers, &call, "DropSignUp", ("name", &request.name)).await?;
    let change = call.change("DropSignUp", &request.request_id, &request, volunteers.clock.now())?;
    acted(volunteers, &change, sign_up.id, &Act::Drop).await
}
