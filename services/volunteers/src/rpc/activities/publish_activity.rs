//! PublishActivity.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::changed;
use crate::Volunteers;
use crate::domain::activity::Command;

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::PublishActivityRequest>,
) -> Result<proto::Activity, Error> {
    let (call, request) = Call::open(request);
    let asked = (request.name.as_str(), request.etag.as_str(), request.request_id.as_str());
    changed(volunteers, &call, "PublishActivity", asked, &request, Command::Publish).await
}
