//! Why a caller was not recognised.

use tonic::{Code, Status};

use crate::status;

/// Why a caller was not recognised. The messages go to the caller: they name the fault and none of the token's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Error {
    /// The authorization header is not one `Bearer` token.
    #[error("send one authorization header with the scheme Bearer")]
    Scheme,
    /// The token is no signed JWT with `iss`, `sub`, `aud` and `exp`, or is longer than 8 KiB.
    #[error("the token is not a signed JWT with iss, sub, aud and exp of at most 8 KiB")]
    Malformed,
    /// The token's `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// The token's `nbf` or `iat` lies ahead.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// The token was made for another audience.
    #[error("the token is for another audience")]
    Audience,
    /// The token's issuer is not configured here.
    #[error("the token's issuer is not trusted here")]
    Issuer,
    /// The token is unsigned, or signed by an algorithm that its issuer or its key does not permit.
    #[error("the token's algorithm is not permitted for its issuer and key")]
    Algorithm,
    /// The signature is not that of the named key.
    #[error("the token's signature is wrong")]
    Signature,
    /// The issuer publishes no key of that name.
    #[error("the token's key is unknown to its issuer")]
    KeyUnknown,
    /// The issuer's keys could not be had. Trying again later may help.
    #[error("the keys of the token's issuer cannot be had at present")]
    IssuerUnavailable,
    /// The caller's appointments could not be had. Trying again later may help.
    #[error("the caller's appointments cannot be had at present")]
    AppointmentsUnavailable,
}

impl Error {
    /// The stable name of the reason, as in `ErrorInfo.reason`.
    pub const fn reason(self) -> &'static str {
        match self {
            Error::Scheme => "TOKEN_SCHEME",
            Error::Malformed => "TOKEN_MALFORMED",
            Error::Expired => "TOKEN_EXPIRED",
            Error::NotYetValid => "TOKEN_NOT_YET_VALID",
            Error::Audience => "TOKEN_AUDIENCE",
            Error::Issuer => "TOKEN_ISSUER",
            Error::Algorithm => "TOKEN_ALGORITHM",
            Error::Signature => "TOKEN_SIGNATURE",
            Error::KeyUnknown => "TOKEN_KEY_UNKNOWN",
            Error::IssuerUnavailable => "ISSUER_UNAVAILABLE",
            Error::AppointmentsUnavailable => "APPOINTMENTS_UNAVAILABLE",
        }
    }

    /// The gRPC code.
    pub const fn code(self) -> Code {
        match self {
            Error::IssuerUnavailable | Error::AppointmentsUnavailable => Code::Unavailable,
            Error::Scheme
            | Error::Malformed
            | Error::Expired
            | Error::NotYetValid
            | Error::Audience
            | Error::Issuer
            | Error::Algorithm
            | Error::Signature
            | Error::KeyUnknown => Code::Unauthenticated,
        }
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        status::refusal(error.code(), error.reason(), error.to_string(), [])
    }
}
