//! Tokens: taking one apart, and the checks that need no key.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::options::Algorithm;
use super::{Appointment, Error};

/// The longest token, in bytes. It travels in a header, and servers commonly refuse longer headers.
const SIZE_MAX_BYTES: usize = 8 * 1024;

/// The longest subject, in bytes (OpenID Connect Core, section 2).
const SUBJECT_MAX_BYTES: usize = 255;

/// A token taken apart, of which nothing is proven yet.
#[derive(Debug)]
pub(super) struct Unverified<'a> {
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<String>,
    pub(super) claims: Claims,
    pub(super) message: &'a str,
    pub(super) signature: &'a str,
}

#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<serde_json::Value>,
}

/// The claims that are read (RFC 7519, section 4.1, and our own).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) sub: String,
    pub(super) aud: Audience,
    /// Seconds since 1970, as the other two.
    pub(super) exp: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) nbf: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) iat: Option<f64>,
    /// Ours in tokens of the built-in issuer; in those of others it may be anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    person: Option<serde_json::Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) minqing: Option<serde_json::Value>,
}

/// `aud` is one name or a list of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Our own claim: what the subject may act as, in tokens of the built-in issuer.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Granted {
    pub(super) roles: Vec<Appointment>,
}

/// Refuses what is too long before anything is spent on it.
pub(super) fn check_size(token: &str) -> Result<(), Error> {
    if token.len() > SIZE_MAX_BYTES { Err(Error::Malformed) } else { Ok(()) }
}

impl<'a> Unverified<'a> {
    /// Takes a token apart.
    pub(super) fn parse(token: &'a str) -> Result<Self, Error> {
        let (message, signature) = token.rsplit_once('.').ok_or(Error::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(Error::Malformed)?;
        let header: Header = part(header)?;
        let algorithm = Algorithm::from_name(&header.alg).ok_or(Error::Algorithm)?;
        // `crit` names extensions that must be understood, and none is (RFC 7515, section 4.1.11). `typ` keeps apart
        // tokens that an issuer signs for other ends, such as a logout token.
        if header.crit.is_some() || !header.typ.as_deref().is_none_or(is_access_type) {
            return Err(Error::Malformed);
        }
        Ok(Self { algorithm, key_id: header.kid, claims: part(claims)?, message, signature })
    }
}

fn is_access_type(typ: &str) -> bool {
    ["JWT", "at+jwt", "application/at+jwt"].into_iter().any(|known| known.eq_ignore_ascii_case(typ))
}

fn part<T: serde::de::DeserializeOwned>(encoded: &str) -> Result<T, Error> {
    let json = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| Error::Malformed)?;
    serde_json::from_slice(&json).map_err(|_| Error::Malformed)
}

impl Claims {
    /// Checks whom and what the token is for. An empty subject would be taken for an anonymous caller, and a control
    /// character would spoil records.
    pub(super) fn check_parties(&self, audience: &str) -> Result<(), Error> {
        let named = match &self.aud {
            Audience::One(name) => name == audience,
            Audience::Many(names) => names.iter().any(|name| name == audience),
        };
        if !named {
            return Err(Error::Audience);
        }
        if self.sub.is_empty() || self.sub.len() > SUBJECT_MAX_BYTES || self.sub.chars().any(char::is_control)
        {
            return Err(Error::Malformed);
        }
        Ok(())
    }

    /// Checks the times. `exp` is the first instant at which the token is void.
    pub(super) fn check_times(&self, now: DateTime<Utc>, leeway_s: u32) -> Result<(), Error> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "microseconds since 1970 fit 53 bits until the year 2255"
        )]
        let now_s = now.timestamp_micros() as f64 / 1e6;
        let leeway_s = f64::from(leeway_s);
        if now_s >= self.exp + leeway_s {
            return Err(Error::Expired);
        }
        if [self.nbf, self.iat].into_iter().flatten().any(|from| from > now_s + leeway_s) {
            return Err(Error::NotYetValid);
        }
        Ok(())
    }

    /// The person that the token itself names.
    pub(super) fn person(&self) -> Option<String> {
        self.person.as_ref().and_then(serde_json::Value::as_str).map(str::to_owned)
    }

    /// The appointments that the token itself carries.
    pub(super) fn granted(&self) -> Result<Vec<Appointment>, Error> {
        match &self.minqing {
            None => Ok(Vec::new()),
            Some(claim) => {
                Granted::deserialize(claim).map(|granted| granted.roles).map_err(|_| Error::Malformed)
            }
        }
    }
}
