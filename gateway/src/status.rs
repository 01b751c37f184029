//! Every failure, and the one JSON form it leaves in: `google.rpc.Status` (AIP-193).

use std::collections::HashMap;
use std::error::Error as _;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tonic::{Code, Status};
use tonic_types::{
    BadRequest, ErrorDetail, ErrorInfo, FieldViolation, LocalizedMessage, QuotaViolation, StatusExt,
};

/// The domain of the gateway's own reasons.
const DOMAIN: &str = "gateway.minqing";

/// Why the gateway itself refuses. The names are part of the API: they are never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    RouteNotFound,
    MethodNotAllowed,
    PathInvalid,
    ParameterUnknown,
    ParameterBound,
    ParameterRepeated,
    FieldUnknown,
    FieldDuplicated,
    FieldInvalid,
    OneofConflict,
    JsonInvalid,
    JsonTooDeep,
    BodyRequired,
    BodyUnexpected,
    BodyUnreadable,
    BodyTooLarge,
    MediaTypeUnsupported,
    NotAcceptable,
    TimeoutInvalid,
    DeadlineExceeded,
    UploadIdle,
    UpstreamUnavailable,
    UpstreamAnswerInvalid,
    ShuttingDown,
    Panic,
}

impl Reason {
    /// The stable name, the canonical code and the HTTP status.
    const fn parts(self) -> (&'static str, Code, StatusCode) {
        use Code as C;
        use StatusCode as S;
        match self {
            Self::RouteNotFound => ("ROUTE_NOT_FOUND", C::NotFound, S::NOT_FOUND),
            Self::MethodNotAllowed => ("METHOD_NOT_ALLOWED", C::Unimplemented, S::METHOD_NOT_ALLOWED),
            Self::PathInvalid => ("PATH_INVALID", C::InvalidArgument, S::BAD_REQUEST),
            Self::ParameterUnknown => ("PARAMETER_UNKNOWN", C::InvalidArgument, S::BAD_REQUEST),
            Self::ParameterBound => ("PARAMETER_BOUND", C::InvalidArgument, S::BAD_REQUEST),
            Self::ParameterRepeated => ("PARAMETER_REPEATED", C::InvalidArgument, S::BAD_REQUEST),
            Self::FieldUnknown => ("FIELD_UNKNOWN", C::InvalidArgument, S::BAD_REQUEST),
            Self::FieldDuplicated => ("FIELD_DUPLICATED", C::InvalidArgument, S::BAD_REQUEST),
            Self::FieldInvalid => ("FIELD_INVALID", C::InvalidArgument, S::BAD_REQUEST),
            Self::OneofConflict => ("ONEOF_CONFLICT", C::InvalidArgument, S::BAD_REQUEST),
            Self::JsonInvalid => ("JSON_INVALID", C::InvalidArgument, S::BAD_REQUEST),
            Self::JsonTooDeep => ("JSON_TOO_DEEP", C::InvalidArgument, S::BAD_REQUEST),
            Self::BodyRequired => ("BODY_REQUIRED", C::InvalidArgument, S::BAD_REQUEST),
            Self::BodyUnexpected => ("BODY_UNEXPECTED", C::InvalidArgument, S::BAD_REQUEST),
            Self::BodyUnreadable => ("BODY_UNREADABLE", C::InvalidArgument, S::BAD_REQUEST),
            Self::BodyTooLarge => ("BODY_TOO_LARGE", C::ResourceExhausted, S::PAYLOAD_TOO_LARGE),
            Self::MediaTypeUnsupported => {
                ("MEDIA_TYPE_UNSUPPORTED", C::InvalidArgument, S::UNSUPPORTED_MEDIA_TYPE)
            }
            Self::NotAcceptable => ("NOT_ACCEPTABLE", C::InvalidArgument, S::NOT_ACCEPTABLE),
            Self::TimeoutInvalid => ("TIMEOUT_INVALID", C::InvalidArgument, S::BAD_REQUEST),
            Self::DeadlineExceeded => ("DEADLINE_EXCEEDED", C::DeadlineExceeded, S::GATEWAY_TIMEOUT),
            Self::UploadIdle => ("UPLOAD_IDLE", C::DeadlineExceeded, S::REQUEST_TIMEOUT),
            Self::UpstreamUnavailable => ("UPSTREAM_UNAVAILABLE", C::Unavailable, S::SERVICE_UNAVAILABLE),
            Self::UpstreamAnswerInvalid => ("UPSTREAM_ANSWER_INVALID", C::Internal, S::INTERNAL_SERVER_ERROR),
            Self::ShuttingDown => ("SHUTTING_DOWN", C::Unavailable, S::SERVICE_UNAVAILABLE),
            Self::Panic => ("INTERNAL", C::Internal, S::INTERNAL_SERVER_ERROR),
        }
    }
}

/// A failure on its way to the client. Boxed, so that a `Result` that nearly always is `Ok` stays small.
#[derive(Debug, Clone)]
pub(crate) struct Failure(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    code: Code,
    http: StatusCode,
    message: String,
    details: Vec<ErrorDetail>,
    allow: Vec<Method>,
}

impl Failure {
    /// A refusal of the gateway's own.
    pub(crate) fn new(reason: Reason, message: impl Into<String>) -> Self {
        let (name, code, http) = reason.parts();
        let details = vec![ErrorDetail::ErrorInfo(ErrorInfo::new(name, DOMAIN, HashMap::new()))];
        Self(Box::new(Inner { code, http, message: message.into(), details, allow: Vec::new() }))
    }

    /// A refusal of what a field or parameter holds; the field becomes a violation.
    pub(crate) fn field(reason: Reason, field: impl Into<String>, description: impl Into<String>) -> Self {
        let (field, description) = (field.into(), description.into());
        let message = if field.is_empty() { description.clone() } else { format!("{field}: {description}") };
        let mut failure = Self::new(reason, message);
        let violations = vec![FieldViolation::new(field, description)];
        failure.0.details.push(ErrorDetail::BadRequest(BadRequest::new(violations)));
        failure
    }

    /// A path that exists, but not for this method.
    pub(crate) fn method(method: &Method, mut allow: Vec<Method>) -> Self {
        if allow.contains(&Method::GET) && !allow.contains(&Method::HEAD) {
            allow.push(Method::HEAD);
        }
        let mut failure = Self::new(Reason::MethodNotAllowed, format!("this path has no method {method}"));
        failure.0.allow = allow;
        failure
    }

    /// What a service answered. A status that was made on this side of the connection carries internal text
    /// (addresses, causes): it is logged here and replaced.
    pub(crate) fn upstream(status: &Status, rpc: &str) -> Self {
        if let Some(cause) = status.source() {
            tracing::warn!(rpc, code = ?status.code(), error = status.message(), cause, "the service cannot be reached");
            return Self::new(Reason::UpstreamUnavailable, "the service cannot be reached at the moment");
        }
        let details = status
            .get_error_details_vec()
            .into_iter()
            .filter(|detail| !matches!(detail, ErrorDetail::DebugInfo(_)));
        let details: Vec<ErrorDetail> = details.collect();
        Self(Box::new(Inner {
            code: status.code(),
            http: if is_too_large(status.code(), &details) {
                StatusCode::PAYLOAD_TOO_LARGE
            } else {
                http_status(status.code())
            },
            message: status.message().to_owned(),
            details,
            allow: Vec::new(),
        }))
    }

    /// Places the failure in a line of a stream.
    pub(crate) fn in_line(mut self, line: u64) -> Self {
        self.0.message = format!("line {line}: {}", self.0.message);
        for detail in &mut self.0.details {
            if let ErrorDetail::ErrorInfo(info) = detail {
                info.metadata.insert("line".to_owned(), line.to_string());
            }
        }
        self
    }

    pub(crate) fn code(&self) -> Code {
        self.0.code
    }

    /// The `google.rpc.Status`.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "code": self.0.code as i32,
            "message": self.0.message,
            "details": self.0.details.iter().filter_map(detail).collect::<Vec<_>>(),
        })
    }

    fn retry_after(&self) -> Option<Duration> {
        self.0.details.iter().find_map(|detail| match detail {
            ErrorDetail::RetryInfo(retry) => retry.retry_delay,
            _ => None,
        })
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = (self.0.http, self.to_json().to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(delay) = self.retry_after() {
            // Rounded up: a client that comes a moment early would only be refused again.
            let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.0.http == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        let allow = self.0.allow.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
        if self.0.http == StatusCode::METHOD_NOT_ALLOWED
            && let Ok(allow) = HeaderValue::from_str(&allow)
        {
            headers.insert(ALLOW, allow);
        }
        response
    }
}

/// Whether a service refuses the size of what was sent, which has a status of its own: whoever waits and sends it again,
/// as 429 says, is refused again.
fn is_too_large(code: Code, details: &[ErrorDetail]) -> bool {
    code == Code::ResourceExhausted
        && details.iter().any(
            |detail| matches!(detail, ErrorDetail::ErrorInfo(info) if info.reason.ends_with("_TOO_LARGE")),
        )
}

/// The HTTP status of a canonical code, as google/rpc/code.proto pairs them.
const fn http_status(code: Code) -> StatusCode {
    match code {
        Code::Ok => StatusCode::OK,
        Code::Cancelled => match StatusCode::from_u16(499) {
            Ok(status) => status,
            Err(_) => StatusCode::BAD_REQUEST,
        },
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => StatusCode::BAD_REQUEST,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Unknown | Code::Internal | Code::DataLoss => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// A detail in the JSON of `google.protobuf.Any`; none for a kind that clients must not see.
fn detail(detail: &ErrorDetail) -> Option<Value> {
    let (name, mut value) = match detail {
        ErrorDetail::ErrorInfo(info) => {
            ("ErrorInfo", json!({"reason": info.reason, "domain": info.domain, "metadata": info.metadata}))
        }
        ErrorDetail::BadRequest(bad) => {
            let violations: Vec<Value> = bad.field_violations.iter().map(field_violation).collect();
            ("BadRequest", json!({"fieldViolations": violations}))
        }
        ErrorDetail::RetryInfo(retry) => {
            ("RetryInfo", json!({"retryDelay": retry.retry_delay.map(duration)}))
        }
        ErrorDetail::RequestInfo(info) => {
            ("RequestInfo", json!({"requestId": info.request_id, "servingData": info.serving_data}))
        }
        ErrorDetail::ResourceInfo(info) => (
            "ResourceInfo",
            json!({
                "resourceType": info.resource_type,
                "resourceName": info.resource_name,
                "owner": info.owner,
                "description": info.description,
            }),
        ),
        ErrorDetail::PreconditionFailure(failure) => {
            let violations = failure.violations.iter();
            let violations: Vec<Value> = violations
                .map(
                    |one| json!({"type": one.r#type, "subject": one.subject, "description": one.description}),
                )
                .collect();
            ("PreconditionFailure", json!({"violations": violations}))
        }
        ErrorDetail::QuotaFailure(failure) => {
            let violations: Vec<Value> = failure.violations.iter().map(quota_violation).collect();
            ("QuotaFailure", json!({"violations": violations}))
        }
        ErrorDetail::Help(help) => {
            let links = help.links.iter();
            let links: Vec<Value> =
                links.map(|link| json!({"description": link.description, "url": link.url})).collect();
            ("Help", json!({"links": links}))
        }
        ErrorDetail::LocalizedMessage(message) => ("LocalizedMessage", localized(message)),
        // DebugInfo is for those who run the service, and a kind added later is not known to be harmless.
        _ => return None,
    };
    value["@type"] = Value::String(format!("type.googleapis.com/google.rpc.{name}"));
    Some(value)
}

fn field_violation(violation: &FieldViolation) -> Value {
    let mut value = json!({"field": violation.field, "description": violation.description});
    if !violation.reason.is_empty() {
        value["reason"] = Value::String(violation.reason.clone());
    }
    if let Some(message) = &violation.localized_message {
        value["localizedMessage"] = localized(message);
    }
    value
}

fn quota_violation(violation: &QuotaViolation) -> Value {
    let mut value = json!({"subject": violation.subject, "description": violation.description});
    let texts = [
        ("apiService", &violation.api_service),
        ("quotaMetric", &violation.quota_metric),
        ("quotaId", &violation.quota_id),
    ];
    for (name, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
        value[name] = Value::String(text.clone());
    }
    if violation.quota_value != 0 {
        value["quotaValue"] = Value::String(violation.quota_value.to_string());
    }
    value
}

fn localized(message: &LocalizedMessage) -> Value {
    json!({"locale": message.locale, "message": message.message})
}

/// A duration as proto3 JSON writes it: seconds with 0, 3, 6 or 9 decimals.
fn duration(duration: Duration) -> String {
    let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
    match nanos {
        0 => format!("{seconds}s"),
        _ if nanos % 1_000_000 == 0 => format!("{seconds}.{:03}s", nanos / 1_000_000),
        _ if nanos % 1_000 == 0 => format!("{seconds}.{:06}s", nanos / 1_000),
        _ => format!("{seconds}.{nanos:09}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_written_with_as_many_decimals_as_it_needs() {
        for (nanos, text) in
            [(2_000_000_000, "2s"), (1_500_000_000, "1.500s"), (1_000, "0.000001s"), (1, "0.000000001s")]
        {
            assert_eq!(duration(Duration::from_nanos(nanos)), text);
        }
    }

    #[test]
    fn a_status_of_the_transport_hides_its_text() {
        let cause = std::io::Error::other("tcp connect 10.0.0.7:5432 refused");
        let failure = Failure::upstream(&Status::from_error(Box::new(cause)), "a.B/C");
        assert_eq!(failure.code(), Code::Unavailable);
        assert!(!failure.to_json().to_string().contains("10.0.0.7"));
    }

    #[test]
    fn retry_information_becomes_a_header_rounded_up() {
        let details =
            [ErrorDetail::RetryInfo(tonic_types::RetryInfo::new(Some(Duration::from_millis(1_500))))];
        let status = Status::with_error_details_vec(Code::ResourceExhausted, "slow down", details);
        let response = Failure::upstream(&status, "a.B/C").into_response();
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()[RETRY_AFTER], "2");
    }
}
