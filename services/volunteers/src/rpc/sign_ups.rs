//! Sign-ups, swaps, cover, checking in and out.

mod answer_swap;
mod approve_sign_up;
mod check_in;
mod check_out;
mod create_sign_up;
mod decline_sign_up;
mod drop_sign_up;
mod get_sign_up;
mod get_swap;
mod lift_no_show;
mod list_own_sign_ups;
mod list_own_swaps;
mod list_sign_ups;
mod offer_cover;
mod offer_swap;
mod review_swap;
mod take_cover;
mod withdraw_swap;

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::journal::Change;
use minqing_proto::volunteers::v1 as proto;
use minqing_proto::volunteers::v1::sign_up_service_server::SignUpService;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{activities, answer};
use crate::convert::Proof;
use crate::domain::activity::Activity;
use crate::domain::sign_up::SignUp;
use crate::domain::sign_up::attendance::{check_near, is_code};
use crate::domain::sign_up::swap::Swap;
use crate::domain::volunteer::Volunteer;
use crate::store::sign_up::Act;
use crate::{Volunteers, convert};

/// The most characters of a reason.
const REASON_MAX: usize = 500;

/// The sign-up of a name, with its activity.
async fn present(volunteers: &Volunteers, field: &str, name: &str) -> Result<(SignUp, Activity), Error> {
    let (activity, shift, id) = convert::sign_up_name(field, name)?;
    let found = volunteers.store.sign_up(id).await?;
    let found = found.filter(|one| one.activity == activity && one.shift == shift);
    let sign_up = found.ok_or_else(|| Refusal::missing(format!("sign-up {id}")))?;
    Ok((sign_up, activities::present(volunteers, activity).await?))
}

/// The caller's own sign-up; somebody else's is as if it were not there.
async fn present_own(
    volunteers: &Volunteers,
    call: &Call,
    action: &str,
    (field, name): (&str, &str),
) -> Result<(Volunteer, SignUp, Activity), Error> {
    convert::sign_up_name(field, name)?;
    let own = activities::own(volunteers, call, action).await?;
    let (sign_up, activity) = present(volunteers, field, name).await?;
    if sign_up.volunteer != own.number {
        return Err(Refusal::missing(format!("sign-up {}", sign_up.id)).into());
    }
    Ok((own, sign_up, activity))
}

/// A sign-up that the caller may decide about as an organizer: of an activity of theirs, and not their own.
async fn present_organized(
    volunteers: &Volunteers,
    call: &Call,
    action: &str,
    name: &str,
) -> Result<SignUp, Error> {
    let (sign_up, activity) = present(volunteers, "name", name).await?;
    activities::organize_activity(volunteers, call, action, &activity).await?;
    check_not_own(volunteers, call, &[&sign_up]).await?;
    Ok(sign_up)
}

/// Refuses whoever would decide about themselves.
async fn check_not_own(volunteers: &Volunteers, call: &Call, of: &[&SignUp]) -> Result<(), Error> {
    let own = volunteers.own_volunteer(call).await?;
    if own.is_some_and(|own| of.iter().any(|one| one.volunteer == own.number)) {
        return Err(Refusal::rule("OWN_SIGN_UP", "somebody else must decide about one's own sign-up").into());
    }
    Ok(())
}

/// Lets something happen to a sign-up.
async fn acted(
    volunteers: &Volunteers,
    change: &Change,
    id: Uuid,
    act: &Act,
) -> Result<proto::SignUp, Error> {
    Ok(convert::sign_up(&volunteers.store.act_on_sign_up(change, id, act).await?))
}

/// Refuses somebody who does not show that they are there.
async fn check_proof(
    volunteers: &Volunteers,
    sign_up: &SignUp,
    activity: &Activity,
    proof: &Proof,
) -> Result<(), Error> {
    let now = volunteers.clock.now();
    match proof {
        Proof::Position(at) => {
            let place = &activity.plan.place;
            check_near(place.position, place.radius_m, *at)?;
        }
        Proof::Code(given) => {
            volunteers.store.check_attempts(sign_up.id, now).await?;
            if !is_code(&volunteers.keyring, sign_up.shift, given, now) {
                volunteers.store.count_wrong_code(sign_up.id, now).await?;
                return Err(Refusal::rule("CODE_WRONG", "it is not the code that is shown now").into());
            }
        }
    }
    Ok(())
}

/// A swap that the caller is a party to.
async fn present_swap(
    volunteers: &Volunteers,
    call: &Call,
    action: &str,
    name: &str,
) -> Result<(Volunteer, Swap), Error> {
    let id = convert::swap_name("name", name)?;
    let own = activities::own(volunteers, call, action).await?;
    let found = volunteers.store.swap(id).await?;
    let swap =
        found.filter(|swap| [&swap.offered, &swap.wanted].iter().any(|one| one.volunteer == own.number));
    Ok((own, swap.ok_or_else(|| Refusal::missing(format!("swap {id}")))?))
}

#[tonic::async_trait]
impl SignUpService for Volunteers {
    async fn create_sign_up(
        &self,
        request: Request<proto::CreateSignUpRequest>,
    ) -> Result<Response<proto::SignUp>, Status> {
        answer(create_sign_up::handle(self, request).await)
    }

    async fn get_sign_up(
        &self,
        request: Request<proto::GetSignUpRequest>,
    ) -> Result<Response<proto::SignUp>, Status> {
        answer(get_sign_up::handle(self, request).await)
    }

    async fn list_sign_ups(
        &self,
        request: Request<proto::ListSignUpsRequest>,
    ) -> Result<Response<proto::ListSignUpsResponse>, Status> {
        answer(list_sign_ups::handle(self, request).await)
    }

    async fn list_own_sign_ups(
        &self,
        request: Request<proto::ListOwnSignUpsRequest>,
    ) -> Result<Response<proto::ListOwnSignUpsResponse>, Status> {
        answer(list_own_sign_ups::handle(self, request).await)
    }

    async fn approve_sign_up(
        &self,
        request: Request<proto::ApproveSignUpRequest>,
    ) -> Result<Response<proto::SignUp>, Status> {
        answer(approve_sign_up::handle(self, request).await)
    }

    async fn decline_sign_up(
        &self,
        request: Request<proto::DeclineSignUpRequest>,
    ) -> Result<Response<proto::SignUp>, Status> {
        answer(decline_sign_up::handle(self, request).await)
    }

    async fn drop_sign_up(
        &self,
        request: Request<proto::DropSignUpRequest>,
    ) -> Result<Response<proto::SignUp>, Status> {
        answer(drop_sign_up::handle(self, request).await)
    }

    async fn offer_cover(
        &self,
        request: Request<proto::OfferCoverRequest>,
    ) -> Result<Response<proto::SignUp>, Status> {
        answer(offer_cover::handle(self, request).await)
    }

    async fn take_cover(
        &self,
        request: Request<proto::TakeCoverRequest>,
    ) -> Result<Response<proto::SignUp>, Status> {
        answer(take_cover::handle(self, request).await)
    }

    async fn lift_no_show(
        &self,
        request: Request<proto::LiftNoShowRequest>,
    ) -> Result<Response<proto::SignUp>, Status> {
        answer(lift_no_show::handle(self, request).await)
    }

    async fn check_in(
        &self,
        request: Request<proto::CheckInRequest>,
    ) -> Result<Response<proto::SignUp>, Status> {
        answer(check_in::handle(self, request).await)
    }

    async fn check_out(
        &self,
        request: Request<proto::CheckOutRequest>,
    ) -> Result<Response<proto::SignUp>, Status> {
        answer(check_out::handle(self, request).await)
    }

    async fn offer_swap(
        &self,
        request: Request<proto::OfferSwapRequest>,
    ) -> Result<Response<proto::Swap>, Status> {
        answer(offer_swap::handle(self, request).await)
    }

    async fn get_swap(
        &self,
        request: Request<proto::GetSwapRequest>,
    ) -> Result<Response<proto::Swap>, Status> {
        answer(get_swap::handle(self, request).await)
    }

    async fn list_own_swaps(
        &self,
        request: Request<proto::ListOwnSwapsRequest>,
    ) -> Result<Response<proto::ListOwnSwapsResponse>, Status> {
        answer(list_own_swaps::handle(self, request).await)
    }

    async fn answer_swap(
        &self,
        request: Request<proto::AnswerSwapRequest>,
    ) -> Result<Response<proto::Swap>, Status> {
        answer(answer_swap::handle(self, request).await)
    }

    async fn withdraw_swap(
        &self,
        request: Request<proto::WithdrawSwapRequest>,
    ) -> Result<Response<proto::Swap>, Status> {
        answer(withdraw_swap::handle(self, request).await)
    }

    async fn review_swap(
        &self,
        request: Request<proto::ReviewSwapRequest>,
    ) -> Result<Response<proto::Swap>, Status> {
        answer(review_swap::handle(self, request).await)
    }
}
