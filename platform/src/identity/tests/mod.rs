//! What is accepted and what is refused. The keys in `keys/` were made for these tests and guard nothing.

mod built_in;
mod discovery;
mod keys;
mod refusals;

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use jsonwebtoken::EncodingKey;
use jsonwebtoken::jwk::Jwk;
use serde_json::{Value, json};

use super::*;
use crate::clock::{Clock, Manual};

const ISSUER: &str = "https://id.example";
const AUDIENCE: &str = "minqing";

/// Somebody who signs tokens.
struct Signer {
    key: EncodingKey,
    algorithm: jsonwebtoken::Algorithm,
    jwk: Value,
}

impl Signer {
    fn new(key: EncodingKey, algorithm: jsonwebtoken::Algorithm, id: &str) -> Self {
        let mut jwk = Jwk::from_encoding_key(&key, algorithm).unwrap();
        jwk.common.key_id = Some(id.to_owned());
        jwk.common.key_algorithm = None;
        Self { key, algorithm, jwk: serde_json::to_value(jwk).unwrap() }
    }

    fn ed(seed: u8, id: &str) -> Self {
        let der = [issuer::PKCS8_PREFIX.as_slice(), &[seed; 32]].concat();
        Self::new(EncodingKey::from_ed_der(&der), jsonwebtoken::Algorithm::EdDSA, id)
    }

    fn rsa(id: &str) -> Self {
        let key = EncodingKey::from_rsa_pem(include_bytes!("keys/rsa.pem")).unwrap();
        Self::new(key, jsonwebtoken::Algorithm::RS256, id)
    }

    fn p256(id: &str) -> Self {
        let key = EncodingKey::from_ec_pem(include_bytes!("keys/p256.pem")).unwrap();
        Self::new(key, jsonwebtoken::Algorithm::ES256, id)
    }

    /// A token of any header and claims.
    fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.key, self.algorithm).unwrap();
        format!("{message}.{signature}")
    }

    /// A good token but for what `change` does to its claims.
    fn token(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = claims();
        change(&mut claims);
        self.sign(&json!({ "alg": format!("{:?}", self.algorithm), "kid": self.jwk["kid"] }), &claims)
    }
}

fn message(header: &Value, claims: &Value) -> String {
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    format!("{}.{}", part(header), part(claims))
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

/// In force from now for ten minutes.
fn claims() -> Value {
    let now_s = now().timestamp();
    json!({ "iss": ISSUER, "sub": "zhang", "aud": AUDIENCE, "iat": now_s, "exp": now_s + 600 })
}

fn jwks(signers: &[&Signer]) -> String {
    json!({ "keys": signers.iter().map(|signer| &signer.jwk).collect::<Vec<_>>() }).to_string()
}

fn issuer_options(jwks: Option<String>) -> IssuerOptions {
    IssuerOptions {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        algorithms: vec![Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA],
        jwks_url: None,
        jwks_file: None,
        jwks,
        appointments: AppointmentsFrom::FromRegistry,
    }
}

/// An authenticator that trusts one issuer, with the clock it goes by.
fn authenticator(issuer: IssuerOptions) -> (Authenticator, Arc<Manual>) {
    let clock = Arc::new(Manual::at(now()));
    let options = Options { issuers: vec![issuer], leeway_s: 30 };
    (Authenticator::new(options, Arc::new(Registry), clock.clone()).unwrap(), clock)
}

/// A registry that has appointed one person, until a day has passed, and does not answer for another.
struct Registry;

#[async_trait]
impl AppointmentSource for Registry {
    async fn appointments(
        &self,
        issuer: &str,
        subject: &str,
        at: DateTime<Utc>,
    ) -> Result<Linked, Unavailable> {
        match (issuer, subject) {
            (_, "unlucky") => Err(Unavailable),
            (ISSUER, "li") => Ok(Linked {
                person: Some("people/li".to_owned()),
                appointments: if at < now() + chrono::Duration::seconds(300) {
                    vec![Appointment::everywhere(Role::Dispatcher)]
                } else {
                    Vec::new()
                },
            }),
            _ => Ok(Linked::default()),
        }
    }
}
