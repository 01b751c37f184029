//! CheckIn.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{acted, check_proof, present_own};
use crate::store::sign_up::Act;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::CheckInRequest>,
) -> Result<proto::SignUp, Error> {
    let (call, request) = Call::open(request);
    let proof = convert::proof(&request.code, request.position.as_ref())?;
    let (_, sign_up, activity) = present_own(volunteers, &call, "CheckIn", ("name", &request.name)).await?;
    let change = call.change("CheckIn", &request.request_id, &request, volunteers.clock.now())?;
    // The code that it was sent with is not shown any more when a phone sends it again.
    if let Some(before) = volunteers.store.sign_up_of_request(&change).await? {
        return Ok(convert::sign_up(&before));
    }
    check_proof(volunteers, &sign_up, &activity, &proof).await?;
    acted(volunteers, &change, sign_up.id, &Act::CheckIn).await
}
