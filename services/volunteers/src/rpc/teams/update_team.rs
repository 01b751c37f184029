//! UpdateTeam.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::field::etag;
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{check_areas, present, shown, target};
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::UpdateTeamRequest>,
) -> Result<proto::Team, Error> {
    let (call, request) = Call::open(request);
    let given = request.team.as_ref().ok_or_else(|| Violation::required("team"))?;
    let id = convert::team_name("team.name", &given.name)?;
    let changes = convert::team_changes(given, request.update_mask.as_ref())?;
    let version = etag("team.etag", &given.etag)?;
    // Teams are public, so that there is none is told to anybody.
    let there = present(volunteers, &id).await?;
    let target = target(volunteers, &call, &there).await?;
    volunteers.authorize(&call, "UpdateTeam", target)?;
    if changes.leader.is_some() {
        // Nobody hands a team on but whoever answers for it.
        volunteers.authorize(&call, "UpdateTeam", Target { own: false, ..target })?;
    }
    let reach = changes.reach.iter().flatten().cloned().enumerate();
    let reach = reach.map(|(place, code)| (format!("team.reach_codes[{place}]"), code)).collect();
    check_areas(volunteers, reach).await?;
    let change = call.change("UpdateTeam", &request.request_id, &request, volunteers.clock.now())?;
    let changed = volunteers.store.update_team(&change, &id, changes, version).await?;
    Ok(shown(volunteers, &call, changed))
}
