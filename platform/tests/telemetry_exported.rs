//! What a process exports to an OTLP collector, seen by one. In a process of its own, since telemetry begins once.

#![expect(clippy::unwrap_used, reason = "a test may panic, in its helpers too")]

use async_trait::async_trait;
use http::HeaderMap;
use minqing_platform::config::Secret;
use minqing_platform::{client, db, server, telemetry};
use minqing_proto::registry::v1::GetDivisionRequest;
use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
use minqing_testkit::Collector;
use minqing_testkit::collector::attribute;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::{Code, Status};
use tracing::Instrument;

struct Anyone;

#[async_trait]
impl server::Authenticate for Anyone {
    type Caller = ();

    async fn caller(&self, _: &HeaderMap) -> Result<(), Status> {
        Ok(())
    }
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

/// A call, and a statement beside it.
async fn work(peer: client::Peer, database: db::Database) {
    let request = GetDivisionRequest { name: "divisions/321181000000".to_owned() };
    let status = DivisionServiceClient::new(peer).get_division(request).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    database.ping().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trace_goes_from_caller_to_server_and_database_and_figures_can_be_read() {
    let collector = Collector::start().await.unwrap();
    let options = telemetry::Options {
        otlp_endpoint: Some(collector.endpoint.clone()),
        service_name: "registry".to_owned(),
        // Traces are exported whatever is logged.
        log_level: "error".to_owned(),
        ..telemetry::Options::default()
    };
    let guard = telemetry::init(&options).unwrap();
    assert!(matches!(telemetry::init(&options), Err(telemetry::Error::Twice)));
    let peer =
        client::connect(&client::Options { endpoint: serve().await, ..client::Options::default() }).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let url = Secret::new(format!("sqlite://{}", folder.path().join("traced.db").display()));
    let database = db::Database::connect(&db::Options { url, ..db::Options::default() }).await.unwrap();
    database.ping().await.unwrap();

    work(peer, database).instrument(tracing::info_span!("outer")).await;
    let figures = telemetry::prometheus_text();
    let count = figures.lines().find(|line| line.starts_with("rpc_server_duration_seconds_count")).unwrap();
    assert!(count.contains("rpc_method=\"GetDivision\"") && count.contains("UNIMPLEMENTED"), "{count}");

    guard.shutdown().await;

    assert!(collector.figures().iter().any(|name| name == "rpc.server.duration"));
    assert_eq!(collector.resource_attribute("service.name").unwrap(), "registry");
    let spans = collector.spans();
    let find = |name: &str| {
        spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name}: {spans:#?}"))
    };
    let (outer, call, statement) =
        (find("outer"), find("minqing.registry.v1.DivisionService/GetDivision"), find("SELECT"));
    for inner in [call, statement] {
        assert_eq!(inner.trace_id, outer.trace_id);
        assert_eq!(inner.parent_span_id, outer.span_id);
        assert!(inner.start_time_unix_nano >= outer.start_time_unix_nano);
        assert!(inner.end_time_unix_nano <= outer.end_time_unix_nano);
    }
    assert_eq!(attribute(call, "rpc.grpc.status_code").unwrap(), "UNIMPLEMENTED");
    assert_eq!(attribute(statement, "db.system.name").unwrap(), "sqlite");
    assert_eq!(attribute(statement, "db.query.text").unwrap(), "SELECT 1");
    assert!(outer.events.is_empty() && call.events.is_empty(), "a statement is a span, not an event as well");
    let statements = spans.iter().filter(|span| span.name == "SELECT").count();
    assert_eq!(statements, 1, "a statement outside of any trace makes none of its own");
}
