//! ReviewSwap.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::check_not_own;
use crate::domain::sign_up::swap::{Step, Swap};
use crate::rpc::activities::{organize_activity, present};
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ReviewSwapRequest>,
) -> Result<proto::Swap, Error> {
    let (call, request) = Call::open(request);
    let id = convert::swap_name("name", &request.name)?;
    volunteers.authorize(&call, "ReviewSwap", Target { division: None, own: true })?;
    let swap = volunteers.store.swap(id).await?.ok_or_else(|| Refusal::missing(format!("swap {id}")))?;
    let team = team(volunteers, &call, &swap).await?;
    check_not_own(volunteers, &call, &[&swap.offered, &swap.wanted]).await?;
    let change = call.change("ReviewSwap", &request.request_id, &request, volunteers.clock.now())?;
    let step = if request.approve { Step::Approve(team) } else { Step::Refuse(team) };
    Ok(convert::swap(&volunteers.store.step_swap(&change, id, &step).await?))
}

/// The team for which the caller reviews: one that must still agree, if they organize for it.
async fn team(volunteers: &Volunteers, call: &Call, swap: &Swap) -> Result<String, Error> {
    let offered = present(volunteers, swap.offered.activity).await?;
    let wanted = present(volunteers, swap.wanted.activity).await?;
    let first = organize_activity(volunteers, call, "ReviewSwap", &offered).await;
    if first.is_ok() && (swap.pending.contains(&offered.team) || offered.team == wanted.team) {
        return Ok(offered.team);
    }
    match organize_activity(volunteers, call, "ReviewSwap", &wanted).await {
        Ok(()) => Ok(wanted.team),
        Err(error) => first.map(|()| offered.team).map_err(|_| error),
    }
}
