//! The road that every call travels before its handler, in one place and in order.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use http::{HeaderMap, Request, Response};
use opentelemetry::context::FutureExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};
use tokio::time::{sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tonic::body::Body;
use tonic::service::Routes;
use tower::{ServiceExt, service_fn};
use tracing::Instrument;

use super::call::{Bounds, Call, Metrics, Watched};
use super::method::{self, Method};
use super::{Options, refusal};
use crate::client::Peer;
use crate::deadline::{self, Deadline};
use crate::identity::{Authenticator, Caller};

/// Finds out who calls.
#[async_trait]
pub trait Authenticate: Send + Sync + 'static {
    /// What handlers find in the extensions of their requests.
    type Caller: Clone + Send + Sync + 'static;

    /// The caller that the headers prove. Without any proof that is the anonymous caller, not an error; a proof that
    /// does not hold is UNAUTHENTICATED.
    async fn caller(&self, headers: &HeaderMap) -> Result<Self::Caller, Status>;
}

#[async_trait]
impl<A: Authenticate + ?Sized> Authenticate for Arc<A> {
    type Caller = A::Caller;

    async fn caller(&self, headers: &HeaderMap) -> Result<Self::Caller, Status> {
        (**self).caller(headers).await
    }
}

#[async_trait]
impl Authenticate for Authenticator {
    type Caller = Caller;

    async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Status> {
        Self::caller(self, headers).await
    }
}

/// A place among the calls or the streams of the process, if one is needed.
type Place = Option<OwnedSemaphorePermit>;

/// What all calls of a process share.
pub(super) struct Stack<A> {
    authenticate: A,
    metrics: Metrics,
    calls: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    timeout_max: Duration,
    closing: CancellationToken,
}

impl<A: Authenticate> Stack<A> {
    pub fn new(authenticate: A, options: &Options, closing: CancellationToken) -> Self {
        Self {
            authenticate,
            metrics: Metrics::new(),
            calls: Arc::new(Semaphore::new(options.concurrency_max)),
            streams: Arc::new(Semaphore::new(options.streams_max)),
            timeout_max: Duration::from_millis(options.timeout_ms_max),
            closing,
        }
    }

    /// Puts the road around routes.
    pub fn around(self, routes: Routes) -> Peer {
        let stack = Arc::new(self);
        Peer::new(service_fn(move |request| {
            let (stack, routes) = (stack.clone(), routes.clone());
            async move { Ok(stack.answer(routes, request).await) }
        }))
    }

    /// Answers a call; whatever goes wrong is an answer too.
    async fn answer(&self, routes: Routes, request: Request<Body>) -> Response<Body> {
        let method = method::find(request.uri().path());
        let call = Call::begin(method.clone(), request.headers(), &self.metrics);
        let admitted = AssertUnwindSafe(self.admit(routes, request, &method)).catch_unwind();
        let admitted = admitted.instrument(call.span.clone()).with_context(call.context.clone()).await;
        // The panic hook has logged a panic; its text is told to nobody.
        let (response, bounds) = match admitted.unwrap_or_else(|_| Err(refusal::internal())) {
            Ok(answered) => answered,
            Err(status) => (status.into_http(), Bounds::default()),
        };
        let (mut head, body) = response.into_parts();
        refusal::complete(&mut head.headers);
        let code = refusal::code(&head.headers);
        Response::from_parts(head, Body::new(Watched::new(body, call, bounds, code)))
    }

    /// Load, deadline, identity, handler: the order of the road.
    async fn admit(
        &self,
        routes: Routes,
        request: Request<Body>,
        method: &Method,
    ) -> Result<(Response<Body>, Bounds), Status> {
        let (_place, permit) = self.places(method)?;
        let deadline = self.deadline(method, request.headers())?;
        let work = self.handle(routes, request, method, deadline);
        let response = match deadline {
            Some(deadline) => timeout_at(deadline.instant(), deadline.scope(work))
                .await
                .map_err(|_| refusal::deadline_exceeded())??,
            None => work.await?,
        };
        let bounds = Bounds {
            expiry: deadline
                .filter(|_| method.server_streaming)
                .map(|deadline| Box::pin(sleep_until(deadline.instant()))),
            closing: method.server_streaming.then(|| Box::pin(self.closing.clone().cancelled_owned())),
            permit,
        };
        Ok((response, bounds))
    }

    async fn handle(
        &self,
        routes: Routes,
        mut request: Request<Body>,
        method: &Method,
        deadline: Option<Deadline>,
    ) -> Result<Response<Body>, Status> {
        if !method.exempt {
            // In process, a request brings the extensions of whoever made it: the caller is always set anew.
            let caller = self.authenticate.caller(request.headers()).await?;
            request.extensions_mut().insert(caller);
        }
        if let Some(deadline) = deadline {
            request.extensions_mut().insert(deadline);
        }
        let Ok(response) = routes.oneshot(request).await;
        Ok(response)
    }

    /// A call counts until its headers are sent. A stream counts among the streams until it ends, and one that its caller
    /// sends counts there only, since its headers may come last.
    fn places(&self, method: &Method) -> Result<(Place, Place), Status> {
        if method.exempt {
            return Ok((None, None));
        }
        let stream = method.streaming().then(|| self.place(&self.streams, method)).transpose()?;
        let call = (!method.client_streaming).then(|| self.place(&self.calls, method)).transpose()?;
        Ok((call, stream))
    }

    fn place(&self, places: &Arc<Semaphore>, method: &Method) -> Result<OwnedSemaphorePermit, Status> {
        match places.clone().try_acquire_owned() {
            Ok(permit) => Ok(permit),
            Err(TryAcquireError::NoPermits | TryAcquireError::Closed) => {
                self.metrics.count_shed(method);
                Err(refusal::overloaded())
            }
        }
    }

    /// The deadline of a call: what the caller gives, within our limit, which is also that of a caller who gives none. A
    /// stream has one only if its caller gives it, since a watch or an upload is meant to last.
    fn deadline(&self, method: &Method, headers: &HeaderMap) -> Result<Option<Deadline>, Status> {
        let given = deadline::budget(headers).map_err(|_| refusal::malformed_timeout())?;
        let budget = if method.streaming() {
            given
        } else {
            Some(given.map_or(self.timeout_max, |given| given.min(self.timeout_max)))
        };
        Ok(budget.map(Deadline::after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::fixture::Believing;

    #[tokio::test]
    async fn neither_a_watch_nor_an_upload_has_a_deadline_that_its_caller_did_not_give() {
        let stack = Stack::new(Believing, &Options::default(), CancellationToken::new());
        let unary = (*method::find("/minqing.registry.v1.DivisionService/GetDivision")).clone();
        let watch = Method { server_streaming: true, ..unary.clone() };
        let upload = Method { client_streaming: true, ..unary.clone() };
        let mut headers = HeaderMap::new();
        assert!(stack.deadline(&unary, &headers).unwrap().is_some());
        assert!(stack.deadline(&watch, &headers).unwrap().is_none());
        assert!(stack.deadline(&upload, &headers).unwrap().is_none());
        headers.insert(deadline::HEADER, http::HeaderValue::from_static("1H"));
        let left = |method: &Method| stack.deadline(method, &headers).unwrap().unwrap().remaining().as_secs();
        assert!(left(&unary) <= 30 && left(&upload) > 3_000 && left(&watch) > 3_000);
    }

    #[tokio::test]
    async fn an_upload_takes_a_place_among_the_streams_alone() {
        let stack = Stack::new(Believing, &Options::default(), CancellationToken::new());
        let upload = Method {
            client_streaming: true,
            ..(*method::find("/minqing.registry.v1.DivisionService/GetDivision")).clone()
        };
        assert!(matches!(stack.places(&upload), Ok((None, Some(_)))));
    }
}
