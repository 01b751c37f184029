//! What the HTTP side has beside the gateway: probes for orchestrators, figures for Prometheus, and serving itself.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use minqing_platform::telemetry;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How long connections may finish after the end was asked for, before they are cut.
const DRAIN: Duration = Duration::from_secs(4);

/// How long a probe waits for what it asks.
const PROBE: Duration = Duration::from_secs(2);

type Probe = dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync;

/// Whether the process can serve: asked anew for each probe.
#[derive(Clone)]
pub struct Readiness(Arc<Probe>);

impl Readiness {
    /// Asks by a function.
    pub fn new(
        probe: impl Fn() -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(probe))
    }
}

/// `/healthz` (the process lives), `/readyz` (it can serve, and is not about to end), `/metrics`.
pub fn probes(ready: Readiness, closing: CancellationToken) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(readyz).with_state((ready, closing)))
        .route("/metrics", get(metrics))
}

async fn readyz(State((ready, closing)): State<(Readiness, CancellationToken)>) -> Response {
    if closing.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "ending\n").into_response();
    }
    match tokio::time::timeout(PROBE, (ready.0)()).await {
        Ok(Ok(())) => "ready\n".into_response(),
        failed => {
            // The cause is for the log: whoever probes learns only that it is not ready.
            tracing::warn!(?failed, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response()
        }
    }
}

async fn metrics() -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], telemetry::prometheus_text())
        .into_response()
}

/// Serves HTTP until `closing` fires; then requests in hand may finish, and what stays open is cut.
pub async fn serve(listener: TcpListener, router: Router, closing: CancellationToken) -> std::io::Result<()> {
    let ending = closing.clone();
    let serving = axum::serve(listener, router).with_graceful_shutdown(closing.cancelled_owned());
    let cut = async {
        ending.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        served = serving.into_future() => served,
        () = cut => Ok(()),
    }
}
