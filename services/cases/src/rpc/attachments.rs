//! Attachments.

mod download_attachment;
mod get_attachment;
mod permit;
mod upload_attachment;

use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::attachment_service_server::AttachmentService;
use tonic::{Request, Response, Status, Streaming};

use super::answer;
use crate::{Cases, storage};

#[tonic::async_trait]
impl AttachmentService for Cases {
    type DownloadAttachmentStream = download_attachment::Pieces;

    async fn upload_attachment(
        &self,
        request: Request<Streaming<proto::UploadAttachmentRequest>>,
    ) -> Result<Response<proto::UploadAttachmentResponse>, Status> {
        upload_attachment::handle(self, request).await.map(Response::new)
    }

    async fn get_attachment(
        &self,
        request: Request<proto::GetAttachmentRequest>,
    ) -> Result<Response<proto::Attachment>, Status> {
        answer(get_attachment::handle(self, request).await)
    }

    async fn download_attachment(
        &self,
        request: Request<proto::DownloadAttachmentRequest>,
    ) -> Result<Response<download_attachment::Pieces>, Status> {
        download_attachment::handle(self, request).await
    }
}

/// The store of files failed, as a status.
fn storage_status(error: &storage::Error) -> Status {
    match error {
        storage::Error::Unavailable(cause) => minqing_platform::status::unavailable("store of files", cause),
        // A row points to bytes that are not there: what must never be. The others end a start, not a call.
        storage::Error::Gone(_)
        | storage::Error::Place
        | storage::Error::Missing(_)
        | storage::Error::Folder { .. } => minqing_platform::status::internal(error),
    }
}
