//! VerifyCertificate.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Kind, Refusal};
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::holder;
use crate::domain::certificate::number;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::VerifyCertificateRequest>,
) -> Result<proto::VerifiedCertificate, Error> {
    let (call, request) = Call::open(request);
    volunteers.authorize(&call, "VerifyCertificate", Target::NOWHERE)?;
    let name = convert::certificate_number("name", &request.name)?;
    if request.code.is_empty() {
        return Err(Violation::required("code").into());
    }
    let now = volunteers.clock.now();
    volunteers.attempts.check(&name, now)?;
    let right = number::is_code(&volunteers.keyring, &name, &request.code);
    let found = if right { volunteers.store.certificate(&name).await? } else { None };
    let Some(stored) = found else {
        volunteers.attempts.wrong(&name, now);
        let message = "no certificate has this number and this code".into();
        return Err(Refusal { kind: Kind::Missing, reason: "CERTIFICATE_OR_CODE_WRONG", message }.into());
    };
    Ok(convert::verified_certificate(&stored, &holder(&volunteers.keyring, &stored)?))
}
