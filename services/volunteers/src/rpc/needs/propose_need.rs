//! ProposeNeed.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{Asked, act, may_be_proposed, seen};
use crate::domain::need::Command;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ProposeNeedRequest>,
) -> Result<proto::Need, Error> {
    let (call, request) = Call::open(request);
    let asked = Asked::read(&request.name, &request.etag)?;
    let team = convert::optional_named("team", "teams", &request.team)?;
    let team = team.ok_or_else(|| Violation::required("team"))?;
    let need = seen(volunteers, &call, "ProposeNeed", asked.id).await?;
    let change = call.change("ProposeNeed", &request.request_id, &request, volunteers.clock.now())?;
    let found = volunteers.store.team(&team).await?;
    let found = found.ok_or_else(|| Violation::new("team", "REFERENCE_MISSING", "there is no such team"))?;
    may_be_proposed(&found, &need, volunteers.today())?;
    act(volunteers, &change, &asked, Command::Propose { team, matching: None }, found.capacity).await
}
