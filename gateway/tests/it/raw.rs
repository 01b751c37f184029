//! Bodies that are no JSON, both ways.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http_body_util::BodyExt as _;
use minqing_gateway::Options;
use prost_reflect::{DynamicMessage, Value};
use serde_json::json;
use tokio::time::timeout;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::support::{Kitchen, POOL, message, to_json};

const PHOTO: &str = "/v1/kitchens/1/dishes/2/photo";
const FILM: &str = "/v1/kitchens/1/dishes/2/film";

/// Bytes that are no UTF-8, no JSON, and hold a line end.
const BYTES: &[u8] = b"\x89PNG\r\n\x1A\n\0\xFF{\"";

fn body_message(content_type: &str, data: &[u8]) -> DynamicMessage {
    let mut body = DynamicMessage::new(POOL.get_message_by_name("google.api.HttpBody").unwrap());
    body.set_field_by_name("content_type", Value::String(content_type.to_owned()));
    body.set_field_by_name("data", Value::Bytes(Bytes::copy_from_slice(data)));
    body
}

fn send(method: &str, uri: &str, content_type: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::builder().method(method).uri(uri).header("content-type", content_type);
    request.body(body.into()).unwrap()
}

/// The name, the type and the bytes of a request that a service got.
fn photo(message: &DynamicMessage) -> (String, String, Bytes) {
    let text = |message: &DynamicMessage, field: &str| {
        message.get_field_by_name(field).unwrap().as_str().unwrap().to_owned()
    };
    let photo = message.get_field_by_name("photo").unwrap().as_message().unwrap().clone();
    let data = photo.get_field_by_name("data").unwrap().as_bytes().unwrap().clone();
    (text(message, "name"), text(&photo, "content_type"), data)
}

/// A service whose answers are these bodies.
fn giving(bodies: Vec<Result<DynamicMessage, Status>>) -> Kitchen {
    Kitchen::handling(Options::default(), move |_| {
        let bodies = bodies.clone();
        Box::pin(async move { Ok(stream::iter(bodies).boxed()) })
    })
}

async fn get(kitchen: &Kitchen, method: &str, uri: &str) -> (axum::http::response::Parts, Bytes) {
    let request = Request::builder().method(method).uri(uri).header("accept-encoding", "gzip");
    let (parts, body) = kitchen.send(request.body(Body::empty()).unwrap()).await.into_parts();
    (parts, body.collect().await.unwrap().to_bytes())
}

#[tokio::test]
async fn a_body_reaches_the_service_as_it_is_with_its_own_type() {
    let kitchen = Kitchen::quiet();
    // Whatever its type is, even one that means JSON elsewhere.
    for content_type in ["image/png", "application/json", "text/html; charset=gb18030"] {
        let uri = format!("{PHOTO}?taker=me");
        let reply = kitchen.reply(send("PUT", &uri, content_type, BYTES)).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        let received = kitchen.last().1.remove(0);
        let expected = ("kitchens/1/dishes/2".into(), content_type.into(), Bytes::from_static(BYTES));
        assert_eq!(photo(&received), expected);
        assert_eq!(received.get_field_by_name("taker").unwrap().as_str(), Some("me"));
    }
}

#[tokio::test]
async fn a_body_that_must_be_there_a_packed_one_and_one_that_is_too_large_are_refused() {
    let options = Options { body_bytes_max: 1024, ..Options::default() };
    let kitchen = Kitchen::handling(options, |_| Box::pin(async { Err(Status::internal("never called")) }));
    let none = kitchen.reply(Request::put(PHOTO).body(Body::empty()).unwrap()).await;
    assert_eq!((none.status, none.reason().as_str()), (StatusCode::BAD_REQUEST, "BODY_REQUIRED"));
    for uri in [PHOTO, FILM] {
        let method = if uri == PHOTO { "PUT" } else { "POST" };
        let mut packed = send(method, uri, "image/png", BYTES);
        packed.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
        let packed = kitchen.reply(packed).await;
        assert_eq!(packed.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{uri}");
    }
    let large = kitchen.reply(send("PUT", PHOTO, "image/png", vec![0; 1025])).await;
    assert_eq!((large.status, large.reason().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE"));
}

#[tokio::test]
async fn a_body_becomes_a_stream_of_pieces_whose_first_says_the_rest() {
    let kitchen = Kitchen::quiet();
    let film: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let uri = format!("{FILM}?taker=me");
    let reply = kitchen.reply(send("POST", &uri, "video/mp4", film.clone())).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let received = kitchen.last().1;
    let pieces: Vec<_> = received.iter().map(photo).collect();
    assert_eq!((pieces[0].0.as_str(), pieces[0].1.as_str()), ("kitchens/1/dishes/2", "video/mp4"));
    assert_eq!(received[0].get_field_by_name("taker").unwrap().as_str(), Some("me"));
    assert!(pieces[1..].iter().all(|(name, content_type, _)| name.is_empty() && content_type.is_empty()));
    assert!(pieces.len() > 10 && pieces.iter().all(|(.., data)| data.len() <= 256 << 10));
    assert_eq!(pieces.iter().flat_map(|(.., data)| data.to_vec()).collect::<Vec<u8>>(), film);
}

#[tokio::test]
async fn a_body_without_bytes_is_still_one_message() {
    let kitchen = Kitchen::quiet();
    assert_eq!(kitchen.reply(send("POST", FILM, "video/mp4", Body::empty())).await.status, StatusCode::OK);
    let received = kitchen.last().1;
    assert_eq!(received.len(), 1);
    assert_eq!(photo(&received[0]), ("kitchens/1/dishes/2".into(), "video/mp4".into(), Bytes::new()));
    assert!(received[0].has_field_by_name("photo"));
}

#[tokio::test]
async fn a_large_file_is_taken_no_faster_than_the_service_takes_it() {
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
        Ok::<_, std::io::Error>(Bytes::from(vec![0; 10_000]))
    });
    let call = kitchen.reply(send("POST", FILM, "video/mp4", Body::from_stream(body)));
    assert!(timeout(Duration::from_millis(300), call).await.is_err(), "the service never answers");
    let produced = produced.load(Ordering::SeqCst);
    assert!(produced < 1_000, "{produced} pieces were read ahead");
}

#[tokio::test]
async fn a_refusal_in_the_middle_is_answered_at_once_and_the_rest_is_read_away() {
    let kitchen = Kitchen::handling(Options::default(), |mut incoming| {
        Box::pin(async move {
            incoming.requests.message().await?;
            let details =
                ErrorDetails::with_error_info("FILM_TOO_LARGE", "kitchen", std::collections::HashMap::new());
            Err(Status::with_error_details(Code::ResourceExhausted, "too large", details))
        })
    });
    let read = Arc::new(AtomicUsize::new(0));
    let counter = read.clone();
    let body = stream::iter(0..100).map(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        Ok::<_, std::io::Error>(Bytes::from(vec![0; 100_000]))
    });
    let reply = kitchen.reply(send("POST", FILM, "video/mp4", Body::from_stream(body))).await;
    // A size is refused with the status that says so: waiting, as after 429, would not help.
    assert_eq!((reply.status, reply.reason().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "FILM_TOO_LARGE"));
    let all = async {
        while read.load(Ordering::SeqCst) < 100 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(5), all).await.expect("a client that still sends can hear the answer");
}

#[tokio::test]
async fn an_upload_that_breaks_off_or_falls_silent_is_never_taken_for_a_whole_file() {
    let ended_well = Arc::new(AtomicUsize::new(0));
    let log = ended_well.clone();
    let options = Options { upload_idle_timeout_ms: 50, ..Options::default() };
    let kitchen = Kitchen::handling(options, move |mut incoming| {
        let log = log.clone();
        Box::pin(async move {
            while incoming.requests.message().await?.is_some() {}
            log.fetch_add(1, Ordering::SeqCst);
            Ok(stream::iter([Ok(DynamicMessage::new(message("Dish")))]).boxed())
        })
    });
    let begun = || stream::iter([Ok(Bytes::from_static(BYTES))]);
    let broken = begun().chain(stream::iter([Err(std::io::Error::other("gone"))]));
    let reply = kitchen.reply(send("POST", FILM, "video/mp4", Body::from_stream(broken))).await;
    assert_eq!((reply.status, reply.reason().as_str()), (StatusCode::BAD_REQUEST, "BODY_UNREADABLE"));
    let silent = Body::from_stream(begun().chain(stream::pending::<Result<_, std::io::Error>>()));
    let reply = kitchen.reply(send("POST", FILM, "video/mp4", silent)).await;
    assert_eq!((reply.status, reply.reason().as_str()), (StatusCode::REQUEST_TIMEOUT, "UPLOAD_IDLE"));
    assert_eq!(ended_well.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_answer_of_bytes_is_saved_and_never_shown_as_a_page() {
    let page = vec![b'<'; 5000];
    let kitchen = giving(vec![Ok(body_message("text/html", &page))]);
    for uri in [PHOTO, "/v1/photos/1", FILM, &format!("{FILM}:show")] {
        let (parts, bytes) = get(&kitchen, "GET", uri).await;
        assert_eq!((parts.status, &bytes[..]), (StatusCode::OK, &page[..]), "{uri}");
        let header = |name: &str| parts.headers.get(name).map_or("", |value| value.to_str().unwrap());
        assert_eq!(header("content-type"), "text/html");
        assert_eq!(header("x-content-type-options"), "nosniff");
        let disposition = if uri == FILM { "attachment; filename=\"a.mp4\"" } else { "attachment" };
        assert_eq!(header("content-disposition"), disposition, "{uri}");
        assert!(header("content-security-policy").contains("sandbox"));
        assert_eq!(header("content-encoding"), "", "what is packed already is not packed again");
    }
    let (parts, bytes) = get(&giving(vec![Ok(body_message("odd\ntype", b"x"))]), "GET", PHOTO).await;
    assert_eq!(
        (&parts.headers["content-type"], &bytes[..]),
        (&"application/octet-stream".parse().unwrap(), &b"x"[..])
    );
}

#[tokio::test]
async fn a_stream_of_bodies_is_one_answer() {
    let bodies = vec![
        Ok(body_message("video/mp4", b"one, ")),
        Ok(body_message("", b"")),
        Ok(body_message("text/html", b"two")),
    ];
    let kitchen = giving(bodies);
    // What a client wants to see says nothing of a file.
    let request = Request::get(FILM).header("accept", "text/event-stream").body(Body::empty()).unwrap();
    let reply = kitchen.reply(request).await;
    assert_eq!((reply.status, reply.text.as_str()), (StatusCode::OK, "one, two"));
    assert_eq!(reply.headers["content-type"], "video/mp4");
    let (parts, bytes) = get(&kitchen, "HEAD", FILM).await;
    assert_eq!((parts.status, bytes.len()), (StatusCode::OK, 0));
    assert_eq!(parts.headers["content-disposition"], "attachment; filename=\"a.mp4\"");
    assert!(!parts.headers.contains_key("content-length"), "nobody knows it yet");
    let (parts, bytes) = get(&giving(vec![]), "GET", FILM).await;
    assert_eq!((parts.status, bytes.len()), (StatusCode::OK, 0));
}

#[tokio::test]
async fn a_download_that_fails_before_its_first_piece_is_a_plain_failure_and_later_it_breaks_off() {
    let reply = giving(vec![Err(Status::not_found("no film"))])
        .reply(Request::get(FILM).body(Body::empty()).unwrap())
        .await;
    assert_eq!((reply.status, reply.json()["code"].as_i64()), (StatusCode::NOT_FOUND, Some(5)));

    let kitchen = giving(vec![Ok(body_message("video/mp4", b"half")), Err(Status::data_loss("gone"))]);
    let response = kitchen.send(Request::get(FILM).body(Body::empty()).unwrap()).await;
    let mut pieces = response.into_body().into_data_stream();
    assert_eq!(pieces.next().await.unwrap().unwrap(), "half");
    assert!(pieces.next().await.unwrap().is_err(), "half a file is not taken for a whole one");
}

#[tokio::test]
async fn a_download_ends_when_the_gateway_shuts_down_or_the_clients_time_is_over() {
    let kitchen = Kitchen::handling(Options::default(), |_| {
        let first = stream::iter([Ok(body_message("video/mp4", b"first"))]);
        Box::pin(async move { Ok(first.chain(stream::pending()).boxed()) })
    });
    let begin = |header: Option<&str>| {
        let request = Request::get(FILM).header("x-request-timeout-ms", header.unwrap_or("60000"));
        kitchen.send(request.body(Body::empty()).unwrap())
    };
    for header in [Some("50"), None] {
        let mut pieces = begin(header).await.into_body().into_data_stream();
        assert_eq!(pieces.next().await.unwrap().unwrap(), "first");
        if header.is_none() {
            kitchen.shutdown.cancel();
        }
        let end = timeout(Duration::from_secs(5), pieces.next()).await.unwrap();
        assert!(end.unwrap().is_err());
    }
}

#[tokio::test]
async fn a_whole_request_and_one_field_of_an_answer_can_be_bytes() {
    let kitchen = Kitchen::answering(|method, requests| {
        let mut answer = DynamicMessage::new(method.output());
        answer.set_field_by_name("body", Value::Message(requests[0].clone()));
        answer.set_field_by_name("note", Value::String("not shown".to_owned()));
        Ok(vec![answer])
    });
    let response = kitchen.send(send("POST", "/v1/echo", "image/png", BYTES)).await;
    assert_eq!(response.headers()["content-type"], "image/png");
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), BYTES);
    assert_eq!(to_json(&kitchen.last().1[0])["contentType"], "image/png");
}

#[tokio::test]
async fn openapi_says_that_these_are_bytes() {
    let document = Kitchen::quiet().ask("GET", "/openapi.json", "").await.json();
    let bytes = json!({"*/*": {"schema": {"type": "string", "format": "binary"}}});
    let of = |suffix: &str, method: &str| {
        let paths = document["paths"].as_object().unwrap();
        let path = paths.iter().find(|(path, _)| path.ends_with(suffix)).unwrap().1;
        path[method].clone()
    };
    let upload = of("/film", "post");
    assert_eq!(upload["requestBody"]["content"], bytes);
    assert_eq!(upload["requestBody"]["required"], true);
    assert!(upload["responses"]["200"]["content"]["application/json"].is_object());
    let parameters = upload["parameters"].as_array().unwrap();
    let names: Vec<_> = parameters.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"taker") && !names.iter().any(|name| name.starts_with("photo")), "{names:?}");
    assert_eq!(of("/film", "get")["responses"]["200"]["content"], bytes);
    assert_eq!(of("/echo", "post")["responses"]["200"]["content"], bytes);
}
