//! WithdrawSwap.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::present_swap;
use crate::domain::sign_up::swap::Step;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::WithdrawSwapRequest>,
) -> Result<proto::Swap, Error> {
    let (call, request) = Call::open(request);
    let (own, swap) = present_swap(volunteers, &call, "WithdrawSwap", &request.name).await?;
    if swap.offered.volunteer != own.number {
        return Err(Refusal::rule("NOT_OWN_OFFER", "whoever offered it takes it back").into());
    }
    let change = call.change("WithdrawSwap", &request.request_id, &request, volunteers.clock.now())?;
    Ok(convert::swap(&volunteers.store.step_swap(&change, swap.id, &Step::Withdraw).await?))
}
