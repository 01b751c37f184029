//! Pages (AIP-158): how many, and tokens that only fit the query they came from.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use prost::Message;
use sha2::{Digest as _, Sha256};

use crate::status::Violation;

/// Bytes of the query's digest that a token carries.
const DIGEST_BYTES: usize = 12;

/// Which page is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// How many rows at most.
    pub size: usize,
    /// The key of the last row of the page before; `None` for the first page.
    pub after: Option<String>,
    digest: Vec<u8>,
}

impl Page {
    /// Reads `page_size` and `page_token`. `query` is the request with both cleared: a token is bound to it.
    ///
    /// # Errors
    /// A negative size, or a token that this query did not give.
    pub fn read(
        size: i32,
        token: &str,
        (size_default, size_max): (usize, usize),
        query: &impl Message,
    ) -> Result<Self, Violation> {
        let size = match usize::try_from(size) {
            Ok(0) => size_default,
            Ok(size) => size.min(size_max),
            Err(_) => return Err(Violation::new("page_size", "INVALID_PAGE_SIZE", "must not be negative")),
        };
        let digest = Sha256::digest(query.encode_to_vec())[..DIGEST_BYTES].to_vec();
        let after = (!token.is_empty()).then(|| open(token, &digest)).transpose()?;
        Ok(Self { size, after, digest })
    }

    /// One more row than the page holds: its presence tells that there is a next page.
    pub fn limit(&self) -> i64 {
        i64::try_from(self.size).unwrap_or(i64::MAX).saturating_add(1)
    }

    /// Cuts rows fetched by [`Page::limit`] to the page, and gives the token of the next; empty on the last.
    pub fn cut<T>(&self, rows: &mut Vec<T>, key: impl Fn(&T) -> String) -> String {
        if rows.len() <= self.size {
            return String::new();
        }
        rows.truncate(self.size);
        rows.last().map_or_else(String::new, |last| self.token(&key(last)))
    }

    /// The token of the page after a key: for answers that end before they hold a whole page.
    pub fn token(&self, key: &str) -> String {
        URL_SAFE_NO_PAD.encode([&self.digest, key.as_bytes()].concat())
    }
}

fn open(token: &str, digest: &[u8]) -> Result<String, Violation> {
    let fault = |text: &str| Violation::new("page_token", "INVALID_PAGE_TOKEN", text);
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| fault("is not a token this service gave"))?;
    let (of, key) =
        bytes.split_at_checked(DIGEST_BYTES).ok_or_else(|| fault("is not a token this service gave"))?;
    if of != digest {
        return Err(fault("belongs to another query; start again without it"));
    }
    String::from_utf8(key.to_vec()).map_err(|_| fault("is not a token this service gave"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn query(text: &str) -> prost_types::Value {
        prost_types::Value { kind: Some(prost_types::value::Kind::StringValue(text.to_owned())) }
    }

    proptest! {
        #[test]
        fn a_token_leads_to_the_row_after_its_page(size in 1..50_usize, rows in 1..200_usize) {
            let mut all: Vec<String> = (0..rows).map(|row| format!("{row:04}")).collect();
            let first = Page::read(i32::try_from(size).unwrap(), "", (10, 100), &query("q")).unwrap();
            all.truncate(usize::try_from(first.limit()).unwrap());
            let token = first.cut(&mut all, Clone::clone);
            prop_assert_eq!(token.is_empty(), rows <= size);
            if !token.is_empty() {
                let next = Page::read(0, &token, (10, 100), &query("q")).unwrap();
                prop_assert_eq!(next.after.as_ref(), all.last());
            }
        }

        #[test]
        fn any_text_is_read_or_refused(token in ".{0,60}") {
            let _ = Page::read(1, &token, (10, 100), &query("q"));
        }
    }

    #[test]
    fn a_token_of_another_query_is_refused() {
        let page = Page::read(1, "", (10, 100), &query("a")).unwrap();
        let token = page.cut(&mut vec!["1", "2"], ToString::to_string);
        let refused = Page::read(1, &token, (10, 100), &query("b")).unwrap_err();
        assert_eq!(refused.reason, "INVALID_PAGE_TOKEN");
    }

    #[test]
    fn a_negative_size_is_refused_and_a_large_one_cut() {
        assert_eq!(Page::read(-1, "", (10, 100), &query("a")).unwrap_err().reason, "INVALID_PAGE_SIZE");
        assert_eq!(Page::read(1_000_000, "", (10, 100), &query("a")).unwrap().size, 100);
    }
}
