//! The headers of a request that mean something here. All others stay here: nothing is passed on by default.

use std::time::Duration;

use http::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use tonic::metadata::{AsciiMetadataKey, AsciiMetadataValue, MetadataMap};
use uuid::Uuid;

use crate::status::{Failure, Reason};

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
pub(crate) const REQUEST_TIMEOUT_MS: HeaderName = HeaderName::from_static("x-request-timeout-ms");
pub(crate) const GRPC_TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");
pub(crate) const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
pub(crate) const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// What goes to the service as metadata.
const FORWARDED: [HeaderName; 5] = [AUTHORIZATION, TRACEPARENT, TRACESTATE, REQUEST_ID, ACCEPT_LANGUAGE];

/// The metadata of the call to the service.
pub(crate) fn metadata(headers: &HeaderMap) -> MetadataMap {
    let mut metadata = MetadataMap::new();
    for name in FORWARDED {
        let key = AsciiMetadataKey::from_bytes(name.as_str().as_bytes());
        let value = headers.get(&name).map(|value| AsciiMetadataValue::try_from(value.as_bytes()));
        if let (Ok(key), Some(Ok(value))) = (key, value) {
            metadata.insert(key, value);
        }
    }
    metadata
}

/// The id of a request: what the client or a proxy gave it if that is a short plain word, else a new UUID version 7.
pub(crate) fn request_id(headers: &HeaderMap) -> HeaderValue {
    const LENGTH_MAX: usize = 128;
    let plain = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':' | b'/' | b'+' | b'=')
    };
    let given = headers.get(&REQUEST_ID).filter(|value| {
        let bytes = value.as_bytes();
        (1..=LENGTH_MAX).contains(&bytes.len()) && bytes.iter().all(plain)
    });
    given.cloned().unwrap_or_else(|| {
        let id = Uuid::now_v7().to_string();
        HeaderValue::from_str(&id).expect("a UUID is plain ASCII")
    })
}

/// How long the client gives the call: `grpc-timeout` as gRPC writes it, or `x-request-timeout-ms`. Cut to `max`.
pub(crate) fn timeout(headers: &HeaderMap, max: Duration) -> Result<Option<Duration>, Failure> {
    let timeout = if let Some(value) = headers.get(&GRPC_TIMEOUT) {
        value.to_str().ok().and_then(grpc_timeout).ok_or_else(|| {
            let why = "must be up to 8 digits and one of H, M, S, m, u, n";
            Failure::field(Reason::TimeoutInvalid, GRPC_TIMEOUT.as_str(), why)
        })?
    } else if let Some(value) = headers.get(&REQUEST_TIMEOUT_MS) {
        let digits = value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        digits.and_then(|text| text.parse().ok()).map(Duration::from_millis).ok_or_else(|| {
            Failure::field(
                Reason::TimeoutInvalid,
                REQUEST_TIMEOUT_MS.as_str(),
                "must be a number of milliseconds",
            )
        })?
    } else {
        return Ok(None);
    };
    Ok(Some(timeout.min(max)))
}

fn grpc_timeout(text: &str) -> Option<Duration> {
    let unit = text.chars().next_back()?;
    let digits = text.strip_suffix(unit)?;
    if !(1..=8).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    match unit {
        'H' => Some(Duration::from_secs(count * 3600)),
        'M' => Some(Duration::from_secs(count * 60)),
        'S' => Some(Duration::from_secs(count)),
        'm' => Some(Duration::from_millis(count)),
        'u' => Some(Duration::from_micros(count)),
        'n' => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

/// Refuses a body that is packed.
pub(crate) fn require_unpacked(headers: &HeaderMap) -> Result<(), Failure> {
    match headers.get(CONTENT_ENCODING) {
        Some(encoding) if !encoding.as_bytes().eq_ignore_ascii_case(b"identity") => {
            let why = "a body is taken without Content-Encoding only";
            Err(Failure::new(Reason::MediaTypeUnsupported, why))
        }
        Some(_) | None => Ok(()),
    }
}

/// Refuses a body that is not of this media type, in UTF-8 and unpacked.
pub(crate) fn require_content_type(headers: &HeaderMap, wanted: &str) -> Result<(), Failure> {
    let refuse = |why: String| Err(Failure::new(Reason::MediaTypeUnsupported, why));
    require_unpacked(headers)?;
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = given.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default();
    let utf_8 = |parameter: &str| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        name.trim().eq_ignore_ascii_case("charset")
            && value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
    };
    if !media_type.eq_ignore_ascii_case(wanted) {
        return refuse(format!("the body must be {wanted}, not `{given}`"));
    }
    match parts.find(|parameter| !parameter.is_empty() && !utf_8(parameter)) {
        Some(parameter) => {
            refuse(format!("the body must be {wanted} in UTF-8; `{parameter}` is not understood"))
        }
        None => Ok(()),
    }
}

/// How much a client wants a media type, in thousandths, by its `Accept`; 1000 when it does not say (RFC 9110, 12.5.1).
pub(crate) fn quality(headers: &HeaderMap, kind: &str, subtype: &str) -> u16 {
    let mut best: Option<(u8, u16)> = None;
    let mut said = false;
    for value in headers.get_all(ACCEPT) {
        let text = value.to_str().unwrap_or_default();
        for range in text.split(',').map(str::trim).filter(|range| !range.is_empty()) {
            said = true;
            let mut parts = range.split(';').map(str::trim);
            let (first, second) = parts.next().and_then(|media| media.split_once('/')).unwrap_or_default();
            let specificity = match (first, second) {
                ("*", "*") => 1,
                (first, "*") if first.eq_ignore_ascii_case(kind) => 2,
                (first, second)
                    if first.eq_ignore_ascii_case(kind) && second.eq_ignore_ascii_case(subtype) =>
                {
                    3
                }
                _ => continue,
            };
            let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
            let weight = weight.map_or(1.0, |text| text.parse::<f32>().unwrap_or(0.0)).clamp(0.0, 1.0);
            if best.is_none_or(|(other, _)| specificity > other) {
                best = Some((specificity, (weight * 1000.0) as u16));
            }
        }
    }
    if said { best.map_or(0, |(_, weight)| weight) } else { 1000 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_most_specific_range_of_accept_decides() {
        for (accept, weight) in [
            ("text/html, */*;q=0.8", 800),
            ("application/json;q=0, */*", 0),
            ("application/*;q=0.5, text/html", 500),
            ("text/html", 0),
            ("Application/JSON; charset=utf-8", 1000),
        ] {
            assert_eq!(quality(&with(ACCEPT, accept), "application", "json"), weight, "{accept}");
        }
        assert_eq!(quality(&HeaderMap::new(), "application", "json"), 1000);
    }

    #[test]
    fn a_timeout_is_read_in_both_forms_and_cut() {
        let max = Duration::from_secs(300);
        for (name, value, expected) in [
            (GRPC_TIMEOUT, "250m", Some(Duration::from_millis(250))),
            (GRPC_TIMEOUT, "99999999H", Some(max)),
            (REQUEST_TIMEOUT_MS, "1500", Some(Duration::from_millis(1500))),
            (REQUEST_TIMEOUT_MS, "18446744073709551615", Some(max)),
        ] {
            assert_eq!(timeout(&with(name, value), max).unwrap(), expected, "{value}");
        }
        for (name, value) in [
            (GRPC_TIMEOUT, "5"),
            (GRPC_TIMEOUT, "123456789S"),
            (REQUEST_TIMEOUT_MS, "-1"),
            (REQUEST_TIMEOUT_MS, "1e3"),
        ] {
            assert!(timeout(&with(name, value), max).is_err(), "{value}");
        }
    }

    #[test]
    fn an_odd_request_id_is_replaced() {
        assert_eq!(request_id(&with(REQUEST_ID, "abc-1")), "abc-1");
        for odd in ["", "a b", "<script>"] {
            let id = request_id(&with(REQUEST_ID, odd));
            assert_eq!(Uuid::parse_str(id.to_str().unwrap()).unwrap().get_version_num(), 7);
        }
    }
}
