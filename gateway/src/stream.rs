//! Calls that stream: answers as NDJSON or server-sent events, requests as NDJSON.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::{Stream, future, stream};
use http::HeaderMap;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use prost_reflect::{DynamicMessage, Value};
use tokio::sync::oneshot;
use tonic::{Status, Streaming};

use crate::call::{self, Deadline};
use crate::codec::DynamicCodec;
use crate::edge::Call;
use crate::query::Assignment;
use crate::status::{Failure, Reason};
use crate::{headers, raw, upload, write};

/// The media type of lines of JSON.
pub(crate) const NDJSON: &[u8] = b"application/x-ndjson";
/// The media type of server-sent events.
pub(crate) const EVENTS: &[u8] = b"text/event-stream";

/// The longest time that a client may give a stream of answers; without a word of it, such a stream has no end.
const TIMEOUT_MAX: Duration = Duration::from_secs(24 * 3600);

/// How a stream of answers is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A line each: `{"result": …}`, and `{"error": …}` last when the stream fails. The envelope is needed because an
    /// answer may itself have a field `error`.
    Lines,
    /// Server-sent events: `data` is the answer, `id` its cursor, and an event `error` is last when the stream fails.
    Events,
}

impl Form {
    /// The form that the client likes best; lines when it does not mind.
    fn negotiate(headers: &HeaderMap) -> Result<Self, Failure> {
        let lines = headers::quality(headers, "application", "x-ndjson").max(headers::quality(
            headers,
            "application",
            "json",
        ));
        let events = headers::quality(headers, "text", "event-stream");
        match (lines, events) {
            (0, 0) => {
                let why = "this call answers in application/x-ndjson or text/event-stream";
                Err(Failure::new(Reason::NotAcceptable, why))
            }
            (lines, events) if events > lines => Ok(Self::Events),
            _ => Ok(Self::Lines),
        }
    }

    fn content_type(self) -> HeaderValue {
        match self {
            Self::Lines => HeaderValue::from_static("application/x-ndjson"),
            Self::Events => HeaderValue::from_static("text/event-stream"),
        }
    }

    fn answer(self, call: &Call, message: &DynamicMessage) -> Result<Bytes, Failure> {
        let json = write::to_json(message, call.binding.response_body.as_ref())?;
        let mut frame = Vec::with_capacity(json.len() + 64);
        match self {
            Self::Lines => {
                frame.extend_from_slice(b"{\"result\":");
                frame.extend_from_slice(&json);
                frame.extend_from_slice(b"}\n");
            }
            Self::Events => {
                if let Some(id) = event_id(call, message) {
                    frame.extend_from_slice(format!("id: {id}\n").as_bytes());
                }
                frame.extend_from_slice(b"data: ");
                frame.extend_from_slice(&json);
                frame.extend_from_slice(b"\n\n");
            }
        }
        Ok(frame.into())
    }

    fn failure(self, failure: &Failure) -> Bytes {
        let json = failure.to_json();
        match self {
            Self::Lines => format!("{{\"error\":{json}}}\n").into(),
            Self::Events => format!("event: error\ndata: {json}\n\n").into(),
        }
    }
}

/// The cursor of an answer, if it fits the one line that an event's id has.
fn event_id(call: &Call, message: &DynamicMessage) -> Option<String> {
    let cursor = message.get_field(call.binding.rpc.cursor_out.as_ref()?);
    let text = cursor.as_str().filter(|text| !text.is_empty() && !text.contains(['\n', '\r', '\0']))?;
    Some(text.to_owned())
}

/// Serves a call whose answers stream, and whose requests may.
pub(crate) async fn serve(mut call: Call, body: Body, chunked: bool) -> Result<Response, Failure> {
    if !chunked {
        // Without chunks the end of a stream cannot be told from its loss.
        return Err(Failure::new(Reason::NotAcceptable, "a stream needs HTTP/1.1 or later"));
    }
    let raw = call.binding.raw_answer;
    let form = if raw { Form::Lines } else { Form::negotiate(&call.headers)? };
    let deadline = headers::timeout(&call.headers, TIMEOUT_MAX)?.map(Deadline::after);
    resume(&mut call)?;
    let call = Arc::new(call);
    // A service may well read the whole of a streamed request before it begins to answer.
    let options = &call.edge.options;
    let uploads = call.binding.rpc.descriptor.is_client_streaming();
    let wait =
        Duration::from_millis(if uploads { options.upload_timeout_ms } else { options.request_timeout_ms });
    let begin = deadline.unwrap_or(Deadline::after(wait));
    let begun = tokio::time::timeout_at(begin.at, begin_stream(&call, body, deadline)).await;
    let (answers, refusal) = begun.map_err(|_| begin.failure())??;
    if raw {
        let (metadata, answers, _) = answers.into_parts();
        return raw::download(call, &metadata, answers, begin, deadline).await;
    }
    let answers = answers.into_inner();
    let headers = [
        (CONTENT_TYPE, form.content_type()),
        // Proxies that collect answers would hold a stream back.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    let frames = Frames { call, form, answers, refusal, deadline, ended: false };
    Ok((headers, Body::from_stream(frames.into_stream())).into_response())
}

/// A browser that comes back says where it was; that counts more than the address it first came to.
fn resume(call: &mut Call) -> Result<(), Failure> {
    let (Some(cursor), Some(last)) = (&call.binding.rpc.cursor_in, call.headers.get(&headers::LAST_EVENT_ID))
    else {
        return Ok(());
    };
    let Ok(text) = std::str::from_utf8(last.as_bytes()) else {
        return Err(Failure::field(Reason::FieldInvalid, headers::LAST_EVENT_ID.as_str(), "is not UTF-8"));
    };
    if !text.is_empty() {
        let fields = vec![cursor.clone()];
        call.assignments.retain(|other| other.fields != fields);
        call.assignments.push(Assignment { fields, value: Value::String(text.to_owned()) });
    }
    Ok(())
}

type Begun = (tonic::Response<Streaming<DynamicMessage>>, Option<oneshot::Receiver<Failure>>);

async fn begin_stream(call: &Arc<Call>, body: Body, deadline: Option<Deadline>) -> Result<Begun, Failure> {
    let codec = DynamicCodec { output: call.binding.rpc.output.clone() };
    let path = call.binding.rpc.path.clone();
    if call.binding.rpc.descriptor.is_client_streaming() {
        let (messages, mut refusal) = upload::messages(call.clone(), body)?;
        let mut client = call::client(call).await;
        let answers = client.streaming(call::request(call, messages, deadline), path, codec).await;
        let answers = answers.map_err(|status| {
            refusal.try_recv().unwrap_or_else(|_| call::upstream_failure(call, &status, deadline))
        })?;
        return Ok((answers, Some(refusal)));
    }
    let body = call::whole_body(call, body).await?;
    let message = call::request_of(call, body)?;
    let mut client = call::client(call).await;
    let answers = client.server_streaming(call::request(call, Ok(message), deadline), path, codec).await;
    let answers = answers.map_err(|status| call::upstream_failure(call, &status, deadline))?;
    Ok((answers, None))
}

/// A stream of answers on its way out. Dropping it, as happens when the client leaves, cancels the call.
struct Frames {
    call: Arc<Call>,
    form: Form,
    answers: Streaming<DynamicMessage>,
    refusal: Option<oneshot::Receiver<Failure>>,
    deadline: Option<Deadline>,
    ended: bool,
}

impl Frames {
    fn into_stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
        stream::unfold(self, |mut frames| async move {
            if frames.ended {
                return None;
            }
            let frame = frames.next().await?;
            Some((Ok(frame), frames))
        })
    }

    async fn next(&mut self) -> Option<Bytes> {
        let keepalive = Duration::from_millis(self.call.edge.options.event_keepalive_ms);
        let failure = tokio::select! {
            biased;
            () = self.call.edge.shutdown.cancelled() => {
                Failure::new(Reason::ShuttingDown, "the gateway is shutting down; connect again")
            }
            failure = expiry(self.deadline) => failure,
            failure = refused(&mut self.refusal) => failure,
            answer = self.answers.message() => match answer {
                Ok(Some(message)) => match self.form.answer(&self.call, &message) {
                    Ok(frame) => return Some(frame),
                    Err(failure) => failure,
                },
                Ok(None) => return None,
                Err(status) => self.failed(&status),
            },
            () = tokio::time::sleep(keepalive), if self.form == Form::Events => {
                return Some(Bytes::from_static(b": still here\n\n"));
            }
        };
        self.ended = true;
        Some(self.form.failure(&failure))
    }

    fn failed(&mut self, status: &Status) -> Failure {
        let refusal = self.refusal.as_mut().and_then(|refusal| refusal.try_recv().ok());
        refusal.unwrap_or_else(|| call::upstream_failure(&self.call, status, self.deadline))
    }
}

/// Waits for the deadline, for ever when there is none.
async fn expiry(deadline: Option<Deadline>) -> Failure {
    match deadline {
        Some(deadline) => {
            tokio::time::sleep_until(deadline.at).await;
            deadline.failure()
        }
        None => future::pending().await,
    }
}

/// Waits for the refusal of a line, for ever when there is none.
async fn refused(refusal: &mut Option<oneshot::Receiver<Failure>>) -> Failure {
    if let Some(receiver) = refusal {
        let failure = receiver.await;
        *refusal = None;
        if let Ok(failure) = failure {
            return failure;
        }
    }
    future::pending().await
}

/// Serves a call whose requests stream and that has one answer.
pub(crate) async fn collect(call: Call, body: Body) -> Result<Response, Failure> {
    call::accept_answer(&call)?;
    let longest = Duration::from_millis(call.edge.options.upload_timeout_ms);
    let timeout = headers::timeout(&call.headers, longest)?.unwrap_or(longest);
    let deadline = Deadline::after(timeout);
    let call = Arc::new(call);
    let (messages, mut refusal) = upload::messages(call.clone(), body)?;
    let codec = DynamicCodec { output: call.binding.rpc.output.clone() };
    let mut client = call::client(&call).await;
    let path = call.binding.rpc.path.clone();
    let mut answer =
        pin!(client.client_streaming(call::request(&call, messages, Some(deadline)), path, codec));
    let answer = tokio::select! {
        biased;
        () = call.edge.shutdown.cancelled() => {
            return Err(Failure::new(Reason::ShuttingDown, "the gateway is shutting down; send it again"));
        }
        () = tokio::time::sleep_until(deadline.at) => return Err(deadline.failure()),
        Ok(failure) = &mut refusal => return Err(failure),
        answer = &mut answer => answer,
    };
    let answer = answer.map_err(|status| {
        refusal.try_recv().unwrap_or_else(|_| call::upstream_failure(&call, &status, Some(deadline)))
    })?;
    call::respond(&call, &answer)
}
