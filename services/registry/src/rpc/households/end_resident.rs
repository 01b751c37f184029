//! EndResident.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::permit;
use crate::Registry;
use crate::convert;
use crate::convert::Sight;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::EndResidentRequest>,
) -> Result<proto::Resident, Error> {
    let (call, request) = Call::open(request);
    let (id, number) = convert::numbered_name("name", "residents", &request.name)?;
    let day = convert::date("effective_to", &request.effective_to)?.unwrap_or_else(|| registry.today());
    permit::household(registry, &call, "EndResident", &id).await?;
    let change = call.change("EndResident", &request.request_id, &request, registry.clock.now())?;
    let ended = registry.store.end_resident(&change, &registry.keyring, (&id, number), day).await?;
    convert::resident(&registry.keyring, ended, Sight::Masked)
}
