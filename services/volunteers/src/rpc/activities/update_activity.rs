//! UpdateActivity.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{organize_activity, present};
use crate::domain::activity::Command;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::UpdateActivityRequest>,
) -> Result<proto::Activity, Error> {
    let (call, request) = Call::open(request);
    let given = request.activity.as_ref().ok_or_else(|| Violation::required("activity"))?;
    let id = convert::activity_name("activity.name", &given.name)?;
    let before = present(volunteers, id).await?;
    organize_activity(volunteers, &call, "UpdateActivity", &before).await?;
    let plan = convert::activity_changes(given, request.update_mask.as_ref(), &before)?;
    // Where it takes place may change, but not to where the caller organizes nothing.
    let place = (before.team.as_str(), plan.place.code.as_str());
    super::organize(volunteers, &call, "UpdateActivity", place).await?;
    // The plan was made of the one that was read: it is written over no other.
    let version = convert::etag("activity.etag", &given.etag)?.unwrap_or(before.version);
    let change = call.change("UpdateActivity", &request.request_id, &request, volunteers.clock.now())?;
    let after = volunteers.store.change_activity(&change, id, Some(version), &Command::Update(plan)).await?;
    Ok(convert::activity(&after))
}
