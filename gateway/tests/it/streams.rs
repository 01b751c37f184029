//! Streams of answers and of requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _, TryStreamExt as _, channel::mpsc, stream};
use minqing_gateway::Options;
use prost_reflect::DynamicMessage;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use tonic::Status;

use crate::support::{Answers, Kitchen, from_json, message, to_json};

fn watched(cursor: &str) -> DynamicMessage {
    from_json("WatchDishesResponse", json!({"cursor": cursor, "dish": {"name": "a"}}))
}

/// A service whose answers to any call are these.
fn answering(options: Options, answers: Vec<Result<DynamicMessage, Status>>) -> Kitchen {
    Kitchen::handling(options, move |_| {
        let answers = answers.clone();
        Box::pin(async move { Ok(stream::iter(answers).boxed()) })
    })
}

fn watch(accept: &str) -> Request<Body> {
    Request::get("/v1/dishes:watch").header("accept", accept).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn answers_are_lines_of_json_with_the_error_last() {
    let kitchen = answering(
        Options::default(),
        vec![Ok(watched("1")), Ok(watched("2")), Err(Status::aborted("moved"))],
    );
    for accept in ["*/*", "application/json", "application/x-ndjson, text/event-stream;q=0.5"] {
        let reply = kitchen.reply(watch(accept)).await;
        assert_eq!(
            (reply.status, &reply.headers["content-type"]),
            (StatusCode::OK, &"application/x-ndjson".parse().unwrap())
        );
        let lines: Vec<Value> = reply.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let expected = [
            json!({"result": {"cursor": "1", "dish": {"name": "a"}}}),
            json!({"result": {"cursor": "2", "dish": {"name": "a"}}}),
            json!({"error": {"code": 10, "message": "moved", "details": []}}),
        ];
        assert_eq!(lines, expected);
    }
}

#[tokio::test]
async fn answers_are_events_with_the_cursor_as_id() {
    let kitchen = answering(
        Options::default(),
        vec![Ok(watched("c1")), Ok(watched("bad\nid")), Err(Status::aborted("moved"))],
    );
    let reply = kitchen.reply(watch("text/event-stream")).await;
    assert_eq!(reply.headers["content-type"], "text/event-stream");
    let (events, last) = reply.text.rsplit_once("event: error\ndata: ").unwrap();
    let expected = "id: c1\ndata: {\"cursor\":\"c1\",\"dish\":{\"name\":\"a\"}}\n\n\
                    data: {\"cursor\":\"bad\\nid\",\"dish\":{\"name\":\"a\"}}\n\n";
    assert_eq!(events, expected);
    let error: Value = serde_json::from_str(last.strip_suffix("\n\n").unwrap()).unwrap();
    assert_eq!(error, json!({"code": 10, "message": "moved", "details": []}));
}

#[tokio::test]
async fn a_browser_resumes_after_the_last_event_it_saw() {
    let kitchen = Kitchen::quiet();
    let request = Request::get("/v1/dishes:watch?cursor=now&count=3")
        .header("last-event-id", "c7")
        .header("accept", "text/event-stream");
    kitchen.reply(request.body(Body::empty()).unwrap()).await;
    assert_eq!(to_json(&kitchen.last().1[0]), json!({"cursor": "c7", "count": 3}));
    assert_eq!(kitchen.received("GET", "/v1/dishes:watch?cursor=now", "").await, json!({"cursor": "now"}));
}

#[tokio::test]
async fn a_stream_that_fails_before_it_begins_is_a_plain_failure() {
    let kitchen = Kitchen::answering(|_, _| Err(Status::permission_denied("no")));
    let reply = kitchen.reply(watch("text/event-stream")).await;
    assert_eq!((reply.status, reply.json()["code"].as_i64()), (StatusCode::FORBIDDEN, Some(7)));
    assert_eq!(kitchen.reply(watch("text/html")).await.status, StatusCode::NOT_ACCEPTABLE);
    let head = Request::head("/v1/dishes:watch").body(Body::empty()).unwrap();
    assert_eq!(kitchen.reply(head).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

/// One answer, then silence.
fn silent(options: Options, dropped: Arc<AtomicUsize>) -> Kitchen {
    struct Guard(Arc<AtomicUsize>);
    impl Drop for Guard {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    Kitchen::handling(options, move |_| {
        let guard = Guard(dropped.clone());
        let silence = stream::pending().inspect(move |_: &Result<DynamicMessage, Status>| {
            let _held = &guard;
        });
        let answers: Answers = stream::iter([Ok(watched("1"))]).chain(silence).boxed();
        Box::pin(async move { Ok(answers) })
    })
}

#[tokio::test]
async fn streams_end_with_a_reason_when_the_gateway_shuts_down() {
    let kitchen = silent(Options::default(), Arc::default());
    let shutdown = kitchen.shutdown.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        shutdown.cancel();
    });
    let reply = timeout(Duration::from_secs(5), kitchen.reply(watch("*/*"))).await.unwrap();
    assert!(reply.text.lines().last().unwrap().contains("SHUTTING_DOWN"), "{}", reply.text);
}

#[tokio::test]
async fn a_stream_ends_at_the_deadline_that_the_client_set() {
    let kitchen = silent(Options::default(), Arc::default());
    let request =
        Request::get("/v1/dishes:watch").header("x-request-timeout-ms", "50").body(Body::empty()).unwrap();
    let reply = timeout(Duration::from_secs(5), kitchen.reply(request)).await.unwrap();
    assert_eq!(reply.status, StatusCode::OK);
    assert!(reply.text.lines().last().unwrap().contains("DEADLINE_EXCEEDED"), "{}", reply.text);
}

#[tokio::test]
async fn a_silent_event_stream_is_kept_open_and_a_client_that_leaves_cancels_the_call() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let kitchen = silent(Options { event_keepalive_ms: 10, ..Options::default() }, dropped.clone());
    let mut body = kitchen.send(watch("text/event-stream")).await.into_body().into_data_stream();
    assert!(body.next().await.unwrap().unwrap().starts_with(b"id: 1\n"));
    assert!(body.next().await.unwrap().unwrap().starts_with(b":"));
    assert_eq!(dropped.load(Ordering::SeqCst), 0);
    drop(body);
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_connection_that_breaks_cancels_the_call() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let kitchen = silent(Options::default(), dropped.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, kitchen.router).await });
    let mut client = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = b"GET /v1/dishes:watch HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n";
    client.write_all(request).await.unwrap();
    let mut received = Vec::new();
    while !received.ends_with(b"\n\n\r\n") {
        assert_ne!(
            client.read_buf(&mut received).await.unwrap(),
            0,
            "{}",
            String::from_utf8_lossy(&received)
        );
    }
    assert_eq!(dropped.load(Ordering::SeqCst), 0);
    drop(client);
    let cancelled = async {
        while dropped.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(5), cancelled).await.unwrap();
    server.abort();
}

fn import(uri: &str, body: Body) -> Request<Body> {
    Request::post(uri).header("content-type", "application/x-ndjson").body(body).unwrap()
}

#[tokio::test]
async fn lines_become_messages_and_the_path_belongs_to_the_first() {
    let kitchen = Kitchen::quiet();
    let text = "{\"displayName\": \"a\"}\r\n\n  \n{\"displayName\": \"b\"}\n{\"displayName\": \"c\"}";
    // Cut at every byte: lines must come together again whatever the chunks are.
    let chunks =
        stream::iter(text.bytes().map(|byte| Ok::<_, std::io::Error>(vec![byte])).collect::<Vec<_>>());
    let reply =
        kitchen.reply(import("/v1/kitchens/1/dishes:import?dishId=x", Body::from_stream(chunks))).await;
    assert_eq!((reply.status, reply.text.as_str()), (StatusCode::OK, "{}"));
    let received: Vec<Value> = kitchen.last().1.iter().map(to_json).collect();
    let expected = [
        json!({"parent": "kitchens/1", "dishId": "x", "dish": {"displayName": "a"}}),
        json!({"dish": {"displayName": "b"}}),
        json!({"dish": {"displayName": "c"}}),
    ];
    assert_eq!(received, expected);
    kitchen.reply(import("/v1/kitchens/1/dishes:import", Body::empty())).await;
    assert_eq!(to_json(&kitchen.last().1[0]), json!({"parent": "kitchens/1"}));
}

#[tokio::test]
async fn a_line_that_is_refused_fails_the_call_and_the_service_never_takes_a_part_for_the_whole() {
    let outcomes = Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = outcomes.clone();
    let options = Options { line_bytes_max: 1024, ..Options::default() };
    let kitchen = Kitchen::handling(options, move |incoming| {
        let log = log.clone();
        Box::pin(async move {
            let all: Result<Vec<_>, Status> = incoming.requests.try_collect().await;
            log.lock().unwrap().push(all.is_ok());
            all.map(|_| stream::iter([Ok(DynamicMessage::new(message("ListDishesResponse")))]).boxed())
        })
    });
    for (second, status, reason, line) in [
        ("{\"nothing\": 1}".to_owned(), 400, "FIELD_UNKNOWN", "2"),
        ("{".to_owned(), 400, "JSON_INVALID", "2"),
        (format!("{{\"displayName\": \"{}\"}}", "x".repeat(2000)), 413, "BODY_TOO_LARGE", "2"),
        ("x".repeat(1 << 20), 413, "BODY_TOO_LARGE", "2"),
    ] {
        let reply = kitchen
            .reply(import("/v1/kitchens/1/dishes:import", Body::from(format!("{{}}\n{second}\n{{}}\n"))))
            .await;
        assert_eq!((reply.status.as_u16(), reply.reason().as_str()), (status, reason), "{}", reply.text);
        assert_eq!(reply.detail("ErrorInfo")["metadata"]["line"], line);
    }
    assert!(outcomes.lock().unwrap().iter().all(|ended_well| !ended_well));
    let reply = kitchen.ask("POST", "/v1/kitchens/1/dishes:import", "{}").await;
    assert_eq!(reply.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn an_upload_that_falls_silent_is_ended() {
    let options = Options { upload_idle_timeout_ms: 50, ..Options::default() };
    let kitchen = Kitchen::handling(options, |incoming| {
        Box::pin(
            async move { incoming.requests.try_collect::<Vec<_>>().await.map(|_| stream::empty().boxed()) },
        )
    });
    let body = Body::from_stream(stream::iter([Ok::<_, std::io::Error>("{}\n")]).chain(stream::pending()));
    let reply = timeout(Duration::from_secs(5), kitchen.reply(import("/v1/kitchens/1/dishes:import", body)))
        .await
        .unwrap();
    assert_eq!((reply.status, reply.reason().as_str()), (StatusCode::REQUEST_TIMEOUT, "UPLOAD_IDLE"));
}

#[tokio::test]
async fn a_large_upload_is_taken_no_faster_than_the_service_takes_it() {
    let produced = Arc::new(AtomicUsize::new(0));
    let counter = produced.clone();
    let kitchen = Kitchen::handling(Options::default(), |mut incoming| {
        Box::pin(async move {
            incoming.requests.message().await?;
            std::future::pending().await
        })
    });
    let body = stream::iter(0..100_000).map(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        Ok::<_, std::io::Error>(Bytes::from(format!("{{\"displayName\": \"{}\"}}\n", "x".repeat(1000))))
    });
    let call = kitchen.reply(import("/v1/kitchens/1/dishes:import", Body::from_stream(body)));
    assert!(timeout(Duration::from_millis(300), call).await.is_err(), "the service never answers");
    let produced = produced.load(Ordering::SeqCst);
    assert!(produced < 1_000, "{produced} lines were read ahead");
}

#[tokio::test]
async fn both_sides_stream_at_once() {
    let kitchen = Kitchen::handling(Options::default(), |incoming| {
        Box::pin(async move { Ok(incoming.requests.boxed()) })
    });
    let (mut lines, body) = mpsc::channel::<Result<String, std::io::Error>>(1);
    let response = kitchen.send(import("/v1/talk", Body::from_stream(body))).await;
    let mut answers = response.into_body().into_data_stream();
    for word in ["one", "two"] {
        lines.send(Ok(format!("{{\"name\": \"{word}\"}}\n"))).await.unwrap();
        let answer = timeout(Duration::from_secs(5), answers.next()).await.unwrap().unwrap().unwrap();
        assert_eq!(answer, format!("{{\"result\":{{\"name\":\"{word}\"}}}}\n"));
    }
    lines.send(Ok("oops\n".to_owned())).await.unwrap();
    let answer = timeout(Duration::from_secs(5), answers.next()).await.unwrap().unwrap().unwrap();
    assert!(String::from_utf8(answer.to_vec()).unwrap().contains("line 3: "), "the reason comes last");
    assert!(answers.next().await.is_none());
}
