//! CreateSignUp.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;
use uuid::Uuid;

use crate::domain::sign_up::Applicant;
use crate::rpc::activities::{check_fit, own, present_shift};
use crate::store::sign_up::NewSignUp;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::CreateSignUpRequest>,
) -> Result<proto::SignUp, Error> {
    let (call, request) = Call::open(request);
    let name = convert::shift_name("parent", &request.parent)?;
    let own = own(volunteers, &call, "CreateSignUp").await?;
    let (activity, shift) = present_shift(volunteers, name).await?;
    check_fit(volunteers, &own, &activity, &shift).await?;
    let change = call.change("CreateSignUp", &request.request_id, &request, volunteers.clock.now())?;
    let applicant = Applicant { id: Uuid::now_v7(), volunteer: own.number };
    let made = volunteers.gates.sign_up(shift.id, NewSignUp { change, applicant }).await?;
    Ok(convert::sign_up(&made))
}
