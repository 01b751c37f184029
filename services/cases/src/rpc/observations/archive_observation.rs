//! ArchiveObservation.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{Asked, handled, seen};
use crate::domain::observation::Command;
use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::ArchiveObservationRequest>,
) -> Result<proto::Observation, Error> {
    let (call, request) = Call::open(request);
    let id = convert::observation_name("name", &request.name)?;
    let asked = Asked { id, version: convert::etag("etag", &request.etag)? };
    let command = Command::Archive(convert::optional_member("class", request.class)?);
    seen(cases, &call, "ArchiveObservation", id).await?;
    let change = call.change("ArchiveObservation", &request.request_id, &request, cases.clock.now())?;
    handled(cases, &change, &asked, &command).await
}
