//! CreateTeam.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{areas, check_areas, shown};
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::CreateTeamRequest>,
) -> Result<proto::Team, Error> {
    let (call, request) = Call::open(request);
    let new = convert::new_team("", &request, volunteers.today())?;
    volunteers.authorize(&call, "CreateTeam", Target::within(new.home.as_str()))?;
    check_areas(volunteers, areas("team", &new)).await?;
    let change = call.change("CreateTeam", &request.request_id, &request, volunteers.clock.now())?;
    let made = volunteers.store.create_teams(&change, &[new]).await?;
    let made = made.into_iter().next().ok_or_else(|| Error::Internal("no team was created".to_owned()))?;
    Ok(shown(volunteers, &call, made))
}
