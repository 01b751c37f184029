//! GetResident.

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
    request: Request<proto::GetResidentRequest>,
) -> Result<proto::Resident, Error> {
    let (call, request) = Call::open(request);
    let (id, number) = convert::numbered_name("name", "residents", &request.name)?;
    permit::household(registry, &call, "GetResident", &id).await?;
    let found = registry.store.resident(&id, number).await?;
    let resident = found.ok_or_else(|| permit::missing_resident(&id, number))?;
    convert::resident(&registry.keyring, resident, Sight::Masked)
}
