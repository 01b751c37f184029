//! An issuer's published keys (RFC 7517): which of them are fit for use, and finding the one that signed.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use serde::Deserialize;

use super::Error;
use super::options::Algorithm;

/// The longest JWKS, in bytes.
pub(super) const BYTES_MAX: usize = 256 * 1024;

/// The most keys that one issuer may publish; more are ignored.
const KEYS_MAX: usize = 64;

/// The lengths of an RSA modulus, in bytes: at least 2,048 bits (RFC 7518, section 3.3), at most 4,096, beyond which a
/// check costs too much.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=512;

/// A key that is fit to verify with.
#[derive(Debug)]
pub(super) struct Key {
    /// The name that tokens call it by.
    id: Option<String>,
    /// What it may verify: by its type, and by its own `alg` where it states one.
    algorithms: Vec<Algorithm>,
    /// Everything published of it, to tell whether the very same key is published still.
    published: String,
    decoding: DecodingKey,
}

impl Key {
    /// Checks a signature.
    pub(super) fn verify(&self, algorithm: Algorithm, message: &str, signature: &str) -> Result<(), Error> {
        match jsonwebtoken::crypto::verify(
            signature,
            message.as_bytes(),
            &self.decoding,
            algorithm.to_library(),
        ) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(Error::Signature),
        }
    }
}

/// All keys of an issuer at one time.
#[derive(Debug, Default)]
pub(super) struct KeySet(Vec<Arc<Key>>);

impl KeySet {
    /// Reads a JWKS. Keys of unknown kinds, too weak ones and those for encryption are passed over, as RFC 7517,
    /// section 5 wants it.
    ///
    /// # Errors
    /// The text is no JWKS at all.
    pub(super) fn parse(json: &[u8]) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Published {
            keys: Vec<serde_json::Value>,
        }
        let published: Published = serde_json::from_slice(json)?;
        Ok(Self(published.keys.into_iter().take(KEYS_MAX).filter_map(fit).map(Arc::new).collect()))
    }

    /// The key that a token names. A token that names none is served when only one key can be meant.
    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Result<Arc<Key>, Error> {
        let mut named = self.0.iter().filter(|key| id.is_none() || key.id.as_deref() == id).peekable();
        if named.peek().is_none() {
            return Err(Error::KeyUnknown);
        }
        let mut fit = named.filter(|key| key.algorithms.contains(&algorithm));
        match (fit.next(), fit.next()) {
            (Some(key), None) => Ok(Arc::clone(key)),
            (Some(_), Some(_)) => Err(Error::KeyUnknown),
            (None, _) => Err(Error::Algorithm),
        }
    }

    /// Whether the very same key is published.
    pub(super) fn contains(&self, key: &Key) -> bool {
        self.0.iter().any(|other| other.published == key.published)
    }
}

/// The key, when it is one that may verify tokens.
fn fit(published: serde_json::Value) -> Option<Key> {
    let text = published.to_string();
    // Read here, since the library does not know every name that an algorithm has.
    let stated = published.get("alg").and_then(serde_json::Value::as_str).map(str::to_owned);
    let jwk = Jwk::deserialize(published).ok()?;
    if !matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
        return None;
    }
    let length = |field: &str| URL_SAFE_NO_PAD.decode(field).map(|bytes| bytes.len()).ok();
    // The lengths matter: the verifying library slices them unchecked.
    let mut algorithms = match &jwk.algorithm {
        AlgorithmParameters::RSA(key) if RSA_BYTES.contains(&length(&key.n)?) && length(&key.e)? <= 4 => {
            vec![Algorithm::RS256, Algorithm::PS256]
        }
        AlgorithmParameters::EllipticCurve(key)
            if key.curve == EllipticCurve::P256 && length(&key.x)? == 32 && length(&key.y)? == 32 =>
        {
            vec![Algorithm::ES256]
        }
        AlgorithmParameters::OctetKeyPair(key)
            if key.curve == EllipticCurve::Ed25519 && length(&key.x)? == 32 =>
        {
            vec![Algorithm::EdDSA]
        }
        _ => return None,
    };
    if let Some(stated) = stated {
        algorithms.retain(|algorithm| Algorithm::from_name(&stated) == Some(*algorithm));
    }
    let decoding = DecodingKey::from_jwk(&jwk).ok()?;
    Some(Key { id: jwk.common.key_id, algorithms, published: text, decoding })
}
