//! WithdrawCase.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{REASON_MAX, tracked};
use crate::domain::case::Command;
use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::WithdrawCaseRequest>,
) -> Result<proto::TrackedCase, Error> {
    let (call, mut request) = Call::open(request);
    let reason = convert::optional_prose("reason", &request.reason, REASON_MAX)?;
    let secret = std::mem::take(&mut request.secret);
    let opened = tracked::open(cases, &call, "WithdrawCase", &request.name, &secret).await?;
    let change = tracked::change(cases, &call, "WithdrawCase", &request.request_id, &request)?;
    tracked::act(cases, &change, &opened, Command::Withdraw(reason)).await
}
