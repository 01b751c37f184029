//! GetAttachment.

use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_proto::cases::v1 as proto;
use tonic::Request;

use super::permit;
use crate::Cases;
use crate::convert;

pub async fn handle(
    cases: &Cases,
    request: Request<proto::GetAttachmentRequest>,
) -> Result<proto::Attachment, Error> {
    let (call, request) = Call::open(request);
    let id = convert::attachment_name("name", &request.name)?;
    let kept = permit::readable(cases, &call, "GetAttachment", id, &request.upload_token).await?;
    Ok(convert::attachment(kept.attachment))
}
