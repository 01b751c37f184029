//! UploadAttachment.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use minqing_platform::call::Call;
use minqing_platform::db;
use minqing_platform::error::{Error, Kind as Obstacle, Refusal};
use minqing_platform::journal::Change;
use minqing_platform::policy::Target;
use minqing_platform::status::{self, Violation};
use minqing_proto::cases::v1 as proto;
use minqing_proto::google::api::HttpBody;
use sha2::{Digest as _, Sha256};
use tonic::{Code, Request, Status, Streaming};
use uuid::Uuid;

use super::storage_status;
use crate::Cases;
use crate::convert;
use crate::domain::attachment::{Intake, Kept, NewAttachment, PENDING_COUNT_MAX, token_hash};
use crate::storage::Writer;

/// How long the next message may take.
const MESSAGE_WAIT: Duration = Duration::from_secs(30);
/// How long a whole upload may take, far less than a file may be pending: the sweep never meets one under way.
const UPLOAD_WAIT: Duration = Duration::from_secs(3_600);
/// How often keeping a file is tried: the same content may come twice at the same moment.
const TRIES_MAX: usize = 3;

type Messages = Streaming<proto::UploadAttachmentRequest>;

pub async fn handle(
    cases: &Cases,
    request: Request<Messages>,
) -> Result<proto::UploadAttachmentResponse, Status> {
    let (call, messages) = Call::open(request);
    cases.authorize(&call, "UploadAttachment", Target::NOWHERE)?;
    let _place = cases.files.place()?;
    has_room(cases).await?;
    let actor = call.caller.name_for_audit().into_owned();
    // There is no request id: the token of the first answer could not be told again, since only its hash is kept.
    let change = Change { actor, now: cases.clock.now(), request: None };
    let mut sink = Sink { cases, change, writing: None, hasher: Sha256::new(), size_bytes: 0 };
    let taken = tokio::time::timeout(UPLOAD_WAIT, take(messages, &mut sink)).await;
    match taken.unwrap_or_else(|_| Err(stalled("the upload", UPLOAD_WAIT))) {
        Ok(answer) => Ok(answer),
        Err(status) => {
            sink.take_back().await;
            Err(status)
        }
    }
}

/// Refuses while too much lies about that belongs to no case: otherwise anybody could fill the disk.
async fn has_room(cases: &Cases) -> Result<(), Error> {
    let pending = cases.store.pending_attachments().await?;
    if pending.count < PENDING_COUNT_MAX && pending.size_bytes < cases.files.pending_bytes_max {
        return Ok(());
    }
    tracing::warn!(
        count = pending.count,
        bytes = pending.size_bytes,
        "uploads are refused until cases claim some"
    );
    let message = "too many files wait for their cases; try again later".into();
    Err(Refusal { kind: Obstacle::Limit, reason: "ATTACHMENTS_PENDING_TOO_MANY", message }.into())
}

/// Takes the file from the stream to the store of files, and makes it known.
async fn take(
    mut messages: Messages,
    sink: &mut Sink<'_>,
) -> Result<proto::UploadAttachmentResponse, Status> {
    let first = next(&mut messages).await?.ok_or_else(|| Error::from(Violation::required("file")))?;
    let body = first.file.unwrap_or_default();
    let mut intake = Intake::begin(&first.file_name, &body.content_type, sink.cases.files.size_bytes_max)?;
    let mut kept = Vec::new();
    intake.push(&body.data, &mut kept)?;
    sink.write(&mut kept).await?;
    while let Some(message) = next(&mut messages).await? {
        let body = later(message)?;
        intake.push(&body.data, &mut kept)?;
        sink.write(&mut kept).await?;
    }
    let (kind, file_name) = intake.finish(&mut kept)?;
    sink.write(&mut kept).await?;
    let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let known = sink.keep(|object_key, size_bytes, sha256| NewAttachment {
        id: Uuid::now_v7(),
        object_key,
        file_name,
        kind,
        size_bytes,
        sha256,
        token_hash: token_hash(&token),
    });
    let attachment = Some(convert::attachment(known.await?.attachment));
    Ok(proto::UploadAttachmentResponse { attachment, upload_token: token })
}

/// The next message; none when the caller ended the stream.
async fn next(messages: &mut Messages) -> Result<Option<proto::UploadAttachmentRequest>, Status> {
    let message = tokio::time::timeout(MESSAGE_WAIT, messages.message()).await;
    message.map_err(|_| stalled("the next message", MESSAGE_WAIT))?
}

fn stalled(what: &str, wait: Duration) -> Status {
    let text = format!("{what} took longer than {} s", wait.as_secs());
    status::refusal(Code::DeadlineExceeded, "UPLOAD_STALLED", text, [])
}

/// A message after the first: it has bytes and nothing else.
fn later(message: proto::UploadAttachmentRequest) -> Result<HttpBody, Error> {
    let body = message.file.ok_or_else(|| Violation::required("file"))?;
    for (field, text) in [("file_name", &message.file_name), ("file.content_type", &body.content_type)] {
        if !text.is_empty() {
            let fault = "is said in the first message, and only there";
            return Err(Violation::new(field, "SAID_LATE", fault).into());
        }
    }
    Ok(body)
}

/// Where a file goes.
struct Sink<'c> {
    cases: &'c Cases,
    change: Change,
    /// The key and the way to it, from the first byte on that is worth keeping.
    writing: Option<(Uuid, Option<Writer>)>,
    hasher: Sha256,
    size_bytes: u64,
}

impl Sink<'_> {
    /// Writes what is to be kept, and empties it.
    async fn write(&mut self, kept: &mut Vec<u8>) -> Result<(), Status> {
        if kept.is_empty() {
            return Ok(());
        }
        if self.writing.is_none() {
            let key = Uuid::now_v7();
            self.cases.store.begin_object(&self.change, key).await?;
            self.writing = Some((key, Some(self.cases.files.storage.writer(key))));
        }
        self.hasher.update(&kept);
        self.size_bytes += kept.len() as u64;
        if let Some((_, Some(writer))) = &mut self.writing {
            writer.write(kept).await.map_err(|error| storage_status(&error))?;
        }
        kept.clear();
        Ok(())
    }

    /// Makes the bytes safe, and then the file known.
    async fn keep(&mut self, new: impl FnOnce(Uuid, u64, [u8; 32]) -> NewAttachment) -> Result<Kept, Status> {
        let Some((key, Some(writer))) = self.writing.as_mut().map(|(key, writer)| (*key, writer.take()))
        else {
            return Err(status::internal(&"a file was taken without its bytes"));
        };
        writer.finish().await.map_err(|error| storage_status(&error))?;
        let new = new(key, self.size_bytes, self.hasher.finalize_reset().into());
        let mut tries = 1;
        let kept = loop {
            match self.cases.store.keep_attachment(&self.change, &new).await {
                Err(Error::Database(db::Error::Duplicate)) if tries < TRIES_MAX => tries += 1,
                other => break other?,
            }
        };
        if kept.object_key != key {
            self.take_back().await;
        }
        Ok(kept)
    }

    /// Removes bytes that no file is of. Where that fails, or nobody waits for it any more, the sweep does it later.
    async fn take_back(&mut self) {
        let Some((key, writer)) = self.writing.take() else { return };
        drop(writer);
        self.cases.remove_object(key).await;
    }
}
