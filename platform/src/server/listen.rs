//! Serving over TCP, and the order in which a process ends.

use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::body::Body;
use tonic::transport::server::{Connected, TcpConnectInfo};
use tower::ServiceExt;

use super::{Assembled, Error, Options};
use crate::client::Peer;

/// How long to wait after the operating system refuses a connection (out of descriptors, mostly).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The HTTP/2 streams that one connection may have open at a time.
const STREAMS_PER_CONNECTION_MAX: u32 = 1_024;

/// Serves gRPC over TCP until `shutdown` fires, then ends in this order: health says NOT_SERVING; calls are served for
/// `drain_ms` more; no connection is accepted; streams end with UNAVAILABLE and connections are asked to close; what is
/// still open after `shutdown_ms_max` is cut. Neither a silent connection nor an open stream can hold it up.
///
/// This drives hyper's connections itself, since tonic's server detaches them: it can neither cut one nor be kept from
/// waiting for a silent one, and it applies `grpc-timeout` a second time with another code.
pub async fn serve(
    listener: TcpListener,
    assembled: &Assembled,
    options: &Options,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    let address = listener.local_addr()?;
    let (connections, abort) = (TaskTracker::new(), CancellationToken::new());
    let accepting = accept(&listener, assembled, options, &connections, &abort);
    let ending = async {
        shutdown.cancelled().await;
        assembled.health.stop().await;
        tracing::info!(%address, drain_ms = options.drain_ms, "not serving any more; draining");
        sleep(Duration::from_millis(options.drain_ms)).await;
    };
    tokio::select! {
        () = accepting => {}
        () = ending => {}
    }
    drop(listener);
    assembled.closing.cancel();
    connections.close();
    if timeout(Duration::from_millis(options.shutdown_ms_max), connections.wait()).await.is_err() {
        tracing::warn!(%address, open = connections.len(), "cutting connections that did not close");
        abort.cancel();
        connections.wait().await;
    }
    Ok(())
}

/// Accepts connections for ever, no more than `connections_max` of them at a time.
async fn accept(
    listener: &TcpListener,
    assembled: &Assembled,
    options: &Options,
    connections: &TaskTracker,
    abort: &CancellationToken,
) {
    let places = std::sync::Arc::new(tokio::sync::Semaphore::new(options.connections_max));
    let builder = builder(options);
    loop {
        let place = places.clone().acquire_owned().await.expect("the semaphore is never closed");
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let connection = Connection {
            builder: builder.clone(),
            peer: assembled.peer.clone(),
            tls: assembled.tls.clone(),
            closing: assembled.closing.clone(),
            // Ages differ, so that connections made together do not all come back together.
            age: Duration::from_secs(options.connection_age_s).mul_f64(rand::random_range(0.9..1.1)),
            grace: Duration::from_secs(options.connection_grace_s),
        };
        let abort = abort.clone();
        connections.spawn(async move {
            let _place = place;
            tokio::select! {
                () = connection.run(stream) => {}
                () = abort.cancelled() => {}
            }
        });
    }
}

fn builder(options: &Options) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new()).http2_only();
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_PER_CONNECTION_MAX)
        .keep_alive_interval(Duration::from_secs(options.keepalive_interval_s))
        .keep_alive_timeout(Duration::from_secs(options.keepalive_timeout_s))
        .max_local_error_reset_streams(options.http2_max_local_error_reset_streams);
    builder
}

/// One TCP connection.
struct Connection {
    builder: auto::Builder<TokioExecutor>,
    peer: Peer,
    tls: Option<TlsAcceptor>,
    closing: CancellationToken,
    age: Duration,
    grace: Duration,
}

impl Connection {
    /// Serves the connection, behind a handshake where there is to be one.
    async fn run(self, stream: TcpStream) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its small packets back");
        }
        let info = stream.connect_info();
        let Some(acceptor) = self.tls.clone() else { return self.serve(stream, info).await };
        let shaken = tokio::select! {
            shaken = timeout(HANDSHAKE, acceptor.accept(stream)) => shaken,
            () = self.closing.cancelled() => return,
        };
        match shaken {
            Ok(Ok(stream)) => self.serve(stream, info).await,
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake was not finished in time"),
        }
    }

    /// Serves until the connection closes, ages, or the process ends; then lets its calls finish for the grace.
    async fn serve(self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, info: TcpConnectInfo) {
        let service = self.peer.map_request(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(info.clone());
            request
        });
        let connection =
            self.builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let mut connection = std::pin::pin!(connection);
        tokio::select! {
            closed = connection.as_mut() => return noted(closed),
            () = sleep(self.age) => {}
            () = self.closing.cancelled() => {}
        }
        connection.as_mut().graceful_shutdown();
        match timeout(self.grace, connection).await {
            Ok(closed) => noted(closed),
            Err(_) => tracing::debug!("an aged connection outstayed its grace and was cut"),
        }
    }
}

/// A connection that breaks is its peer's affair: worth a line when debugging, no more.
fn noted(closed: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
    if let Err(error) = closed {
        tracing::debug!(%error, "a connection broke");
    }
}
