//! DecideOwner.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::places;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::dispatch_case::unit;
use super::{Asked, act, again, seen};
use crate::Cases;
use crate::domain::case::Command;

pub async fn handle(
    cases: &Cases,
    request: Request<proto::DecideOwnerRequest>,
) -> Result<proto::Case, Error> {
    let (call, request) = Call::open(request);
    let asked = Asked::read(&request.name, &request.etag)?;
    let unit = unit("unit", request.unit.as_ref().ok_or_else(|| Violation::required("unit"))?)?;
    let change = call.change("DecideOwner", &request.request_id, &request, cases.clock.now())?;
    if let Some(answer) = again(cases, &call, "DecideOwner", &change, &asked.number).await? {
        return Ok(answer);
    }
    let seen = seen(cases, &call, "DecideOwner", &asked.number).await?;
    places::check_organization(&cases.registry, "unit.organization", &unit.organization, cases.today())
        .await?;
    act(cases, &change, &asked, seen, Command::DecideOwner(unit)).await
}
