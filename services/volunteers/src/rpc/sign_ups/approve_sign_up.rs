//! ApproveSignUp.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{acted, present_organized};
use crate::Volunteers;
use crate::store::sign_up::Act;

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ApproveSignUpRequest>,
) -> Result<proto::SignUp, Error> {
    let (call, request) = Call::open(request);
    let sign_up = present_organized(volunteers, &call, "ApproveSignUp", &request.name).await?;
    let change = call.change("ApproveSignUp", &request.request_id, &request, volunteers.clock.now())?;
    acted(volunteers, &change, sign_up.id, &Act::Approve).await
}
