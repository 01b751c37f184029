//! GetCheckInCode.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{organize_activity, present_shift};
use crate::domain::sign_up::attendance::code;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::GetCheckInCodeRequest>,
) -> Result<proto::CheckInCode, Error> {
    let (call, request) = Call::open(request);
    let name = convert::shift_name("name", &request.name)?;
    let (activity, shift) = present_shift(volunteers, name).await?;
    organize_activity(volunteers, &call, "GetCheckInCode", &activity).await?;
    let (code, next) = code(&volunteers.keyring, shift.id, volunteers.clock.now());
    Ok(proto::CheckInCode { code, expire_time: Some(convert::timestamp(next)) })
}
