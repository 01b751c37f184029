//! GiveAward.

use minqing_platform::call::Call;
use minqing_platform::error::{Error, Refusal};
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;
use uuid::Uuid;

use super::{TEXT_MAX, volunteer};
use crate::domain::hour::honour::{Honour, Kind};
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::GiveAwardRequest>,
) -> Result<proto::Honour, Error> {
    let (call, request) = Call::open(request);
    let text = convert::text("text", &request.text, TEXT_MAX)?;
    let to = volunteer(volunteers, &call, "GiveAward", "volunteer", &request.volunteer).await?;
    if volunteers.own_volunteer(&call).await?.is_some_and(|own| own.number == to.number) {
        return Err(Refusal::rule("AWARD_OWN", "nobody gives an award to themselves").into());
    }
    let change = call.change("GiveAward", &request.request_id, &request, volunteers.clock.now())?;
    let honour = Honour {
        id: Uuid::now_v7(),
        kind: Kind::Award,
        volunteer: to.number,
        need: None,
        text,
        giver: change.actor.clone(),
        create_time: change.now,
    };
    Ok(convert::honour(&volunteers.store.give_honour(&change, &honour).await?))
}
