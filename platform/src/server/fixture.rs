//! Handlers that misbehave on request, behind the real road and over real connections, for the tests of both its ends.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, StreamExt};
use http::HeaderMap;
use minqing_proto::events::v1::{WatchEventsRequest, WatchEventsResponse};
use minqing_proto::registry::v1::{Division, GetDivisionRequest};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tonic::body::Body;
use tonic::server::{Grpc, NamedService};
use tonic::service::Routes;
use tonic::{Code, Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::{Service, service_fn};

use super::{Assembled, Authenticate, Error, Options, assemble, serve};
use crate::client::{self, Peer};
use crate::deadline::Deadline;

pub(crate) const DIVISIONS: &str = "minqing.registry.v1.DivisionService";
pub(crate) const EVENTS: &str = "minqing.registry.v1.EventService";

/// What the identity layer puts into requests here.
#[derive(Clone)]
pub(crate) struct Name(pub String);

/// Believes the `authorization` header, unless it is `forged`.
pub(crate) struct Believing;

#[async_trait]
impl Authenticate for Believing {
    type Caller = Name;

    async fn caller(&self, headers: &HeaderMap) -> Result<Name, Status> {
        match headers.get("authorization").and_then(|value| value.to_str().ok()) {
            Some("forged") => Err(crate::status::refusal(
                Code::Unauthenticated,
                "TOKEN_INVALID",
                "the token does not hold",
                [],
            )),
            Some(name) => Ok(Name(name.to_owned())),
            None => Ok(Name("anonymous".to_owned())),
        }
    }
}

/// Answers GetDivision as the requested name says.
#[derive(Clone, Default)]
pub(crate) struct Divisions {
    pub calls: Arc<AtomicUsize>,
}

impl Divisions {
    async fn get(self, request: Request<GetDivisionRequest>) -> Result<Response<Division>, Status> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        let caller = request.extensions().get::<Name>().map(|name| name.0.clone()).unwrap_or_default();
        let name = match request.get_ref().name.as_str() {
            "panic" => panic!("a secret of the handler"),
            "sleep" => {
                tokio::time::sleep(Duration::from_secs(60)).await;
                "awake".to_owned()
            }
            "budget" => {
                Deadline::current().map_or("none".to_owned(), |d| d.remaining().as_millis().to_string())
            }
            "traceparent" => format!("{:?}", request.metadata().get("traceparent")),
            "bare" => return Err(Status::internal("a secret of the handler")),
            "flaky" if call < 2 => return Err(Status::unavailable("not yet")),
            "down" => return Err(Status::unavailable("down")),
            name => format!("{name} for {caller}"),
        };
        Ok(Response::new(Division { name, ..Division::default() }))
    }
}

impl NamedService for Divisions {
    const NAME: &'static str = DIVISIONS;
}

impl Service<http::Request<Body>> for Divisions {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let this = self.clone();
        let handler = service_fn(move |request| this.clone().get(request));
        let codec = ProstCodec::<Division, GetDivisionRequest>::default();
        Box::pin(async move {
            Ok(Grpc::new(codec).max_decoding_message_size(1_024).unary(handler, request).await)
        })
    }
}

/// Answers WatchEvents with one event, and then as the cursor says.
#[derive(Clone)]
pub(crate) struct Events;

impl NamedService for Events {
    const NAME: &'static str = EVENTS;
}

type EventStream = BoxStream<'static, Result<WatchEventsResponse, Status>>;

async fn watch(request: Request<WatchEventsRequest>) -> Result<Response<EventStream>, Status> {
    let first = stream::once(async { Ok(WatchEventsResponse::default()) });
    let rest: EventStream = match request.get_ref().cursor.as_str() {
        "panic" => stream::once(async {
            // tonic sends what is ready together: without a pause the panic would come before the first event.
            tokio::time::sleep(Duration::from_millis(50)).await;
            panic!("a secret of the stream")
        })
        .boxed(),
        "end" => stream::empty().boxed(),
        _ => stream::pending().boxed(),
    };
    Ok(Response::new(first.chain(rest).boxed()))
}

impl Service<http::Request<Body>> for Events {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let codec = ProstCodec::<WatchEventsResponse, WatchEventsRequest>::default();
        Box::pin(async move { Ok(Grpc::new(codec).server_streaming(service_fn(watch), request).await) })
    }
}

/// A server on a port of its own.
pub(crate) struct Served {
    pub address: SocketAddr,
    pub assembled: Assembled,
    pub calls: Arc<AtomicUsize>,
    pub shutdown: tokio_util::sync::CancellationToken,
    pub ended: JoinHandle<Result<(), Error>>,
}

/// The misbehaving handlers, assembled.
pub(crate) async fn assembled(options: &Options) -> (Assembled, Arc<AtomicUsize>) {
    let divisions = Divisions::default();
    let calls = divisions.calls.clone();
    let mut routes = Routes::builder();
    routes.add_service(divisions).add_service(Events);
    (assemble(routes, &[DIVISIONS, EVENTS], Believing, options).await.unwrap(), calls)
}

/// The misbehaving handlers, served.
pub(crate) async fn served(options: Options) -> Served {
    let (assembled, calls) = assembled(&options).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = tokio_util::sync::CancellationToken::new();
    let (serving, stop) = (assembled.clone(), shutdown.clone());
    let ended = tokio::spawn(async move { serve(listener, &serving, &options, stop).await });
    Served { address, assembled, calls, shutdown, ended }
}

impl Served {
    /// A peer that reaches the server over TCP, and tries once.
    pub fn peer(&self) -> Peer {
        self.peer_with(client::Options { attempts_max: 1, ..client::Options::default() })
    }

    pub fn peer_with(&self, options: client::Options) -> Peer {
        client::connect(&client::Options { endpoint: format!("http://{}", self.address), ..options }).unwrap()
    }
}

/// Calls GetDivision.
pub(crate) async fn get(peer: &Peer, request: Request<GetDivisionRequest>) -> Result<String, Status> {
    let mut grpc = tonic::client::Grpc::new(peer.clone());
    grpc.ready().await.unwrap();
    let path = http::uri::PathAndQuery::from_static("/minqing.registry.v1.DivisionService/GetDivision");
    let codec = ProstCodec::<GetDivisionRequest, Division>::default();
    grpc.unary(request, path, codec).await.map(|response| response.into_inner().name)
}

/// Calls GetDivision for a name.
pub(crate) async fn get_name(peer: &Peer, name: &str) -> Result<String, Status> {
    get(peer, Request::new(GetDivisionRequest { name: name.to_owned() })).await
}

/// Calls WatchEvents.
pub(crate) async fn open(
    peer: &Peer,
    request: Request<WatchEventsRequest>,
) -> Result<tonic::Streaming<WatchEventsResponse>, Status> {
    let mut grpc = tonic::client::Grpc::new(peer.clone());
    grpc.ready().await.unwrap();
    let path = http::uri::PathAndQuery::from_static("/minqing.registry.v1.EventService/WatchEvents");
    let codec = ProstCodec::<WatchEventsRequest, WatchEventsResponse>::default();
    grpc.server_streaming(request, path, codec).await.map(Response::into_inner)
}

/// Calls WatchEvents from a cursor.
pub(crate) async fn open_at(
    peer: &Peer,
    cursor: &str,
) -> Result<tonic::Streaming<WatchEventsResponse>, Status> {
    open(
        peer,
        Request::new(WatchEventsRequest { cursor: cursor.to_owned(), ..WatchEventsRequest::default() }),
    )
    .await
}
