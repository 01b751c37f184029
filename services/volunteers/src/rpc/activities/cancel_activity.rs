//! CancelActivity.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::changed;
use crate::domain::activity::Command;
use crate::{Volunteers, convert};

/// The most characters of the reason.
const REASON_MAX: usize = 500;

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::CancelActivityRequest>,
) -> Result<proto::Activity, Error> {
    let (call, request) = Call::open(request);
    let command = Command::Cancel(convert::text("reason", &request.reason, REASON_MAX)?);
    let asked = (request.name.as_str(), request.etag.as_str(), request.request_id.as_str());
    changed(volunteers, &call, "CancelActivity", asked, &request, command).await
}
