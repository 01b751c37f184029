//! The server side of the road: what every call passes before it reaches a handler, and how a process is served and ended.
//!
//! A room mounts its gRPC services into a `tonic::service::RoutesBuilder` (wrapped by [`limited!`](crate::limited)).
//! [`assemble`] puts the road around them, [`serve`] listens. The order of the road, from the outside in: span and
//! figures, panics, load, deadline, identity. To add a step, add it to `stack::Stack::admit`, where the order is read.

mod call;
#[cfg(test)]
pub(crate) mod fixture;
mod health;
mod listen;
pub(crate) mod method;
pub mod refusal;
pub mod shutdown;
mod stack;
#[cfg(test)]
mod tests;
pub mod tls;

use serde::Deserialize;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;

pub use health::Health;
pub use listen::serve;
pub use stack::Authenticate;

use crate::client::Peer;
use crate::config::between;

/// How a process serves. Every figure has bounds; a value outside of them is refused at start with its key.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The largest request message, bytes (1 KiB to 64 MiB).
    #[serde(deserialize_with = "between::<1_024, 67_108_864, _, _>")]
    pub request_bytes_max: usize,
    /// The largest response message, bytes (1 KiB to 256 MiB).
    #[serde(deserialize_with = "between::<1_024, 268_435_456, _, _>")]
    pub response_bytes_max: usize,
    /// Calls in flight in the process, each until its headers are sent; more are shed (1 to 100,000).
    #[serde(deserialize_with = "between::<1, 100_000, _, _>")]
    pub concurrency_max: usize,
    /// Streams of answers open at a time in the process; more are shed (1 to 100,000).
    #[serde(deserialize_with = "between::<1, 100_000, _, _>")]
    pub streams_max: usize,
    /// TCP connections open at a time; more wait in the listen queue (1 to 100,000).
    #[serde(deserialize_with = "between::<1, 100_000, _, _>")]
    pub connections_max: usize,
    /// The longest deadline of a call that is not a stream, and its deadline if the caller gives none,
    /// milliseconds (10 to 3,600,000).
    #[serde(deserialize_with = "between::<10, 3_600_000, _, _>")]
    pub timeout_ms_max: u64,
    /// The age at which a connection is asked to close, so that callers meet new replicas, seconds (1 to 86,400).
    #[serde(deserialize_with = "between::<1, 86_400, _, _>")]
    pub connection_age_s: u64,
    /// How long an aged connection may finish its calls, seconds (1 to 3,600).
    #[serde(deserialize_with = "between::<1, 3_600, _, _>")]
    pub connection_grace_s: u64,
    /// The interval of HTTP/2 pings on a connection, seconds (1 to 3,600).
    #[serde(deserialize_with = "between::<1, 3_600, _, _>")]
    pub keepalive_interval_s: u64,
    /// How long a ping may stay unanswered, seconds (1 to 3,600).
    #[serde(deserialize_with = "between::<1, 3_600, _, _>")]
    pub keepalive_timeout_s: u64,
    /// Calls dropped by either side that a connection survives over its life (16 to 1,000,000).
    #[serde(deserialize_with = "between::<16, 1_000_000, _, _>")]
    pub http2_max_local_error_reset_streams: usize,
    /// How long to keep serving after health says NOT_SERVING, so that load balancers notice, milliseconds (0 to 5,000).
    #[serde(deserialize_with = "between::<0, 5_000, _, _>")]
    pub drain_ms: u64,
    /// How long calls may finish after that, before connections are cut, milliseconds (0 to 4,500). Together with
    /// `drain_ms` a process thus ends within 10 s.
    #[serde(deserialize_with = "between::<0, 4_500, _, _>")]
    pub shutdown_ms_max: u64,
    /// TLS on the gRPC listener; plain HTTP/2 when left out.
    pub tls: Option<tls::Options>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            request_bytes_max: 4 * 1024 * 1024,
            response_bytes_max: 16 * 1024 * 1024,
            concurrency_max: 1_024,
            streams_max: 4_096,
            connections_max: 8_192,
            timeout_ms_max: 30_000,
            connection_age_s: 1_800,
            connection_grace_s: 60,
            keepalive_interval_s: 60,
            keepalive_timeout_s: 20,
            http2_max_local_error_reset_streams: 10_000,
            drain_ms: 2_000,
            shutdown_ms_max: 4_500,
            tls: None,
        }
    }
}

/// Why a server cannot be put together or cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A service was named that no .proto declares.
    #[error("no .proto declares the service {service}")]
    UnknownService {
        /// The name as it was given.
        service: String,
    },
    /// The descriptor sets do not fit together.
    #[error("reflection refuses the descriptors")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// The listener has no address, or signals cannot be heard.
    #[error("the operating system refuses")]
    System(#[from] std::io::Error),
    /// A file of certificates or keys cannot be used.
    #[error("server.tls: {0}")]
    Tls(#[from] crate::tls::Error),
}

/// Services with the road around them: to be served over TCP, called in this process, or both.
#[derive(Clone)]
pub struct Assembled {
    /// The way in. In this process, call it as it is: it passes the same road as a call over TCP.
    pub peer: Peer,
    /// What the health service says of each service.
    pub health: Health,
    /// Fires when open streams are to end. [`serve`] fires it; where nothing is served over TCP, whoever ends the process does.
    pub closing: CancellationToken,
    /// Answers handshakes where `server.tls` says so.
    tls: Option<TlsAcceptor>,
}

impl std::fmt::Debug for Assembled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Assembled").field("tls", &self.tls.is_some()).finish_non_exhaustive()
    }
}

/// Puts the road around services, and health and reflection beside them.
///
/// `services` are the full names (`minqing.registry.v1.DivisionService`) of what `routes` holds: reflection lists
/// them, and health answers for them and says SERVING at once. Call it after [`crate::telemetry::init`], whose meters it takes.
pub async fn assemble<A: Authenticate>(
    mut routes: RoutesBuilder,
    services: &[&str],
    authenticate: A,
    options: &Options,
) -> Result<Assembled, Error> {
    if let Some(service) = services.iter().find(|service| !method::has_service(service)) {
        return Err(Error::UnknownService { service: (*service).to_owned() });
    }
    let (health, health_service) = Health::new(services).await;
    routes.add_service(health_service);
    health::add_reflection(&mut routes, services)?;
    let closing = CancellationToken::new();
    let stack = stack::Stack::new(authenticate, options, closing.clone());
    let peer = stack.around(routes.routes().prepare());
    let tls = options.tls.as_ref().map(tls::acceptor).transpose()?;
    Ok(Assembled { peer, health, closing, tls })
}

/// Sets the size limits of [`Options`] on a generated server.
///
/// Generated servers share no trait for it, hence a macro. The library's own limits are 4 MiB in and none out.
///
/// ```ignore
/// routes.add_service(minqing_platform::limited!(DivisionServiceServer::new(handler), options));
/// ```
#[macro_export]
macro_rules! limited {
    ($server:expr, $options:expr) => {
        $server
            .max_decoding_message_size($options.request_bytes_max)
            .max_encoding_message_size($options.response_bytes_max)
    };
}
