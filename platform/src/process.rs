//! A service as a process of its own: what all of them do from start to end.
//!
//! A room's `serve.rs` is its settings ([`process_settings!`](crate::process_settings)) and its opening: what it needs
//! beside its database, and which RPCs it mounts. The order is the same for all: addresses are bound before anything is
//! opened, `ready` is said when calls are answered, and SIGTERM ends it as [`server::serve`] does.

use std::fmt;
use std::future::pending;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;

use crate::clock::{self, System};
use crate::config;
use crate::db::{self, Database};
use crate::identity::{self, AppointmentSource, Authenticator};
use crate::seal::Keyring;
use crate::{probe, seal, server, telemetry};

/// The address of gRPC where none is configured.
pub const GRPC_ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9090);

/// What every service process is told.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where gRPC is served.
    pub grpc_address: SocketAddr,
    /// Where `/healthz`, `/readyz` and `/metrics` are served over HTTP; nowhere when left out.
    pub probe_address: Option<SocketAddr>,
    /// How gRPC is served.
    pub server: server::Options,
    /// Whose tokens are accepted.
    pub identity: identity::Options,
    /// The keys that seal personal data; a process on its own makes none.
    pub seal: Option<seal::Options>,
    /// Logs, traces and figures.
    pub telemetry: telemetry::Options,
}

/// Which service it is.
#[derive(Debug, Clone)]
pub struct Service {
    /// The name of its section in the configuration.
    pub name: &'static str,
    /// Its gRPC services, by their full names.
    pub services: &'static [&'static str],
    /// Where its tables are.
    pub database: db::Options,
}

/// What a service is opened with.
pub struct Given {
    /// Its database, connected.
    pub database: Database,
    /// The time.
    pub clock: clock::Shared,
    /// The keys that seal personal data.
    pub keyring: Arc<Keyring>,
    /// How gRPC is served.
    pub server: server::Options,
    /// Ends what goes on in the background.
    pub stop: CancellationToken,
}

/// A service that was opened.
pub struct Opened {
    /// Its RPCs.
    pub routes: RoutesBuilder,
    /// Where it learns what callers were appointed to.
    pub appointments: Arc<dyn AppointmentSource>,
}

/// Why a room does not open: its own error, to be told.
pub type Refused = Box<dyn std::error::Error + Send + Sync>;

/// Why the process ends otherwise than it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A key or value of the configuration is not taken.
    #[error("the configuration is not taken: {0}")]
    Config(#[from] config::Error),
    /// Something must be configured and is not.
    #[error("{0}")]
    Missing(String),
    /// The keys that seal cannot be used.
    #[error("seal: {0}")]
    Seal(#[from] seal::Error),
    /// The issuers cannot be used.
    #[error("identity.{0}")]
    Identity(#[from] identity::Invalid),
    /// The database does not answer.
    #[error("{name}.database: {source}")]
    Database {
        /// The service.
        name: &'static str,
        /// What happened.
        source: db::Error,
    },
    /// The service does not open.
    #[error("{name}: {reason}")]
    Open {
        /// The service.
        name: &'static str,
        /// Why not.
        reason: Refused,
    },
    /// Logs or figures cannot begin.
    #[error("telemetry: {0}")]
    Telemetry(#[from] telemetry::Error),
    /// The server cannot be put together or cannot go on.
    #[error(transparent)]
    Server(#[from] server::Error),
    /// An address cannot be listened on.
    #[error("{address} cannot be listened on: {source}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// Signals cannot be heard, or probes cannot go on.
    #[error("{0}")]
    System(#[from] std::io::Error),
}

/// Where the process can be reached.
#[derive(Debug, Clone, Copy)]
pub struct Addresses {
    /// gRPC.
    pub grpc: SocketAddr,
    /// Whether gRPC is served over TLS.
    pub tls: bool,
    /// Probes, if they are served.
    pub probe: Option<SocketAddr>,
}

impl fmt::Display for Addresses {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "grpcs" } else { "grpc" };
        write!(formatter, "{scheme}://{}", self.grpc)?;
        self.probe.map_or(Ok(()), |probe| write!(formatter, " http://{probe}"))
    }
}

/// Serves until SIGTERM or Ctrl-C. `open` opens the service; `ready` is called with the addresses once calls are answered.
///
/// # Errors
/// See [`Error`].
pub async fn run(
    options: Options,
    service: Service,
    open: impl AsyncFnOnce(Given) -> Result<Opened, Refused>,
    ready: impl FnOnce(Addresses),
) -> Result<(), Error> {
    let telemetry = telemetry::init(&options.telemetry)?;
    let served = serve(options, service, open, ready).await;
    telemetry.shutdown().await;
    served
}

async fn serve(
    options: Options,
    service: Service,
    open: impl AsyncFnOnce(Given) -> Result<Opened, Refused>,
    ready: impl FnOnce(Addresses),
) -> Result<(), Error> {
    let Service { name, services, database } = service;
    let keyring = Arc::new(required(&options, name, &database)?);
    let shutdown = server::shutdown::signal()?;
    let listener = bind(options.grpc_address).await?;
    let probes = match options.probe_address {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    let addresses = Addresses {
        grpc: listener.local_addr()?,
        tls: options.server.tls.is_some(),
        probe: probes.as_ref().map(TcpListener::local_addr).transpose()?,
    };
    let database = Database::connect(&database).await.map_err(|source| Error::Database { name, source })?;
    let stop = CancellationToken::new();
    let given = Given {
        database: database.clone(),
        clock: Arc::new(System),
        keyring,
        server: options.server.clone(),
        stop: stop.clone(),
    };
    let opened = open(given).await.map_err(|reason| Error::Open { name, reason })?;
    let authenticator = Authenticator::new(options.identity, opened.appointments, Arc::new(System))?;
    let assembled = server::assemble(opened.routes, services, authenticator, &options.server).await?;
    ready(addresses);
    let answering = probe::router(probe::Readiness::of([database.clone()]), shutdown.clone());
    let probing = async {
        match probes {
            // Until the very end: while calls drain, it is the probe that keeps new ones away.
            Some(probes) => probe::serve(probes, answering, CancellationToken::new()).await,
            None => pending().await,
        }
    };
    let served = tokio::select! {
        served = server::serve(listener, &assembled, &options.server, shutdown) => served.map_err(Error::from),
        probed = probing => probed.map_err(Error::from),
    };
    stop.cancel();
    database.close().await;
    served
}

/// What a service cannot do without: its keys, and a database.
fn required(options: &Options, name: &str, database: &db::Options) -> Result<Keyring, Error> {
    if database.url.expose().is_empty() {
        let missing = format!("{name}.database.url must be set: a service on its own keeps no data folder");
        return Err(Error::Missing(missing));
    }
    let Some(seal) = &options.seal else {
        return Err(Error::Missing("seal must be set: a service on its own makes no keys".to_owned()));
    };
    if options.identity.issuers.is_empty() {
        tracing::warn!("identity.issuers is empty: every caller is anonymous");
    }
    Ok(Keyring::new(seal)?)
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Error> {
    TcpListener::bind(address).await.map_err(|source| Error::Bind { address, source })
}

/// What a service's own program is told; see [`process_settings!`](crate::process_settings).
pub trait Settings: DeserializeOwned {
    /// The service's own section.
    type Own;

    /// What every service is told, and what is this one's.
    fn split(self) -> (Options, Self::Own);
}

/// The program of a service on its own: `NAME [CONFIG.toml]`, with `MINQING_…` variables before the file. It prints
/// `ready` with its addresses, or what keeps it from that.
pub async fn main<S: Settings>(
    run: impl AsyncFnOnce(Options, S::Own, fn(Addresses)) -> Result<(), Error>,
) -> ExitCode {
    let file = std::env::args_os().nth(1).map(PathBuf::from);
    let served = match config::load::<S>(file.as_deref()) {
        Ok(settings) => {
            let (options, own) = settings.split();
            run(options, own, say_ready).await
        }
        Err(error) => Err(error.into()),
    };
    served.map_or_else(
        |error| {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

fn say_ready(addresses: Addresses) {
    // Whoever closed the pipe does not want to hear it; that is no failure.
    let _ = writeln!(std::io::stdout(), "ready {addresses}");
}

/// Declares `Settings`: what a service's own program is told, in a file or in variables `MINQING_…`. That is [`Options`]
/// and the service's own section.
///
/// A macro, since the section's name is the service's, and serde cannot flatten one struct into another where unknown
/// keys are refused.
///
/// ```ignore
/// minqing_platform::process_settings! { registry: Config }
/// ```
#[macro_export]
macro_rules! process_settings {
    ($section:ident: $config:ty) => {
        /// What the process is told at start, in a file or in variables `MINQING_…`.
        #[derive(Debug, Clone, ::serde::Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct Settings {
            /// Where gRPC is served.
            pub grpc_address: ::std::net::SocketAddr,
            /// Where `/healthz`, `/readyz` and `/metrics` are served over HTTP; nowhere when left out.
            pub probe_address: ::core::option::Option<::std::net::SocketAddr>,
            /// How gRPC is served.
            pub server: $crate::server::Options,
            /// Whose tokens are accepted.
            pub identity: $crate::identity::Options,
            /// The keys that seal personal data; a process on its own makes none.
            pub seal: ::core::option::Option<$crate::seal::Options>,
            /// Logs, traces and figures.
            pub telemetry: $crate::telemetry::Options,
            /// The service's own part.
            pub $section: $config,
        }

        impl ::core::default::Default for Settings {
            fn default() -> Self {
                Self {
                    grpc_address: $crate::process::GRPC_ADDRESS,
                    probe_address: ::core::default::Default::default(),
                    server: ::core::default::Default::default(),
                    identity: ::core::default::Default::default(),
                    seal: ::core::default::Default::default(),
                    telemetry: ::core::default::Default::default(),
                    $section: ::core::default::Default::default(),
                }
            }
        }

        impl $crate::process::Settings for Settings {
            type Own = $config;

            fn split(self) -> ($crate::process::Options, $config) {
                let Self { grpc_address, probe_address, server, identity, seal, telemetry, $section } = self;
                let options = $crate::process::Options {
                    grpc_address,
                    probe_address,
                    server,
                    identity,
                    seal,
                    telemetry,
                };
                (options, $section)
            }
        }
    };
}
