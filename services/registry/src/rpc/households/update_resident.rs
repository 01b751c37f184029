//! UpdateResident.

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
    request: Request<proto::UpdateResidentRequest>,
) -> Result<proto::Resident, Error> {
    let (call, request) = Call::open(request);
    let given = request.resident.as_ref().ok_or_else(|| Violation::required("resident"))?;
    let (id, number) = convert::numbered_name("resident.name", "residents", &given.name)?;
    let update = convert::resident_update(given, request.update_mask.as_ref(), registry.today())?;
    let version = convert::etag("resident.etag", &given.etag)?;
    permit::household(registry, &call, "UpdateResident", &id).await?;
    let change = call.change("UpdateResident", &request.request_id, &request, registry.clock.now())?;
    let place = (id.as_str(), number);
    let changed = registry.store.update_resident(&change, &registry.keyring, place, &update, version).await?;
    convert::resident(&registry.keyring, changed, Sight::Masked)
}
