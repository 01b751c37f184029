//! GetActivity.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{check_visible, present};
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::GetActivityRequest>,
) -> Result<proto::Activity, Error> {
    let (call, request) = Call::open(request);
    let id = convert::activity_name("name", &request.name)?;
    volunteers.authorize(&call, "GetActivity", Target::NOWHERE)?;
    let activity = present(volunteers, id).await?;
    check_visible(volunteers, &call, &activity).await?;
    Ok(convert::activity(&activity))
}
