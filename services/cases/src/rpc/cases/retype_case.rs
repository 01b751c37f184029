//! RetypeCase.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{Asked, REASON_MAX, act, again, seen};
use crate::domain::case::Command;
use crate::{Cases, convert};

pub async fn handle(cases: &Cases, request: Request<proto::RetypeCaseRequest>) -> Result<proto::Case, Error> {
    let (call, request) = Call::open(request);
    let asked = Asked::read(&request.name, &request.etag)?;
    let kind = convert::member("type", request.r#type)?;
    let reason = convert::prose("reason", &request.reason, REASON_MAX)?;
    let change = call.change("RetypeCase", &request.request_id, &request, cases.clock.now())?;
    if let Some(answer) = again(cases, &call, "RetypeCase", &change, &asked.number).await? {
        return Ok(answer);
    }
    let seen = seen(cases, &call, "RetypeCase", &asked.number).await?;
    act(cases, &change, &asked, seen, Command::Retype(kind, reason)).await
}
