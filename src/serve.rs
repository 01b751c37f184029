//! `minqing serve`: one part of the suite as a process of its own.

use std::time::Duration;

use anyhow::{Context as _, bail};
use minqing_platform::probe::{self, Readiness};
use minqing_platform::{client, server, telemetry};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::cli::{Part, Serve};
use crate::settings::Settings;
use crate::{console, suite};

/// Runs one part until SIGTERM or Ctrl-C.
pub async fn run(settings: Settings, options: &Serve) -> anyhow::Result<()> {
    match options.part {
        Part::Registry => registry(settings).await,
        Part::Gateway => {
            let telemetry = telemetry::init(&settings.telemetry)?;
            let served = gateway(settings).await;
            telemetry.shutdown().await;
            served
        }
    }
}

async fn registry(settings: Settings) -> anyhow::Result<()> {
    let settings = minqing_registry::serve::Settings {
        grpc_address: settings.grpc_address,
        probe_address: settings.probe_address,
        server: settings.server,
        identity: settings.identity,
        seal: settings.seal,
        telemetry: settings.telemetry,
        registry: settings.registry,
    };
    let ready = |addresses| console::say(&format!("ready {addresses}"));
    Ok(minqing_registry::serve::run(settings, ready).await?)
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
    let address = settings.http_address;
    let listener =
        TcpListener::bind(address).await.with_context(|| format!("{address} cannot be listened on"))?;
    let route = |service: &str| minqing_registry::SERVICES.contains(&service).then(|| peer.clone());
    let closing = CancellationToken::new();
    let probes = probe::router(Readiness::always(), shutdown.clone());
    let router = suite::router(settings.gateway.clone(), route, probes, closing.clone())?;
    console::say(&format!("ready http://{}", listener.local_addr()?));
    let draining = async {
        shutdown.cancelled().await;
        // Probes say that the process ends; requests are answered until load balancers have noticed.
        tokio::time::sleep(Duration::from_millis(settings.server.drain_ms)).await;
        closing.cancel();
    };
    let (served, ()) = tokio::join!(probe::serve(listener, router, closing.clone()), draining);
    served.context("HTTP")
}
