//! GetShift.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{check_visible, present_shift};
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::GetShiftRequest>,
) -> Result<proto::Shift, Error> {
    let (call, request) = Call::open(request);
    let name = convert::shift_name("name", &request.name)?;
    volunteers.authorize(&call, "GetShift", Target::NOWHERE)?;
    let (activity, shift) = present_shift(volunteers, name).await?;
    check_visible(volunteers, &call, &activity).await?;
    Ok(convert::shift(&shift))
}
