//! The registry as a process of its own.

use std::fmt;
use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use minqing_platform::clock::System;
use minqing_platform::config::{self, Secret};
use minqing_platform::db::{self, Database};
use minqing_platform::identity::{self, Authenticator};
use minqing_platform::{probe, seal, server, telemetry};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;

use crate::{Config, Dependencies, Registry, SERVICES, StartError};

/// What the process is told at start, in a file or in variables `MINQING_…`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
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
    /// The registry's own part.
    pub registry: Config,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            grpc_address: SocketAddr::from((Ipv4Addr::LOCALHOST, 9090)),
            probe_address: None,
            server: server::Options::default(),
            identity: identity::Options::default(),
            seal: None,
            telemetry: telemetry::Options::default(),
            registry: Config { database: db::Options { url: Secret::default(), ..db::Options::default() } },
        }
    }
}

/// Why the process ends otherwise than it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A key or value of the configuration is not taken.
    #[error("the configuration is not taken: {0}")]
    Config(#[from] config::Error),
    /// Something must be configured and is not.
    #[error("{0}")]
    Missing(&'static str),
    /// The keys that seal cannot be used.
    #[error("seal: {0}")]
    Seal(#[from] seal::Error),
    /// The issuers cannot be used.
    #[error("identity.{0}")]
    Identity(#[from] identity::Invalid),
    /// The database does not answer.
    #[error(transparent)]
    Database(#[from] db::Error),
    /// The registry does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Logs or figures cannot begin.
    #[error("telemetry: {0}")]
    Telemetry(#[from] telemetry::Error),
    /// The server cannot be put together or cannot go on.
    #[error("server: {0}")]
    Server(#[from] server::Error),
    /// The address cannot be listened on, or signals cannot be heard.
    #[error("{0}")]
    System(#[from] std::io::Error),
}

/// Where the process can be reached.
#[derive(Debug, Clone, Copy)]
pub struct Addresses {
    /// gRPC.
    pub grpc: SocketAddr,
    /// Probes, if they are served.
    pub probe: Option<SocketAddr>,
}

impl fmt::Display for Addresses {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "grpc://{}", self.grpc)?;
        self.probe.map_or(Ok(()), |probe| write!(formatter, " http://{probe}"))
    }
}

/// Serves until SIGTERM or Ctrl-C. `ready` is called with the addresses once calls are answered.
///
/// # Errors
/// See [`Error`].
pub async fn run(settings: Settings, ready: impl FnOnce(Addresses)) -> Result<(), Error> {
    let telemetry = telemetry::init(&settings.telemetry)?;
    let served = serve(settings, ready).await;
    telemetry.shutdown().await;
    served
}

async fn serve(settings: Settings, ready: impl FnOnce(Addresses)) -> Result<(), Error> {
    if settings.registry.database.url.expose().is_empty() {
        return Err(Error::Missing(
            "registry.database.url must be set: a service on its own keeps no data folder",
        ));
    }
    let seal = settings
        .seal
        .as_ref()
        .ok_or(Error::Missing("seal must be set: a service on its own makes no keys"))?;
    if settings.identity.issuers.is_empty() {
        tracing::warn!("identity.issuers is empty: every caller is anonymous");
    }
    let shutdown = server::shutdown::signal()?;
    let listener = TcpListener::bind(settings.grpc_address).await?;
    let probes = match settings.probe_address {
        Some(address) => Some(TcpListener::bind(address).await?),
        None => None,
    };
    let database = Database::connect(&settings.registry.database).await?;
    let stop = CancellationToken::new();
    let registry = Registry::open(Dependencies {
        database: database.clone(),
        clock: Arc::new(System),
        keyring: Arc::new(seal::Keyring::new(seal)?),
        stop: stop.clone(),
    })
    .await?;
    let authenticator =
        Authenticator::new(settings.identity.clone(), registry.appointment_source(), Arc::new(System))?;
    let mut routes = RoutesBuilder::default();
    registry.mount(&mut routes, &settings.server);
    let assembled = server::assemble(routes, SERVICES, authenticator, &settings.server).await?;
    ready(Addresses {
        grpc: listener.local_addr()?,
        probe: probes.as_ref().map(TcpListener::local_addr).transpose()?,
    });
    let answering = probe::router(probe::Readiness::of([database.clone()]), shutdown.clone());
    let probing = async {
        match probes {
            // Until the very end: while calls drain, it is the probe that keeps new ones away.
            Some(probes) => probe::serve(probes, answering, CancellationToken::new()).await,
            None => pending().await,
        }
    };
    let served = tokio::select! {
        served = server::serve(listener, &assembled, &settings.server, shutdown) => served.map_err(Error::from),
        probed = probing => probed.map_err(Error::from),
    };
    stop.cancel();
    database.close().await;
    served
}
