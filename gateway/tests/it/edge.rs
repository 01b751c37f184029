//! Headers, compression, CORS, documentation.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use futures::{StreamExt as _, stream};
use minqing_gateway::Options;
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::support::{Kitchen, from_json};

#[tokio::test]
async fn only_the_headers_that_mean_something_reach_the_service() {
    let kitchen = Kitchen::quiet();
    let request = Request::get("/v1/dishes/1")
        .header("authorization", "Bearer t")
        .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        .header("tracestate", "a=b")
        .header("accept-language", "zh-CN")
        .header("x-request-id", "r-1")
        .header("x-request-timeout-ms", "5000")
        .header("cookie", "c=1")
        .header("x-secret", "s")
        .header("grpc-status", "0");
    let reply = kitchen.reply(request.body(Body::empty()).unwrap()).await;
    assert_eq!(reply.headers["x-request-id"], "r-1");
    let metadata = kitchen.last().2;
    for (name, value) in [
        ("authorization", "Bearer t"),
        ("tracestate", "a=b"),
        ("accept-language", "zh-CN"),
        ("x-request-id", "r-1"),
    ] {
        assert_eq!(metadata.get(name).unwrap(), value);
    }
    assert!(metadata.get("traceparent").is_some() && metadata.get("grpc-timeout").is_some());
    for name in ["cookie", "x-secret", "grpc-status", "host", "x-request-timeout-ms"] {
        assert!(metadata.get(name).is_none(), "{name}");
    }
}

#[tokio::test]
async fn a_request_without_an_id_gets_one_and_the_service_gets_the_same() {
    let kitchen = Kitchen::quiet();
    let reply = kitchen.ask("GET", "/v1/dishes/1", "").await;
    let id = reply.headers["x-request-id"].to_str().unwrap();
    assert_eq!(Uuid::parse_str(id).unwrap().get_version_num(), 7);
    assert_eq!(kitchen.last().2.get("x-request-id").unwrap(), id);
    assert!(kitchen.ask("GET", "/nothing", "").await.headers.contains_key("x-request-id"));
}

#[tokio::test]
async fn every_answer_has_its_security_headers() {
    let kitchen = Kitchen::quiet();
    for uri in ["/v1/dishes/1", "/nothing", "/openapi.json", "/docs"] {
        let headers = kitchen.ask("GET", uri, "").await.headers;
        assert_eq!(headers["x-content-type-options"], "nosniff", "{uri}");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{uri}: {policy}");
        assert_eq!(headers["cache-control"], if uri == "/docs" { "no-cache" } else { "no-store" }, "{uri}");
    }
}

#[tokio::test]
async fn large_answers_are_packed_and_streams_are_not() {
    let name = "x".repeat(4096);
    let answer = from_json("Dish", serde_json::json!({"name": name}));
    let kitchen = Kitchen::answering(move |method, _| {
        let watched =
            from_json("WatchDishesResponse", serde_json::json!({"dish": {"name": "x".repeat(4096)}}));
        Ok(vec![if method.name() == "GetDish" { answer.clone() } else { watched }])
    });
    for (uri, accept, packed) in [
        ("/v1/dishes/1", "application/json", true),
        ("/v1/dishes:watch", "text/event-stream", false),
        ("/v1/dishes:watch", "application/x-ndjson", false),
    ] {
        let request = Request::get(uri).header("accept", accept).header("accept-encoding", "gzip");
        let response = kitchen.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.headers().contains_key("content-encoding"), packed, "{uri} {accept}");
    }
}

#[tokio::test]
async fn pages_of_other_origins_may_call_only_where_configured() {
    let preflight = || {
        Request::options("/v1/dishes/1")
            .header("origin", "https://pages.example")
            .header("access-control-request-method", "GET")
            .header("access-control-request-headers", "authorization")
            .body(Body::empty())
            .unwrap()
    };
    let closed = Kitchen::quiet().reply(preflight()).await;
    assert!(!closed.headers.contains_key("access-control-allow-origin"));
    for (origins, allowed) in
        [(vec!["https://pages.example"], true), (vec!["https://other.example"], false), (vec!["*"], true)]
    {
        let options = Options {
            cors_allowed_origins: origins.iter().map(ToString::to_string).collect(),
            ..Options::default()
        };
        let kitchen = Kitchen::handling(options, |_| Box::pin(async { Ok(stream::empty().boxed()) }));
        let reply = kitchen.reply(preflight()).await;
        assert_eq!(reply.headers.contains_key("access-control-allow-origin"), allowed, "{origins:?}");
        assert!(!reply.headers.contains_key("access-control-allow-credentials"));
        let request =
            Request::get("/nothing").header("origin", "https://pages.example").body(Body::empty()).unwrap();
        let failed = kitchen.reply(request).await;
        assert_eq!(
            failed.headers.contains_key("access-control-allow-origin"),
            allowed,
            "failures must be readable too"
        );
    }
}

#[tokio::test]
async fn the_router_merges_with_routes_of_the_program() {
    let router = axum::Router::new().route("/healthz", get(async || "ok")).merge(Kitchen::quiet().router);
    for (uri, status) in
        [("/healthz", StatusCode::OK), ("/v1/dishes/1", StatusCode::OK), ("/nothing", StatusCode::NOT_FOUND)]
    {
        let response = router.clone().oneshot(Request::get(uri).body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), status, "{uri}");
    }
}

#[tokio::test]
async fn the_documentation_page_is_whole_and_loads_nothing_from_elsewhere() {
    let kitchen = Kitchen::quiet();
    let page = kitchen.ask("GET", "/docs", "").await;
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    assert!(!page.text.contains("<style") && !page.text.contains("style=") && !page.text.contains("onclick"));
    for (uri, content_type) in
        [("/docs/app.js", "text/javascript; charset=utf-8"), ("/docs/style.css", "text/css; charset=utf-8")]
    {
        assert!(page.text.contains(uri));
        let file = kitchen.ask("GET", uri, "").await;
        assert_eq!(file.headers["content-type"], content_type);
        assert!(
            file.text.len() > 1000 && !file.text.contains("https://") && !file.text.contains("innerHTML")
        );
    }
}
