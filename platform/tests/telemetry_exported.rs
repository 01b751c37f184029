//! What a process exports to an OTLP collector, seen by one. In a process of its own, since telemetry begins once.

#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::HeaderMap;
use minqing_platform::{client, server, telemetry};
use minqing_proto::registry::v1::GetDivisionRequest;
use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, Span};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::{Code, Request, Response, Status};
use tracing::Instrument;

/// A collector that keeps what it is sent.
#[derive(Clone, Default)]
struct Collector {
    spans: Arc<Mutex<Vec<ResourceSpans>>>,
    metrics: Arc<Mutex<Vec<String>>>,
}

#[async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.spans.lock().unwrap().extend(request.into_inner().resource_spans);
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

#[async_trait]
impl MetricsService for Collector {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        let scopes =
            request.into_inner().resource_metrics.into_iter().flat_map(|resource| resource.scope_metrics);
        self.metrics.lock().unwrap().extend(scopes.flat_map(|scope| scope.metrics).map(|metric| metric.name));
        Ok(Response::new(ExportMetricsServiceResponse::default()))
    }
}

struct Anyone;

#[async_trait]
impl server::Authenticate for Anyone {
    type Caller = ();

    async fn caller(&self, _: &HeaderMap) -> Result<(), Status> {
        Ok(())
    }
}

async fn collector() -> (Collector, String) {
    let collector = Collector::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let services = Routes::new(TraceServiceServer::new(collector.clone()))
        .add_service(MetricsServiceServer::new(collector.clone()));
    let incoming = tonic::transport::server::TcpIncoming::from(listener);
    tokio::spawn(tonic::transport::Server::builder().add_routes(services).serve_with_incoming(incoming));
    (collector, endpoint)
}

/// Serves nothing but health and reflection: any other call passes the road and is not implemented.
async fn serve() -> String {
    let options = server::Options::default();
    let assembled = server::assemble(Routes::builder(), &[], Anyone, &options).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(
        async move { server::serve(listener, &assembled, &options, CancellationToken::new()).await },
    );
    endpoint
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trace_goes_from_caller_to_server_to_collector_and_figures_can_be_read() {
    let (collector, otlp_endpoint) = collector().await;
    let options = telemetry::Options {
        otlp_endpoint: Some(otlp_endpoint),
        service_name: "registry".to_owned(),
        ..telemetry::Options::default()
    };
    let guard = telemetry::init(&options).unwrap();
    assert!(matches!(telemetry::init(&options), Err(telemetry::Error::Twice)));
    let peer =
        client::connect(&client::Options { endpoint: serve().await, ..client::Options::default() }).unwrap();

    let asked = async {
        let request = GetDivisionRequest { name: "divisions/321181000000".to_owned() };
        DivisionServiceClient::new(peer).get_division(request).await
    };
    let status = asked.instrument(tracing::info_span!("outer")).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    let figures = telemetry::prometheus_text();
    let count = figures.lines().find(|line| line.starts_with("rpc_server_duration_seconds_count")).unwrap();
    assert!(count.contains("rpc_method=\"GetDivision\"") && count.contains("UNIMPLEMENTED"), "{count}");

    guard.shutdown().await;

    assert!(collector.metrics.lock().unwrap().iter().any(|name| name == "rpc.server.duration"));
    let exported = collector.spans.lock().unwrap().clone();
    let attributes = exported[0].resource.clone().unwrap().attributes;
    assert!(attributes.iter().any(|a| a.key == "service.name" && format!("{a:?}").contains("registry")));
    let spans: Vec<Span> = exported.into_iter().flat_map(|r| r.scope_spans).flat_map(|s| s.spans).collect();
    let find = |name: &str| {
        spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name}: {spans:#?}"))
    };
    let (outer, inner) = (find("outer"), find("minqing.registry.v1.DivisionService/GetDivision"));
    assert_eq!(inner.trace_id, outer.trace_id);
    assert_eq!(inner.parent_span_id, outer.span_id);
    let code = inner.attributes.iter().find(|a| a.key == "rpc.grpc.status_code").unwrap();
    assert!(format!("{code:?}").contains("UNIMPLEMENTED"));
}
