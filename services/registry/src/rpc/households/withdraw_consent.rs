//! WithdrawConsent.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::permit;
use crate::Registry;
use crate::convert;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::WithdrawConsentRequest>,
) -> Result<proto::HouseholdConsent, Error> {
    let (call, request) = Call::open(request);
    let (id, number) = convert::numbered_name("name", "consents", &request.name)?;
    permit::household(registry, &call, "WithdrawConsent", &id).await?;
    let change = call.change("WithdrawConsent", &request.request_id, &request, registry.clock.now())?;
    let consent = registry.store.withdraw_consent(&change, &id, number).await?;
    Ok(convert::consent(consent))
}
