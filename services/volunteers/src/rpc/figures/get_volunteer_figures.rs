//! GetVolunteerFigures.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::told;
use crate::domain::figure::Grouping;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::GetVolunteerFiguresRequest>,
) -> Result<proto::VolunteerFigures, Error> {
    let (call, request) = Call::open(request);
    let told = told(volunteers, &call, "GetVolunteerFigures", &request).await?;
    let groups = told.groups.iter().map(|group| convert::volunteer_figure(told.query.grouping, group));
    Ok(proto::VolunteerFigures {
        groups: groups.collect(),
        total: Some(convert::volunteer_figure(Grouping::Whole, &told.total)),
    })
}
