//! Protecting identity numbers (身份证号) and telephone numbers at rest.
//!
//! A [`Keyring`] seals a text so that only its holder reads it, and only where it was put: the context, such as the
//! column and the row's id, is bound to it, so a sealed text copied into another row does not open. Sealed texts of equal
//! content differ; to find one by its content, store [`Keyring::index`] beside it.
//!
//! A sealed text is a version byte (1), the key's number (4 bytes, big-endian), a random nonce (24 bytes), and the
//! ciphertext with its tag, by XChaCha20-Poly1305: its nonces are long enough to be drawn at random without a count.

use std::path::Path;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use serde::Deserialize;
use sha2::Sha256;

use crate::config::Secret;
use crate::keyfile;

const VERSION: u8 = 1;
const HEADER_BYTES: usize = 5;
const NONCE_BYTES: usize = 24;

/// The file of the only key, in the data directory of `minqing up`.
const KEY_FILE: &str = "seal.key";

/// The number of the key of that file.
const FILE_KEY_ID: u32 = 1;

/// The keys as configured. To rotate, add a key with a higher number, seal again what [`Keyring::is_current`] denies, then
/// drop the old key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The keys; the one of the highest number seals, all open.
    pub keys: Vec<KeyOptions>,
    /// The secret of the index: 32 bytes in hexadecimal or base64. It does not rotate with the keys: with another secret
    /// nothing stored would be found until every index was computed anew.
    pub index: Secret<String>,
}

/// One key as configured.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyOptions {
    /// The number, used for no other key ever.
    pub id: u32,
    /// 32 bytes in hexadecimal or base64.
    pub secret: Secret<String>,
}

/// Why keys cannot be used, or a sealed text does not open.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no key.
    #[error("keys: is empty")]
    NoKey,
    /// Two keys have one number.
    #[error("keys: the id {0} is there twice")]
    KeyTwice(u32),
    /// The named field is not 32 bytes.
    #[error("{0}: is not 32 bytes in hexadecimal or base64")]
    Form(String),
    /// The key file cannot be used.
    #[error(transparent)]
    File(#[from] keyfile::Error),
    /// It is not a sealed text, or of a later version.
    #[error("not a sealed text")]
    NotSealed,
    /// It was sealed with a key that is not on the ring.
    #[error("sealed with the key {0}, which is not configured")]
    KeyUnknown(u32),
    /// It was changed, or sealed for another context, or with another key of that number.
    #[error("the sealed text was changed or belongs elsewhere")]
    Tampered,
}

/// Seals and opens texts.
pub struct Keyring {
    /// By number, the newest last; never empty.
    keys: Vec<(u32, XChaCha20Poly1305)>,
    index: [u8; 32],
}

impl Keyring {
    /// The ring of the configured keys.
    ///
    /// # Errors
    /// [`Error::NoKey`], [`Error::KeyTwice`] or [`Error::Form`].
    pub fn new(options: &Options) -> Result<Self, Error> {
        let decode = |field: String, secret: &Secret<String>| {
            keyfile::decode(secret.expose().trim()).ok_or(Error::Form(field))
        };
        let mut keys = Vec::with_capacity(options.keys.len());
        for (place, key) in options.keys.iter().enumerate() {
            keys.push((key.id, cipher(&decode(format!("keys[{place}].secret"), &key.secret)?)));
        }
        keys.sort_by_key(|(id, _)| *id);
        if let Some(pair) = keys.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(Error::KeyTwice(pair[0].0));
        }
        if keys.is_empty() {
            return Err(Error::NoKey);
        }
        Ok(Self { keys, index: derive(&decode("index".to_owned(), &options.index)?, "minqing/index/1") })
    }

    /// The ring of a data directory, which must exist: one key, in `seal.key`, made on the first use. Whoever loses the
    /// file loses what was sealed.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn open_data(data: &Path) -> Result<Self, Error> {
        Ok(Self::from_secret(keyfile::read_or_create(&data.join(KEY_FILE))?.expose()))
    }

    /// The ring of one secret, for sealing and for the index alike: for tests, which need no file.
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        Self { keys: vec![(FILE_KEY_ID, cipher(secret))], index: derive(secret, "minqing/index/1") }
    }

    /// Seals a text for a context, which names where it is put: table, column and row.
    pub fn seal(&self, plain: &str, context: &str) -> Vec<u8> {
        self.seal_with(rand::random(), plain, context)
    }

    fn seal_with(&self, nonce: [u8; NONCE_BYTES], plain: &str, context: &str) -> Vec<u8> {
        let (id, cipher) = self.keys.last().expect("a ring is made with at least one key");
        let mut sealed = header(*id).to_vec();
        let bound = bound(*id, context);
        let ciphertext = cipher
            .encrypt(&XNonce::from(nonce), Payload { msg: plain.as_bytes(), aad: &bound })
            .expect("only texts beyond 256 GiB are too long to seal");
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        sealed
    }

    /// Opens a sealed text in the context for which it was sealed.
    ///
    /// # Errors
    /// [`Error::NotSealed`], [`Error::KeyUnknown`] or [`Error::Tampered`].
    pub fn open(&self, sealed: &[u8], context: &str) -> Result<String, Error> {
        let id = key_id(sealed).ok_or(Error::NotSealed)?;
        let (nonce, ciphertext) =
            sealed[HEADER_BYTES..].split_first_chunk::<NONCE_BYTES>().ok_or(Error::NotSealed)?;
        let (_, cipher) = self.keys.iter().find(|(known, _)| *known == id).ok_or(Error::KeyUnknown(id))?;
        let plain = cipher
            .decrypt(&XNonce::from(*nonce), Payload { msg: ciphertext, aad: &bound(id, context) })
            .map_err(|_| Error::Tampered)?;
        String::from_utf8(plain).map_err(|_| Error::Tampered)
    }

    /// Whether a sealed text was sealed with the newest key. One that was not should be sealed again.
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        key_id(sealed).is_some() && key_id(sealed) == self.keys.last().map(|(id, _)| *id)
    }

    /// The keyed hash by which a text is found without being readable. Texts of different purposes, such as a column's
    /// name, hash differently, so that columns cannot be matched with each other. Bring the text into its one normal form first.
    pub fn index(&self, purpose: &str, plain: &str) -> [u8; 32] {
        hash(&derive(&self.index, purpose), plain.as_bytes())
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids: Vec<u32> = self.keys.iter().map(|(id, _)| *id).collect();
        f.debug_struct("Keyring").field("key_ids", &ids).finish_non_exhaustive()
    }
}

/// The cipher of a secret. Its key is derived, so that a secret that serves the index too is never used twice itself.
fn cipher(secret: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&derive(secret, "minqing/seal/1").into())
}

fn derive(secret: &[u8; 32], purpose: &str) -> [u8; 32] {
    hash(secret, purpose.as_bytes())
}

fn hash(key: &[u8; 32], text: &[u8]) -> [u8; 32] {
    let mut mac =
        <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text);
    mac.finalize().into_bytes().into()
}

fn header(id: u32) -> [u8; HEADER_BYTES] {
    let [a, b, c, d] = id.to_be_bytes();
    [VERSION, a, b, c, d]
}

/// What is bound to a sealed text besides its content. The header is of fixed length, so no two pairs are alike.
fn bound(id: u32, context: &str) -> Vec<u8> {
    [&header(id), context.as_bytes()].concat()
}

fn key_id(sealed: &[u8]) -> Option<u32> {
    match sealed.first_chunk::<HEADER_BYTES>()? {
        [VERSION, id @ ..] => Some(u32::from_be_bytes(*id)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ring(ids: &[u32]) -> Keyring {
        let key = |id: &u32| KeyOptions { id: *id, secret: Secret::new(format!("{id:064x}")) };
        let options = Options { keys: ids.iter().map(key).collect(), index: Secret::new("5a".repeat(32)) };
        Keyring::new(&options).unwrap()
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens_in_its_own_context_alone(plain: String, context: String, other: String) {
            let ring = ring(&[1]);
            let sealed = ring.seal(&plain, &context);
            prop_assert_eq!(ring.open(&sealed, &context).unwrap(), plain);
            if other != context {
                prop_assert!(matches!(ring.open(&sealed, &other), Err(Error::Tampered)));
            }
        }

        #[test]
        fn a_change_of_any_bit_is_noticed(plain: String, place: prop::sample::Index, bit in 0..8u8) {
            let ring = ring(&[1]);
            let mut sealed = ring.seal(&plain, "people.phone/1");
            let place = place.index(sealed.len());
            sealed[place] ^= 1 << bit;
            prop_assert!(ring.open(&sealed, "people.phone/1").is_err());
        }

        #[test]
        fn any_bytes_at_all_are_refused_without_a_panic(bytes: Vec<u8>) {
            prop_assert!(ring(&[1]).open(&bytes, "x").is_err());
        }

        #[test]
        fn a_shortened_text_is_refused(plain: String, length: prop::sample::Index) {
            let sealed = ring(&[1]).seal(&plain, "x");
            prop_assert!(ring(&[1]).open(&sealed[..length.index(sealed.len())], "x").is_err());
        }

        #[test]
        fn the_index_is_the_same_for_the_same_text_and_purpose_only(one: String, other: String) {
            let ring = ring(&[1]);
            prop_assert_eq!(ring.index("phone", &one), ring.index("phone", &one));
            prop_assert_eq!(ring.index("phone", &one) == ring.index("phone", &other), one == other);
            prop_assert_ne!(ring.index("phone", &one), ring.index("identity_number", &one));
        }
    }

    #[test]
    fn the_newest_key_seals_and_all_open_and_the_index_stays() {
        let (before, both, after) = (ring(&[1]), ring(&[2, 1]), ring(&[2]));
        let old = before.seal("13812345678", "x");
        assert_eq!(both.open(&old, "x").unwrap(), "13812345678");
        assert!(before.is_current(&old) && !both.is_current(&old));
        let new = both.seal("13812345678", "x");
        assert!(both.is_current(&new) && after.open(&new, "x").is_ok());
        assert!(matches!(after.open(&old, "x"), Err(Error::KeyUnknown(1))));
        assert_eq!(before.index("phone", "13812345678"), after.index("phone", "13812345678"));
    }

    #[test]
    fn equal_texts_are_not_seen_to_be_equal() {
        let ring = ring(&[1]);
        let (one, other) = (ring.seal("321123199001011234", "x"), ring.seal("321123199001011234", "x"));
        assert_ne!(one[HEADER_BYTES..], other[HEADER_BYTES..]);
        assert!(!one.windows(6).any(|part| part == b"321123"));
    }

    /// What is in a database must open, and be found, after every upgrade. The expected bytes were computed with libsodium's
    /// XChaCha20-Poly1305 and Python's hmac, not with this code.
    #[test]
    fn the_stored_form_is_the_one_that_an_independent_program_computes() {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let ring = Keyring::from_secret(&[7; 32]);
        assert_eq!(
            hex(&ring.seal_with([9; NONCE_BYTES], "张三", "people.name/1")),
            "0100000001090909090909090909090909090909090909090909090909\
             4f07ffff874450b689b0e0f16ef736dce192088b3239"
        );
        assert_eq!(
            hex(&ring.index("phone", "13812345678")),
            "97dd26420d4fce973c6891519edcd1c862b9fae16c79175851b6c8419ba48907"
        );
    }

    #[test]
    fn a_wrong_key_is_refused_with_its_place() {
        let key = |id, secret: &str| KeyOptions { id, secret: Secret::new(secret.to_owned()) };
        let refuse = |keys| {
            Keyring::new(&Options { keys, index: Secret::new("00".repeat(32)) }).unwrap_err().to_string()
        };
        let good = "11".repeat(32);
        assert!(refuse(vec![]).starts_with("keys:"));
        assert!(refuse(vec![key(1, &good), key(2, "11")]).starts_with("keys[1].secret:"));
        assert!(refuse(vec![key(3, &good), key(3, &good)]).contains("id 3"));
    }

    #[test]
    fn a_ring_shows_no_key_and_comes_back_from_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let sealed = Keyring::open_data(folder.path()).unwrap().seal("text", "x");
        let again = Keyring::open_data(folder.path()).unwrap();
        assert_eq!(again.open(&sealed, "x").unwrap(), "text");
        assert_eq!(format!("{again:?}"), "Keyring { key_ids: [1], .. }");
    }
}
