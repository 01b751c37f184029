//! GetTeam.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{present, shown};
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::GetTeamRequest>,
) -> Result<proto::Team, Error> {
    let (call, request) = Call::open(request);
    let id = convert::team_name("name", &request.name)?;
    volunteers.authorize(&call, "GetTeam", Target::NOWHERE)?;
    let team = present(volunteers, &id).await?;
    Ok(shown(volunteers, &call, team))
}
