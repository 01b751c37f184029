//! What look-ups are compared with: an RPC that answers an empty message with an empty message.
//!
//! The road (span, figures, load, deadline, identity) treats a call by what the descriptors say of its method, and a
//! method they do not name as a stream, which costs otherwise. So the echo stands at the paths of two unary methods that
//! no measurement calls: at one behind the same road as the suite's own services, at the other without any road on the
//! server's side, as a bare tonic server would answer. Both share the peer, the connection and the client's side with
//! the look-ups.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use http::uri::PathAndQuery;
use minqing_platform::client::Peer;
use minqing_platform::clock::System;
use minqing_platform::identity::{Authenticator, Nobody, Options as Identity};
use minqing_platform::server::{self, Assembled};
use tonic::body::Body;
use tonic::server::{NamedService, UnaryService};
use tonic::service::RoutesBuilder;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::{Service, ServiceExt as _, service_fn};

/// Where the echo behind the road answers.
pub const BEHIND_THE_ROAD: &str = "/minqing.registry.v1.DivisionService/EndDivision";

/// Where the echo without a road answers.
pub const BARE: &str = "/minqing.registry.v1.DivisionService/SplitDivision";

/// Puts the echoes beside the services of a suite: one peer that answers for all, to be called in process or served.
///
/// # Errors
/// The road cannot be laid.
pub async fn beside(
    suite: &Assembled,
    identity: Identity,
    options: &server::Options,
) -> anyhow::Result<Assembled> {
    let authenticator = Authenticator::new(identity, Arc::new(Nobody), Arc::new(System))?;
    let mut routes = RoutesBuilder::default();
    routes.add_service(Echo);
    let road = server::assemble(routes, &[Echo::NAME], authenticator, options).await?.peer;
    let suite_peer = suite.peer.clone();
    let peer = Peer::new(service_fn(move |request: http::Request<Body>| {
        // Each call takes its own clone, as in the server.
        let (suite, road) = (suite_peer.clone(), road.clone());
        async move {
            match request.uri().path() {
                BEHIND_THE_ROAD => road.oneshot(request).await,
                BARE => Echo.oneshot(request).await,
                _ => suite.oneshot(request).await,
            }
        }
    }));
    let mut beside = suite.clone();
    beside.peer = peer;
    Ok(beside)
}

/// Calls an echo.
///
/// # Errors
/// What the call ended with.
pub async fn call(peer: Peer, path: &'static str, request: Request<()>) -> Result<(), Status> {
    let mut client = tonic::client::Grpc::new(peer);
    let Ok(()) = client.ready().await;
    let codec: ProstCodec<(), ()> = ProstCodec::default();
    client.unary(request, PathAndQuery::from_static(path), codec).await.map(drop)
}

/// The service.
#[derive(Clone, Copy)]
struct Echo;

/// Its method.
struct Method;

impl NamedService for Echo {
    const NAME: &'static str = "minqing.registry.v1.DivisionService";
}

impl UnaryService<()> for Method {
    type Response = ();
    type Future = Ready<Result<Response<()>, Status>>;

    fn call(&mut self, _: Request<()>) -> Self::Future {
        ready(Ok(Response::new(())))
    }
}

impl Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            let codec: ProstCodec<(), ()> = ProstCodec::default();
            Ok(tonic::server::Grpc::new(codec).unary(Method, request).await)
        })
    }
}
