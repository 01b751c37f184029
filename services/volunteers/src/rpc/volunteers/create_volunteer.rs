//! CreateVolunteer.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::check_home;
use crate::Volunteers;
use crate::convert::{self, Sight};
use crate::domain::volunteer::NewVolunteer;

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::CreateVolunteerRequest>,
) -> Result<proto::Volunteer, Error> {
    let (call, request) = Call::open(request);
    let today = volunteers.today();
    let given = request.volunteer.as_ref();
    let mut new = convert::new_volunteer(&volunteers.keyring, "volunteer", given, today)?;
    let team = convert::optional_team("team", &request.team)?;
    let own = !request.for_another;
    let sight = authorize(volunteers, &call, &new, (own, team.as_deref())).await?;
    if own {
        new.account = Some(call.caller.name_for_audit().into_owned());
        new.person = call.caller.person.clone();
    }
    check_home(volunteers, "volunteer.division_code", &new.home, today).await?;
    let change = call.change("CreateVolunteer", &request.request_id, &request, volunteers.clock.now())?;
    let made = volunteers.store.register_volunteers(&change, &[new], team.as_deref()).await?;
    let made = made.into_iter().next().ok_or_else(|| Error::Internal("nobody was registered".to_owned()))?;
    convert::volunteer(&volunteers.keyring, made, sight)
}

/// Volunteers register themselves, leaders whoever wants to belong to their team, coordinators anybody of their area.
async fn authorize(
    volunteers: &Volunteers,
    call: &Call,
    new: &NewVolunteer,
    (own, team): (bool, Option<&str>),
) -> Result<Sight, Error> {
    const ACTION: &str = "CreateVolunteer";
    let home = Target::within(new.home.as_str());
    if own {
        volunteers.authorize(call, ACTION, Target { own: true, ..home })?;
    } else if volunteers.authorize(call, ACTION, home).is_ok() {
        return Ok(Sight::KEPT);
    } else {
        let leads = match team {
            Some(id) => {
                let team = volunteers.store.team(id).await?;
                volunteers.leads(call, &team.ok_or_else(|| Refusal::missing(format!("teams/{id}")))?).await?
            }
            None => false,
        };
        volunteers.authorize(call, ACTION, Target { own: leads, ..home })?;
    }
    if new.person.is_some() {
        // By a link to another's account one would lend them this record.
        let text = "is given by whoever keeps the records of the area";
        return Err(Violation::new("volunteer.person", "NOT_YOURS_TO_GIVE", text).into());
    }
    Ok(if own { Sight::KEPT } else { Sight::LED })
}
