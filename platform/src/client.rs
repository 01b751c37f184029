//! The way to a service, whether it runs in this process or at the far end of a connection.

use tonic::body::Body;
use tower::BoxError;
use tower::util::BoxCloneSyncService;

/// A service that can be called: in this process, or over TCP. Generated clients and the gateway take it alike.
pub type Peer = BoxCloneSyncService<http::Request<Body>, http::Response<Body>, BoxError>;
