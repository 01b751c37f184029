//! RateNeed.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::status::Violation;
use minqing_proto::volunteers::v1 as proto;
use tonic::Request;

use super::{Asked, act, seen};
use crate::Volunteers;
use crate::domain::need::Command;

pub async fn handle(
    volunteers: &Volunteers,
    request: Request<proto::RateNeedRequest>,
) -> Result<proto::Need, Error> {
    let (call, request) = Call::open(request);
    let asked = Asked::read(&request.name, "")?;
    let confirmed = request.confirmed.ok_or_else(|| Violation::required("confirmed"))?;
    let satisfaction = match u8::try_from(request.satisfaction) {
        Ok(0) => None,
        Ok(given) if given <= 5 => Some(given),
        _ => return Err(Violation::new("satisfaction", "OUT_OF_RANGE", "must be 1 to 5").into()),
    };
    seen(volunteers, &call, "RateNeed", asked.id).await?;
    let change = call.change("RateNeed", &request.request_id, &request, volunteers.clock.now())?;
    act(volunteers, &change, &asked, Command::Rate(confirmed, satisfaction), 0).await
}
