use std::convert::Infallible;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use minqing_proto::registry::v1::GetDivisionRequest;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic::{Code, Request};
use tower::{Service, ServiceExt as _};

use super::{Options, Peer, connect, in_process};
use crate::deadline::Deadline;
use crate::server;
use crate::server::fixture::{Believing, DIVISIONS, assembled, get, get_name, open_at, served};
use crate::status::reason;

fn swift() -> server::Options {
    server::Options { drain_ms: 0, shutdown_ms_max: 400, ..server::Options::default() }
}

#[tokio::test]
async fn a_call_within_a_call_is_given_what_is_left_of_its_deadline() {
    let server = served(swift()).await;
    let (assembled, _) = assembled(&swift()).await;
    for peer in [server.peer(), in_process(assembled.peer)] {
        let deadline = Deadline::after(Duration::from_millis(700));
        let left: u64 = deadline.scope(get_name(&peer, "budget")).await.unwrap().parse().unwrap();
        assert!((300..=700).contains(&left), "{left}");
        let mut request = Request::new(GetDivisionRequest { name: "budget".to_owned() });
        request.set_timeout(Duration::from_secs(60));
        let left: u64 = deadline.scope(get(&peer, request)).await.unwrap().parse().unwrap();
        assert!(left <= 700, "a longer deadline of its own does not help: {left}");
    }
}

#[tokio::test]
async fn a_call_that_was_given_no_deadline_has_the_default_one() {
    let server = served(swift()).await;
    let peer = server.peer_with(Options { timeout_ms: 200, ..Options::default() });
    let status = get_name(&peer, "sleep").await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_deref()),
        (Code::DeadlineExceeded, Some("DEADLINE_EXCEEDED"))
    );
    let mut stream = open_at(&peer, "").await.unwrap();
    assert!(stream.message().await.unwrap().is_some());
    let waited = tokio::time::timeout(Duration::from_millis(400), stream.message()).await;
    assert!(waited.is_err(), "a stream has none");
}

#[tokio::test]
async fn a_call_is_tried_again_while_its_peer_is_unavailable() {
    let server = served(swift()).await;
    let peer = server.peer_with(Options { attempts_max: 3, ..Options::default() });
    assert_eq!(get_name(&peer, "flaky").await.unwrap(), "flaky for anonymous");
    assert_eq!(server.calls.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn no_other_failure_and_no_large_request_is_tried_again() {
    let server = served(swift()).await;
    let peer = server.peer_with(Options { attempts_max: 3, retry_bytes_max: 10, ..Options::default() });
    assert_eq!(get_name(&peer, "bare").await.unwrap_err().code(), Code::Internal);
    assert_eq!(server.calls.swap(0, Ordering::SeqCst), 1);
    let mut request = Request::new(GetDivisionRequest { name: "flaky".to_owned() });
    request.get_mut().name = "down".to_owned();
    assert_eq!(get(&peer, request).await.unwrap_err().code(), Code::Unavailable);
    assert_eq!(server.calls.load(Ordering::SeqCst), 1, "its frame has eleven bytes");
}

#[tokio::test]
async fn a_peer_that_stays_down_is_not_buried_under_retries() {
    let server = served(swift()).await;
    let peer = server.peer_with(Options { attempts_max: 2, ..Options::default() });
    for _ in 0..30 {
        assert_eq!(get_name(&peer, "down").await.unwrap_err().code(), Code::Unavailable);
    }
    let calls = server.calls.load(Ordering::SeqCst);
    assert!((31..=35).contains(&calls), "thirty calls made {calls} tries");
}

#[tokio::test]
async fn a_peer_that_is_not_there_is_unavailable_and_found_when_it_comes() {
    let reserved = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = reserved.local_addr().unwrap();
    drop(reserved);
    let options = Options { endpoint: format!("http://{address}"), attempts_max: 2, ..Options::default() };
    let peer = connect(&options).unwrap();
    let status = get_name(&peer, "a").await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_deref()), (Code::Unavailable, Some("PEER_UNAVAILABLE")));
    let (assembled, _) = assembled(&swift()).await;
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    tokio::spawn(async move { server::serve(listener, &assembled, &swift(), Default::default()).await });
    let began = Instant::now();
    while get_name(&peer, "a").await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test]
async fn a_name_without_an_address_is_unavailable_at_once() {
    let endpoint = "http://no-such-host.invalid:1".to_owned();
    let peer =
        connect(&Options { endpoint, attempts_max: 1, timeout_ms: 9_000, ..Options::default() }).unwrap();
    let status = get_name(&peer, "a").await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_deref()), (Code::Unavailable, Some("PEER_UNAVAILABLE")));
}

#[tokio::test]
async fn calls_are_spread_over_all_addresses() {
    let servers = [served(swift()).await, served(swift()).await];
    let endpoint = servers.each_ref().map(|server| format!("http://{}", server.address)).join(",");
    let peer = connect(&Options { endpoint, ..Options::default() }).unwrap();
    for _ in 0..100 {
        get_name(&peer, "a").await.unwrap();
    }
    for server in &servers {
        assert!(server.calls.load(Ordering::SeqCst) > 10, "one of two took nearly all");
    }
}

#[tokio::test]
async fn an_endpoint_that_is_no_plain_address_is_refused() {
    for endpoint in ["", "localhost", "https://a:1", "http://a", "http://a:1/path", "http://a:1,,http://b:1"]
    {
        let options = Options { endpoint: endpoint.to_owned(), ..Options::default() };
        assert!(connect(&options).is_err(), "{endpoint:?}");
    }
}

/// A service that asks another, and tells it nothing of the headers that it was asked with.
#[derive(Clone)]
struct Relay(Peer);

impl NamedService for Relay {
    const NAME: &'static str = DIVISIONS;
}

impl Service<http::Request<Body>> for Relay {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        request.headers_mut().remove("traceparent");
        Box::pin(self.0.clone().oneshot(request))
    }
}

#[tokio::test]
async fn a_trace_goes_on_through_a_process_that_exports_nothing() {
    const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    let served = served(swift()).await;
    let (assembled, _) = assembled(&swift()).await;
    for next in [served.peer(), in_process(assembled.peer)] {
        let mut routes = Routes::builder();
        routes.add_service(Relay(next));
        let relay = server::assemble(routes, &[DIVISIONS], Believing, &swift()).await.unwrap();
        let relay = in_process(relay.peer);
        let mut request = Request::new(GetDivisionRequest { name: "traceparent".to_owned() });
        request.metadata_mut().insert("traceparent", TRACE.parse().unwrap());
        assert_eq!(
            get(&relay, request).await.unwrap(),
            format!("Some(\"{TRACE}\")"),
            "not sampled, and told so"
        );
        assert_eq!(get_name(&relay, "traceparent").await.unwrap(), "None", "no trace is made up");
    }
}
