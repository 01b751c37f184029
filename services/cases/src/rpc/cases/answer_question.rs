//! AnswerQuestion.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{REPLY_MAX, tracked};
use crate::domain::case::Command;
use crate::{Cases, convert};

pub async fn handle(
    cases: &Cases,
    request: Request<proto::AnswerQuestionRequest>,
) -> Result<proto::TrackedCase, Error> {
    let (call, mut request) = Call::open(request);
    let text = convert::prose("text", &request.text, REPLY_MAX)?;
    let secret = std::mem::take(&mut request.secret);
    let opened = tracked::open(cases, &call, "AnswerQuestion", &request.name, &secret).await?;
    let change = tracked::change(cases, &call, "AnswerQuestion", &request.request_id, &request)?;
    tracked::act(cases, &change, &opened, Command::Answer(text)).await
}
