//! CreateActivity.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;
use uuid::Uuid;

use super::organize;
use crate::domain::activity::{Activity, Status};
use crate::domain::need;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::CreateActivityRequest>,
) -> Result<proto::Activity, Error> {
    let (call, request) = Call::open(request);
    let given = request.activity.as_ref().ok_or_else(|| Violation::required("activity"))?;
    let team = convert::named("activity.team", "teams", &given.team)?;
    let plan = convert::activity_plan(given)?;
    let need = convert::optional_named("activity.need", "needs", &given.need)?;
    let found = volunteers.store.team(&team).await?;
    let team = found.ok_or_else(|| Refusal::missing(format!("teams/{team}")))?;
    organize(volunteers, &call, "CreateActivity", (&team.id, team.home.as_str())).await?;
    team.in_force(volunteers.today())?;
    if !team.reaches(&plan.place.code) {
        return Err(Refusal::rule("OUT_OF_REACH", "the team does not serve there").into());
    }
    if let Some(need) = &need {
        check_need(volunteers, need, &team.id).await?;
    }
    let now = volunteers.clock.now();
    let change = call.change("CreateActivity", &request.request_id, &request, now)?;
    let new = Activity {
        id: Uuid::now_v7(),
        team: team.id,
        post: team.post,
        need,
        plan,
        status: Status::Draft,
        cancel_reason: String::new(),
        version: 1,
        create_time: now,
        update_time: now,
    };
    Ok(convert::activity(&volunteers.store.create_activity(&change, &new).await?))
}

/// The need is one that the team took on.
async fn check_need(volunteers: &Volunteers, need: &str, team: &str) -> Result<(), Error> {
    let missing = || Refusal::missing(format!("needs/{need}"));
    let id = Uuid::try_parse(need).map_err(|_| missing())?;
    let found = volunteers.store.need(id).await?.ok_or_else(missing)?;
    if found.team.as_deref().is_none_or(|of| of.trim_start_matches("teams/") != team) {
        return Err(Refusal::rule("NEED_OF_ANOTHER_TEAM", "the need is not with this team").into());
    }
    // A proposal may yet be declined, and whoever is reported to is not served again.
    if found.status != need::Status::Accepted {
        return Err(
            Refusal::rule("NEED_NOT_ACCEPTED", "the team has not taken on the need, or served it").into()
        );
    }
    Ok(())
}
