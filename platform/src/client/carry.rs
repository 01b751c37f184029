//! What every call takes with it, and what becomes of a call that is not answered.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tokio::time::{sleep, timeout_at};
use tonic::body::Body;
use tonic::{Code, Status};
use tower::{BoxError, Service, ServiceExt, service_fn};

use super::retry::{Budget, pause};
use super::{Credentials, Options, Peer};
use crate::deadline::{self, Deadline};
use crate::server::method::{self, Method};
use crate::server::refusal;
use crate::telemetry::propagation;

/// A peer with the road's obligations: deadline, trace context, another try.
pub(super) struct Carrier {
    peer: Peer,
    /// The deadline of a call that was given none; the server has one of its own, too.
    timeout: Option<Duration>,
    attempts_max: u32,
    retry_bytes_max: usize,
    budget: Budget,
    /// Who calls where no caller does.
    credentials: Option<Arc<dyn Credentials>>,
}

impl Carrier {
    pub fn in_process(peer: Peer) -> Self {
        Self {
            peer,
            timeout: None,
            attempts_max: 1,
            retry_bytes_max: 0,
            budget: Budget::default(),
            credentials: None,
        }
    }

    pub fn over_tcp(peer: Peer, options: &Options) -> Self {
        Self {
            peer,
            timeout: Some(Duration::from_millis(options.timeout_ms)),
            attempts_max: options.attempts_max,
            retry_bytes_max: options.retry_bytes_max,
            budget: Budget::default(),
            credentials: None,
        }
    }

    pub fn with(self, credentials: Option<Arc<dyn Credentials>>) -> Self {
        Self { credentials, ..self }
    }

    pub fn into_peer(self) -> Peer {
        let carrier = Arc::new(self);
        Peer::new(service_fn(move |request| {
            let carrier = carrier.clone();
            async move { Ok(carrier.call(request).await.unwrap_or_else(|status| status.into_http())) }
        }))
    }

    async fn call(&self, mut request: Request<Body>) -> Result<Response<Body>, Status> {
        let method = method::find(request.uri().path());
        let deadline = self.deadline(&method, &request)?;
        propagation::inject(request.headers_mut());
        let work = async {
            self.sign(&mut request).await?;
            // A caller's stream cannot be sent twice, and waiting for its end could last for ever.
            if self.attempts_max == 1 || method.client_streaming {
                return Ok(self.send(request, deadline).await);
            }
            let (head, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            Ok(self.try_again(head, body, deadline).await)
        };
        match deadline {
            Some(deadline) => timeout_at(deadline.instant(), work)
                .await
                .unwrap_or_else(|_| Err(refusal::deadline_exceeded())),
            None => work.await,
        }
    }

    /// Signs a call that nobody has signed. A caller's own token is never replaced: whoever asks is answered as who they
    /// are, also by the services behind.
    async fn sign(&self, request: &mut Request<Body>) -> Result<(), Status> {
        let Some(credentials) = &self.credentials else { return Ok(()) };
        if !request.headers().contains_key(AUTHORIZATION) {
            let value = credentials.authorization().await.map_err(|fault| {
                crate::status::refusal(Code::Unavailable, "CREDENTIALS_UNAVAILABLE", fault.to_string(), [])
            })?;
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        Ok(())
    }

    /// The earliest of the deadline that the request names, that of the call being handled, and the default.
    fn deadline(&self, method: &Method, request: &Request<Body>) -> Result<Option<Deadline>, Status> {
        let named = deadline::budget(request.headers()).map_err(|_| refusal::malformed_timeout())?;
        let given = [named.map(Deadline::after), Deadline::current()].into_iter().flatten().min();
        let default = self.timeout.filter(|_| !method.streaming()).map(Deadline::after);
        Ok(given.or(default))
    }

    /// Sends a request until it is answered otherwise than UNAVAILABLE, the tries or the budget end.
    async fn try_again(&self, head: Parts, body: Bytes, deadline: Option<Deadline>) -> Response<Body> {
        let mut attempt = 1;
        loop {
            let request = Request::from_parts(head.clone(), Body::new(Full::new(body.clone())));
            let response = self.send(request, deadline).await;
            // Only an answer without a message says so in its headers: once data has come, nothing is repeated.
            if refusal::code(response.headers()) != Some(Code::Unavailable) {
                self.budget.credit();
                return response;
            }
            if !self.budget.debit() || attempt >= self.attempts_max || body.len() > self.retry_bytes_max {
                return response;
            }
            sleep(pause(attempt)).await;
            attempt += 1;
        }
    }

    /// Sends a request once, with what is left of its budget.
    async fn send(&self, mut request: Request<Body>, deadline: Option<Deadline>) -> Response<Body> {
        if let Some(deadline) = deadline {
            request.headers_mut().insert(deadline::HEADER, deadline.header());
        }
        let Ok(response) = self.peer.clone().oneshot(request).await;
        response
    }
}

/// Turns the errors of a service into answers.
pub(super) fn answering<S>(service: S) -> Peer
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError> + 'static,
    S::Future: Send + 'static,
{
    Peer::new(service_fn(move |request| {
        let called = service.clone().oneshot(request);
        async move {
            Ok(called.await.unwrap_or_else(|error| {
                tracing::debug!(error = error.into(), "a peer was not reached");
                let message = "the service cannot be reached; try again";
                crate::status::refusal(Code::Unavailable, "PEER_UNAVAILABLE", message, []).into_http()
            }))
        }
    }))
}
