//! MergeCase.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{Asked, again, seen, shown};
use crate::domain::case::Command;
use crate::store::case::Act;
use crate::{Cases, convert};

pub async fn handle(cases: &Cases, request: Request<proto::MergeCaseRequest>) -> Result<proto::Case, Error> {
    let (call, request) = Call::open(request);
    let asked = Asked::read(&request.name, &request.etag)?;
    let into = convert::case_number("into", &request.into)?.to_owned();
    let change = call.change("MergeCase", &request.request_id, &request, cases.clock.now())?;
    if let Some(answer) = again(cases, &call, "MergeCase", &change, &asked.number).await? {
        return Ok(answer);
    }
    let one = seen(cases, &call, "MergeCase", &asked.number).await?;
    let other = seen(cases, &call, "MergeCase", &into).await?;
    let act = Act {
        number: &asked.number,
        version: asked.version,
        command: Command::Merge(into.clone()),
        by: one.by,
        calendar: &one.calendar,
    };
    let after = cases.store.merge_case(&change, act, &into, &other.calendar).await?;
    shown(cases, &after, &one.calendar, one.sight).await
}
