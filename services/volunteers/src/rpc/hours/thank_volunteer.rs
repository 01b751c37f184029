//! ThankVolunteer.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_platform::policy::Target;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;
use uuid::Uuid;

use super::TEXT_MAX;
use crate::domain::hour::honour::{Honour, Kind};
use crate::store::hour::Filter;
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::ThankVolunteerRequest>,
) -> Result<proto::Honour, Error> {
    let (call, request) = Call::open(request);
    let volunteer = convert::volunteer_name("volunteer", &request.volunteer)?;
    let need = convert::named("need", "needs", &request.need)?;
    let id = need.parse::<Uuid>();
    let id = id.map_err(|_| Violation::new("need", "INVALID_NAME", "must be of the form needs/{uuid}"))?;
    let text = convert::text("text", &request.text, TEXT_MAX)?;
    volunteers.authorize(&call, "ThankVolunteer", Target { division: None, own: true })?;
    let change = call.change("ThankVolunteer", &request.request_id, &request, volunteers.clock.now())?;
    let raised = volunteers.store.need(id).await?.filter(|need| need.raiser == change.actor);
    // To all others it is as if there were no such need.
    raised.ok_or_else(|| Refusal::missing(format!("needs/{need}")))?;
    if !served(volunteers, &volunteer, &need).await? {
        let text = "they have no hours for this need";
        return Err(Refusal::rule("VOLUNTEER_DID_NOT_SERVE", text).into());
    }
    let honour = Honour {
        id: Uuid::now_v7(),
        kind: Kind::Thanks,
        volunteer,
        need: Some(need),
        text,
        giver: change.actor.clone(),
        create_time: change.now,
    };
    Ok(convert::honour(&volunteers.store.give_honour(&change, &honour).await?))
}

/// Whether somebody has hours for a need, which entries name by its id or its whole name.
async fn served(volunteers: &Volunteers, volunteer: &str, need: &str) -> Result<bool, Error> {
    for name in [need.to_owned(), format!("needs/{need}")] {
        let filter = Filter {
            within: vec![String::new()],
            volunteer: Some(volunteer.to_owned()),
            need: Some(name),
            ..Filter::default()
        };
        if !volunteers.store.hour_entries(&filter, None, 1).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}
