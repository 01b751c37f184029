//! VerifyNeed.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::places::{self, Whereabouts};
use minqing_platform::policy::Target;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::create_need::check_post;
use super::{Asked, act, seen};
use crate::convert::Given;
use crate::domain::need::{Command, Place};
use crate::{Volunteers, convert};

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::VerifyNeedRequest>,
) -> Result<proto::Need, Error> {
    let (call, request) = Call::open(request);
    let asked = Asked::read(&request.name, &request.etag)?;
    let need = seen(volunteers, &call, "VerifyNeed", asked.id).await?;
    let change = call.change("VerifyNeed", &request.request_id, &request, volunteers.clock.now())?;
    let given = Given {
        prefix: "",
        post: &request.post,
        skills: &request.skills,
        headcount: request.headcount,
        windows: &request.windows,
        risk: request.risk,
    };
    let mut faults = convert::Faults::default();
    let requirements = convert::requirements(&mut faults, &given, &need.requirements);
    let requirements = faults.or(requirements)?;
    check_post(volunteers, "post", requirements.post.as_deref()).await?;
    let place = place(volunteers, &request.area, need.place).await?;
    // Nobody moves a need out of their own area.
    volunteers.authorize(&call, "VerifyNeed", Target::within(place.code.as_str()))?;
    act(volunteers, &change, &asked, Command::Verify(requirements, place), 0).await
}

async fn place(volunteers: &Volunteers, area: &str, was: Place) -> Result<Place, Error> {
    if area.is_empty() {
        return Ok(was);
    }
    let given = Whereabouts { area, ..Whereabouts::default() };
    let city = &volunteers.practice.city;
    let (code, _) = places::find(&volunteers.registry, "", city, given, volunteers.today()).await?;
    // A point stays as long as it can lie there.
    let position = was.position.filter(|_| code.contains(&was.code));
    Ok(Place { code, position, ..was })
}
