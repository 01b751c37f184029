//! ListActivities.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::page::Page;
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use crate::store::activity::Filter;
use crate::{Volunteers, convert};

/// Rows on a page when the caller does not say, and at most.
const PAGE_SIZES: (usize, usize) = (50, 200);

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ListActivitiesRequest>,
) -> Result<proto::ListActivitiesResponse, Error> {
    let (call, mut request) = Call::open(request);
    let (size, token) = (std::mem::take(&mut request.page_size), std::mem::take(&mut request.page_token));
    let page = Page::read(size, &token, PAGE_SIZES, &request)?;
    volunteers.authorize(&call, "ListActivities", Target::NOWHERE)?;
    let team = convert::optional_named("team", "teams", &request.team)?;
    let filter = Filter {
        drafts_of: own_team(volunteers, &call, team.as_deref()).await?,
        drafts_within: areas(volunteers, &call),
        area: convert::optional_code("division_code", &request.division_code)?,
        team,
        post: convert::optional_named("post", "posts", &request.post)?,
        status: convert::optional_member("status", request.status)?,
        open_at: request.open.then(|| volunteers.clock.now()),
    };
    let after = page.after.as_deref().map(convert::page_id).transpose()?;
    let mut found = volunteers.store.activities(&filter, after, page.limit()).await?;
    let next_page_token = page.cut(&mut found, |activity| activity.id.to_string());
    Ok(proto::ListActivitiesResponse {
        activities: found.iter().map(convert::activity).collect(),
        next_page_token,
    })
}

/// The team of which the caller sees drafts as its leader: the one they ask for.
async fn own_team(volunteers: &Volunteers, call: &Call, asked: Option<&str>) -> Result<Vec<String>, Error> {
    let Some(asked) = asked else { return Ok(Vec::new()) };
    let Some(team) = volunteers.store.team(asked).await? else { return Ok(Vec::new()) };
    Ok(if volunteers.leads(call, &team).await? { vec![team.id] } else { Vec::new() })
}

/// The areas in which the caller sees drafts as a coordinator.
fn areas(volunteers: &Volunteers, call: &Call) -> Vec<String> {
    let held = call.caller.roles().iter();
    let may = held.filter(|held| volunteers.policy.allows(held.role, "UpdateActivity", true, false));
    may.map(|held| held.division.clone()).collect()
}
