//! OfferSwap.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;
use uuid::Uuid;

use super::{present, present_own};
use crate::rpc::activities::{check_fit, present_shift};
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::OfferSwapRequest>,
) -> Result<proto::Swap, Error> {
    let (call, request) = Call::open(request);
    convert::sign_up_name("wanted", &request.wanted)?;
    let (own, offered, _) =
        present_own(volunteers, &call, "OfferSwap", ("offered", &request.offered)).await?;
    let (wanted, activity) = present(volunteers, "wanted", &request.wanted).await?;
    let (_, shift) = present_shift(volunteers, (wanted.activity, wanted.shift)).await?;
    check_fit(volunteers, &own, &activity, &shift).await?;
    let change = call.change("OfferSwap", &request.request_id, &request, volunteers.clock.now())?;
    let swap = volunteers.store.offer_swap(&change, Uuid::now_v7(), offered.id, wanted.id).await?;
    Ok(convert::swap(&swap))
}
