use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use tonic::{Code, Request};

use super::*;
use crate::client::{connect, in_process_as};
use crate::clock::{Clock as _, Manual};
use crate::config::Secret;
use crate::identity::issuer::BuiltIn;
use crate::server;
use crate::server::fixture::{assembled, get, get_name, served};
use crate::status::reason;

fn swift() -> server::Options {
    server::Options { drain_ms: 0, shutdown_ms_max: 400, ..server::Options::default() }
}

#[tokio::test]
async fn a_call_is_signed_unless_its_caller_has_signed_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "own\n").unwrap();
    let server = served(swift()).await;
    let endpoint = format!("http://{}", server.address);
    let peer = connect(&Options { endpoint, token_file: Some(file), ..Options::default() }).unwrap();
    assert_eq!(get_name(&peer, "a").await.unwrap(), "a for Bearer own");
    let mut request = Request::new(minqing_proto::registry::v1::GetDivisionRequest { name: "a".into() });
    request.metadata_mut().insert("authorization", "Bearer theirs".parse().unwrap());
    assert_eq!(get(&peer, request).await.unwrap(), "a for Bearer theirs");
}

#[tokio::test]
async fn a_renewed_token_is_found_and_a_vanished_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, "first").unwrap();
    let mut file = token_file::TokenFile::open(&path).unwrap();
    std::fs::write(&path, "second").unwrap();
    assert_eq!(file.authorization().await.unwrap(), "Bearer first", "it is not read for every call");
    file.believed = Duration::ZERO;
    assert_eq!(file.authorization().await.unwrap(), "Bearer second");
    std::fs::remove_file(&path).unwrap();
    assert_eq!(file.authorization().await.unwrap(), "Bearer second");
}

#[tokio::test]
async fn what_cannot_be_a_token_is_refused_at_start_by_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let refused = |options: Options| {
        let options = Options { endpoint: "http://a:1".into(), ..options };
        connect(&options).expect_err("it was taken").to_string()
    };
    let by_file = || Options { token_file: Some(path.clone()), ..Options::default() };
    assert!(refused(by_file()).starts_with("token_file: "));
    std::fs::write(&path, "two words").unwrap();
    assert!(refused(by_file()).contains("holds no token"));
    let client = ClientOptions {
        token_url: "http://id.example/token".into(),
        client_id: "cases".into(),
        client_secret: Secret::new("s".into()),
        ..ClientOptions::default()
    };
    let by_grant = |client| Options { client_credentials: Some(client), ..Options::default() };
    assert!(refused(by_grant(client.clone())).starts_with("client_credentials.token_url: "));
    let both = Options { token_file: Some(path.clone()), ..by_grant(client) };
    assert!(refused(both).contains("not both"));
}

#[tokio::test]
async fn the_system_account_of_this_process_is_renewed_before_it_ends() {
    let clock = Arc::new(Manual::at("2026-11-24T01:00:00Z".parse().unwrap()));
    let minted = Minted::new(Arc::new(BuiltIn::from_seed(&[1; 32])), "cases", clock.clone());
    let first = minted.authorization().await.unwrap();
    clock.advance(chrono::TimeDelta::minutes(4));
    assert_eq!(minted.authorization().await.unwrap(), first);
    clock.advance(chrono::TimeDelta::minutes(1));
    let second = minted.authorization().await.unwrap();
    assert_ne!(second, first);
    clock.set(clock.now() - chrono::TimeDelta::hours(1));
    assert_ne!(minted.authorization().await.unwrap(), second, "it would be of the future");
    let (assembled, _) = assembled(&swift()).await;
    let peer = in_process_as(assembled.peer, Arc::new(minted));
    assert!(get_name(&peer, "a").await.unwrap().starts_with("a for Bearer ey"));
}

/// A token endpoint that gives numbered tokens of two seconds, until it is told to fail.
struct Issuer {
    asked: AtomicUsize,
    failing: std::sync::atomic::AtomicBool,
}

async fn give(State(issuer): State<Arc<Issuer>>, headers: HeaderMap, body: String) -> (StatusCode, String) {
    let number = issuer.asked.fetch_add(1, Ordering::SeqCst);
    if issuer.failing.load(Ordering::SeqCst) {
        return (StatusCode::SERVICE_UNAVAILABLE, String::new());
    }
    // cases%3A1:s%26ecret
    assert_eq!(headers["authorization"], "Basic Y2FzZXMlM0ExOnMlMjZlY3JldA==");
    assert_eq!(body, "grant_type=client_credentials&scope=read%20all");
    (StatusCode::OK, format!("{{\"access_token\":\"t{number}\",\"token_type\":\"Bearer\",\"expires_in\":2}}"))
}

#[tokio::test]
async fn a_token_is_asked_of_the_issuer_once_for_as_long_as_it_holds() {
    let issuer = Arc::new(Issuer { asked: 0.into(), failing: false.into() });
    let router = Router::new().route("/token", post(give)).with_state(issuer.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let token_url = format!("http://{}/token", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let options = ClientOptions {
        token_url,
        client_id: "cases:1".into(),
        client_secret: Secret::new("s&ecret".into()),
        scope: "read all".into(),
        ..ClientOptions::default()
    };
    let grant = Arc::new(grant::Grant::new(&options).unwrap());
    let both = tokio::join!(grant.authorization(), grant.authorization());
    assert_eq!(
        (both.0.unwrap(), both.1.unwrap()),
        ("Bearer t0".parse().unwrap(), "Bearer t0".parse().unwrap())
    );
    issuer.failing.store(true, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(1_700)).await;
    assert_eq!(
        grant.authorization().await.unwrap(),
        "Bearer t0",
        "it holds still, though no other can be had"
    );
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(grant.authorization().await, Err(Unavailable));
    let (assembled, calls) = assembled(&swift()).await;
    let status = get_name(&in_process_as(assembled.peer, grant.clone()), "a").await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_deref()),
        (Code::Unavailable, Some("CREDENTIALS_UNAVAILABLE"))
    );
    assert_eq!(calls.load(Ordering::SeqCst), 0, "nobody is asked anonymously instead");
    issuer.failing.store(false, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let next = grant.authorization().await.unwrap();
    assert!(next.to_str().unwrap().starts_with("Bearer t") && next != "Bearer t0", "{next:?}");
}
