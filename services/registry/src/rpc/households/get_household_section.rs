//! GetHouseholdSection.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::permit;
use crate::Registry;
use crate::convert;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::GetHouseholdSectionRequest>,
) -> Result<proto::HouseholdSection, Error> {
    let (call, request) = Call::open(request);
    let (id, kind) = convert::section_name("name", &request.name)?;
    let permitted = permit::household(registry, &call, "GetHouseholdSection", &id).await?;
    let reading = convert::reading("reading", request.reading.as_ref(), permitted.own)?;
    let fields = [format!("sections/{}", kind.as_str())];
    let access = permit::access(registry, &call, format!("households/{id}"), reading.told(None), &fields);
    let place = (id.as_str(), kind);
    let today = registry.today();
    let section = registry.store.read_section(&access, place, &reading, permitted.own, today).await?;
    convert::section(&registry.keyring, section)
}
