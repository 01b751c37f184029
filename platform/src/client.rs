//! The way to a service, whether it runs in this process or at the far end of a connection.
//!
//! Both ways carry the deadline that is left and the trace context, and both answer with gRPC statuses only: a peer that
//! cannot be reached is UNAVAILABLE with the reason `PEER_UNAVAILABLE`, not a transport error.

mod carry;
pub mod credentials;
mod resolve;
mod retry;
#[cfg(test)]
mod tests;
pub mod tls;

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;
use tonic::body::Body;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, Service};

use crate::config::between;

pub use credentials::Credentials;

/// A service that can be called: in this process, or over TCP. Generated clients and the gateway take it alike.
///
/// It always answers: whatever fails is a gRPC status in the answer. (A boxed error, which tonic's own channels have, would
/// also keep the compiler from proving that a future which calls a generated client may move between threads.)
pub type Peer = BoxCloneSyncService<http::Request<Body>, http::Response<Body>, Infallible>;

/// How to reach a service over TCP.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Where it is: `http://host:port` or, with `tls`, `https://host:port`; several with commas. Calls are spread over
    /// all addresses of all hosts, so in Kubernetes this is a headless service.
    pub endpoint: String,
    /// TLS, for `https://` endpoints.
    pub tls: Option<tls::Options>,
    /// A file with the token that proves who calls, where a call carries no caller's own. It is read again as it changes.
    pub token_file: Option<PathBuf>,
    /// The same from an issuer, by the grant for clients (RFC 6749, section 4.4). Not together with `token_file`.
    pub client_credentials: Option<credentials::ClientOptions>,
    /// How long a connection may take to open, milliseconds (10 to 60,000).
    #[serde(deserialize_with = "between::<10, 60_000, _, _>")]
    pub connect_timeout_ms: u64,
    /// The deadline of a call that is not a stream and was given none, milliseconds (10 to 3,600,000).
    #[serde(deserialize_with = "between::<10, 3_600_000, _, _>")]
    pub timeout_ms: u64,
    /// The interval of HTTP/2 pings while calls are open, seconds (1 to 3,600).
    #[serde(deserialize_with = "between::<1, 3_600, _, _>")]
    pub keepalive_interval_s: u64,
    /// How long a ping may stay unanswered, seconds (1 to 3,600).
    #[serde(deserialize_with = "between::<1, 3_600, _, _>")]
    pub keepalive_timeout_s: u64,
    /// How often host names are looked up again, seconds (1 to 3,600).
    #[serde(deserialize_with = "between::<1, 3_600, _, _>")]
    pub resolve_interval_s: u64,
    /// How often a call is tried in all while its peer is UNAVAILABLE (1 to 10).
    #[serde(deserialize_with = "between::<1, 10, _, _>")]
    pub attempts_max: u32,
    /// The largest request that is kept to be sent again, bytes (0 to 1 MiB).
    #[serde(deserialize_with = "between::<0, 1_048_576, _, _>")]
    pub retry_bytes_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            endpoint: String::new(),
            tls: None,
            token_file: None,
            client_credentials: None,
            connect_timeout_ms: 2_000,
            timeout_ms: 10_000,
            keepalive_interval_s: 30,
            keepalive_timeout_s: 10,
            resolve_interval_s: 10,
            attempts_max: 3,
            retry_bytes_max: 64 * 1024,
        }
    }
}

impl Options {
    /// Whether calls that carry no caller's own token would be made in one's own name.
    pub fn has_credentials(&self) -> bool {
        self.token_file.is_some() || self.client_credentials.is_some()
    }
}

/// Why no way to a service can be laid.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The endpoint is not `http://host:port` or `https://host:port`.
    #[error("endpoint {endpoint:?} is not http://host:port or https://host:port")]
    Endpoint {
        /// The text as it was configured.
        endpoint: String,
    },
    /// An endpoint is `https://` and there is no `tls`, or the other way round.
    #[error(
        "endpoint {endpoint:?} and tls do not go together: https:// needs tls.ca_file, http:// takes no tls"
    )]
    Scheme {
        /// The text as it was configured.
        endpoint: String,
    },
    /// A file of certificates or keys cannot be used.
    #[error("tls: {0}")]
    Tls(#[from] crate::tls::Error),
    /// The name that the certificate must bear is none.
    #[error("tls.domain {name:?} is not the name of a host")]
    Domain {
        /// The name.
        name: String,
    },
    /// What proves who calls cannot be used.
    #[error(transparent)]
    Credentials(#[from] credentials::Invalid),
}

/// The way to a service in this process: the peer that [`crate::server::assemble`] made, or any gRPC service.
///
/// It carries the deadline and the trace context as a connection would, and never tries again.
pub fn in_process<S>(service: S) -> Peer
where
    S: Service<http::Request<Body>, Response = http::Response<Body>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError> + 'static,
    S::Future: Send + 'static,
{
    carry::Carrier::in_process(carry::answering(service)).into_peer()
}

/// The same, calling in one's own name whatever carries no caller's own token.
pub fn in_process_as<S>(service: S, credentials: Arc<dyn Credentials>) -> Peer
where
    S: Service<http::Request<Body>, Response = http::Response<Body>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError> + 'static,
    S::Future: Send + 'static,
{
    carry::Carrier::in_process(carry::answering(service)).with(Some(credentials)).into_peer()
}

/// The way to a service over TCP. It connects when it is first called, and looks names up in a task that ends with the
/// last clone of the peer. Call it within a tokio runtime.
///
/// Without `tls` plain HTTP/2 is spoken: where the network is not trusted, a mesh or a sidecar encrypts.
///
/// # Errors
/// See [`Error`].
pub fn connect(options: &Options) -> Result<Peer, Error> {
    let credentials = credentials::of(options)?;
    let channel = resolve::channel(options)?;
    Ok(carry::Carrier::over_tcp(channel, options).with(credentials).into_peer())
}
