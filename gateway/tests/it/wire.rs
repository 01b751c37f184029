//! The same over real connections: a service that is not in this process.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use minqing_gateway::Options;
use minqing_platform::client;
use serde_json::json;
use tonic::Status;

use crate::support::{Kitchen, from_json};

fn import(body: String) -> Request<Body> {
    let request =
        Request::post("/v1/kitchens/1/dishes:import").header("content-type", "application/x-ndjson");
    request.body(Body::from(body)).unwrap()
}

#[tokio::test]
async fn calls_and_streams_go_through_a_connection() {
    let kitchen = Kitchen::far(|incoming| {
        Box::pin(async move {
            let requests: Vec<_> = incoming.requests.try_collect().await?;
            let answer = match incoming.method.name() {
                "ImportDishes" => {
                    from_json("ListDishesResponse", json!({"names": [requests.len().to_string()]}))
                }
                "WatchDishes" => from_json("WatchDishesResponse", json!({"cursor": "1"})),
                _ => from_json("Dish", json!({"priceFen": "7"})),
            };
            Ok(stream::iter([Ok(answer)]).boxed())
        })
    })
    .await;
    assert_eq!(kitchen.ask("GET", "/v1/dishes/1", "").await.json(), json!({"priceFen": "7"}));
    assert_eq!(kitchen.ask("GET", "/v1/dishes:watch", "").await.text, "{\"result\":{\"cursor\":\"1\"}}\n");
    let lines = "{\"displayName\": \"a\"}\n".repeat(5_000);
    assert_eq!(kitchen.reply(import(lines)).await.json(), json!({"names": ["5000"]}));
}

#[tokio::test]
async fn a_refused_line_breaks_the_call_at_the_far_end_too() {
    let outcomes = Arc::new(Mutex::new(Vec::new()));
    let log = outcomes.clone();
    let kitchen = Kitchen::far(move |incoming| {
        let log = log.clone();
        // Spawned, so that the outcome is seen even when the call is dropped.
        let requests = tokio::spawn(incoming.requests.try_collect::<Vec<_>>());
        Box::pin(async move {
            let seen = tokio::spawn(async move {
                let all = requests.await.unwrap();
                log.lock().unwrap().push(all.is_ok());
                all
            });
            seen.await.unwrap().map(|_| stream::empty().boxed())
        })
    })
    .await;
    let reply = kitchen.reply(import("{}\n".repeat(1_000) + "{\n")).await;
    assert_eq!((reply.status, reply.reason().as_str()), (StatusCode::BAD_REQUEST, "JSON_INVALID"));
    assert_eq!(reply.detail("ErrorInfo")["metadata"]["line"], "1001");
    let seen = async {
        while outcomes.lock().unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), seen).await.unwrap();
    assert_eq!(*outcomes.lock().unwrap(), [false]);
}

#[tokio::test]
async fn an_answer_over_the_limit_is_a_failure_of_the_service_and_not_of_the_client() {
    let kitchen = Kitchen::far(|_| {
        Box::pin(async {
            let answer = from_json("Dish", json!({"name": "x".repeat(17 << 20)}));
            Ok(stream::iter([Ok(answer)]).boxed())
        })
    })
    .await;
    let reply = kitchen.ask("GET", "/v1/dishes/1", "").await;
    assert_eq!(
        (reply.status, reply.reason().as_str()),
        (StatusCode::INTERNAL_SERVER_ERROR, "UPSTREAM_ANSWER_INVALID")
    );
}

#[tokio::test]
async fn a_service_that_cannot_be_reached_is_503_without_its_address() {
    // Bound and dropped, so that nothing listens there.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let endpoint = format!("http://127.0.0.1:{port}");
    let peer = client::connect(&client::Options { endpoint, ..client::Options::default() }).unwrap();
    let kitchen = Kitchen::before(Options::default(), peer);
    let reply = kitchen.ask("GET", "/v1/dishes/1", "").await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{}", reply.text);
    assert!(!reply.reason().is_empty());
    assert!(!reply.text.contains(&port.to_string()), "{}", reply.text);
}

#[tokio::test]
async fn a_connection_lost_in_the_middle_of_a_stream_ends_it_with_an_error() {
    let begun = Arc::new(AtomicUsize::new(0));
    let counter = begun.clone();
    let kitchen = Kitchen::far(move |_| {
        let counter = counter.clone();
        Box::pin(async move {
            let first = Ok(from_json("WatchDishesResponse", json!({"cursor": "1"})));
            let lost = stream::once(async move {
                counter.fetch_add(1, Ordering::SeqCst);
                // A panic takes the whole connection with it, as the end of the process would.
                panic!("the service dies");
                #[expect(unreachable_code, reason = "it gives the stream its type")]
                Err(Status::internal("never"))
            });
            Ok(stream::iter([first]).chain(lost).boxed())
        })
    })
    .await;
    let reply = tokio::time::timeout(Duration::from_secs(5), kitchen.ask("GET", "/v1/dishes:watch", ""))
        .await
        .unwrap();
    assert_eq!(begun.load(Ordering::SeqCst), 1);
    let last = reply.text.lines().last().unwrap();
    assert!(last.starts_with("{\"error\":") && last.contains("UPSTREAM_UNAVAILABLE"), "{}", reply.text);
}
