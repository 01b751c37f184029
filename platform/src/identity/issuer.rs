//! The built-in issuer: signs tokens for trying the suite out, under `minqing up` alone.

use std::path::Path;

use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{EncodingKey, Header};
use serde::Serialize;

use super::Appointment;
use super::options::{Algorithm, AppointmentsFrom, IssuerOptions};
use super::token::Granted;
use crate::keyfile;

/// The built-in issuer's name.
pub const ISSUER: &str = "urn:minqing:built-in";

/// The audience of its tokens.
pub const AUDIENCE: &str = "minqing";

/// The file of its secret key, in the data directory.
const KEY_FILE: &str = "issuer.key";

/// The file of its public key, in the data directory.
const JWKS_FILE: &str = "issuer.jwks.json";

/// What stands before the seed in the PKCS#8 form of an Ed25519 key (RFC 8410, section 7).
pub(super) const PKCS8_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// The built-in issuer, signing with Ed25519.
pub struct BuiltIn {
    key: EncodingKey,
    key_id: String,
    jwks: String,
}

/// The claims of its tokens.
#[derive(Serialize)]
struct Minted<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<&'a str>,
    minqing: Granted,
}

impl BuiltIn {
    /// The issuer of a data directory, which must exist. Its key is made on the first use, and its public key is
    /// published beside it in `issuer.jwks.json`.
    ///
    /// # Errors
    /// The key cannot be read, made or published.
    pub fn open(data: &Path) -> Result<Self, keyfile::Error> {
        let built_in = Self::from_seed(keyfile::read_or_create(&data.join(KEY_FILE))?.expose());
        keyfile::replace(&data.join(JWKS_FILE), built_in.jwks.as_bytes())?;
        Ok(built_in)
    }

    /// The issuer whose key comes of a seed: for tests, which need no file.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let key = EncodingKey::from_ed_der(&[PKCS8_PREFIX.as_slice(), seed].concat());
        let mut jwk = Jwk::from_encoding_key(&key, jsonwebtoken::Algorithm::EdDSA)
            .expect("32 bytes after the prefix of RFC 8410 are an Ed25519 key");
        let key_id = jwk.thumbprint(ThumbprintHash::SHA256).expect("an Ed25519 key has a thumbprint");
        jwk.common.key_id = Some(key_id.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        let jwks = serde_json::json!({ "keys": [jwk] }).to_string();
        Self { key, key_id, jwks }
    }

    /// Its public key as a JWKS.
    pub fn jwks(&self) -> &str {
        &self.jwks
    }

    /// What an [`Authenticator`](super::Authenticator) must be told to trust it.
    pub fn options(&self) -> IssuerOptions {
        IssuerOptions {
            issuer: ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
            algorithms: vec![Algorithm::EdDSA],
            jwks_url: None,
            jwks_file: None,
            jwks: Some(self.jwks.clone()),
            appointments: AppointmentsFrom::FromToken,
        }
    }

    /// Signs a token for a subject (not empty, at most 255 bytes), in force from now for a lifetime, in whole seconds.
    pub fn mint(
        &self,
        subject: &str,
        appointments: &[Appointment],
        lifetime: Duration,
        now: DateTime<Utc>,
        audience: &str,
    ) -> String {
        self.mint_for(None, subject, appointments, lifetime, now, audience)
    }

    /// Signs a token as [`mint`](Self::mint) does, for a subject that is a person of the registry (`people/x`).
    pub fn mint_for(
        &self,
        person: Option<&str>,
        subject: &str,
        appointments: &[Appointment],
        lifetime: Duration,
        now: DateTime<Utc>,
        audience: &str,
    ) -> String {
        let mut header = Header::new(jsonwebtoken::Algorithm::EdDSA);
        header.kid = Some(self.key_id.clone());
        let claims = Minted {
            iss: ISSUER,
            sub: subject,
            aud: audience,
            iat: now.timestamp(),
            exp: now.timestamp().saturating_add(lifetime.num_seconds()),
            person,
            minqing: Granted { roles: appointments.to_vec() },
        };
        jsonwebtoken::encode(&header, &claims, &self.key).expect("a checked Ed25519 key signs any text")
    }
}

impl std::fmt::Debug for BuiltIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BuiltIn").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}
