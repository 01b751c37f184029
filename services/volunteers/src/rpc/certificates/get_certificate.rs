//! GetCertificate.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::seen;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::GetCertificateRequest>,
) -> Result<proto::Certificate, Error> {
    let (call, request) = Call::open(request);
    let number = convert::certificate_number("name", &request.name)?;
    Ok(seen(volunteers, &call, "GetCertificate", &number).await?.message(volunteers))
}
