//! RequestMembership.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::present;
use crate::{Volunteers, convert};

const ACTION: &str = "RequestMembership";

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::RequestMembershipRequest>,
) -> Result<proto::Membership, Error> {
    let (call, request) = Call::open(request);
    let team = convert::team_name("parent", &request.parent)?;
    let asked = convert::optional_volunteer("volunteer", &request.volunteer)?;
    let volunteer = whom(volunteers, &call, &team, asked).await?;
    let change = call.change(ACTION, &request.request_id, &request, volunteers.clock.now())?;
    let made = volunteers.store.request_membership(&change, &team, &volunteer, volunteers.today()).await?;
    Ok(convert::membership(made))
}

/// For whom the caller may ask: themselves, or a volunteer of their area where the team is at home there too.
async fn whom(
    volunteers: &Volunteers,
    call: &Call,
    team: &str,
    asked: Option<String>,
) -> Result<String, Error> {
    volunteers.authorize(call, ACTION, Target { division: Some(""), own: true })?;
    let own = volunteers.own_volunteer(call).await?.map(|own| own.number);
    let missing = || Error::from(Refusal::missing("the volunteer"));
    let Some(number) = asked else { return own.ok_or_else(missing) };
    if own.as_ref() == Some(&number) {
        return Ok(number);
    }
    let home = present(volunteers, team).await?.home;
    volunteers.authorize(call, ACTION, Target::within(home.as_str()))?;
    let there = volunteers.store.volunteer(&number).await?.ok_or_else(missing)?;
    volunteers.authorize(call, ACTION, Target::within(there.home.as_str())).map_err(|_| missing())?;
    Ok(number)
}
