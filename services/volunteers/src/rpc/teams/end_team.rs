//! EndTeam.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::field::date;
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{present, shown};
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::EndTeamRequest>,
) -> Result<proto::Team, Error> {
    let (call, request) = Call::open(request);
    let id = convert::team_name("name", &request.name)?;
    let day = date("effective_to", &request.effective_to)?.unwrap_or_else(|| volunteers.today());
    let there = present(volunteers, &id).await?;
    volunteers.authorize(&call, "EndTeam", Target::within(there.home.as_str()))?;
    let change = call.change("EndTeam", &request.request_id, &request, volunteers.clock.now())?;
    let ended = volunteers.store.end_team(&change, &id, day).await?;
    Ok(shown(volunteers, &call, ended))
}
