//! Who calls, where a service calls of its own accord: a token from a file, from an issuer, or made in this process.
//!
//! It is attached only to calls that carry no caller's own token. The gateway has none: whoever comes to it without a
//! token is anonymous, and must stay so.

mod grant;
mod minted;
mod token_file;

use std::sync::Arc;

use async_trait::async_trait;
use http::HeaderValue;

use super::Options;

pub use grant::Options as ClientOptions;
pub use minted::Minted;

/// The longest token, bytes; the same limit as where tokens are verified.
const TOKEN_BYTES_MAX: usize = 8 * 1024;

/// No token can be had at present. The cause is logged: a caller can do nothing with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this service cannot prove itself to the one that it must ask; try again")]
pub struct Unavailable;

/// Proves who calls. It is asked for every call, and therefore keeps what it has for as long as it holds.
#[async_trait]
pub trait Credentials: Send + Sync + 'static {
    /// The value of the `authorization` header.
    ///
    /// # Errors
    /// [`Unavailable`] when there is none, or none that still holds.
    async fn authorization(&self) -> Result<HeaderValue, Unavailable>;
}

/// What is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
#[error("{field}: {fault}")]
pub struct Invalid {
    /// The key, below that of the client.
    pub field: &'static str,
    /// What is wrong with it.
    pub fault: String,
}

/// The credentials that options configure.
///
/// # Errors
/// They cannot be used. An issuer that is down is no such fault: it is asked when the first call is made.
pub(super) fn of(options: &Options) -> Result<Option<Arc<dyn Credentials>>, Invalid> {
    match (&options.token_file, &options.client_credentials) {
        (None, None) => Ok(None),
        (Some(path), None) => Ok(Some(Arc::new(token_file::TokenFile::open(path)?))),
        (None, Some(options)) => Ok(Some(Arc::new(grant::Grant::new(options)?))),
        (Some(_), Some(_)) => Err(Invalid {
            field: "token_file",
            fault: "give one of token_file and client_credentials, not both".to_owned(),
        }),
    }
}

/// The header of a token, if it is one.
fn bearer(token: &str) -> Option<HeaderValue> {
    let token = token.trim();
    let plain = token.bytes().all(|byte| byte.is_ascii_graphic());
    if token.is_empty() || token.len() > TOKEN_BYTES_MAX || !plain {
        return None;
    }
    let mut value = HeaderValue::try_from(format!("Bearer {token}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests;
