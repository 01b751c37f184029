//! One call as seen from outside: its span and its figures, from the first header to the last trailer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Frame, SizeHint};
use opentelemetry::metrics::{Counter, Histogram, UpDownCounter};
use opentelemetry::{KeyValue, Value};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Sleep;
use tokio_util::sync::WaitForCancellationFutureOwned;
use tonic::body::Body;
use tonic::{Code, Status};
use tracing::field::Empty;

use super::method::Method;
use super::refusal;
use crate::telemetry;

/// The instruments of the road.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    duration: Histogram<f64>,
    active: UpDownCounter<i64>,
    shed: Counter<u64>,
}

impl Metrics {
    /// Takes the instruments from the process's meter provider, which telemetry has set before.
    pub fn new() -> Self {
        let meter = opentelemetry::global::meter("minqing");
        let duration = telemetry::durations(
            "rpc.server.duration",
            "Time from the headers of a call to the end of its answer",
        );
        let active = meter
            .i64_up_down_counter("rpc.server.active")
            .with_description("Calls and streams being answered")
            .build();
        let shed = meter
            .u64_counter("rpc.server.shed")
            .with_description("Calls refused because too many were in flight")
            .build();
        Self { duration, active, shed }
    }

    /// Counts a call that was shed.
    pub fn count_shed(&self, method: &Method) {
        self.shed.add(1, &labels(method));
    }
}

fn labels(method: &Method) -> [KeyValue; 2] {
    [
        KeyValue::new("rpc.service", Value::from(method.service.clone())),
        KeyValue::new("rpc.method", Value::from(method.name.clone())),
    ]
}

/// A call under way. Dropped unfinished, it counts as cancelled: its caller went away.
#[derive(Debug)]
pub(crate) struct Call {
    pub span: tracing::Span,
    /// The caller's trace context; the span goes within.
    pub context: opentelemetry::Context,
    method: Arc<Method>,
    metrics: Metrics,
    started: Instant,
    finished: bool,
}

impl Call {
    /// Opens the span, as a child of the caller's where the headers name it.
    pub fn begin(method: Arc<Method>, headers: &HeaderMap, metrics: &Metrics) -> Self {
        // Probes come every few seconds for ever; a trace of each would bury the others.
        let span = if method.exempt { tracing::Span::none() } else { span(&method) };
        let context = telemetry::propagation::begin(&span, headers);
        metrics.active.add(1, &labels(&method));
        Self { span, context, method, metrics: metrics.clone(), started: Instant::now(), finished: false }
    }

    /// Closes the account of the call.
    fn finish(&mut self, code: Code) {
        if std::mem::replace(&mut self.finished, true) {
            return;
        }
        let name = refusal::code_name(code);
        let elapsed = self.started.elapsed();
        self.span.record("rpc.grpc.status_code", name);
        if matches!(
            code,
            Code::Internal | Code::Unknown | Code::DataLoss | Code::Unavailable | Code::Unimplemented
        ) {
            self.span.record("otel.status_code", "ERROR");
        }
        let [service, method] = labels(&self.method);
        self.metrics.active.add(-1, &[service.clone(), method.clone()]);
        let code = KeyValue::new("rpc.grpc.status_code", name);
        self.metrics.duration.record(elapsed.as_secs_f64(), &[service, method, code]);
        tracing::debug!(parent: &self.span, code = name, duration_us = elapsed.as_micros(), "answered");
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.finish(Code::Cancelled);
    }
}

/// The span of a call. Its level is stated: spans below the filter's level cost next to nothing, others do.
fn span(method: &Method) -> tracing::Span {
    tracing::span!(
        tracing::Level::INFO,
        "rpc",
        otel.name = %format_args!("{}/{}", method.service, method.name),
        otel.kind = "server",
        otel.status_code = Empty,
        rpc.system = "grpc",
        rpc.service = &*method.service,
        rpc.method = &*method.name,
        rpc.grpc.status_code = Empty,
        trace_id = Empty,
    )
}

/// What may end a stream before its handler does, and what it holds while it is open.
#[derive(Debug, Default)]
pub(crate) struct Bounds {
    /// The caller's deadline.
    pub expiry: Option<Pin<Box<Sleep>>>,
    /// The end of the process.
    pub closing: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    /// Its place among the streams that the process keeps open.
    #[expect(dead_code, reason = "held until the stream ends, never read")]
    pub permit: Option<OwnedSemaphorePermit>,
}

/// The body of an answer, watched to its end: a panic, a deadline or the end of the process becomes its trailers.
#[derive(Debug)]
pub(crate) struct Watched {
    inner: Option<Body>,
    call: Call,
    bounds: Bounds,
}

impl Watched {
    /// Watches the body of an answer whose headers carry `code`, if they do.
    pub fn new(inner: Body, mut call: Call, bounds: Bounds, code: Option<Code>) -> Self {
        if let Some(code) = code {
            call.finish(code);
        }
        Self { inner: Some(inner), call, bounds }
    }

    /// Ends the body with a status, and lets go of the handler's stream.
    fn end(&mut self, status: &Status) -> Option<Result<Frame<Bytes>, Status>> {
        self.inner = None;
        self.bounds = Bounds::default();
        self.call.finish(status.code());
        let mut trailers = HeaderMap::new();
        Some(status.add_header(&mut trailers).map(|()| Frame::trailers(trailers)))
    }

    /// The status that ends the stream now, whatever its handler does.
    fn bound_passed(&mut self, context: &mut Context<'_>) -> Option<Status> {
        if self.bounds.closing.as_mut().is_some_and(|closing| closing.as_mut().poll(context).is_ready()) {
            return Some(refusal::closing());
        }
        if self.bounds.expiry.as_mut().is_some_and(|expiry| expiry.as_mut().poll(context).is_ready()) {
            return Some(refusal::deadline_exceeded());
        }
        None
    }

    /// Takes note of a frame on its way out.
    fn seen(&mut self, frame: Frame<Bytes>) -> Frame<Bytes> {
        match frame.into_trailers() {
            Ok(mut trailers) => {
                refusal::complete(&mut trailers);
                self.call.finish(refusal::code(&trailers).unwrap_or(Code::Unknown));
                Frame::trailers(trailers)
            }
            Err(frame) => frame,
        }
    }
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        let span = this.call.span.clone();
        let _within = this.call.context.clone().attach();
        let _entered = span.enter();
        if this.inner.is_some()
            && let Some(status) = this.bound_passed(context)
        {
            return Poll::Ready(this.end(&status));
        }
        let Some(inner) = this.inner.as_mut() else { return Poll::Ready(None) };
        let polled = catch_unwind(AssertUnwindSafe(|| Pin::new(inner).poll_frame(context)));
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(Some(Ok(frame)))) => Poll::Ready(Some(Ok(this.seen(frame)))),
            Ok(Poll::Ready(Some(Err(status)))) => {
                this.call.finish(status.code());
                Poll::Ready(Some(Err(status)))
            }
            Ok(Poll::Ready(None)) => {
                this.call.finish(Code::Ok);
                Poll::Ready(None)
            }
            // The panic hook has logged it; its text is told to nobody.
            Err(_) => Poll::Ready(this.end(&refusal::internal())),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or_else(|| SizeHint::with_exact(0), http_body::Body::size_hint)
    }
}
