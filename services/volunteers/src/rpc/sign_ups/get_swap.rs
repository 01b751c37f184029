//! GetSwap.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use crate::rpc::activities::{organize_activity, present};
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::GetSwapRequest>,
) -> Result<proto::Swap, Error> {
    let (call, request) = Call::open(request);
    let id = convert::swap_name("name", &request.name)?;
    volunteers.authorize(&call, "GetSwap", Target { division: None, own: true })?;
    let swap = volunteers.store.swap(id).await?.ok_or_else(|| Refusal::missing(format!("swap {id}")))?;
    let own = volunteers.own_volunteer(&call).await?;
    let sides = [&swap.offered, &swap.wanted];
    if own.is_none_or(|own| sides.iter().all(|one| one.volunteer != own.number)) {
        let offered = present(volunteers, swap.offered.activity).await?;
        let wanted = present(volunteers, swap.wanted.activity).await?;
        if organize_activity(volunteers, &call, "GetSwap", &offered).await.is_err() {
            organize_activity(volunteers, &call, "GetSwap", &wanted).await?;
        }
    }
    Ok(convert::swap(&swap))
}
