use std::time::{Duration, Instant};

use minqing_proto::events::v1::WatchEventsRequest;
use minqing_proto::registry::v1::GetDivisionRequest;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt;

use super::Options;
use super::fixture::{DIVISIONS, EVENTS, get, get_name, open, open_at, served};
use crate::status::reason;

/// Options that let a test end soon.
fn swift() -> Options {
    Options { drain_ms: 0, shutdown_ms_max: 400, ..Options::default() }
}

#[tokio::test]
async fn a_silent_connection_and_an_open_stream_do_not_hold_up_the_end() {
    let server = served(swift()).await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let mut stream = open_at(&server.peer(), "").await.unwrap();
    assert!(stream.message().await.unwrap().is_some());
    let began = Instant::now();
    server.shutdown.cancel();
    server.ended.await.unwrap().unwrap();
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    let status = stream.message().await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_deref()), (Code::Unavailable, Some("SHUTTING_DOWN")));
    let mut rest = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(5), silent.read_to_end(&mut rest)).await;
    assert!(read.is_ok(), "the silent connection was not closed");
}

#[tokio::test]
async fn a_call_that_outlasts_the_limit_is_cut_and_a_short_one_is_finished() {
    let server = served(Options { drain_ms: 300, ..swift() }).await;
    let peer = server.peer();
    let endless = tokio::spawn({
        let peer = peer.clone();
        async move { get_name(&peer, "sleep").await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let began = Instant::now();
    server.shutdown.cancel();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(get_name(&server.peer(), "a").await.is_ok(), "while it drains, a new connection is still served");
    server.ended.await.unwrap().unwrap();
    assert!(began.elapsed() >= Duration::from_millis(700) && began.elapsed() < Duration::from_secs(3));
    assert_eq!(endless.await.unwrap().unwrap_err().code(), Code::Unavailable);
    assert!(TcpStream::connect(server.address).await.is_err(), "the port is closed");
}

#[tokio::test]
async fn health_answers_by_service_and_says_not_serving_first_of_all() {
    let server = served(Options { drain_ms: 1_000, ..swift() }).await;
    let mut health = HealthClient::new(server.peer());
    let mut check = async |service: &str| {
        let request = HealthCheckRequest { service: service.to_owned() };
        health.check(request).await.map(|answer| answer.into_inner().status().as_str_name())
    };
    assert_eq!(check("").await.unwrap(), "SERVING");
    assert_eq!(check(DIVISIONS).await.unwrap(), "SERVING");
    assert_eq!(check("no.such.Service").await.unwrap_err().code(), Code::NotFound);
    server.assembled.health.set(DIVISIONS, false).await;
    assert_eq!(check(DIVISIONS).await.unwrap(), "NOT_SERVING");
    assert_eq!(check("").await.unwrap(), "SERVING");
    server.shutdown.cancel();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(check("").await.unwrap(), "NOT_SERVING");
}

#[tokio::test]
async fn reflection_lists_the_services_in_both_versions() {
    let server = served(swift()).await;
    let expected = |version: &str| {
        let mut names = ["grpc.health.v1.Health", DIVISIONS, EVENTS].map(str::to_owned).to_vec();
        names.push(format!("grpc.reflection.{version}.ServerReflection"));
        names
    };
    macro_rules! listed {
        ($version:ident) => {{
            use tonic_reflection::pb::$version as pb;
            let message = pb::server_reflection_request::MessageRequest::ListServices(String::new());
            let request = pb::ServerReflectionRequest { host: String::new(), message_request: Some(message) };
            let mut client = pb::server_reflection_client::ServerReflectionClient::new(server.peer());
            let answers = client.server_reflection_info(tokio_stream::iter([request])).await.unwrap();
            let answer = answers.into_inner().message().await.unwrap().unwrap().message_response.unwrap();
            let pb::server_reflection_response::MessageResponse::ListServicesResponse(list) = answer else {
                panic!("{answer:?}")
            };
            list.service.into_iter().map(|service| service.name).collect::<Vec<_>>()
        }};
    }
    assert_eq!(listed!(v1), expected("v1"));
    assert_eq!(listed!(v1alpha), expected("v1alpha"));
}

#[tokio::test]
async fn a_call_over_the_limit_is_shed_with_its_reason_and_when_to_return() {
    let server = served(Options { concurrency_max: 1, ..swift() }).await;
    let peer = server.peer();
    let holder = tokio::spawn({
        let peer = peer.clone();
        async move { get_name(&peer, "sleep").await }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    let status = get_name(&peer, "a").await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_deref()), (Code::ResourceExhausted, Some("OVERLOADED")));
    assert!(status.get_details_retry_info().is_some_and(|info| info.retry_delay.is_some()));
    let health = HealthClient::new(peer.clone()).check(HealthCheckRequest::default()).await;
    assert!(health.is_ok(), "a probe is never shed");
    holder.abort();
    let _ = holder.await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(get_name(&peer, "a").await.is_ok(), "a call whose caller left gives its place back");
}

#[tokio::test]
async fn an_open_stream_takes_no_place_from_calls_but_streams_are_bounded_too() {
    let server = served(Options { concurrency_max: 1, streams_max: 2, ..swift() }).await;
    let peer = server.peer();
    let first = open_at(&peer, "").await.unwrap();
    let _second = open_at(&peer, "").await.unwrap();
    assert!(get_name(&peer, "a").await.is_ok());
    assert_eq!(reason(&open_at(&peer, "").await.unwrap_err()).as_deref(), Some("OVERLOADED"));
    drop(first);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(open_at(&peer, "").await.is_ok(), "a closed stream gives its place back");
}

#[tokio::test]
async fn a_deadline_is_the_callers_within_the_servers_limit() {
    let server = served(Options { timeout_ms_max: 300, ..swift() }).await;
    let peer = server.peer();
    let budget: u64 = get_name(&peer, "budget").await.unwrap().parse().unwrap();
    assert!((200..=300).contains(&budget), "{budget}");
    let began = Instant::now();
    let status = get_name(&peer, "sleep").await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_deref()),
        (Code::DeadlineExceeded, Some("DEADLINE_EXCEEDED"))
    );
    assert!(began.elapsed() < Duration::from_secs(2));
    let mut request = Request::new(GetDivisionRequest { name: "budget".to_owned() });
    request.set_timeout(Duration::from_millis(100));
    assert!(get(&peer, request).await.unwrap().parse::<u64>().unwrap() <= 100);
}

#[tokio::test]
async fn a_stream_lasts_beyond_the_limit_but_not_beyond_its_callers_deadline() {
    let server = served(Options { timeout_ms_max: 100, ..swift() }).await;
    let peer = server.peer();
    let mut unlimited = open_at(&peer, "").await.unwrap();
    let mut request = Request::new(WatchEventsRequest::default());
    request.set_timeout(Duration::from_millis(200));
    let mut limited = open(&peer, request).await.unwrap();
    assert!(limited.message().await.unwrap().is_some());
    let status = limited.message().await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_deref()),
        (Code::DeadlineExceeded, Some("DEADLINE_EXCEEDED"))
    );
    assert!(unlimited.message().await.unwrap().is_some());
    let waited = tokio::time::timeout(Duration::from_millis(300), unlimited.message()).await;
    assert!(waited.is_err(), "the other stream is still open");
}

#[tokio::test]
async fn a_panic_is_an_internal_error_without_its_text_and_the_next_call_is_answered() {
    let server = served(swift()).await;
    let peer = server.peer();
    let mut stream = open_at(&peer, "panic").await.unwrap();
    assert!(stream.message().await.unwrap().is_some());
    let in_stream = stream.message().await.unwrap_err();
    for status in
        [get_name(&peer, "panic").await.unwrap_err(), get_name(&peer, "bare").await.unwrap_err(), in_stream]
    {
        assert_eq!((status.code(), reason(&status).as_deref()), (Code::Internal, Some("INTERNAL")));
        assert!(!format!("{status:?}").contains("secret"), "{status:?}");
    }
    assert!(get_name(&peer, "a").await.is_ok());
}

#[tokio::test]
async fn the_caller_is_known_to_handlers_and_a_forged_proof_is_refused() {
    let server = served(swift()).await;
    for peer in [server.peer(), server.assembled.peer.clone()] {
        let as_caller = |name: &'static str| {
            let mut request = Request::new(GetDivisionRequest { name: "x".to_owned() });
            request.metadata_mut().insert("authorization", name.parse().unwrap());
            request.extensions_mut().insert(super::fixture::Name("root".to_owned()));
            request
        };
        assert_eq!(get(&peer, as_caller("li")).await.unwrap(), "x for li");
        assert_eq!(
            reason(&get(&peer, as_caller("forged")).await.unwrap_err()).as_deref(),
            Some("TOKEN_INVALID")
        );
        assert_eq!(get_name(&peer, "x").await.unwrap(), "x for anonymous");
    }
}

#[tokio::test]
async fn a_message_too_large_or_unreadable_and_an_unknown_method_are_refused_with_reasons() {
    let server = served(swift()).await;
    let peer = server.peer();
    let status = get_name(&peer, &"x".repeat(2_000)).await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_deref()),
        (Code::ResourceExhausted, Some("MESSAGE_TOO_LARGE"))
    );
    for (path, body, code, expected) in [
        (
            format!("/{DIVISIONS}/GetDivision"),
            &b"\0\0\0\0\x03\x0a\x01\xff"[..],
            Code::InvalidArgument,
            "MALFORMED_MESSAGE",
        ),
        (
            format!("/{DIVISIONS}/GetDivision"),
            &b"\0\0\0\0\x03\x0a\x7f\x41"[..],
            Code::InvalidArgument,
            "MALFORMED_MESSAGE",
        ),
        ("/no.Such/Method".to_owned(), &b"\0\0\0\0\0"[..], Code::Unimplemented, "UNIMPLEMENTED"),
    ] {
        let status = raw(&peer, &path, body, "1S").await;
        assert_eq!((status.code(), reason(&status).as_deref()), (code, Some(expected)), "{path}: {status:?}");
    }
    let status =
        raw(&server.assembled.peer, &format!("/{DIVISIONS}/GetDivision"), b"\0\0\0\0\0", "soon").await;
    assert_eq!(
        (status.code(), reason(&status).as_deref()),
        (Code::InvalidArgument, Some("MALFORMED_TIMEOUT"))
    );
}

/// Sends bytes as they are.
async fn raw(peer: &crate::client::Peer, path: &str, body: &'static [u8], timeout: &str) -> tonic::Status {
    let body = http_body_util::Full::new(bytes::Bytes::from_static(body));
    let request = http::Request::post(path)
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("grpc-timeout", timeout)
        .body(tonic::body::Body::new(body))
        .unwrap();
    let response = tower::ServiceExt::oneshot(peer.clone(), request).await.unwrap();
    tonic::Status::from_header_map(response.headers()).expect("an answer without a message")
}

#[tokio::test]
async fn a_connection_that_ages_is_closed_without_failing_calls() {
    let server = served(Options { connection_age_s: 1, connection_grace_s: 3, ..swift() }).await;
    let peer = server.peer();
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(2_500) {
        get_name(&peer, "a").await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let read = tokio::time::timeout(Duration::from_secs(5), silent.read_to_end(&mut Vec::new())).await;
    assert!(read.is_ok(), "a connection that never spoke ages too");
}

#[tokio::test]
async fn a_service_that_no_proto_declares_is_not_assembled() {
    let routes = tonic::service::Routes::builder();
    let assembled = super::assemble(routes, &["no.such.Service"], super::fixture::Believing, &swift()).await;
    assert!(
        matches!(assembled, Err(super::Error::UnknownService { service }) if service == "no.such.Service")
    );
}
