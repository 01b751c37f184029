//! Keys that change, and issuers that are down.

use std::future::IntoFuture;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;

use super::*;

/// An issuer's key endpoint on loopback.
struct Endpoint {
    url: String,
    shared: Arc<Shared>,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

struct Shared {
    answer: Mutex<(StatusCode, String)>,
    asked: AtomicUsize,
    delay: Duration,
}

async fn answer(State(shared): State<Arc<Shared>>) -> Response {
    shared.asked.fetch_add(1, Ordering::SeqCst);
    tokio::time::sleep(shared.delay).await;
    let (status, body) = shared.answer.lock().unwrap().clone();
    (status, [("location", "/elsewhere")], body).into_response()
}

impl Endpoint {
    async fn start(jwks: String, delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let answer_with = Mutex::new((StatusCode::OK, jwks));
        let shared = Arc::new(Shared { answer: answer_with, asked: AtomicUsize::new(0), delay });
        let app = axum::Router::new()
            .route("/keys", get(answer))
            .route("/elsewhere", get(|| async { jwks_of_a_thief() }))
            .with_state(Arc::clone(&shared));
        let server = tokio::spawn(axum::serve(listener, app).into_future());
        Self { url, shared, server }
    }

    fn answers(&self, status: StatusCode, body: String) {
        *self.shared.answer.lock().unwrap() = (status, body);
    }

    fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }

    fn options(&self) -> IssuerOptions {
        IssuerOptions { jwks_url: Some(self.url.clone()), ..issuer_options(None) }
    }
}

fn jwks_of_a_thief() -> String {
    jwks(&[&Signer::ed(66, "thief")])
}

/// Waits for what goes on in the background.
async fn eventually(mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..500 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not come about within 5 s");
}

fn seconds(seconds: i64) -> chrono::Duration {
    chrono::Duration::seconds(seconds)
}

/// In force for two days.
fn lasting(signer: &Signer) -> String {
    signer.token(|claims| claims["exp"] = json!(now().timestamp() + 2 * 86_400))
}

#[tokio::test]
async fn keys_are_fetched_once_for_any_number_of_callers() {
    let ed = Signer::ed(1, "one");
    let endpoint = Endpoint::start(jwks(&[&ed]), Duration::from_millis(50)).await;
    let (authenticator, _) = authenticator(endpoint.options());
    let tokens: Vec<_> = (0..20).map(|n| ed.token(|claims| claims["sub"] = json!(format!("s{n}")))).collect();
    let calls = tokens.iter().map(|token| authenticator.authenticate(Some(token)));
    assert!(futures::future::join_all(calls).await.iter().all(Result::is_ok));
    assert_eq!(endpoint.asked(), 1);
}

#[tokio::test]
async fn an_unknown_key_is_asked_for_at_most_every_thirty_seconds() {
    let (old, new) = (Signer::ed(1, "old"), Signer::ed(2, "new"));
    let endpoint = Endpoint::start(jwks(&[&old]), Duration::ZERO).await;
    let (authenticator, clock) = authenticator(endpoint.options());
    assert!(authenticator.authenticate(Some(&old.token(|_| {}))).await.is_ok());
    endpoint.answers(StatusCode::OK, jwks(&[&old, &new]));
    let token = new.token(|_| {});
    clock.advance(seconds(29));
    for _ in 0..5 {
        assert_eq!(authenticator.authenticate(Some(&token)).await, Err(Error::KeyUnknown));
    }
    assert_eq!(endpoint.asked(), 1);
    clock.advance(seconds(1));
    assert!(authenticator.authenticate(Some(&token)).await.is_ok());
    assert_eq!(endpoint.asked(), 2);
}

#[tokio::test]
async fn a_withdrawn_key_is_noticed_behind_the_callers_back_even_for_tokens_seen_before() {
    let (old, new) = (Signer::ed(1, "old"), Signer::ed(2, "new"));
    let endpoint = Endpoint::start(jwks(&[&old]), Duration::ZERO).await;
    let (authenticator, clock) = authenticator(endpoint.options());
    let token = lasting(&old);
    assert!(authenticator.authenticate(Some(&token)).await.is_ok());
    endpoint.answers(StatusCode::OK, jwks(&[&new]));
    clock.advance(seconds(299));
    assert!(authenticator.authenticate(Some(&token)).await.is_ok());
    assert_eq!(endpoint.asked(), 1);
    clock.advance(seconds(1));
    assert!(authenticator.authenticate(Some(&token)).await.is_ok(), "nobody waits for the refresh");
    eventually(async || authenticator.authenticate(Some(&token)).await == Err(Error::KeyUnknown)).await;
    assert_eq!(endpoint.asked(), 2);
}

#[tokio::test]
async fn a_new_key_under_an_old_name_replaces_it() {
    let (old, new) = (Signer::ed(1, "same"), Signer::ed(2, "same"));
    let endpoint = Endpoint::start(jwks(&[&old]), Duration::ZERO).await;
    let (authenticator, clock) = authenticator(endpoint.options());
    let (token, next) = (lasting(&old), lasting(&new));
    assert!(authenticator.authenticate(Some(&token)).await.is_ok());
    endpoint.answers(StatusCode::OK, jwks(&[&new]));
    clock.advance(seconds(300));
    eventually(async || authenticator.authenticate(Some(&next)).await.is_ok()).await;
    assert_eq!(authenticator.authenticate(Some(&token)).await, Err(Error::Signature));
}

#[tokio::test]
async fn the_last_good_keys_serve_while_the_issuer_is_down_but_for_a_day_at_most() {
    let (ed, new) = (Signer::ed(1, "one"), Signer::ed(2, "new"));
    let endpoint = Endpoint::start(jwks(&[&ed]), Duration::ZERO).await;
    let (authenticator, clock) = authenticator(endpoint.options());
    let token = lasting(&ed);
    assert!(authenticator.authenticate(Some(&token)).await.is_ok());
    endpoint.server.abort();
    eventually(async || {
        tokio::net::TcpStream::connect(&endpoint.url[7..endpoint.url.len() - 5]).await.is_err()
    })
    .await;
    clock.advance(seconds(86_399));
    assert!(authenticator.authenticate(Some(&token)).await.is_ok());
    eventually(async || {
        authenticator.authenticate(Some(&lasting(&new))).await == Err(Error::IssuerUnavailable)
    })
    .await;
    assert!(authenticator.authenticate(Some(&token)).await.is_ok());
    clock.advance(seconds(1));
    assert_eq!(authenticator.authenticate(Some(&token)).await, Err(Error::IssuerUnavailable));
}

#[tokio::test]
async fn an_issuer_that_was_down_at_first_is_tried_again_after_ten_seconds() {
    let ed = Signer::ed(1, "one");
    let endpoint = Endpoint::start(String::new(), Duration::ZERO).await;
    let bad_answers = [
        (StatusCode::INTERNAL_SERVER_ERROR, jwks(&[&ed])),
        (StatusCode::OK, "<html>".to_owned()),
        (StatusCode::OK, jwks(&[&ed]) + &" ".repeat(256 * 1024)),
        (StatusCode::FOUND, String::new()),
    ];
    let (authenticator, clock) = authenticator(endpoint.options());
    for (place, (status, body)) in bad_answers.into_iter().enumerate() {
        endpoint.answers(status, body);
        for _ in 0..3 {
            let token = if place == 3 { Signer::ed(66, "thief").token(|_| {}) } else { ed.token(|_| {}) };
            assert_eq!(
                authenticator.authenticate(Some(&token)).await,
                Err(Error::IssuerUnavailable),
                "{status}"
            );
        }
        assert_eq!(endpoint.asked(), place + 1, "three calls asked once");
        clock.advance(seconds(10));
    }
    endpoint.answers(StatusCode::OK, jwks(&[&ed]));
    assert!(authenticator.authenticate(Some(&ed.token(|_| {}))).await.is_ok());
}

#[tokio::test]
async fn a_caller_who_gives_up_does_not_stop_the_fetching() {
    let ed = Signer::ed(1, "one");
    let endpoint = Endpoint::start(jwks(&[&ed]), Duration::from_millis(200)).await;
    let (authenticator, _) = authenticator(endpoint.options());
    let token = ed.token(|_| {});
    let hasty = tokio::time::timeout(Duration::from_millis(50), authenticator.authenticate(Some(&token)));
    assert!(hasty.await.is_err());
    assert!(authenticator.authenticate(Some(&token)).await.is_ok());
    assert_eq!(endpoint.asked(), 1);
}

#[tokio::test]
async fn keys_of_a_file_follow_the_file_and_stay_when_it_is_broken() {
    let (old, new) = (Signer::ed(1, "old"), Signer::ed(2, "new"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    let options = IssuerOptions { jwks_file: Some(path.clone()), ..issuer_options(None) };
    let (authenticator, clock) = authenticator(options);
    let (token, next) = (lasting(&old), lasting(&new));
    assert_eq!(authenticator.authenticate(Some(&token)).await, Err(Error::IssuerUnavailable));

    std::fs::write(&path, jwks(&[&old])).unwrap();
    clock.advance(seconds(1));
    assert!(authenticator.authenticate(Some(&token)).await.is_ok());

    std::fs::write(&path, "{").unwrap();
    clock.advance(seconds(60));
    assert!(authenticator.authenticate(Some(&token)).await.is_ok());
    eventually(async || authenticator.authenticate(Some(&next)).await == Err(Error::IssuerUnavailable)).await;
    assert!(authenticator.authenticate(Some(&token)).await.is_ok(), "a broken file withdraws nothing");

    std::fs::write(&path, jwks(&[&new])).unwrap();
    clock.advance(seconds(5));
    eventually(async || authenticator.authenticate(Some(&next)).await.is_ok()).await;
    assert_eq!(authenticator.authenticate(Some(&token)).await, Err(Error::KeyUnknown));
}
