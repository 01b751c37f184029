//! GetHourEntry.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::seen;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::GetHourEntryRequest>,
) -> Result<proto::HourEntry, Error> {
    let (call, request) = Call::open(request);
    let seq = convert::hour_seq("name", &request.name)?;
    Ok(convert::hour_entry(&seen(volunteers, &call, "GetHourEntry", seq).await?))
}
