//! What orchestrators and Prometheus ask a process over HTTP: does it live, can it serve, what are its figures.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::db::Database;
use crate::telemetry;

/// How long requests may finish after the end was asked for, before connections are cut.
const DRAIN: Duration = Duration::from_secs(4);

/// How long a probe waits for what it asks.
const ANSWER: Duration = Duration::from_secs(2);

type Question = dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync;

/// Whether the process can serve: asked anew for each probe.
#[derive(Clone)]
pub struct Readiness(Arc<Question>);

impl Readiness {
    /// Ready as long as the process lives, for one that needs nothing of its own: whether the services behind it answer
    /// is their own probes' to say.
    #[must_use]
    pub fn always() -> Self {
        Self(Arc::new(|| Box::pin(async { Ok(()) })))
    }

    /// Ready while every one of these databases answers.
    #[must_use]
    pub fn of(databases: impl IntoIterator<Item = Database>) -> Self {
        let databases: Arc<[Database]> = databases.into_iter().collect();
        Self(Arc::new(move || {
            let databases = Arc::clone(&databases);
            Box::pin(async move {
                for database in databases.iter() {
                    database.ping().await.map_err(|error| error.to_string())?;
                }
                Ok(())
            })
        }))
    }
}

/// `/healthz` (the process lives), `/readyz` (it can serve, and is not about to end), `/metrics`.
pub fn router(ready: Readiness, closing: CancellationToken) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(readyz).with_state((ready, closing)))
        .route("/metrics", get(metrics))
}

async fn readyz(State((ready, closing)): State<(Readiness, CancellationToken)>) -> Response {
    if closing.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "ending\n").into_response();
    }
    match tokio::time::timeout(ANSWER, (ready.0)()).await {
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

/// Serves HTTP, probes alone or with more beside them, until `closing` fires; then requests in hand may finish for four
/// seconds, and what stays open is cut.
///
/// # Errors
/// The operating system refuses.
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

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http::Request;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;
    use crate::config::Secret;
    use crate::db;

    async fn ask(router: &Router, path: &str) -> (u16, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_process_is_ready_while_its_database_answers_and_it_is_not_about_to_end() {
        let folder = tempfile::tempdir().unwrap();
        let url = Secret::new(format!("sqlite://{}", folder.path().join("probe.db").display()));
        let database = Database::connect(&db::Options { url, ..db::Options::default() }).await.unwrap();
        let closing = CancellationToken::new();
        let router = router(Readiness::of([database.clone()]), closing.clone());
        assert_eq!(ask(&router, "/readyz").await, (200, "ready\n".to_owned()));

        database.close().await;
        assert_eq!(ask(&router, "/readyz").await, (503, "not ready\n".to_owned()));
        closing.cancel();
        assert_eq!(ask(&router, "/readyz").await, (503, "ending\n".to_owned()));
        assert_eq!(ask(&router, "/healthz").await.0, 200, "a process that ends lives until it has ended");
    }
}
