//! Percent-decoding of paths and queries.

use std::borrow::Cow;

/// What decoding leaves alone, and what it turns into something else besides `%XX`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A variable of one path segment: everything is decoded.
    Segment,
    /// A variable of several path segments: `%2F` stays, because a decoded slash could not be told from one
    /// that parts segments.
    Segments,
    /// A query key or value: `+` is a space, as HTML forms write it.
    Query,
}

/// Decodes `text`. `None` when a `%` is not followed by two hexadecimal digits, or the bytes are not UTF-8.
pub(crate) fn decode(text: &str, mode: Mode) -> Option<Cow<'_, str>> {
    let plain = |byte: u8| byte != b'%' && !(byte == b'+' && mode == Mode::Query);
    if text.bytes().all(plain) {
        return Some(Cow::Borrowed(text));
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'%' => {
                let high = char::from(*bytes.get(at + 1)?).to_digit(16)?;
                let low = char::from(*bytes.get(at + 2)?).to_digit(16)?;
                let decoded = u8::try_from(high * 16 + low).ok()?;
                if decoded == b'/' && mode == Mode::Segments {
                    out.extend_from_slice(&bytes[at..at + 3]);
                } else {
                    out.push(decoded);
                }
                at += 2;
            }
            b'+' if mode == Mode::Query => out.push(b' '),
            other => out.push(other),
        }
        at += 1;
    }
    String::from_utf8(out).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_segment_is_decoded_whole_and_several_keep_the_slash() {
        assert_eq!(decode("a%2Fb%20c+d", Mode::Segment).unwrap(), "a/b c+d");
        assert_eq!(decode("a%2fb%20c", Mode::Segments).unwrap(), "a%2fb c");
        assert_eq!(decode("a+b%2B", Mode::Query).unwrap(), "a b+");
        assert_eq!(decode("%E4%B8%B9%E9%98%B3", Mode::Segment).unwrap(), "丹阳");
    }

    #[test]
    fn broken_escapes_and_broken_utf_8_are_refused() {
        for text in ["%", "%2", "%zz", "a%C3", "%+1", "%ff"] {
            assert!(decode(text, Mode::Segment).is_none(), "{text}");
        }
    }
}
