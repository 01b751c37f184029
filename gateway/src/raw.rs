//! Bodies that are no JSON: `google.api.HttpBody`, whose bytes go through as they are, with a media type of their own.
//!
//! Where the body of a binding is such a message, a request's body becomes its bytes: one message, or for an RPC that
//! takes a stream, one message for each piece that comes, of which the first has all else that the request says. Where
//! the answer is such a message its bytes are the answer, and a stream of them is one answer, piece by piece.
//!
//! What comes down is always saved and never shown as a page of ours: `Content-Disposition` says so whatever the service
//! says, and a policy for the stubborn takes every right away. The service may name the file, by the metadata
//! `content-disposition`.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};
use tonic::metadata::MetadataMap;
use tonic::{Status, Streaming};

use crate::bind::Body as Bound;
use crate::call::{self, Deadline};
use crate::edge::Call;
use crate::status::{Failure, Reason};

const HTTP_BODY: &str = "google.api.HttpBody";
/// The fields of an HTTP body.
const FIELD_CONTENT_TYPE: &str = "content_type";
const FIELD_DATA: &str = "data";

/// The largest piece of a streamed request: several fit into one message of any server.
const PIECE_BYTES_MAX: usize = 256 << 10;

/// What is still read of a request that was refused, so that its client can hear the answer: one that is cut off while it
/// sends often never looks.
const LINGER_BYTES_MAX: usize = 64 << 20;
const LINGER: Duration = Duration::from_secs(10);

/// Marks an answer whose bytes are not ours to change, for whoever would compress it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Raw;

/// Whether a message is an HTTP body.
pub(crate) fn is_body(message: &MessageDescriptor) -> bool {
    message.full_name() == HTTP_BODY
}

/// Whether a field holds an HTTP body.
pub(crate) fn is_body_field(field: &FieldDescriptor) -> bool {
    !field.is_list() && matches!(field.kind(), Kind::Message(message) if is_body(&message))
}

/// Puts a request together around bytes: all of them, or the next piece. What the headers, the query and the path say
/// is said once, with the first.
pub(crate) fn request_message(call: &Call, data: Bytes, first: bool) -> Result<DynamicMessage, Failure> {
    let binding = &call.binding;
    let (mut message, field) = match &binding.body {
        Bound::Field(field) => (DynamicMessage::new(binding.rpc.input.clone()), Some(field)),
        Bound::Whole | Bound::None => (DynamicMessage::new(binding.rpc.input.clone()), None),
    };
    let content_type = call.headers.get(CONTENT_TYPE).filter(|_| first);
    let content_type = content_type.map(|value| value.to_str().map_err(|_| odd_type())).transpose()?;
    match field {
        Some(field) => {
            // Touching the field makes it present: a piece without bytes is one too.
            if let Value::Message(body) = message.get_field_mut(field) {
                fill(body, content_type, data);
            }
        }
        None => fill(&mut message, content_type, data),
    }
    if first {
        for assignment in call.assignments.iter().rev() {
            assignment.apply(&mut message)?;
        }
    }
    Ok(message)
}

fn fill(body: &mut DynamicMessage, content_type: Option<&str>, data: Bytes) {
    if let Some(content_type) = content_type {
        body.set_field_by_name(FIELD_CONTENT_TYPE, Value::String(content_type.to_owned()));
    }
    body.set_field_by_name(FIELD_DATA, Value::Bytes(data));
}

fn odd_type() -> Failure {
    Failure::new(Reason::MediaTypeUnsupported, "Content-Type must be plain ASCII")
}

/// The pieces of a request's body.
pub(crate) struct Pieces {
    body: Option<BodyDataStream>,
    /// What has come and was not given out.
    rest: Bytes,
    idle_timeout: Duration,
}

impl Pieces {
    pub(crate) fn new(body: Body, idle_timeout: Duration) -> Self {
        Self { body: Some(body.into_data_stream()), rest: Bytes::new(), idle_timeout }
    }

    /// The next piece; none at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        while self.rest.is_empty() {
            let Some(body) = &mut self.body else { return Ok(None) };
            match chunk(body, self.idle_timeout).await? {
                Some(chunk) => self.rest = chunk,
                None => self.body = None,
            }
        }
        Ok(Some(self.rest.split_to(self.rest.len().min(PIECE_BYTES_MAX))))
    }
}

impl Drop for Pieces {
    /// The call has ended, perhaps before the body has.
    fn drop(&mut self) {
        let (Some(body), Ok(runtime)) = (self.body.take(), tokio::runtime::Handle::try_current()) else {
            return;
        };
        runtime.spawn(async move {
            // Whether it came to its end, broke off or was too much: nobody waits for it.
            let _ = tokio::time::timeout(LINGER, linger(body)).await;
        });
    }
}

async fn linger(mut body: BodyDataStream) {
    let mut left = LINGER_BYTES_MAX;
    while let Some(Ok(chunk)) = body.next().await {
        left = left.saturating_sub(chunk.len());
        if left == 0 {
            return;
        }
    }
}

/// What comes next of a body; none at its end.
pub(crate) async fn chunk(
    body: &mut BodyDataStream,
    idle_timeout: Duration,
) -> Result<Option<Bytes>, Failure> {
    let chunk = tokio::time::timeout(idle_timeout, body.next()).await.map_err(|_| {
        let waited = idle_timeout.as_millis();
        Failure::new(Reason::UploadIdle, format!("nothing came for {waited} ms"))
    })?;
    chunk.transpose().map_err(|_| Failure::new(Reason::BodyUnreadable, "the body broke off"))
}

/// The media type and the bytes of an answer.
fn content(call: &Call, message: &DynamicMessage) -> (String, Bytes) {
    let inner = call.binding.response_body.as_ref().map(|field| message.get_field(field));
    let body = match &inner {
        Some(value) => value.as_message(),
        None => Some(message),
    };
    let field = |name: &str| body.and_then(|body| body.get_field_by_name(name));
    let content_type = field(FIELD_CONTENT_TYPE).and_then(|value| value.as_str().map(str::to_owned));
    let data = field(FIELD_DATA).and_then(|value| value.as_bytes().cloned());
    (content_type.unwrap_or_default(), data.unwrap_or_default())
}

/// The answer of a call that has one.
pub(crate) fn response(call: &Call, metadata: &MetadataMap, message: &DynamicMessage) -> Response {
    let (content_type, data) = content(call, message);
    framed(metadata, &content_type, Body::from(data))
}

fn framed(metadata: &MetadataMap, content_type: &str, body: Body) -> Response {
    let content_type = HeaderValue::from_str(content_type).ok().filter(|value| !value.is_empty());
    let named = metadata.get(CONTENT_DISPOSITION.as_str()).map(|value| value.as_encoded_bytes());
    let saved =
        |bytes: &&[u8]| bytes.get(..10).is_some_and(|start| start.eq_ignore_ascii_case(b"attachment"));
    let disposition = named.filter(saved).and_then(|bytes| HeaderValue::from_bytes(bytes).ok());
    let headers = [
        (CONTENT_TYPE, content_type.unwrap_or(HeaderValue::from_static("application/octet-stream"))),
        (CONTENT_DISPOSITION, disposition.unwrap_or(HeaderValue::from_static("attachment"))),
        (
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox"),
        ),
    ];
    let mut response = (headers, body).into_response();
    response.extensions_mut().insert(Raw);
    response
}

/// An answer that comes in pieces.
struct Download {
    call: Arc<Call>,
    answers: Streaming<DynamicMessage>,
    deadline: Option<Deadline>,
    ended: bool,
}

/// Waits for the first piece, which says what it is, and gives the others as they come. A stream that fails later breaks
/// the body off: there is no other way left to say so, and half a file must not be taken for a whole one.
pub(crate) async fn download(
    call: Arc<Call>,
    metadata: &MetadataMap,
    mut answers: Streaming<DynamicMessage>,
    begin: Deadline,
    deadline: Option<Deadline>,
) -> Result<Response, Failure> {
    let first = tokio::time::timeout_at(begin.at, answers.message()).await.map_err(|_| begin.failure())?;
    let first = first.map_err(|status| call::upstream_failure(&call, &status, deadline))?;
    let (content_type, data) = first.map_or_else(Default::default, |message| content(&call, &message));
    let download = Download { call, answers, deadline, ended: false };
    let first = stream::iter((!data.is_empty()).then_some(Ok(data)));
    Ok(framed(metadata, &content_type, Body::from_stream(first.chain(download.into_stream()))))
}

impl Download {
    fn into_stream(self) -> impl Stream<Item = Result<Bytes, io::Error>> + Send {
        stream::unfold(self, |mut download| async move {
            if download.ended {
                return None;
            }
            let piece = download.next().await.transpose()?;
            download.ended = piece.is_err();
            Some((piece, download))
        })
    }

    async fn next(&mut self) -> Result<Option<Bytes>, io::Error> {
        let status = tokio::select! {
            biased;
            () = self.call.edge.shutdown.cancelled() => Status::unavailable("the gateway is shutting down"),
            () = expired(self.deadline) => Status::deadline_exceeded("the client's time is over"),
            answer = self.answers.message() => match answer {
                Ok(message) => return Ok(message.map(|message| content(&self.call, &message).1)),
                Err(status) => status,
            },
        };
        let rpc = self.call.binding.rpc.name.as_str();
        tracing::warn!(rpc, code = ?status.code(), error = status.message(), "a download broke off");
        Err(io::Error::other("the download broke off"))
    }
}

async fn expired(deadline: Option<Deadline>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.at).await,
        None => std::future::pending().await,
    }
}
