//! The W3C trace context in the headers of a call, on the way in and on the way out.

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::TraceContextExt;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The caller's trace context, if the headers hold a valid one.
pub fn extract(headers: &HeaderMap) -> Option<Context> {
    if !headers.contains_key("traceparent") {
        return None;
    }
    let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &Incoming(headers));
    context.span().span_context().is_valid().then_some(context)
}

/// Begins the span of a request as a child of the caller's span, if the headers name it, and notes the `trace_id`.
///
/// Handle the request within the context that this gives, outside of the span: then the trace goes on through this
/// process even where nothing is exported and spans have no contexts of their own.
pub fn begin(span: &tracing::Span, headers: &HeaderMap) -> Context {
    let caller = extract(headers).unwrap_or_default();
    if caller.has_active_span() {
        // Without an exporter no layer takes the parent; there is nothing to tell it to.
        let _ = span.set_parent(caller.clone());
    }
    let own = span.context();
    let trace = if own.has_active_span() { own.span() } else { caller.span() };
    if trace.span_context().is_valid() {
        span.record("trace_id", tracing::field::display(trace.span_context().trace_id()));
    }
    caller
}

/// Gives the span of a request the name under which it is exported, once that is known: a span that has begun does not
/// take `otel.name` any more.
pub fn rename(span: &tracing::Span, name: String) {
    span.context().span().update_name(name);
}

/// Writes the current trace context over whatever the headers hold: that of the span which is entered, or, without
/// export, that of [`begin`]. Where there is neither, they stay as they are.
pub fn inject(headers: &mut HeaderMap) {
    // The exporting layer makes the context of each span current while it is entered.
    TraceContextPropagator::new().inject_context(&Context::current(), &mut Outgoing(headers));
}

struct Incoming<'a>(&'a HeaderMap);

impl Extractor for Incoming<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

struct Outgoing<'a>(&'a mut HeaderMap);

impl Injector for Outgoing<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(key), HeaderValue::try_from(value)) {
            self.0.insert(name, value);
        }
    }
}
