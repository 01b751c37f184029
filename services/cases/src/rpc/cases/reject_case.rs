//! RejectCase.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{Asked, REPLY_MAX, act, again, seen};
use crate::domain::case::Command;
use crate::{Cases, convert};

pub async fn handle(cases: &Cases, request: Request<proto::RejectCaseRequest>) -> Result<proto::Case, Error> {
    let (call, request) = Call::open(request);
    let asked = Asked::read(&request.name, &request.etag)?;
    let reason = convert::member("reason", request.reason)?;
    let reply = convert::prose("reply", &request.reply, REPLY_MAX)?;
    let change = call.change("RejectCase", &request.request_id, &request, cases.clock.now())?;
    if let Some(answer) = again(cases, &call, "RejectCase", &change, &asked.number).await? {
        return Ok(answer);
    }
    let seen = seen(cases, &call, "RejectCase", &asked.number).await?;
    act(cases, &change, &asked, seen, Command::Reject(reason, reply)).await
}
