//! GetHourChainHead.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::GetHourChainHeadRequest>,
) -> Result<proto::HourChainHead, Error> {
    let (call, _) = Call::open(request);
    volunteers.authorize(&call, "GetHourChainHead", Target::NOWHERE)?;
    Ok(convert::hour_head(&volunteers.store.hour_chain().await?, volunteers.clock.now()))
}
