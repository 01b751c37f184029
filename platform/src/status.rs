//! How an error looks when it leaves: a `google.rpc.Status` with a stable reason and, for bad input, the fields.

use std::collections::HashMap;
use std::fmt;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// The `ErrorInfo.domain` of every service of the suite.
pub const DOMAIN: &str = "minqing";

/// The most violations one answer names; a client mends these and sees the rest on its next try.
const VIOLATIONS_MAX: usize = 50;

/// What is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The path of the field from the request's root, as in `division.code` or `files[2].content`.
    pub field: String,
    /// The stable reason, in upper snake case.
    pub reason: &'static str,
    /// What a person reads, naming the place where there is one.
    pub description: String,
}

impl Violation {
    /// A violation of one field.
    pub fn new(field: impl Into<String>, reason: &'static str, description: impl fmt::Display) -> Self {
        Self { field: field.into(), reason, description: description.to_string() }
    }

    /// A field that must be given and was not.
    pub fn required(field: impl Into<String>) -> Self {
        Self::new(field, "REQUIRED_FIELD", "must be given")
    }

    /// The same violation, seen from the message that holds this one in `field`.
    #[must_use]
    pub fn within(mut self, field: &str) -> Self {
        self.field = if self.field.is_empty() { field.to_owned() } else { format!("{field}.{}", self.field) };
        self
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.description)
    }
}

/// INVALID_ARGUMENT, with every field; the first violation's reason stands for all.
pub fn invalid(violations: &[Violation]) -> Status {
    let mut details = ErrorDetails::new();
    let reason = violations.first().map_or("INVALID_REQUEST", |first| first.reason);
    details.set_error_info(reason, DOMAIN, HashMap::new());
    for violation in violations.iter().take(VIOLATIONS_MAX) {
        details.add_bad_request_violation(&violation.field, &violation.description);
    }
    let message =
        violations.first().map_or_else(|| "the request is not valid".to_owned(), ToString::to_string);
    Status::with_error_details(Code::InvalidArgument, message, details)
}

/// Any other status with a stable reason and facts for programs.
pub fn refusal<const N: usize>(
    code: Code,
    reason: &str,
    message: impl Into<String>,
    facts: [(&str, String); N],
) -> Status {
    let mut details = ErrorDetails::new();
    let facts: HashMap<String, String> =
        facts.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    details.set_error_info(reason, DOMAIN, facts);
    Status::with_error_details(code, message, details)
}

/// INTERNAL: a bug. The cause is logged here, once, and never sent.
pub fn internal(cause: &dyn fmt::Display) -> Status {
    tracing::error!(%cause, "internal error");
    refusal(Code::Internal, "INTERNAL", "the service failed; the failure was logged", [])
}

/// UNAVAILABLE: something this service needs does not answer. The cause is logged here, once, and never sent.
pub fn unavailable(what: &'static str, cause: &dyn fmt::Display) -> Status {
    tracing::warn!(%cause, what, "unavailable");
    refusal(Code::Unavailable, "UNAVAILABLE", format!("the {what} does not answer; try again"), [])
}

/// The stable reason a status carries, if it carries one.
pub fn reason(status: &Status) -> Option<String> {
    status.get_details_error_info().map(|info| info.reason)
}
