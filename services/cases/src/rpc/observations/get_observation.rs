//! GetObservation.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::seen;
use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::GetObservationRequest>,
) -> Result<proto::Observation, Error> {
    let (call, request) = Call::open(request);
    let id = convert::observation_name("name", &request.name)?;
    Ok(seen(cases, &call, "GetObservation", id).await?.message())
}
