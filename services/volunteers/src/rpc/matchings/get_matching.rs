//! GetMatching.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::seen;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::GetMatchingRequest>,
) -> Result<proto::Matching, Error> {
    let (call, request) = Call::open(request);
    let id = convert::matching_id("name", &request.name)?;
    Ok(convert::matching(&seen(volunteers, &call, "GetMatching", id).await?))
}
