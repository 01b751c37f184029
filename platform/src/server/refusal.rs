//! The refusals that the road makes itself, and the reason that every error carries when it leaves.

use std::collections::HashMap;
use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::status::DOMAIN;

/// When a caller who was shed may try again.
const RETRY_AFTER: Duration = Duration::from_millis(500);

const STATUS_HEADER: &str = "grpc-status";
const MESSAGE_HEADER: &str = "grpc-message";
const DETAILS_HEADER: &str = "grpc-status-details-bin";

/// A status with a stable reason and no facts.
fn status(code: Code, reason: &str, message: &str) -> Status {
    crate::status::refusal(code, reason, message, [])
}

/// More calls are in flight than the process takes on.
pub fn overloaded() -> Status {
    let mut details = ErrorDetails::with_error_info("OVERLOADED", DOMAIN, HashMap::new());
    details.set_retry_info(Some(RETRY_AFTER));
    Status::with_error_details(
        Code::ResourceExhausted,
        "too many calls in flight; try again shortly",
        details,
    )
}

/// The deadline passed before the answer was there.
pub fn deadline_exceeded() -> Status {
    status(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", "the deadline passed before the answer was ready")
}

/// The process ends: an open stream is to be resumed elsewhere.
pub fn closing() -> Status {
    status(Code::Unavailable, "SHUTTING_DOWN", "this server is shutting down; resume the stream on another")
}

/// A bug. Nothing of it is told.
pub fn internal() -> Status {
    status(Code::Internal, "INTERNAL", "internal error")
}

/// The `grpc-timeout` header cannot be read.
pub fn malformed_timeout() -> Status {
    let message = crate::deadline::Malformed.to_string();
    status(Code::InvalidArgument, "MALFORMED_TIMEOUT", &message)
}

/// The code in headers or trailers; `None` where there is none.
pub(crate) fn code(headers: &HeaderMap) -> Option<Code> {
    headers.get(STATUS_HEADER).map(|value| Code::from_bytes(value.as_bytes()))
}

/// Gives an error that leaves without details its reason, and the code that it deserves.
///
/// Our handlers always give details; an error without them comes from the transport library, which reports a message
/// over the size limit as OUT_OF_RANGE and an unreadable one as INTERNAL, although both are the caller's mistake.
pub(crate) fn complete(headers: &mut HeaderMap) {
    let Some(code) = code(headers).filter(|code| *code != Code::Ok) else { return };
    if headers.contains_key(DETAILS_HEADER) {
        return;
    }
    let message = headers.get(MESSAGE_HEADER).map(HeaderValue::as_bytes).unwrap_or_default();
    let unreadable =
        [&b"failed%20to%20decode"[..], b"failed to decode"].iter().any(|start| message.starts_with(start));
    let completed = match code {
        Code::OutOfRange => status(
            Code::ResourceExhausted,
            "MESSAGE_TOO_LARGE",
            "the message is larger than the server accepts",
        ),
        Code::Internal if unreadable => {
            status(Code::InvalidArgument, "MALFORMED_MESSAGE", "the message cannot be decoded")
        }
        Code::Unimplemented => status(code, "UNIMPLEMENTED", "no such method"),
        Code::Internal | Code::Unknown | Code::DataLoss => internal(),
        other => {
            let kept = Status::from_header_map(headers).map(|kept| kept.message().to_owned());
            status(other, reason_of(other), &kept.unwrap_or_default())
        }
    };
    headers.remove(MESSAGE_HEADER);
    if completed.add_header(headers).is_err() {
        tracing::warn!(?code, "a status could not be written to its headers");
    }
}

/// The reason that says no more than the code.
fn reason_of(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

/// The name of a code as metrics and spans show it.
pub(crate) fn code_name(code: Code) -> &'static str {
    reason_of(code)
}
