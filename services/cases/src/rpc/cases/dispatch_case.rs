//! DispatchCase.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::places;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{Asked, REASON_MAX, act, again, seen};
use crate::domain::case::{Command, NewDispatch, Part};
use crate::{Cases, convert};

/// The most units of one dispatch.
const UNITS_MAX: usize = 10;

pub async fn handle(
    cases: &Cases,
    request: Request<proto::DispatchCaseRequest>,
) -> Result<proto::Case, Error> {
    let (call, request) = Call::open(request);
    let asked = Asked::read(&request.name, &request.etag)?;
    convert::count("units", request.units.len(), 1, UNITS_MAX)?;
    let units = convert::each("units", &request.units, unit)?;
    let change = call.change("DispatchCase", &request.request_id, &request, cases.clock.now())?;
    if let Some(answer) = again(cases, &call, "DispatchCase", &change, &asked.number).await? {
        return Ok(answer);
    }
    let seen = seen(cases, &call, "DispatchCase", &asked.number).await?;
    for (index, unit) in units.iter().enumerate() {
        let field = format!("units[{index}].organization");
        places::check_organization(&cases.registry, &field, &unit.organization, cases.today()).await?;
    }
    act(cases, &change, &asked, seen, Command::Dispatch(units)).await
}

pub(super) fn unit(field: &str, given: &proto::Unit) -> Result<NewDispatch, Violation> {
    let at = |name: &str| format!("{field}.{name}");
    let organization = convert::named(&at("organization"), "organizations", &given.organization)?;
    let limit = given.limit.as_ref().map(|limit| convert::case_limit(&at("limit"), limit)).transpose()?;
    let instruction = convert::optional_prose(&at("instruction"), &given.instruction, REASON_MAX)?;
    let part = if given.joint { Part::Joint } else { Part::Lead };
    Ok(NewDispatch { organization: format!("organizations/{organization}"), part, limit, instruction })
}
