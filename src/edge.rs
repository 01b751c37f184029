//! HTTP requests as seen from outside: a span and a figure for each, from its headers to the end of its answer.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::Response;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use minqing_gateway::Route;
use minqing_platform::telemetry::{self, propagation};
use opentelemetry::KeyValue;
use opentelemetry::context::FutureExt as _;
use opentelemetry::metrics::Histogram;
use tracing::Instrument as _;
use tracing::field::Empty;

/// Puts a span and a figure around every request to `router`. The trace goes on where the client's `traceparent` left
/// off, and the calls behind the request are children of its span. Call it after [`telemetry::init`].
///
/// Not for probes: they come every few seconds for ever, and would bury the rest.
pub fn traced(router: Router) -> Router {
    let durations = telemetry::durations(
        "http.server.duration",
        "Time from the headers of a request to the end of its answer",
    );
    router.layer(middleware::from_fn_with_state(durations, observe))
}

async fn observe(State(durations): State<Histogram<f64>>, request: Request, next: Next) -> Response {
    let mut exchange = Exchange::begin(&request, durations);
    let context = propagation::begin(&exchange.span, request.headers());
    let answered = next.run(request).instrument(exchange.span.clone());
    let mut response = answered.with_context(context).await;
    let route = response.extensions_mut().remove::<Route>();
    exchange.answered(response.status(), route.as_ref());
    response.map(|inner| Body::new(Watched { inner, exchange }))
}

/// A request and its answer. It ends when it is dropped: after the last of the answer, or when the client went away.
struct Exchange {
    span: tracing::Span,
    method: &'static str,
    durations: Histogram<f64>,
    started: Instant,
    labels: Vec<KeyValue>,
}

impl Exchange {
    fn begin(request: &Request, durations: Histogram<f64>) -> Self {
        let method = method(request.method());
        let span = tracing::span!(
            tracing::Level::INFO,
            "http",
            otel.name = method,
            otel.kind = "server",
            otel.status_code = Empty,
            http.request.method = method,
            http.route = Empty,
            http.response.status_code = Empty,
            url.path = request.uri().path(),
            trace_id = Empty,
        );
        let labels = vec![KeyValue::new("http.request.method", method)];
        Self { span, method, durations, started: Instant::now(), labels }
    }

    fn answered(&mut self, status: StatusCode, route: Option<&Route>) {
        if let Some(route) = route {
            let route = route.template();
            propagation::rename(&self.span, format!("{} {route}", self.method));
            self.span.record("http.route", route);
            self.labels.push(KeyValue::new("http.route", route.to_owned()));
        }
        self.span.record("http.response.status_code", status.as_u16());
        if status.is_server_error() {
            self.span.record("otel.status_code", "ERROR");
        }
        self.labels.push(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.durations.record(self.started.elapsed().as_secs_f64(), &self.labels);
    }
}

/// The name of a method. A client may invent methods, but not labels.
fn method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "_OTHER",
    }
}

/// The body of an answer, which keeps its exchange until it has been sent.
struct Watched {
    inner: Body,
    exchange: Exchange,
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let span = self.exchange.span.clone();
        let _entered = span.enter();
        Pin::new(&mut self.inner).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
