//! RequestCertificate.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;
use uuid::Uuid;

use crate::domain::certificate::{self, State};
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::RequestCertificateRequest>,
) -> Result<proto::CertificateRequest, Error> {
    let (call, request) = Call::open(request);
    let content = convert::certificate_content(request.content.as_ref(), volunteers.today())?;
    volunteers.authorize(&call, "RequestCertificate", Target { division: None, own: true })?;
    let own = volunteers.own_volunteer(&call).await?;
    let text = "only whoever is registered as a volunteer has hours to certify";
    let own = own.ok_or_else(|| Refusal::rule("NOT_A_VOLUNTEER", text))?;
    let change = call.change("RequestCertificate", &request.request_id, &request, volunteers.clock.now())?;
    let new = certificate::Request {
        id: Uuid::now_v7(),
        volunteer: own.number,
        division_code: own.home.to_string(),
        content,
        state: State::Open,
        certificate: None,
        create_time: change.now,
    };
    Ok(convert::certificate_request(&volunteers.store.request_certificate(&change, &new).await?))
}
