//! One trace of a request, from the client through every layer to the database, as a collector sees it.

use minqing_testkit::collector::attribute;
use minqing_testkit::{Backend, Collector, Database, on_both_databases};

use crate::http::client;
use crate::program::{Running, minqing};

const TRACE_ID: [u8; 16] =
    [0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd, 0x84, 0x48, 0xeb, 0x21, 0x1c, 0x80, 0x31, 0x9c];
const CLIENT_SPAN_ID: [u8; 8] = [0xb7, 0xad, 0x6b, 0x71, 0x69, 0x20, 0x33, 0x31];
const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

on_both_databases! {
    a_request_is_one_trace_from_the_client_to_the_database;
}

/// Starts the program, asks it one thing within a trace, gives its figures and ends it.
fn ask(endpoint: &str, database: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut command =
        minqing(&["up", "--no-demo", "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--data"]);
    command.arg(folder.path()).env("MINQING_TELEMETRY__OTLP_ENDPOINT", endpoint);
    command.env("MINQING_REGISTRY__DATABASE__URL", database);
    let program = Running::start(command);
    let http = format!("http://{}", program.address("http"));
    let request = client().get(format!("{http}/v1/divisions")).header("traceparent", TRACEPARENT);
    assert_eq!(request.send().unwrap().status().as_u16(), 200);
    let figures = client().get(format!("{http}/metrics")).send().unwrap().text().unwrap();
    assert!(program.terminate().0.success());
    figures
}

async fn a_request_is_one_trace_from_the_client_to_the_database(database: Database) {
    let collector = Collector::start().await.unwrap();
    let (endpoint, url) = (collector.endpoint.clone(), database.url().to_owned());
    let figures = tokio::task::spawn_blocking(move || ask(&endpoint, &url)).await.unwrap();

    let spans = collector.spans();
    let trace: Vec<_> = spans.iter().filter(|span| span.trace_id == TRACE_ID).collect();
    let find = |name: &str| {
        *trace.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name}: {spans:#?}"))
    };
    let http = find("GET /v1/divisions");
    let call = find("minqing.registry.v1.DivisionService/ListDivisions");
    let statement = find("SELECT divisions");
    assert_eq!(http.parent_span_id, CLIENT_SPAN_ID);
    assert_eq!(call.parent_span_id, http.span_id);
    assert_eq!(statement.parent_span_id, call.span_id);
    assert_eq!(attribute(http, "http.response.status_code").unwrap(), "200");
    let system = match database.backend() {
        Backend::Sqlite => "sqlite",
        Backend::Postgres => "postgresql",
    };
    assert_eq!(attribute(statement, "db.system.name").unwrap(), system);
    assert!(attribute(statement, "db.query.text").unwrap().contains("$1"), "statements hold no values");
    // Volunteers follow the corps' assignments: a call like any other, though nobody asked for it.
    let others =
        spans.iter().filter(|span| span.trace_id != TRACE_ID && !span.name.ends_with("/WatchAssignments"));
    assert_eq!(others.count(), 0, "neither probes nor the start of the program are traces: {spans:#?}");

    let counted =
        figures.lines().find(|line| line.starts_with("http_server_duration_seconds_count")).unwrap();
    for label in
        ["http_request_method=\"GET\"", "http_route=\"/v1/divisions\"", "http_response_status_code=\"200\""]
    {
        assert!(counted.contains(label), "{counted}");
    }
}
