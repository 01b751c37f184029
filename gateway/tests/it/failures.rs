//! Every failure is a `google.rpc.Status`.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use minqing_gateway::Options;
use serde_json::json;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::support::Kitchen;

fn failing(status: Status) -> Kitchen {
    Kitchen::answering(move |_, _| Err(status.clone()))
}

#[tokio::test]
async fn every_code_has_its_http_status() {
    for (code, http) in [
        (Code::Cancelled, 499),
        (Code::Unknown, 500),
        (Code::InvalidArgument, 400),
        (Code::DeadlineExceeded, 504),
        (Code::NotFound, 404),
        (Code::AlreadyExists, 409),
        (Code::PermissionDenied, 403),
        (Code::ResourceExhausted, 429),
        (Code::FailedPrecondition, 400),
        (Code::Aborted, 409),
        (Code::OutOfRange, 400),
        (Code::Unimplemented, 501),
        (Code::Internal, 500),
        (Code::Unavailable, 503),
        (Code::DataLoss, 500),
        (Code::Unauthenticated, 401),
    ] {
        let reply = failing(Status::new(code, "why")).ask("GET", "/v1/dishes/1", "").await;
        assert_eq!(reply.status, http, "{code:?}");
        assert_eq!(reply.json(), json!({"code": code as i32, "message": "why", "details": []}));
        assert_eq!(reply.headers.contains_key("www-authenticate"), code == Code::Unauthenticated);
    }
}

#[tokio::test]
async fn details_are_passed_on_but_for_those_meant_for_the_service() {
    let mut details = ErrorDetails::new();
    details
        .set_error_info("DISH_COLD", "kitchen", [("dish".to_owned(), "1".to_owned())])
        .add_bad_request_violation("dish.heat", "is cold")
        .set_retry_info(Some(Duration::from_millis(1_500)))
        .set_request_info("r1", "")
        .set_resource_info("Dish", "dishes/1", "", "cold")
        .add_precondition_failure_violation("HEAT", "dishes/1", "cold")
        .add_quota_failure_violation("cook", "busy")
        .add_help_link("how to warm", "https://kitchen.example/")
        .set_localized_message("zh-CN", "菜凉了")
        .set_debug_info(["at cook.rs:1".to_owned()], "secret");
    let status = Status::with_error_details(Code::FailedPrecondition, "the dish is cold", details);
    let reply = failing(status).ask("GET", "/v1/dishes/1", "").await;
    assert_eq!(reply.headers["retry-after"], "2");
    assert_eq!(reply.json()["details"].as_array().unwrap().len(), 9);
    assert!(!reply.text.contains("secret"));
    for (name, field, value) in [
        ("ErrorInfo", "reason", json!("DISH_COLD")),
        ("ErrorInfo", "metadata", json!({"dish": "1"})),
        ("BadRequest", "fieldViolations", json!([{"field": "dish.heat", "description": "is cold"}])),
        ("RetryInfo", "retryDelay", json!("1.500s")),
        ("RequestInfo", "requestId", json!("r1")),
        ("ResourceInfo", "resourceName", json!("dishes/1")),
        (
            "PreconditionFailure",
            "violations",
            json!([{"type": "HEAT", "subject": "dishes/1", "description": "cold"}]),
        ),
        ("QuotaFailure", "violations", json!([{"subject": "cook", "description": "busy"}])),
        ("Help", "links", json!([{"description": "how to warm", "url": "https://kitchen.example/"}])),
        ("LocalizedMessage", "message", json!("菜凉了")),
    ] {
        assert_eq!(reply.detail(name)[field], value, "{name}.{field}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_404_and_a_wrong_method_405_with_those_allowed() {
    let kitchen = Kitchen::quiet();
    for uri in [
        "/",
        "/v1",
        "/v1/nothing",
        "/v1/dishes/",
        "/v1//dishes",
        "/v1/kitchens/1/dishes/2:eat/x",
        "/kitchen.v1.Kitchen/Hide",
    ] {
        let reply = kitchen.ask("GET", uri, "").await;
        assert_eq!(
            (reply.status, reply.reason().as_str()),
            (StatusCode::NOT_FOUND, "ROUTE_NOT_FOUND"),
            "{uri}"
        );
        assert_eq!(reply.detail("ErrorInfo")["domain"], "gateway.minqing");
    }
    for (method, uri, allow) in [
        ("PUT", "/v1/kitchens/1/dishes/2", "GET, PATCH, DELETE, HEAD"),
        ("GET", "/v1/talk", "POST"),
        ("HEAD", "/v1/talk", "POST"),
        ("POST", "/openapi.json", "GET, HEAD"),
    ] {
        let reply = kitchen.ask(method, uri, "").await;
        assert_eq!(
            (reply.status, reply.headers["allow"].to_str().unwrap()),
            (StatusCode::METHOD_NOT_ALLOWED, allow),
            "{method} {uri}"
        );
    }
    let reply = kitchen.ask("OPTIONS", "/v1/talk", "").await;
    assert_eq!((reply.status, reply.headers["allow"].to_str().unwrap()), (StatusCode::NO_CONTENT, "POST"));
}

#[tokio::test]
async fn an_answer_that_the_client_does_not_take_is_406() {
    let kitchen = Kitchen::quiet();
    for (accept, status) in
        [("text/html", 406), ("application/json;q=0", 406), ("text/html, */*;q=0.1", 200), ("", 200)]
    {
        let request = Request::get("/v1/dishes/1").header("accept", accept).body(Body::empty()).unwrap();
        assert_eq!(kitchen.reply(request).await.status, status, "{accept}");
    }
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_504() {
    let options = Options { request_timeout_ms: 50, ..Options::default() };
    let kitchen = Kitchen::handling(options, |_| Box::pin(std::future::pending()));
    for header in [None, Some(("grpc-timeout", "20m")), Some(("x-request-timeout-ms", "20"))] {
        let mut request = Request::get("/v1/dishes/1");
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        let reply = kitchen.reply(request.body(Body::empty()).unwrap()).await;
        assert_eq!(
            (reply.status, reply.reason().as_str()),
            (StatusCode::GATEWAY_TIMEOUT, "DEADLINE_EXCEEDED")
        );
    }
    let request = Request::get("/v1/dishes/1").header("grpc-timeout", "soon").body(Body::empty()).unwrap();
    assert_eq!(kitchen.reply(request).await.reason(), "TIMEOUT_INVALID");
}

#[tokio::test]
async fn a_panic_is_a_500_without_its_text() {
    let kitchen = Kitchen::handling(Options::default(), |_| Box::pin(async { panic!("secret") }));
    let reply = kitchen.ask("GET", "/v1/dishes/1", "").await;
    assert_eq!((reply.status, reply.reason().as_str()), (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL"));
    assert!(!reply.text.contains("secret") && reply.headers.contains_key("x-request-id"));
}
