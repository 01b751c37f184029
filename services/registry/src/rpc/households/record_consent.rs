//! RecordConsent.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::permit;
use crate::Registry;
use crate::convert;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::RecordConsentRequest>,
) -> Result<proto::HouseholdConsent, Error> {
    let (call, request) = Call::open(request);
    let id = convert::household_name("parent", &request.parent)?;
    let given = request.consent.as_ref().ok_or_else(|| Violation::required("consent"))?;
    let new = convert::new_consent(&id, given)?;
    permit::household(registry, &call, "RecordConsent", &id).await?;
    let change = call.change("RecordConsent", &request.request_id, &request, registry.clock.now())?;
    let consent = registry.store.record_consent(&change, &id, &new, registry.today()).await?;
    Ok(convert::consent(consent))
}
