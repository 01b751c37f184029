//! AnswerSwap.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::present_swap;
use crate::domain::sign_up::swap::Step;
use crate::rpc::activities::{check_fit, present_shift};
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::AnswerSwapRequest>,
) -> Result<proto::Swap, Error> {
    let (call, request) = Call::open(request);
    let (own, swap) = present_swap(volunteers, &call, "AnswerSwap", &request.name).await?;
    if swap.wanted.volunteer != own.number {
        return Err(Refusal::rule("OWN_OFFER", "whoever has the wanted sign-up answers").into());
    }
    let step = if request.take {
        let offered = (swap.offered.activity, swap.offered.shift);
        let (activity, shift) = present_shift(volunteers, offered).await?;
        check_fit(volunteers, &own, &activity, &shift).await?;
        Step::Take(Vec::new())
    } else {
        Step::Decline
    };
    let change = call.change("AnswerSwap", &request.request_id, &request, volunteers.clock.now())?;
    Ok(convert::swap(&volunteers.store.step_swap(&change, swap.id, &step).await?))
}
