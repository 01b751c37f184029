//! Why an operation failed, and the one place where that becomes a gRPC status.

use std::borrow::Cow;

use tonic::{Code, Status};

use crate::status::{self, Violation};
use crate::{db, policy};

/// Why an operation failed.
#[derive(Debug)]
pub enum Error {
    /// Fields of the request are not valid.
    Invalid(Vec<Violation>),
    /// A business rule stands against it.
    Refused(Refusal),
    /// The caller may not do it.
    Denied(policy::Denied),
    /// The database failed, or a race was lost.
    Database(db::Error),
    /// Another service does not answer; with the cause, for the log.
    Unavailable(&'static str, String),
    /// A bug, told in a sentence for the log.
    Internal(String),
}

/// A business rule that stands against an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What kind of obstacle it is.
    pub kind: Kind,
    /// The rule's stable name, in upper snake case.
    pub reason: &'static str,
    /// What a person reads.
    pub message: Cow<'static, str>,
}

/// The kinds of obstacle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It is not there, or the caller may not see it.
    Missing,
    /// It is there already.
    Exists,
    /// A rule forbids it in this state.
    Rule,
    /// It changed since the caller read it.
    Stale,
    /// A limit is reached.
    Limit,
}

impl Refusal {
    /// It is not there, or not visible to the caller.
    pub fn missing(what: impl std::fmt::Display) -> Self {
        Self { kind: Kind::Missing, reason: "NOT_FOUND", message: format!("{what} does not exist").into() }
    }

    /// It is there already.
    pub fn exists(what: impl std::fmt::Display) -> Self {
        Self {
            kind: Kind::Exists,
            reason: "ALREADY_EXISTS",
            message: format!("{what} exists already").into(),
        }
    }

    /// A rule forbids it in this state.
    pub fn rule(reason: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: Kind::Rule, reason, message: message.into() }
    }

    /// The etag is not the present one.
    pub fn stale() -> Self {
        let message = Cow::Borrowed("the resource changed since it was read; read it again");
        Self { kind: Kind::Stale, reason: "ETAG_MISMATCH", message }
    }
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Invalid(vec![violation])
    }
}

impl From<Vec<Violation>> for Error {
    fn from(violations: Vec<Violation>) -> Self {
        Self::Invalid(violations)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<policy::Denied> for Error {
    fn from(denied: policy::Denied) -> Self {
        Self::Denied(denied)
    }
}

impl From<db::Error> for Error {
    fn from(error: db::Error) -> Self {
        Self::Database(error)
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(violations) => status::invalid(&violations),
            Error::Refused(refusal) => refused(refusal),
            Error::Denied(denied) => denied.into(),
            Error::Database(error) => database(&error),
            Error::Unavailable(what, cause) => status::unavailable(what, &cause),
            Error::Internal(cause) => status::internal(&cause),
        }
    }
}

fn refused(refusal: Refusal) -> Status {
    let code = match refusal.kind {
        Kind::Missing => Code::NotFound,
        Kind::Exists => Code::AlreadyExists,
        Kind::Rule => Code::FailedPrecondition,
        Kind::Stale => Code::Aborted,
        Kind::Limit => Code::ResourceExhausted,
    };
    status::refusal(code, refusal.reason, refusal.message, [])
}

fn database(error: &db::Error) -> Status {
    match error {
        db::Error::Unavailable(cause) => status::unavailable("database", cause),
        db::Error::Conflict => {
            status::refusal(Code::Aborted, "CONFLICT", "somebody changed the same records; try again", [])
        }
        db::Error::Duplicate => {
            status::refusal(Code::AlreadyExists, "ALREADY_EXISTS", "it exists already", [])
        }
        db::Error::Dangling => {
            let text = "something it refers to does not exist, or is still referred to";
            status::refusal(Code::FailedPrecondition, "REFERENCE_MISSING", text, [])
        }
        db::Error::RequestReused => {
            let text = "request_id was used for another request";
            status::refusal(Code::InvalidArgument, "REQUEST_ID_REUSED", text, [])
        }
        db::Error::Url(_) | db::Error::Corrupt(_) | db::Error::Other(_) | db::Error::Migrate(_) => {
            status::internal(error)
        }
    }
}
