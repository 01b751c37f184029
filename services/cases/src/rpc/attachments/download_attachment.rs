//! DownloadAttachment.

use std::pin::Pin;

use futures::{Stream, StreamExt as _, stream};
use minqing_platform::call::Call;
use minqing_platform::error::Error;
use minqing_platform::status;
use minqing_proto::cases::v1 as proto;
use minqing_proto::google::api::HttpBody;
use tonic::metadata::AsciiMetadataValue;
use tonic::{Request, Response, Status};

use super::{permit, storage_status};
use crate::Cases;
use crate::convert;
use crate::storage::READ_BYTES;

/// The pieces of a file.
pub type Pieces = Pin<Box<dyn Stream<Item = Result<HttpBody, Status>> + Send>>;

pub async fn handle(
    cases: &Cases,
    request: Request<proto::DownloadAttachmentRequest>,
) -> Result<Response<Pieces>, Status> {
    let (call, request) = Call::open(request);
    let id = convert::attachment_name("name", &request.name).map_err(Error::from)?;
    let kept = permit::readable(cases, &call, "DownloadAttachment", id, &request.upload_token).await?;
    let disposition = convert::content_disposition(&kept.attachment.file_name);
    let disposition = AsciiMetadataValue::try_from(disposition).map_err(|error| status::internal(&error))?;

    let (storage, key) = (cases.files.storage.clone(), kept.object_key);
    let (size, content_type) = (kept.attachment.size_bytes, kept.attachment.kind.content_type());
    // One piece is read when the one before was taken: a slow reader holds one in memory, not the file.
    let pieces = stream::try_unfold(0_u64, move |from| {
        let storage = storage.clone();
        async move {
            if from >= size {
                return Ok(None);
            }
            let to = (from + READ_BYTES).min(size);
            let data = storage.read(key, from, to).await.map_err(|error| storage_status(&error))?;
            let content_type = if from == 0 { content_type.to_owned() } else { String::new() };
            Ok(Some((HttpBody { content_type, data, extensions: Vec::new() }, to)))
        }
    });
    let mut response = Response::new(pieces.boxed());
    response.metadata_mut().insert("content-disposition", disposition);
    Ok(response)
}
