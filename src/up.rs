//! `minqing up`: the whole suite in this process.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use minqing_platform::clock::System;
use minqing_platform::identity::issuer::BuiltIn;
use minqing_platform::{probe, server, telemetry};
use tokio::net::TcpListener;

use crate::cli::Up;
use crate::settings::Settings;
use crate::suite::Suite;
use crate::{console, demo};

/// Runs the suite until SIGTERM or Ctrl-C.
pub async fn run(settings: Settings, options: Up) -> anyhow::Result<()> {
    let mut settings = settings.with_data(options.data)?;
    // No load balancer stands in front of a laptop: nobody needs time to notice.
    settings.server.drain_ms = 0;
    let telemetry = telemetry::init(&settings.telemetry)?;
    let shutdown = server::shutdown::signal()?;

    std::fs::create_dir_all(&settings.data).context("the data folder cannot be made")?;
    let built_in = BuiltIn::open(&settings.data).context("the key of the built-in issuer cannot be used")?;
    let built_in = Arc::new(built_in);

    let grpc = bind(options.grpc.unwrap_or(settings.grpc_address)).await?;
    let http = bind(options.http.unwrap_or(settings.http_address)).await?;
    let suite =
        Suite::start(&settings, settings.identity.clone(), Arc::clone(&built_in), Arc::new(System)).await?;
    if !options.no_demo {
        // Ctrl-C while the city is loading ends the program; the next start goes on where this one stopped.
        tokio::select! {
            loaded = demo::load(&suite, &settings.data, &built_in) => loaded.context("the demo city cannot be loaded")?,
            () = shutdown.cancelled() => {
                suite.end().await;
                telemetry.shutdown().await;
                return Ok(());
            }
        }
    }
    let router = suite.router(settings.gateway.clone(), shutdown.clone())?;
    greet(http.local_addr()?, grpc.local_addr()?, &settings, options.no_demo);
    let (served, answered) = tokio::join!(
        server::serve(grpc, &suite.assembled, &settings.server, shutdown.clone()),
        probe::serve(http, router, shutdown.clone()),
    );
    suite.end().await;
    telemetry.shutdown().await;
    served.context("gRPC")?;
    answered.context("HTTP")
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("{address} cannot be listened on"))
}

fn greet(http: SocketAddr, grpc: SocketAddr, settings: &Settings, empty: bool) {
    let scheme = if settings.server.tls.is_some() { "grpcs" } else { "grpc" };
    console::say(&format!("ready http://{http} {scheme}://{grpc}"));
    let (data, program) =
        (settings.data.display(), std::env::args().next().unwrap_or_else(|| "minqing".to_owned()));
    console::say("\nTry:");
    if !empty {
        let place = "latitude=31.99&longitude=119.57&datum=DATUM_WGS_84";
        console::say(&format!("  curl 'http://{http}/v1/divisions?parent=divisions/321181'"));
        console::say(&format!("  curl 'http://{http}/v1/grids:locate?{place}'"));
        console::say(&format!("  curl 'http://{http}/v1/contacts:resolve?grid=grids/321181001001001'"));
    }
    console::say(&format!("  TOKEN=$({program} token --role administrator --data {data})"));
    console::say(&format!(
        "  curl -H \"Authorization: Bearer $TOKEN\" 'http://{http}/v1/registry/events:watch'"
    ));
    console::say(&format!("  open http://{http}/docs"));
}
