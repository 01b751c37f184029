//! ExportOwnVolunteer.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{own_record, record_access};
use crate::Volunteers;
use crate::convert::{self, Sight};
use crate::store::team::MembershipFilter;

/// The most memberships, and the most records of access.
const ROWS_MAX: i64 = 1_000;

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ExportOwnVolunteerRequest>,
) -> Result<proto::ExportOwnVolunteerResponse, Error> {
    let (call, proto::ExportOwnVolunteerRequest {}) = Call::open(request);
    let record = own_record(volunteers, &call, "ExportOwnVolunteer").await?;
    let number = record.volunteer.number.clone();
    record_access(volunteers, &call, &number, "export of one's own data", &["all"]).await?;
    let filter = MembershipFilter { volunteer: Some(number.clone()), ..MembershipFilter::default() };
    let memberships = volunteers.store.memberships(&filter, None, ROWS_MAX).await?;
    let subject = format!("volunteers/{number}");
    let readings = volunteers.store.access_records(&subject, None, ROWS_MAX).await?;
    Ok(proto::ExportOwnVolunteerResponse {
        volunteer: Some(convert::volunteer(&volunteers.keyring, record, Sight::FULL)?),
        memberships: memberships.into_iter().map(convert::membership).collect(),
        access_records: readings.into_iter().map(convert::access_record).collect(),
    })
}
