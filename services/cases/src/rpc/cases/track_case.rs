//! TrackCase.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::tracked;
use crate::Cases;

pub async fn handle(
    cases: &Cases,
    request: Request<proto::TrackCaseRequest>,
) -> Result<proto::TrackedCase, Error> {
    let (call, request) = Call::open(request);
    let opened = tracked::open(cases, &call, "TrackCase", &request.name, &request.secret).await?;
    tracked::shown(cases, &opened.case, &opened.calendar).await
}
