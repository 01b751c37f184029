//! A token from an OAuth 2 issuer, by the grant for clients (client credentials, RFC 6749, section 4.4).

use std::time::Duration;

use async_trait::async_trait;
use http::HeaderValue;
use reqwest::{Client, StatusCode, Url};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{Credentials, Invalid, Unavailable, bearer};
use crate::config::Secret;
use crate::identity::{issuer_client, issuer_url};

/// How long after a failure the issuer is asked again.
const RETRY: Duration = Duration::from_secs(1);

/// How long a token is believed whose issuer does not say, and the longest that one is believed.
const LIFETIME_S: u64 = 60;
const LIFETIME_S_MAX: u64 = 24 * 3600;

/// The longest answer, bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// How to ask for a token.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// The issuer's token endpoint: https, or http on this machine.
    pub token_url: String,
    /// The name by which the issuer knows this service.
    pub client_id: String,
    /// What proves it, sent by HTTP Basic.
    pub client_secret: Secret,
    /// The scopes to ask for, separated by spaces; none when empty.
    pub scope: String,
    /// For whom the token is, where the issuer must be told (`audience`); not sent when empty.
    pub audience: String,
}

/// The grant, and what it gave last.
pub(super) struct Grant {
    client: Client,
    url: Url,
    options: Options,
    /// Held while the issuer is asked: one asks, the others wait for the same answer.
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    /// The token, when to ask for the next one, and when this one ends.
    token: Option<(HeaderValue, Instant, Instant)>,
    failed: Option<Instant>,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    token_type: String,
    expires_in: Option<u64>,
}

/// Why the issuer gave no token. For the log alone, which must not hold the secret.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("asking the issuer: {0}")]
    Http(#[from] reqwest::Error),
    #[error("the issuer answered {0}")]
    Status(StatusCode),
    #[error("more than {ANSWER_BYTES_MAX} bytes")]
    Size,
    #[error("no answer of a token endpoint: {0}")]
    Form(#[from] serde_json::Error),
    #[error("the token is not one to bear")]
    Token,
}

impl Grant {
    /// The grant; nothing is asked yet, so that a service starts while its issuer is down.
    pub fn new(options: &Options) -> Result<Self, Invalid> {
        let invalid = |field, fault: &str| Invalid { field, fault: fault.to_owned() };
        let url =
            issuer_url(&options.token_url).map_err(|fault| invalid("client_credentials.token_url", fault))?;
        if options.client_id.is_empty() {
            return Err(invalid("client_credentials.client_id", "is empty"));
        }
        if options.client_secret.expose().is_empty() {
            return Err(invalid("client_credentials.client_secret", "is empty"));
        }
        let client = issuer_client(&url)
            .map_err(|fault| invalid("client_credentials.token_url", &fault.to_string()))?;
        Ok(Self { client, url, options: options.clone(), held: Mutex::default() })
    }

    async fn ask(&self) -> Result<(HeaderValue, u64), Fault> {
        let Options { client_id, client_secret, scope, audience, .. } = &self.options;
        let mut pairs = vec![("grant_type", "client_credentials")];
        let optional = [("scope", scope.as_str()), ("audience", audience.as_str())];
        pairs.extend(optional.into_iter().filter(|(_, value)| !value.is_empty()));
        // Section 2.3.1: both halves are encoded as in a form before they are joined.
        let secret = encoded(client_secret.expose());
        let request = self.client.post(self.url.clone()).basic_auth(encoded(client_id), Some(secret));
        let request = request
            .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(http::header::ACCEPT, "application/json")
            .body(form(&pairs));
        let mut response = request.send().await?;
        if response.status() != StatusCode::OK {
            return Err(Fault::Status(response.status()));
        }
        let mut json = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if json.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(Fault::Size);
            }
            json.extend_from_slice(&chunk);
        }
        let answer: Answer = serde_json::from_slice(&json)?;
        if !answer.token_type.eq_ignore_ascii_case("bearer") {
            return Err(Fault::Token);
        }
        let value = bearer(&answer.access_token).ok_or(Fault::Token)?;
        Ok((value, answer.expires_in.unwrap_or(LIFETIME_S).min(LIFETIME_S_MAX)))
    }
}

#[async_trait]
impl Credentials for Grant {
    async fn authorization(&self) -> Result<HeaderValue, Unavailable> {
        let mut held = self.held.lock().await;
        let now = Instant::now();
        let old = match &held.token {
            Some((value, renew, _)) if now < *renew => return Ok(value.clone()),
            Some((value, _, end)) if now < *end => Ok(value.clone()),
            Some(_) | None => Err(Unavailable),
        };
        if held.failed.is_some_and(|failed| failed.elapsed() < RETRY) {
            return old;
        }
        match self.ask().await {
            Ok((value, lifetime_s)) => {
                let lifetime = Duration::from_secs(lifetime_s);
                held.token = Some((value.clone(), now + lifetime.mul_f64(0.8), now + lifetime));
                held.failed = None;
                Ok(value)
            }
            Err(fault) => {
                tracing::warn!(url = %self.url, %fault, "no token of one's own was given");
                held.failed = Some(Instant::now());
                old
            }
        }
    }
}

/// Pairs as a form sends them.
fn form(pairs: &[(&str, &str)]) -> String {
    pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
        .collect::<Vec<_>>()
        .join("&")
}

/// A text as a form sends it; every byte that could mean something else is escaped.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut whole, byte| {
        if byte.is_ascii_alphanumeric() || b"-._*".contains(&byte) {
            whole.push(char::from(byte));
        } else {
            whole.push_str(&format!("%{byte:02X}"));
        }
        whole
    })
}
