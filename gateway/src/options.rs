//! What can be configured.

use serde::Deserialize;

use crate::Error;

/// Configuration of the edge; every field has a default. An unknown key is refused.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Title of the API in `/openapi.json`.
    pub title: String,
    /// Version of the API in `/openapi.json`.
    pub version: String,
    /// What the API is for, in Markdown, in `/openapi.json`.
    pub description: String,
    /// The largest body of a request that is not a stream, in bytes: 1 KiB to 64 MiB. More is 413.
    pub body_bytes_max: usize,
    /// The longest line of a streamed request, in bytes: 1 KiB to 64 MiB. More is 413.
    pub line_bytes_max: usize,
    /// The largest message taken from a service, in bytes: 1 KiB to 256 MiB.
    pub response_bytes_max: usize,
    /// How long a call may take when the client does not say, in milliseconds. Streams of answers have no limit unless
    /// the client sets one.
    pub request_timeout_ms: u64,
    /// The longest time a client may ask for a call that is not a stream, in milliseconds; more is cut to this.
    pub request_timeout_ms_max: u64,
    /// How long a streamed request may take in all, in milliseconds.
    pub upload_timeout_ms: u64,
    /// How long a streamed request may stay silent, in milliseconds.
    pub upload_idle_timeout_ms: u64,
    /// How often a silent event stream gets a comment, so that proxies keep it open, in milliseconds.
    pub event_keepalive_ms: u64,
    /// Origins whose pages may call the API (`https://host[:port]`, or `*` alone for any); none when empty.
    pub cors_allowed_origins: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            title: "Minqing (民情)".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            description: "Civic services of a county-level city.".to_owned(),
            body_bytes_max: 4 << 20,
            line_bytes_max: 1 << 20,
            response_bytes_max: 16 << 20,
            request_timeout_ms: 30_000,
            request_timeout_ms_max: 300_000,
            upload_timeout_ms: 3_600_000,
            upload_idle_timeout_ms: 30_000,
            event_keepalive_ms: 15_000,
            cors_allowed_origins: Vec::new(),
        }
    }
}

impl Options {
    /// Checks every value against its bounds; the error names the field.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        const MEBIBYTE: usize = 1 << 20;
        const DAY_MS: u64 = 86_400_000;
        let sizes = [
            ("body_bytes_max", self.body_bytes_max, 64 * MEBIBYTE),
            ("line_bytes_max", self.line_bytes_max, 64 * MEBIBYTE),
            ("response_bytes_max", self.response_bytes_max, 256 * MEBIBYTE),
        ];
        for (field, value, max) in sizes {
            if !(1024..=max).contains(&value) {
                return Err(Error::Options {
                    field,
                    why: format!("must be 1024 to {max} bytes, not {value}"),
                });
            }
        }
        let times = [
            ("request_timeout_ms", self.request_timeout_ms, self.request_timeout_ms_max),
            ("request_timeout_ms_max", self.request_timeout_ms_max, DAY_MS),
            ("upload_timeout_ms", self.upload_timeout_ms, DAY_MS),
            ("upload_idle_timeout_ms", self.upload_idle_timeout_ms, DAY_MS),
            ("event_keepalive_ms", self.event_keepalive_ms, DAY_MS),
        ];
        for (field, value, max) in times {
            if !(1..=max).contains(&value) {
                return Err(Error::Options { field, why: format!("must be 1 to {max} ms, not {value}") });
            }
        }
        self.validate_texts()
    }

    fn validate_texts(&self) -> Result<(), Error> {
        for (field, text) in [("title", &self.title), ("version", &self.version)] {
            if text.trim().is_empty() {
                return Err(Error::Options { field, why: "must not be empty".to_owned() });
            }
        }
        let field = "cors_allowed_origins";
        for origin in &self.cors_allowed_origins {
            let any = origin == "*" && self.cors_allowed_origins.len() == 1;
            if !any && !is_origin(origin) {
                return Err(Error::Options {
                    field,
                    why: format!("`{origin}` is not an origin like `https://host:port`"),
                });
            }
        }
        Ok(())
    }
}

/// Whether a text is exactly what a browser sends as `Origin`: scheme and authority, no path, no closing slash.
fn is_origin(text: &str) -> bool {
    let Ok(uri) = text.parse::<http::Uri>() else { return false };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return false };
    matches!(scheme, "http" | "https") && text == format!("{scheme}://{authority}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid() {
        assert!(Options::default().validate().is_ok());
    }

    #[test]
    fn a_wrong_key_or_value_is_refused_with_its_name() {
        let unknown = serde_json::from_str::<Options>(r#"{"body_size": 1}"#).unwrap_err();
        assert!(unknown.to_string().contains("body_size"), "{unknown}");
        for (json, name) in [
            (r#"{"body_bytes_max": 0}"#, "body_bytes_max"),
            (r#"{"request_timeout_ms": 400000}"#, "request_timeout_ms"),
            (r#"{"cors_allowed_origins": ["https://a.example/"]}"#, "cors_allowed_origins"),
            (r#"{"cors_allowed_origins": ["*", "https://a.example"]}"#, "cors_allowed_origins"),
            (r#"{"title": " "}"#, "title"),
        ] {
            let options: Options = serde_json::from_str(json).unwrap();
            let error = options.validate().unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
    }
}
