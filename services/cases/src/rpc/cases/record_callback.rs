//! RecordCallback.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{Asked, REASON_MAX, act, again, seen};
use crate::domain::case::Command;
use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::RecordCallbackRequest>,
) -> Result<proto::Case, Error> {
    let (call, request) = Call::open(request);
    let asked = Asked::read(&request.name, &request.etag)?;
    let (satisfied, with) = (
        convert::optional_member("satisfaction", request.satisfaction)?,
        convert::optional_member("handled", request.handled)?,
    );
    let note = convert::optional_prose("note", &request.note, REASON_MAX)?;
    let change = call.change("RecordCallback", &request.request_id, &request, cases.clock.now())?;
    if let Some(answer) = again(cases, &call, "RecordCallback", &change, &asked.number).await? {
        return Ok(answer);
    }
    let seen = seen(cases, &call, "RecordCallback", &asked.number).await?;
    act(
        cases,
        &change,
        &asked,
        seen,
        Command::CallBack { reached: request.reached, solved: request.solved, satisfied, with, note },
    )
    .await
}
