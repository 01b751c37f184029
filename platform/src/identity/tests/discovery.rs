//! Issuers whose keys are found by their metadata (OpenID Connect Discovery 1.0).

use std::collections::HashMap;
use std::sync::Mutex;

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

use super::*;

/// An issuer on loopback: what it answers by path, and what it was asked.
struct Issuer {
    name: String,
    site: Arc<Site>,
}

#[derive(Default)]
struct Site {
    pages: Mutex<HashMap<String, String>>,
    asked: Mutex<Vec<String>>,
}

async fn answer(State(site): State<Arc<Site>>, uri: Uri) -> Response {
    site.asked.lock().unwrap().push(uri.path().to_owned());
    match site.pages.lock().unwrap().get(uri.path()) {
        Some(page) if page.starts_with('/') => {
            (StatusCode::FOUND, [("location", page.clone())]).into_response()
        }
        Some(page) => page.clone().into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

impl Issuer {
    /// An issuer with a path in its name, as those with several realms have it.
    async fn start(signer: &Signer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let name = format!("http://{}/realms/city", listener.local_addr().unwrap());
        let site = Arc::new(Site::default());
        let app = axum::Router::new().fallback(answer).with_state(Arc::clone(&site));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let issuer = Self { name, site };
        issuer.publishes("/keys", &jwks(&[signer]));
        issuer.describes(&json!({ "issuer": issuer.name, "jwks_uri": issuer.url("/keys") }));
        issuer
    }

    fn url(&self, path: &str) -> String {
        self.name.replace("/realms/city", path)
    }

    fn publishes(&self, path: &str, page: &str) {
        self.site.pages.lock().unwrap().insert(path.to_owned(), page.to_owned());
    }

    fn describes(&self, metadata: &Value) {
        self.publishes("/realms/city/.well-known/openid-configuration", &metadata.to_string());
    }

    fn options(&self) -> IssuerOptions {
        IssuerOptions { issuer: self.name.clone(), ..issuer_options(None) }
    }

    fn token(&self, signer: &Signer) -> String {
        signer.token(|claims| claims["iss"] = json!(self.name))
    }
}

#[tokio::test]
async fn keys_are_where_the_metadata_of_the_issuer_says_and_may_move() {
    let (old, new) = (Signer::ed(1, "old"), Signer::ed(2, "new"));
    let issuer = Issuer::start(&old).await;
    let (authenticator, clock) = authenticator(issuer.options());
    assert!(authenticator.authenticate(Some(&issuer.token(&old))).await.is_ok());
    let document = "/realms/city/.well-known/openid-configuration";
    assert_eq!(*issuer.site.asked.lock().unwrap(), [document, "/keys"]);

    issuer.publishes("/moved", &jwks(&[&new]));
    issuer.describes(&json!({ "issuer": issuer.name, "jwks_uri": issuer.url("/moved") }));
    clock.advance(chrono::Duration::seconds(30));
    assert!(authenticator.authenticate(Some(&issuer.token(&new))).await.is_ok());
    assert_eq!(*issuer.site.asked.lock().unwrap(), [document, "/keys", document, "/moved"]);
}

#[tokio::test]
async fn an_issuer_whose_name_ends_in_a_slash_is_asked_without_it() {
    let ed = Signer::ed(1, "one");
    let mut issuer = Issuer::start(&ed).await;
    issuer.name.push('/');
    let metadata = json!({ "issuer": issuer.name, "jwks_uri": issuer.url("/keys").trim_end_matches('/') });
    issuer.describes(&metadata);
    let (authenticator, _) = authenticator(issuer.options());
    assert!(authenticator.authenticate(Some(&issuer.token(&ed))).await.is_ok());
}

#[tokio::test]
async fn metadata_that_is_not_the_issuers_own_or_leads_astray_is_not_followed() {
    let ed = Signer::ed(1, "one");
    let issuer = Issuer::start(&ed).await;
    let (name, keys) = (issuer.name.clone(), issuer.url("/keys"));
    let (authenticator, clock) = authenticator(issuer.options());
    let token = issuer.token(&ed);
    let astray = [
        json!({ "issuer": format!("{name}/"), "jwks_uri": keys }),
        json!({ "issuer": "https://id.example", "jwks_uri": keys }),
        json!({ "issuer": name }),
        json!({ "issuer": name, "jwks_uri": "http://id.example/keys" }),
        json!({ "issuer": name, "jwks_uri": keys.replace("http", "https") }),
        json!({ "issuer": name, "jwks_uri": "/keys" }),
        json!({ "issuer": name, "jwks_uri": issuer.url("/redirects") }),
        json!({ "issuer": name, "jwks_uri": issuer.url("/nowhere") }),
    ];
    issuer.publishes("/redirects", "/keys");
    for metadata in astray {
        issuer.describes(&metadata);
        let verdict = authenticator.authenticate(Some(&token)).await;
        assert_eq!(verdict, Err(Error::IssuerUnavailable), "{metadata}");
        clock.advance(chrono::Duration::seconds(10));
    }
    assert!(!issuer.site.asked.lock().unwrap().contains(&"/keys".to_owned()));
    issuer.describes(&json!({ "issuer": name, "jwks_uri": keys }));
    assert!(authenticator.authenticate(Some(&token)).await.is_ok());
}
