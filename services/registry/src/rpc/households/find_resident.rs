//! FindResident.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::registry::v1 as proto;
use tonic::Request;

use super::permit;
use crate::Registry;
use crate::convert;
use crate::convert::Sight;
use crate::store::sealed;

pub async fn handle(
    registry: &Registry,
    request: Request<proto::FindResidentRequest>,
) -> Result<proto::Resident, Error> {
    let (call, request) = Call::open(request);
    let division = convert::division_name("division", &request.division)?;
    registry.authorize(&call, "FindResident", Target::within(division.as_str()))?;
    let number = convert::identity_number("identity_number", &request.identity_number, registry.today())?
        .ok_or_else(|| Violation::required("identity_number"))?;
    let reading = convert::reading("reading", request.reading.as_ref(), false)?;
    let fields = ["find:identity_number".to_owned()];
    let access =
        permit::access(registry, &call, format!("divisions/{division}"), reading.told(None), &fields);
    let index = sealed::identity_index(&registry.keyring, &number);
    let found = registry.store.find_resident(&access, &index, division.as_str()).await?;
    let (_, resident) = found
        .ok_or_else(|| Refusal::missing(format!("a resident of division {division} with this number")))?;
    convert::resident(&registry.keyring, resident, Sight::Masked)
}
