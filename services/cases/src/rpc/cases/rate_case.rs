//! RateCase.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::status::Violation;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{REASON_MAX, tracked};
use crate::domain::case::Command;
use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::RateCaseRequest>,
) -> Result<proto::TrackedCase, Error> {
    let (call, mut request) = Call::open(request);
    let solved = request.solved.ok_or_else(|| Violation::required("solved"))?;
    let command = Command::CallBack {
        reached: true,
        solved: Some(solved),
        satisfied: convert::optional_member("satisfaction", request.satisfaction)?,
        with: convert::optional_member("handled", request.handled)?,
        note: convert::optional_prose("note", &request.note, REASON_MAX)?,
    };
    let secret = std::mem::take(&mut request.secret);
    let opened = tracked::open(cases, &call, "RateCase", &request.name, &secret).await?;
    let change = tracked::change(cases, &call, "RateCase", &request.request_id, &request)?;
    tracked::act(cases, &change, &opened, command).await
}
