//! `minqing serve`: one part of the suite as a process of its own.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, bail};
use minqing_platform::client::Peer;
use minqing_platform::probe::{self, Readiness};
use minqing_platform::{client, server, telemetry};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::cli::{Part, Serve};
use crate::settings::Settings;
use crate::suite::Room;
use crate::{console, suite};

/// Runs one part until SIGTERM or Ctrl-C.
pub async fn run(settings: Settings, options: &Serve) -> anyhow::Result<()> {
    let ready = |addresses| console::say(&format!("ready {addresses}"));
    let process = settings.process();
    match options.part {
        Part::Registry => Ok(minqing_registry::serve::run(process, settings.registry, ready).await?),
        Part::Cases => Ok(minqing_cases::serve::run(process, settings.cases, ready).await?),
        Part::Volunteers => Ok(minqing_volunteers::serve::run(process, settings.volunteers, ready).await?),
        Part::Gateway => {
            let telemetry = telemetry::init(&settings.telemetry)?;
            let served = gateway(settings).await;
            telemetry.shutdown().await;
            served
        }
    }
}

/// The way to each service that the gateway stands in front of, by the service's name.
fn upstream(configured: &BTreeMap<String, client::Options>) -> anyhow::Result<Vec<(Room, Peer)>> {
    if let Some(unknown) = configured.keys().find(|name| suite::ROOMS.iter().all(|room| room.name != **name))
    {
        bail!("upstream.{unknown}: there is no such service");
    }
    let is_missing =
        |room: &&Room| configured.get(room.name).is_none_or(|options| options.endpoint.is_empty());
    let missing: Vec<_> = suite::ROOMS
        .iter()
        .filter(is_missing)
        .map(|room| format!("upstream.{}.endpoint", room.name))
        .collect();
    if !missing.is_empty() {
        bail!("{} must be set: the gateway has no other way to the services", missing.join(" and "));
    }
    let connect = |room: &Room| {
        let (name, options) = (room.name, &configured[room.name]);
        // Whoever comes without a token is anonymous. With credentials here, the whole world would be this gateway.
        if options.has_credentials() {
            bail!("upstream.{name}: the gateway calls in the name of its callers and takes no credentials");
        }
        Ok((*room, client::connect(options).with_context(|| format!("upstream.{name}"))?))
    };
    suite::ROOMS.iter().map(connect).collect()
}

async fn gateway(settings: Settings) -> anyhow::Result<()> {
    let upstream = upstream(&settings.upstream)?;
    let shutdown = server::shutdown::signal()?;
    let address = settings.http_address;
    let listener =
        TcpListener::bind(address).await.with_context(|| format!("{address} cannot be listened on"))?;
    let route = |service: &str| {
        upstream.iter().find(|(room, _)| room.services.contains(&service)).map(|(_, peer)| peer.clone())
    };
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
