//! Attachments over real gRPC, in process: up, down, refusals, rights, and what the sweep leaves.
#![cfg(test)]

mod rights;
#[path = "../room/mod.rs"]
mod room;
mod sweep;
mod upload;

use std::path::Path;
use std::time::Duration;

use futures::stream;
use minqing_platform::client::Peer;
use minqing_platform::status;
use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::attachment_service_client::AttachmentServiceClient;
use minqing_proto::google::api::HttpBody;
use tonic::{Request, Status};
use tonic_types::StatusExt as _;

use room::Room;

/// The smallest file that is taken for a PNG.
const PNG: &[u8] = b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR and so on";

fn client(room: &Room) -> AttachmentServiceClient<Peer> {
    AttachmentServiceClient::new(room.peer.clone())
}

/// Somebody who is signed in, by their person's name.
fn citizen<T>(person: &str, message: T) -> Request<T> {
    let mut request = room::by("citizen", "", message);
    request.metadata_mut().insert("person", person.parse().unwrap());
    request
}

/// The messages of a file: pieces of a size, the first with its name and type.
fn messages(
    (file_name, content_type): (&str, &str),
    bytes: &[u8],
    step: usize,
) -> Vec<proto::UploadAttachmentRequest> {
    let mut pieces: Vec<&[u8]> = bytes.chunks(step).collect();
    if pieces.is_empty() {
        pieces.push(b"");
    }
    let mut messages: Vec<_> = pieces
        .into_iter()
        .map(|piece| proto::UploadAttachmentRequest {
            file: Some(HttpBody { data: piece.to_vec().into(), ..HttpBody::default() }),
            ..proto::UploadAttachmentRequest::default()
        })
        .collect();
    messages[0].file_name = file_name.to_owned();
    messages[0].file.as_mut().unwrap().content_type = content_type.to_owned();
    messages
}

/// Uploads a file without an account; gives the attachment and its token.
async fn upload(
    room: &Room,
    says: (&str, &str),
    bytes: &[u8],
) -> Result<(proto::Attachment, String), Status> {
    let request = stream::iter(messages(says, bytes, 64 << 10));
    let answer = client(room).upload_attachment(request).await?.into_inner();
    Ok((answer.attachment.unwrap(), answer.upload_token))
}

fn get(name: &str, token: &str) -> proto::GetAttachmentRequest {
    proto::GetAttachmentRequest { name: name.to_owned(), upload_token: token.to_owned() }
}

fn down(name: &str, token: &str) -> proto::DownloadAttachmentRequest {
    proto::DownloadAttachmentRequest { name: name.to_owned(), upload_token: token.to_owned() }
}

/// The reason of a refusal, and the first field that it names.
fn refusal(status: &Status) -> (String, String) {
    let fields = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
    let field = fields.first().map(|one| one.field.clone()).unwrap_or_default();
    (status::reason(status).unwrap_or_default(), field)
}

/// Waits until so many files lie in a folder and those below it: what an upload wrote that was refused or broke off is
/// taken back in the background.
async fn expect_files(folder: &Path, count: usize) {
    for _ in 0..1_000 {
        if files_in(folder) == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(files_in(folder), count);
}

/// How many files lie in a folder and those below it.
fn files_in(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files_in(&path) } else { 1 }).sum()
}
