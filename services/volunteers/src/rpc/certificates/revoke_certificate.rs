//! RevokeCertificate.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{Seen, seen};
use crate::{Volunteers, convert};

/// The most characters of a reason.
const REASON_MAX: usize = 500;

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::RevokeCertificateRequest>,
) -> Result<proto::Certificate, Error> {
    let (call, request) = Call::open(request);
    let number = convert::certificate_number("name", &request.name)?;
    let reason = convert::text("reason", &request.reason, REASON_MAX)?;
    let Seen { own, .. } = seen(volunteers, &call, "RevokeCertificate", &number).await?;
    let change = call.change("RevokeCertificate", &request.request_id, &request, volunteers.clock.now())?;
    let stored = volunteers.store.revoke_certificate(&change, &number, &reason).await?;
    Ok(Seen { stored, own }.message(volunteers))
}
