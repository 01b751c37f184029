//! CloseCase.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{Asked, act, again, seen};
use crate::Cases;
use crate::domain::case::Command;

pub async fn handle(cases: &Cases, request: Request<proto::CloseCaseRequest>) -> Result<proto::Case, Error> {
    let (call, request) = Call::open(request);
    let asked = Asked::read(&request.name, &request.etag)?;
    let change = call.change("CloseCase", &request.request_id, &request, cases.clock.now())?;
    if let Some(answer) = again(cases, &call, "CloseCase", &change, &asked.number).await? {
        return Ok(answer);
    }
    let seen = seen(cases, &call, "CloseCase", &asked.number).await?;
    let unasked = !cases.practice.calls_back(&asked.number);
    act(cases, &change, &asked, seen, Command::Close { unasked }).await
}
