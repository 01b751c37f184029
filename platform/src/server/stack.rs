//! The road that every call travels before its handler, in one place and in order.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use http::{HeaderMap, Request, Response};
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
        let admitted = admitted.instrument(call.span.clone()).await;
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
        // A call counts until its headers are sent; a stream then holds a place among the streams instead.
        let (_place, permit) = if method.exempt {
            (None, None)
        } else {
            let stream =
                if method.server_streaming { Some(self.place(&self.streams, method)?) } else { None };
            (Some(self.place(&self.calls, method)?), stream)
        };
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
    /// stream has one only if its caller gives it, since a watch is meant to last.
    fn deadline(&self, method: &Method, headers: &HeaderMap) -> Result<Option<Deadline>, Status> {
        let given = deadline::budget(headers).map_err(|_| refusal::malformed_timeout())?;
        let budget = if method.server_streaming {
            given
        } else {
            Some(given.map_or(self.timeout_max, |given| given.min(self.timeout_max)))
        };
        Ok(budget.map(Deadline::after))
    }
}
