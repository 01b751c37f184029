//! GetCase.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::{seen, shown};
use crate::{Cases, convert};

pub async fn handle(cases: &Cases, request: Request<proto::GetCaseRequest>) -> Result<proto::Case, Error> {
    let (call, request) = Call::open(request);
    let number = convert::case_number("name", &request.name)?;
    let seen = seen(cases, &call, "GetCase", number).await?;
    let attachments = cases.store.attachments_of_case(number).await?;
    let mut shown = shown(cases, &seen.case, &seen.calendar, seen.sight).await?;
    shown.attachments =
        attachments.into_iter().map(|attachment| format!("attachments/{}", attachment.id)).collect();
    Ok(shown)
}
