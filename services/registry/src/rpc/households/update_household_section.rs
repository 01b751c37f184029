//! UpdateHouseholdSection.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::permit;
use crate::Registry;
use crate::convert;
use crate::domain::household_section::Purpose;
use crate::store::sealed;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::UpdateHouseholdSectionRequest>,
) -> Result<proto::HouseholdSection, Error> {
    let (call, request) = Call::open(request);
    let given = request.section.as_ref().ok_or_else(|| Violation::required("section"))?;
    let (id, kind) = convert::section_name("section.name", &given.name)?;
    convert::mask("update_mask", request.update_mask.as_ref(), &["entries"])?;
    let entries = convert::entries("section.entries", &given.entries)?;
    let version = convert::etag("section.etag", &given.etag)?;
    permit::household(registry, &call, "UpdateHouseholdSection", &id).await?;
    let change =
        call.change("UpdateHouseholdSection", &request.request_id, &request, registry.clock.now())?;
    let fields = [format!("write:sections/{}", kind.as_str())];
    let purpose = Purpose::RecordKeeping.as_str().to_owned();
    let access = permit::access(registry, &call, format!("households/{id}"), purpose, &fields);
    let sealed = sealed::seal_entries(&registry.keyring, &id, kind, &entries);
    let place = (id.as_str(), kind);
    let written =
        registry.store.write_section(&change, &access, place, &sealed, version, registry.today()).await?;
    convert::section(&registry.keyring, written)
}
