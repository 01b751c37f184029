//! The page to read and try the API: three files of our own, nothing from elsewhere.

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};

use crate::edge::Edge;

/// Scripts and styles come from this host alone and the page talks to this host alone, so that a token that was typed
/// into it cannot leave.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The routes of the page.
pub(crate) fn router() -> Router<Arc<Edge>> {
    Router::new()
        .route("/docs", get(async || file("text/html; charset=utf-8", include_str!("../assets/index.html"))))
        .route(
            "/docs/app.js",
            get(async || file("text/javascript; charset=utf-8", include_str!("../assets/app.js"))),
        )
        .route(
            "/docs/style.css",
            get(async || file("text/css; charset=utf-8", include_str!("../assets/style.css"))),
        )
}

fn file(content_type: &'static str, content: &'static str) -> Response {
    let headers =
        [(CONTENT_TYPE, content_type), (CONTENT_SECURITY_POLICY, POLICY), (CACHE_CONTROL, "no-cache")];
    (headers, content).into_response()
}
