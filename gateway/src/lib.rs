//! The HTTP edge of the suite: JSON over HTTP in front, gRPC behind.
//!
//! It is a transcoder and knows no RPC: routes, parameters, bodies and `/openapi.json` are read from the
//! `google.api.http` annotations in the descriptors, so a new RPC needs no code here. It holds no state.
//!
//! A request travels `router` (a trie of templates) → `query` (path and query to fields) → `read` (body to fields) →
//! `call` or `stream` (gRPC, through `codec`) → `write` (answer to JSON); whatever goes wrong becomes a
//! `status::Failure`, which leaves as `google.rpc.Status`. To support another form of value, look at `scalar` and `read`;
//! another option of the annotations, at `annotation` and `bind`.

mod annotation;
mod bind;
mod call;
mod codec;
mod docs;
mod edge;
mod headers;
mod json;
mod openapi;
mod options;
mod percent;
mod query;
mod raw;
mod read;
mod router;
mod scalar;
mod status;
mod stream;
mod template;
mod upload;
mod write;

use std::sync::Arc;

use minqing_platform::client::Peer;
use prost_reflect::DescriptorPool;
use tokio_util::sync::CancellationToken;

pub use edge::Route;
pub use options::Options;

/// Why the gateway does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The descriptors cannot be read.
    #[error("the descriptors cannot be read: {0}")]
    Descriptors(#[from] prost_reflect::DescriptorError),
    /// An option has a value that cannot be used.
    #[error("option {field} {why}")]
    Options {
        /// The option.
        field: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A path template is outside the grammar of `google.api.http`.
    #[error("{rpc}: template `{template}`, byte {at}: {why}")]
    Template {
        /// The RPC, as `package.Service/Method`.
        rpc: String,
        /// The template.
        template: String,
        /// Where it goes wrong, in bytes.
        at: usize,
        /// What is wrong there.
        why: &'static str,
    },
    /// An annotation names a field that is not there, or that cannot be used so.
    #[error("{rpc}: {why}")]
    Binding {
        /// The RPC, as `package.Service/Method`.
        rpc: String,
        /// What is wrong.
        why: String,
    },
    /// Two RPCs have the same route.
    #[error("{first} and {second} have the same route: {method} {template}")]
    Conflict {
        /// The RPC declared first.
        first: String,
        /// The RPC declared second.
        second: String,
        /// The HTTP method of both.
        method: String,
        /// The template of the second; the first has the same shape.
        template: String,
    },
    /// An RPC has a route that the gateway needs for itself.
    #[error("{rpc} has the route {path}, which is the gateway's own")]
    Reserved {
        /// The RPC, as `package.Service/Method`.
        rpc: String,
        /// The path.
        path: &'static str,
    },
}

/// The paths that the gateway serves itself.
const OWN_PATHS: [&str; 4] = ["/openapi.json", "/docs", "/docs/app.js", "/docs/style.css"];

/// The HTTP edge, ready to be served.
pub struct Gateway {
    bindings: Vec<Arc<bind::Binding>>,
    routes: router::Router<Arc<bind::Binding>>,
    openapi: bytes::Bytes,
    options: Options,
}

impl Gateway {
    /// Reads every annotated RPC of the services that `route` has a peer for, by full name
    /// (`minqing.registry.v1.DivisionService`). Services without a peer have neither routes nor documentation.
    ///
    /// # Errors
    ///
    /// Descriptors that cannot be read, annotations that make no sense, two RPCs on one route, options out of bounds:
    /// all of it shows here, at start, and never on a request.
    pub fn new(
        descriptors: &[u8],
        options: Options,
        route: impl Fn(&str) -> Option<Peer>,
    ) -> Result<Self, Error> {
        options.validate()?;
        let pool = DescriptorPool::decode(descriptors)?;
        let bindings = bind::bind_all(&pool, route)?;
        let routes = bind::route_all(&bindings)?;
        for path in OWN_PATHS {
            let segments: Vec<&str> = path[1..].split('/').collect();
            if let router::Match::Found { route, .. } = routes.find(&http::Method::GET, &segments) {
                return Err(Error::Reserved { rpc: route.rpc.name.clone(), path });
            }
        }
        let openapi = openapi::document(&bindings, &options).to_string().into();
        Ok(Self { bindings, routes, openapi, options })
    }

    /// The OpenAPI 3.1 document, as `/openapi.json` serves it.
    #[must_use]
    pub fn openapi(&self) -> &[u8] {
        &self.openapi
    }

    /// Every route as `METHOD template package.Service/Method`, in the order of the protos.
    pub fn routes(&self) -> impl Iterator<Item = String> + '_ {
        self.bindings
            .iter()
            .map(|binding| format!("{} {} {}", binding.method, binding.text, binding.rpc.name))
    }

    /// The routes of the API, `/openapi.json` and `/docs`. Merge it with a router of health and metrics routes that has
    /// no fallback: this one's fallback does the transcoding, and answers 404. Streams end when `shutdown` fires.
    pub fn router(self, shutdown: CancellationToken) -> axum::Router {
        edge::router(self.routes, self.openapi, self.options, shutdown)
    }
}
