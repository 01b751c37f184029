//! CreateResident.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::permit;
use crate::Registry;
use crate::convert;
use crate::convert::Sight;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::CreateResidentRequest>,
) -> Result<proto::Resident, Error> {
    let (call, request) = Call::open(request);
    let id = convert::household_name("parent", &request.parent)?;
    let given = request.resident.as_ref().ok_or_else(|| Violation::required("resident"))?;
    let today = registry.today();
    let new = convert::new_resident(given, today)?;
    let from = convert::date("resident.effective_from", &given.effective_from)?.unwrap_or(today);
    permit::household(registry, &call, "CreateResident", &id).await?;
    let change = call.change("CreateResident", &request.request_id, &request, registry.clock.now())?;
    let made = registry.store.create_resident(&change, &registry.keyring, &id, &new, from).await?;
    convert::resident(&registry.keyring, made, Sight::Masked)
}
