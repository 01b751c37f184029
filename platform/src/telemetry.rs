//! Logs, traces and figures of a process.
//!
//! Logs go to stderr. Figures can always be read as Prometheus text ([`prometheus_text`]); traces and figures also go to
//! an OTLP collector where one is configured. Without one a process works just the same, and records no traces.
//! SQL statements are spans of exported traces; in the log they are sqlx's own events (target `sqlx::query`: TRACE, slow
//! ones WARN) within the span of their call.

pub mod propagation;
mod sql;

use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::Duration;

use opentelemetry::metrics::Histogram;
use opentelemetry::trace::TracerProvider;
use opentelemetry::{KeyValue, global};
use opentelemetry_otlp::{ExporterBuildError, MetricExporter, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use prometheus::{Registry, TextEncoder};
use serde::Deserialize;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry as Spans};

use crate::config::between;

/// How long the last export may take when a process ends.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);

/// How long one export may take.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(5);

/// What the log leaves out unless it is asked for: OpenTelemetry tells of each of its own steps at INFO.
const QUIET: &str = "opentelemetry=warn";

/// The upper bounds of histograms of durations, seconds: fine where look-ups lie, wide where imports do.
const DURATION_BOUNDS_S: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

/// Where the figures of the process are gathered.
static REGISTRY: OnceLock<Registry> = OnceLock::new();

/// What a process tells of itself, and to whom.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// How log lines are written.
    pub log_format: Format,
    /// What is logged: a level, or directives by target (`info,sqlx=trace`). What is exported does not depend on it.
    pub log_level: String,
    /// The OTLP gRPC collector, `http://host:4317`; without it nothing is exported.
    pub otlp_endpoint: Option<String>,
    /// The share of traces begun here that is exported, per cent (0 to 100); traces begun elsewhere follow their beginner.
    #[serde(deserialize_with = "between::<0, 100, _, _>")]
    pub trace_percent: u8,
    /// The interval at which figures are exported, seconds (1 to 3,600).
    #[serde(deserialize_with = "between::<1, 3_600, _, _>")]
    pub metrics_interval_s: u64,
    /// The name of the service in traces and figures; more attributes come from `OTEL_RESOURCE_ATTRIBUTES`.
    pub service_name: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            log_format: Format::Text,
            log_level: "info".to_owned(),
            otlp_endpoint: None,
            trace_percent: 100,
            metrics_interval_s: 30,
            service_name: "minqing".to_owned(),
        }
    }
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object a line, for log stores.
    Json,
}

/// Why telemetry cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `log_level` is no level and no list of directives.
    #[error("telemetry.log_level {level:?} is not a level or a list of directives")]
    Level {
        /// The text as it was configured.
        level: String,
    },
    /// The collector's address is not one.
    #[error("telemetry.otlp_endpoint cannot be used")]
    Endpoint(#[from] ExporterBuildError),
    /// Export runs on tokio, and there is no runtime here.
    #[error("telemetry with an OTLP endpoint must begin within a tokio runtime")]
    NoRuntime,
    /// The Prometheus registry refuses the exporter.
    #[error("the Prometheus registry cannot be used: {0}")]
    Registry(String),
    /// Telemetry was begun before in this process.
    #[error("telemetry was begun before in this process")]
    Twice,
}

/// Keeps what must be flushed when the process ends.
#[derive(Debug)]
#[must_use = "end it with `shutdown`, or the last traces are lost"]
pub struct Guard {
    traces: Option<SdkTracerProvider>,
    metrics: SdkMeterProvider,
}

impl Guard {
    /// Exports what is left, and waits for it no longer than about two seconds.
    pub async fn shutdown(self) {
        // The providers block while they export. They get a thread of their own, and not one of the runtime's, since a
        // runtime waits for those when it ends.
        let (done, waited) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let traces = self.traces.map_or(Ok(()), |traces| traces.shutdown_with_timeout(FLUSH_TIMEOUT));
            let metrics = self.metrics.shutdown_with_timeout(FLUSH_TIMEOUT);
            // Whoever waited may have given up.
            let _ = done.send(traces.and(metrics));
        });
        match tokio::time::timeout(FLUSH_TIMEOUT, waited).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => tracing::warn!(%error, "the last traces or figures were not exported"),
            Ok(Err(_)) | Err(_) => tracing::warn!("the last traces or figures were not exported in time"),
        }
    }
}

/// Begins logging, figures and, with an endpoint, export. Call it once, first, within the runtime.
pub fn init(options: &Options) -> Result<Guard, Error> {
    let mut layers = vec![lines(options)?];
    let registry = Registry::new();
    REGISTRY.set(registry.clone()).map_err(|_| Error::Twice)?;
    let resource = Resource::builder()
        .with_service_name(options.service_name.clone())
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attribute(KeyValue::new("service.instance.id", uuid::Uuid::now_v7().to_string()))
        .build();
    let traces =
        options.otlp_endpoint.as_deref().map(|to| tracer(to, options, resource.clone())).transpose()?;
    let metrics = meter(options, registry, resource)?;
    if let Some(traces) = &traces {
        layers.extend(exported(traces));
    }
    tracing_subscriber::registry().with(layers).try_init().map_err(|_| Error::Twice)?;
    global::set_meter_provider(metrics.clone());
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("a panic without text");
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(message, place, "panic");
    }));
    Ok(Guard { traces, metrics })
}

/// One reader of spans and events, with a filter of its own.
type Reader = Box<dyn Layer<Spans> + Send + Sync>;

/// The lines on stderr.
fn lines(options: &Options) -> Result<Reader, Error> {
    // Of two directives for one target the later counts, so what is configured goes before.
    let filter = EnvFilter::builder()
        .parse(format!("{QUIET},{}", options.log_level))
        .map_err(|_| Error::Level { level: options.log_level.clone() })?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    Ok(match options.log_format {
        Format::Text => lines.with_ansi(std::io::stderr().is_terminal()).with_filter(filter).boxed(),
        Format::Json => lines.json().flatten_event(true).with_filter(filter).boxed(),
    })
}

/// The traces for the collector: spans and events from INFO up, and statements, which are spans there and events nowhere.
fn exported(traces: &SdkTracerProvider) -> [Reader; 2] {
    let tracer = traces.tracer("minqing");
    let spans = Targets::new()
        .with_default(LevelFilter::INFO)
        .with_target("opentelemetry", LevelFilter::OFF)
        .with_target(sql::TARGET, LevelFilter::OFF);
    let statements = Targets::new().with_target(sql::TARGET, LevelFilter::TRACE);
    [
        tracing_opentelemetry::layer()
            .with_tracer(tracer.clone())
            .with_location(false)
            .with_threads(false)
            .with_filter(spans)
            .boxed(),
        sql::Statements(tracer).with_filter(statements).boxed(),
    ]
}

/// A histogram of durations in seconds, with the bounds that all of ours have. Take it after [`init`].
pub fn durations(name: &'static str, description: &'static str) -> Histogram<f64> {
    global::meter("minqing")
        .f64_histogram(name)
        .with_unit("s")
        .with_description(description)
        .with_boundaries(DURATION_BOUNDS_S.to_vec())
        .build()
}

/// The figures of the process as Prometheus reads them; empty before [`init`].
pub fn prometheus_text() -> String {
    let Some(registry) = REGISTRY.get() else { return String::new() };
    TextEncoder::new().encode_to_string(&registry.gather()).unwrap_or_else(|error| {
        tracing::error!(%error, "figures cannot be written");
        String::new()
    })
}

fn tracer(endpoint: &str, options: &Options, resource: Resource) -> Result<SdkTracerProvider, Error> {
    tokio::runtime::Handle::try_current().map_err(|_| Error::NoRuntime)?;
    let exporter =
        SpanExporter::builder().with_tonic().with_endpoint(endpoint).with_timeout(EXPORT_TIMEOUT).build()?;
    let share = Sampler::TraceIdRatioBased(f64::from(options.trace_percent) / 100.0);
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_sampler(Sampler::ParentBased(Box::new(share)))
        .with_resource(resource)
        .build())
}

fn meter(options: &Options, registry: Registry, resource: Resource) -> Result<SdkMeterProvider, Error> {
    let read = opentelemetry_prometheus::exporter()
        .with_registry(registry)
        .build()
        .map_err(|error| Error::Registry(error.to_string()))?;
    let mut builder = SdkMeterProvider::builder().with_reader(read).with_resource(resource);
    if let Some(endpoint) = &options.otlp_endpoint {
        let exporter = MetricExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint)
            .with_timeout(EXPORT_TIMEOUT)
            .build()?;
        let interval = Duration::from_secs(options.metrics_interval_s);
        builder = builder.with_reader(PeriodicReader::builder(exporter).with_interval(interval).build());
    }
    Ok(builder.build())
}
