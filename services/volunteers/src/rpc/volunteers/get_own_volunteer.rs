//! GetOwnVolunteer.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::own_record;
use crate::Volunteers;
use crate::convert::{self, Sight};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::GetOwnVolunteerRequest>,
) -> Result<proto::Volunteer, Error> {
    let (call, proto::GetOwnVolunteerRequest {}) = Call::open(request);
    let record = own_record(volunteers, &call, "GetOwnVolunteer").await?;
    convert::volunteer(&volunteers.keyring, record, Sight::KEPT)
}
