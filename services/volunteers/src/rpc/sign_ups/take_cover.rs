//! TakeCover.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;
use uuid::Uuid;

use super::{acted, present};
use crate::Volunteers;
use crate::domain::sign_up::Applicant;
use crate::rpc::activities::{check_fit, own, present_shift};
use crate::store::sign_up::Act;

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::TakeCoverRequest>,
) -> Result<proto::SignUp, Error> {
    let (call, request) = Call::open(request);
    let own = own(volunteers, &call, "TakeCover").await?;
    let (sign_up, activity) = present(volunteers, "name", &request.name).await?;
    // It is offered to the team.
    if !volunteers.store.is_member(&activity.team, &own.number).await? {
        return Err(Refusal::rule("NOT_A_MEMBER", "cover is asked of members of the team").into());
    }
    let (_, shift) = present_shift(volunteers, (sign_up.activity, sign_up.shift)).await?;
    check_fit(volunteers, &own, &activity, &shift).await?;
    let change = call.change("TakeCover", &request.request_id, &request, volunteers.clock.now())?;
    let applicant = Applicant { id: Uuid::now_v7(), volunteer: own.number };
    acted(volunteers, &change, sign_up.id, &Act::TakeCover(applicant)).await
}
