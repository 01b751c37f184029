//! IssueCertificate.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::mask::mask_identity_number;
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{Seen, context};
use crate::domain::certificate::{Holder, Issued};
use crate::store::certificate::Issue;
use crate::store::sealed::open_personal;
use crate::{Volunteers, convert};

/// The most characters of each text.
const HANDLER_MAX: usize = 50;
const CONTACT_MAX: usize = 100;

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::IssueCertificateRequest>,
) -> Result<proto::Certificate, Error> {
    const ACTION: &str = "IssueCertificate";
    let (call, request) = Call::open(request);
    let id = convert::certificate_request_id("certificate_request", &request.certificate_request)?;
    let handler = convert::text("handler", &request.handler, HANDLER_MAX)?;
    let contact = convert::text("contact", &request.contact, CONTACT_MAX)?;
    volunteers.authorize(&call, ACTION, Target { division: None, own: true })?;
    let missing = || Refusal::missing(format!("certificateRequests/{id}"));
    let asked = volunteers.store.certificate_request(id).await?.ok_or_else(missing)?;
    // Whoever answers for another area learns nothing of what was asked for here.
    volunteers.authorize(&call, ACTION, Target::within(&asked.division_code)).map_err(|_| missing())?;
    let change = call.change(ACTION, &request.request_id, &request, volunteers.clock.now())?;
    let holder = holder(volunteers, &asked.volunteer).await?;
    let holder = serde_json::to_string(&holder).map_err(|error| Error::Internal(error.to_string()))?;
    let seal = |number: &str| volunteers.keyring.seal(&holder, &context(number));
    let own = volunteers.own_volunteer(&call).await?.filter(|own| own.number == asked.volunteer);
    let own = own.map(|_| change.actor.clone());
    let issued = Issued {
        issuer: volunteers.hours.issuer.clone(),
        handler,
        contact,
        by: change.actor.clone(),
        day: volunteers.today(),
    };
    let issue = Issue { request: id, issued, own: own.as_deref(), seal: &seal };
    let stored = volunteers.store.issue_certificate(&change, issue).await?;
    Ok(Seen { stored, own: false }.message(volunteers))
}

/// Who the holder is, as printed. It is opened to be printed for the holder, and shown to nobody else.
async fn holder(volunteers: &Volunteers, number: &str) -> Result<Holder, Error> {
    let missing = || Refusal::missing(format!("volunteers/{number}"));
    let record = volunteers.store.volunteer_record(number).await?.ok_or_else(missing)?;
    let personal = open_personal(&volunteers.keyring, number, &record.sealed)?;
    Ok(Holder {
        identity_number: mask_identity_number(&personal.identity_number),
        display_name: personal.display_name,
    })
}
