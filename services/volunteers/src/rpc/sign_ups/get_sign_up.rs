//! GetSignUp.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::present;
use crate::Volunteers;
use crate::convert;
use crate::rpc::activities::organize_activity;

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::GetSignUpRequest>,
) -> Result<proto::SignUp, Error> {
    let (call, request) = Call::open(request);
    // Whoever may see no sign-up at all is told so, whether there is this one or not.
    volunteers.authorize(&call, "GetSignUp", Target { division: None, own: true })?;
    let (sign_up, activity) = present(volunteers, "name", &request.name).await?;
    let own = volunteers.own_volunteer(&call).await?;
    if own.is_none_or(|own| own.number != sign_up.volunteer) {
        organize_activity(volunteers, &call, "GetSignUp", &activity).await?;
    }
    Ok(convert::sign_up(&sign_up))
}
