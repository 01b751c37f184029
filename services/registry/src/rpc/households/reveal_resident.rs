//! RevealResident.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::permit;
use crate::Registry;
use crate::convert;
use crate::convert::Sight;

/// What an answer shows unmasked.
const FIELDS: [&str; 4] = ["display_name", "identity_number", "phone", "birth_year"];

pub async fn handle(
    registry: &Registry,
    request: Request<proto::RevealResidentRequest>,
) -> Result<proto::Resident, Error> {
    let (call, request) = Call::open(request);
    let (id, number) = convert::numbered_name("name", "residents", &request.name)?;
    let permitted = permit::household(registry, &call, "RevealResident", &id).await?;
    let reading = convert::reading("reading", request.reading.as_ref(), permitted.own)?;
    let fields = FIELDS.map(|field| format!("residents/{number}.{field}"));
    let access = permit::access(registry, &call, format!("households/{id}"), reading.told(None), &fields);
    let found = registry.store.reveal_resident(&access, &id, number).await?;
    let resident = found.ok_or_else(|| permit::missing_resident(&id, number))?;
    convert::resident(&registry.keyring, resident, Sight::Whole)
}
