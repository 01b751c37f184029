//! The outside of the edge: layers around every answer, documentation, and the fallback that transcodes.

use std::any::Any;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_LANGUAGE, ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_DISPOSITION,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY, RETRY_AFTER, WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{Extensions, HeaderMap, Method, StatusCode, Version};
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::bind::Binding;
use crate::options::Options;
use crate::raw::Raw;
use crate::router::{Match, Router as Trie};
use crate::status::{Failure, Reason};
use crate::{call, docs, headers, percent, query, stream};

/// What every request needs.
pub(crate) struct Edge {
    pub(crate) routes: Trie<Arc<Binding>>,
    pub(crate) options: Options,
    pub(crate) shutdown: CancellationToken,
}

/// A request whose route is known.
pub(crate) struct Call {
    pub(crate) edge: Arc<Edge>,
    pub(crate) binding: Arc<Binding>,
    /// The fields that the path and the query fill.
    pub(crate) assignments: Vec<query::Assignment>,
    pub(crate) headers: HeaderMap,
}

/// Builds the router of the gateway.
pub(crate) fn router(
    routes: Trie<Arc<Binding>>,
    openapi: Bytes,
    options: Options,
    shutdown: CancellationToken,
) -> Router {
    let cors = cors(&options);
    let edge = Arc::new(Edge { routes, options, shutdown });
    let document = move || {
        let body = openapi.clone();
        async move { ([(CONTENT_TYPE, "application/json")], body).into_response() }
    };
    let router = Router::new()
        .route("/openapi.json", get(document))
        .merge(docs::router())
        .method_not_allowed_fallback(
            |method: Method| async move { Failure::method(&method, vec![Method::GET]) },
        )
        .fallback(transcode)
        .with_state(edge)
        .layer(CompressionLayer::new().gzip(true).compress_when(SizeAbove::new(1024).and(Whole)))
        .layer(CatchPanicLayer::custom(panicked));
    let router = match cors {
        Some(cors) => router.layer(cors),
        None => router,
    };
    router.layer(middleware::from_fn(frame))
}

/// Answers that are whole when they begin, and ours. A compressor would hold back the frames of a stream, and files are
/// packed already.
#[derive(Clone, Copy)]
struct Whole;

impl Predicate for Whole {
    fn should_compress<B: http_body::Body>(&self, response: &http::Response<B>) -> bool {
        let content_type = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
        let streams = matches!(content_type, Some(stream::NDJSON | stream::EVENTS));
        !streams && response.extensions().get::<Raw>().is_none()
    }
}

/// Gives every request an id and every answer its security headers. The id is set on the request, so that what is
/// passed on is what is echoed.
async fn frame(mut request: Request, next: Next) -> Response {
    let id = headers::request_id(request.headers());
    request.headers_mut().insert(headers::REQUEST_ID, id.clone());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(headers::REQUEST_ID, id);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    response
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    Failure::new(Reason::Panic, "something went wrong here").into_response()
}

fn cors(options: &Options) -> Option<CorsLayer> {
    const PREFLIGHT_AGE: Duration = Duration::from_secs(3600);
    let origins = &options.cors_allowed_origins;
    let allowed = match origins.as_slice() {
        [] => return None,
        [any] if any == "*" => AllowOrigin::any(),
        _ => AllowOrigin::list(origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok())),
    };
    let methods = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    let request_headers = [
        ACCEPT,
        ACCEPT_LANGUAGE,
        AUTHORIZATION,
        CONTENT_TYPE,
        headers::GRPC_TIMEOUT,
        headers::LAST_EVENT_ID,
        headers::REQUEST_ID,
        headers::REQUEST_TIMEOUT_MS,
        headers::TRACEPARENT,
        headers::TRACESTATE,
    ];
    let layer = CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods(methods)
        .allow_headers(request_headers)
        .expose_headers([headers::REQUEST_ID, RETRY_AFTER, WWW_AUTHENTICATE, ALLOW, CONTENT_DISPOSITION])
        .max_age(PREFLIGHT_AGE);
    Some(layer)
}

/// The route that a request took, for whoever watches the edge: it is among the extensions of every answer to a request
/// that has one.
#[derive(Clone)]
pub struct Route(Arc<Binding>);

impl Route {
    /// The template, `/v1/{name=divisions/*}`. There are as many as the protos have, whatever clients ask for.
    #[must_use]
    pub fn template(&self) -> &str {
        &self.0.text
    }
}

/// By hand: what the binding holds must never be printed (see `query::Assignment`).
impl fmt::Debug for Route {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Route").field(&self.template()).finish()
    }
}

async fn transcode(State(edge): State<Arc<Edge>>, request: Request) -> Response {
    let mut route = None;
    let answer = serve(edge, request, &mut route).await;
    let mut response = answer.unwrap_or_else(IntoResponse::into_response);
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}

async fn serve(edge: Arc<Edge>, request: Request, route: &mut Option<Route>) -> Result<Response, Failure> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    let raw: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
    let (binding, verb_length) = match find(&edge, &parts.method, &raw)? {
        Found::Route(binding, verb_length) => (binding, verb_length),
        Found::Options(allow) => return Ok((StatusCode::NO_CONTENT, [(ALLOW, allow)]).into_response()),
    };
    *route = Some(Route(binding.clone()));
    let mut segments = raw;
    if let Some(last) = segments.last_mut() {
        *last = &last[..last.len() - verb_length];
    }
    let mut assignments = query::from_path(&binding, &segments)?;
    assignments.extend(query::from_query(&binding, parts.uri.query().unwrap_or_default())?);
    let rpc = binding.rpc.descriptor.clone();
    let call = Call { edge, binding, assignments, headers: parts.headers };
    if rpc.is_server_streaming() {
        let head = parts.method == Method::HEAD;
        // What a file is can be asked without it; a stream of answers has no such thing.
        if head && !call.binding.raw_answer {
            return Err(Failure::method(&parts.method, vec![call.binding.method.clone()]));
        }
        let response = stream::serve(call, body, parts.version != Version::HTTP_10).await?;
        return Ok(if head { without_body(response) } else { response });
    }
    let response = if rpc.is_client_streaming() {
        stream::collect(call, body).await
    } else {
        call::serve(call, body).await
    }?;
    if parts.method == Method::HEAD { Ok(without_body(response)) } else { Ok(response) }
}

enum Found {
    Route(Arc<Binding>, usize),
    /// The methods of a path that was asked for its options.
    Options(HeaderValue),
}

/// Finds the route. HEAD is served from GET; OPTIONS, where CORS did not take it, lists the methods.
fn find(edge: &Edge, method: &Method, raw: &[&str]) -> Result<Found, Failure> {
    // Templates hold no letter that needs an escape, so what is decoded here is compared and never split again.
    let decoded: Option<Vec<_>> =
        raw.iter().map(|segment| percent::decode(segment, percent::Mode::Segment)).collect();
    let Some(decoded) = decoded else {
        return Err(Failure::new(Reason::PathInvalid, "the path is not percent-encoded UTF-8"));
    };
    let mut segments: Vec<&str> = decoded.iter().map(AsRef::as_ref).collect();
    // But for the verb: only a plain colon marks one, an encoded colon is a letter of a name.
    if let (Some(last), Some(raw)) = (segments.last_mut(), raw.last())
        && last.contains(':')
    {
        *last = raw;
    }
    let lookup = if method == Method::HEAD { &Method::GET } else { method };
    match edge.routes.find(lookup, &segments) {
        Match::Found { route, verb_length } => Ok(Found::Route(route.clone(), verb_length)),
        Match::OtherMethods(methods) if method == Method::OPTIONS => {
            let methods = methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
            let allow = HeaderValue::from_str(&methods).unwrap_or(HeaderValue::from_static("OPTIONS"));
            Ok(Found::Options(allow))
        }
        Match::OtherMethods(methods) => Err(Failure::method(method, methods)),
        Match::Nothing => Err(Failure::new(Reason::RouteNotFound, "there is nothing at this path")),
    }
}

/// The answer to HEAD: that to GET, without its body but with its length.
fn without_body(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    parts.extensions = Extensions::new();
    let empty = match http_body::Body::size_hint(&body).exact() {
        Some(length) => {
            parts.headers.insert(http::header::CONTENT_LENGTH, HeaderValue::from(length));
            Body::empty()
        }
        // Nothing is said of a length that is not known: that of an empty body would be taken for the file's.
        None => Body::from_stream(futures::stream::empty::<Result<Bytes, Infallible>>()),
    };
    Response::from_parts(parts, empty)
}
