//! `minqing serve`: one part of the suite as a process of its own.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use minqing_platform::clock::System;
use minqing_platform::{client, server, telemetry};
use tokio::net::TcpListener;

use crate::cli::{Part, Serve};
use crate::settings::Settings;
use crate::suite::{self, Suite};
use crate::{console, edge};

/// Runs one part until SIGTERM or Ctrl-C.
pub async fn run(settings: Settings, options: &Serve) -> anyhow::Result<()> {
    let telemetry = telemetry::init(&settings.telemetry)?;
    let served = match options.part {
        Part::Registry => registry(settings).await,
        Part::Gateway => gateway(settings).await,
    };
    telemetry.shutdown().await;
    served
}

async fn registry(settings: Settings) -> anyhow::Result<()> {
    if settings.registry.database.url.expose().is_empty() {
        bail!("registry.database.url must be set: a service on its own keeps no data folder");
    }
    if settings.seal.is_none() {
        bail!("seal must be set: a service on its own makes no keys");
    }
    if settings.identity.issuers.is_empty() {
        tracing::warn!("identity.issuers is empty: every caller is anonymous");
    }
    let shutdown = server::shutdown::signal()?;
    let listener = listen(settings.grpc_address).await?;
    let suite = Suite::start(&settings, settings.identity.clone(), Arc::new(System)).await?;
    console::say(&format!("ready grpc://{}", listener.local_addr()?));
    let served = server::serve(listener, &suite.assembled, &settings.server, shutdown).await;
    suite.end().await;
    served.context("gRPC")
}

async fn gateway(settings: Settings) -> anyhow::Result<()> {
    let Some(options) = settings.upstream.get("registry") else {
        bail!("upstream.registry.endpoint must be set: the gateway has no other way to the registry");
    };
    if let Some(unknown) = settings.upstream.keys().find(|name| *name != "registry") {
        bail!("upstream.{unknown}: there is no such service");
    }
    let peer = client::connect(options).context("upstream.registry")?;
    let shutdown = server::shutdown::signal()?;
    let listener = listen(settings.http_address).await?;
    let route = |service: &str| minqing_registry::SERVICES.contains(&service).then(|| peer.clone());
    // The gateway keeps nothing: whether a service behind it answers is that service's own probe to say.
    let ready = edge::Readiness::new(|| Box::pin(async { Ok(()) }));
    let router = suite::router(settings.gateway.clone(), route, ready, shutdown.clone())?;
    console::say(&format!("ready http://{}", listener.local_addr()?));
    edge::serve(listener, router, shutdown).await.context("HTTP")
}

async fn listen(address: std::net::SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("{address} cannot be listened on"))
}
