//! ResolveSubject.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use crate::Registry;
use crate::convert;
use crate::store::person::AppointmentFilter;

/// The most appointments of one person that count.
const APPOINTMENTS_MAX: i64 = 200;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::ResolveSubjectRequest>,
) -> Result<proto::ResolveSubjectResponse, Error> {
    let (call, request) = Call::open(request);
    // The accounts of people anywhere can be asked for, so only an appointment for everywhere will do.
    registry.authorize(&call, "ResolveSubject", Target::within(""))?;
    let subject = request.subject.as_ref().ok_or_else(|| Violation::required("subject"))?;
    let subject = convert::subject("subject", subject)?;
    let today = registry.today();
    let Some(person) = registry.store.linked(&subject, today).await? else {
        return Ok(proto::ResolveSubjectResponse::default());
    };
    let filter =
        AppointmentFilter { person: Some(person.clone()), on: Some(today), ..AppointmentFilter::default() };
    let held = registry.store.appointments(&filter, "", APPOINTMENTS_MAX).await?;
    Ok(proto::ResolveSubjectResponse {
        person: format!("people/{person}"),
        appointments: held.into_iter().map(convert::appointment).collect(),
    })
}
