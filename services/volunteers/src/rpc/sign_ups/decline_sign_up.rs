//! DeclineSignUp.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{REASON_MAX, acted, present_organized};
use crate::store::sign_up::Act;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::DeclineSignUpRequest>,
) -> Result<proto::SignUp, Error> {
    let (call, request) = Call::open(request);
    let act = Act::Decline(convert::text("reason", &request.reason, REASON_MAX)?);
    let sign_up = present_organized(volunteers, &call, "DeclineSignUp", &request.name).await?;
    let change = call.change("DeclineSignUp", &request.request_id, &request, volunteers.clock.now())?;
    acted(volunteers, &change, sign_up.id, &act).await
}
