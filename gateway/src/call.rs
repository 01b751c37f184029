//! Calls of one request and one answer.

use std::time::Duration;

use axum::body::Body as HttpBody;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http_body::Body as _;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use minqing_platform::client::Peer;
use prost_reflect::{DynamicMessage, Value};
use tokio::time::Instant;
use tonic::client::Grpc;
use tonic::{Code, Status};

use crate::bind::{Binding, Body};
use crate::codec::{DynamicCodec, Undecodable};
use crate::edge::Call;
use crate::json;
use crate::query::{self, Assignment};
use crate::read::{self, Place};
use crate::status::{Failure, Reason};
use crate::{headers, raw, write};

/// When a call ends, and how long it had.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    pub(crate) at: Instant,
    timeout: Duration,
}

impl Deadline {
    pub(crate) fn after(timeout: Duration) -> Self {
        Self { at: Instant::now() + timeout, timeout }
    }

    pub(crate) fn failure(self) -> Failure {
        let message = format!("the call took longer than the {} ms it had", self.timeout.as_millis());
        Failure::new(Reason::DeadlineExceeded, message)
    }
}

/// Serves a call of one request and one answer.
pub(crate) async fn serve(call: Call, body: HttpBody) -> Result<Response, Failure> {
    accept_answer(&call)?;
    let options = &call.edge.options;
    let timeout = headers::timeout(&call.headers, Duration::from_millis(options.request_timeout_ms_max))?;
    let deadline = Deadline::after(timeout.unwrap_or(Duration::from_millis(options.request_timeout_ms)));
    let answer = tokio::time::timeout_at(deadline.at, async {
        let body = whole_body(&call, body).await?;
        let message = request_of(&call, body)?;
        let mut client = client(&call).await;
        let request = request(&call, Ok(message), Some(deadline));
        let codec = DynamicCodec { output: call.binding.rpc.output.clone() };
        let answer = client.unary(request, call.binding.rpc.path.clone(), codec).await;
        answer.map_err(|status| upstream_failure(&call, &status, Some(deadline)))
    });
    let answer = answer.await.map_err(|_| deadline.failure())??;
    respond(&call, &answer)
}

/// Refuses a client that takes no answer of the form that this call has. One of bytes is of any type.
pub(crate) fn accept_answer(call: &Call) -> Result<(), Failure> {
    if call.binding.raw_answer || headers::quality(&call.headers, "application", "json") > 0 {
        return Ok(());
    }
    Err(Failure::new(Reason::NotAcceptable, "this call answers in application/json"))
}

/// The answer: bytes as they are, or JSON.
pub(crate) fn respond(call: &Call, answer: &tonic::Response<DynamicMessage>) -> Result<Response, Failure> {
    let message = answer.get_ref();
    if call.binding.raw_answer {
        return Ok(raw::response(call, answer.metadata(), message));
    }
    let json = write::to_json(message, call.binding.response_body.as_ref())?;
    Ok(([(CONTENT_TYPE, "application/json")], json).into_response())
}

/// Puts a request of one message together.
pub(crate) fn request_of(call: &Call, body: Bytes) -> Result<DynamicMessage, Failure> {
    let given = !body.is_empty() || call.headers.contains_key(CONTENT_TYPE);
    if call.binding.raw_request && given {
        return raw::request_message(call, body, true);
    }
    request_message(&call.binding, &body, &call.assignments)
}

/// Collects a body within the limit, and checks that it is JSON where there is one and it must be.
pub(crate) async fn whole_body(call: &Call, body: HttpBody) -> Result<Bytes, Failure> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let max = call.edge.options.body_bytes_max;
    let too_large = || Failure::new(Reason::BodyTooLarge, format!("the body is larger than {max} bytes"));
    if body.size_hint().lower() > max as u64 {
        return Err(too_large());
    }
    // An early look at the type spares reading a large body of the wrong one.
    let typed = if call.binding.raw_request {
        headers::require_unpacked(&call.headers)
    } else {
        headers::require_content_type(&call.headers, "application/json")
    };
    if call.headers.contains_key(CONTENT_TYPE) && call.binding.body != Body::None {
        typed.clone()?;
    }
    let bytes = Limited::new(body, max).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            return too_large();
        }
        Failure::new(Reason::BodyUnreadable, "the body broke off")
    })?;
    let bytes = bytes.to_bytes();
    if !bytes.is_empty() && call.binding.body != Body::None {
        typed?;
    }
    Ok(bytes)
}

/// Puts a request together from its body, its query and its path. The path comes last: it names the resource, whatever
/// the body says.
pub(crate) fn request_message(
    binding: &Binding,
    body: &[u8],
    assignments: &[Assignment],
) -> Result<DynamicMessage, Failure> {
    let input = &binding.rpc.input;
    let mut message = DynamicMessage::new(input.clone());
    let given = !body.is_empty();
    match &binding.body {
        Body::None if given => return Err(Failure::new(Reason::BodyUnexpected, "this call takes no body")),
        Body::None => {}
        Body::Whole if given => message = read::message(input, &json::parse(body)?, Place::Top)?,
        Body::Field(field) if given => {
            let tree = json::parse(body)?;
            let place = Place::Field(&Place::Top, field.name());
            let value = read::field(field, &tree, place)?;
            message.set_field(field, value);
            derive_mask(binding, &tree, field, &mut message);
        }
        Body::Field(field) if binding.body_required => {
            return Err(Failure::field(
                Reason::BodyRequired,
                field.name(),
                "the body holds it, and there is none",
            ));
        }
        Body::Whole | Body::Field(_) => {}
    }
    // The path is first in the list, and is applied last.
    for assignment in assignments.iter().rev() {
        assignment.apply(&mut message)?;
    }
    Ok(message)
}

/// The mask of a PATCH, where the query does not give one: a mask of the query overwrites this one.
fn derive_mask(
    binding: &Binding,
    tree: &json::Json<'_>,
    body: &prost_reflect::FieldDescriptor,
    message: &mut DynamicMessage,
) {
    let Some(mask) = &binding.update_mask else { return };
    let paths = query::mask_of_body(binding, body, tree);
    // Touching the field would already make it present, and an empty mask says something else than none.
    if paths.is_empty() {
        return;
    }
    if let Value::Message(inner) = message.get_field_mut(mask) {
        inner.set_field_by_name("paths", Value::List(paths.into_iter().map(Value::String).collect()));
    }
}

/// A client of the RPC's service that is ready to be called.
pub(crate) async fn client(call: &Call) -> Grpc<Peer> {
    let options = &call.edge.options;
    let mut client =
        Grpc::new(call.binding.rpc.peer.clone()).max_decoding_message_size(options.response_bytes_max);
    let Ok(()) = client.ready().await;
    client
}

/// The gRPC request around a message or a stream of them.
pub(crate) fn request<T>(call: &Call, message: T, deadline: Option<Deadline>) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    *request.metadata_mut() = headers::metadata(&call.headers);
    if let Some(deadline) = deadline {
        request.set_timeout(deadline.at.saturating_duration_since(Instant::now()));
    }
    request
}

/// The failure for a status that the call to the service ended with.
pub(crate) fn upstream_failure(call: &Call, status: &Status, deadline: Option<Deadline>) -> Failure {
    // A service that gives up at the deadline may do so a moment before we do, and some report it as a cancellation.
    const EARLY: Duration = Duration::from_millis(20);
    let rpc = call.binding.rpc.name.as_str();
    let gave_up = matches!(status.code(), Code::Cancelled | Code::DeadlineExceeded);
    if let Some(deadline) = deadline.filter(|deadline| gave_up && Instant::now() + EARLY >= deadline.at) {
        return deadline.failure();
    }
    let undecodable = std::error::Error::source(status).is_some_and(|cause| cause.is::<Undecodable>());
    // tonic gives this text, and no cause, to an answer over the limit.
    let too_large =
        status.code() == Code::OutOfRange && status.message().starts_with("Error, decoded message length");
    if undecodable || too_large {
        tracing::error!(
            rpc,
            error = status.message(),
            cause = std::error::Error::source(status),
            "an answer cannot be read"
        );
        return Failure::new(Reason::UpstreamAnswerInvalid, "the service gave an answer that cannot be read");
    }
    Failure::upstream(status, rpc)
}
