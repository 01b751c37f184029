//! Plain text: UTF-8 to its end, without control characters, and no markup that a browser might take for a page.

/// How far into a text its first visible character is looked for.
const BLANKS_MAX: usize = 1024;

/// Whether a file that begins so can be plain text: no control character, and neither markup nor a script.
pub fn may_begin(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let looked_at = &text[..text.len().min(BLANKS_MAX)];
    let visible = looked_at.trim_ascii_start();
    let markup = matches!(visible, [b'<', next, ..] if next.is_ascii_alphabetic() || matches!(next, b'!' | b'?' | b'/'));
    !text.is_empty() && !markup && !text.starts_with(b"#!") && text.iter().all(|byte| is_text(*byte))
}

const fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C) || (byte >= 0x20 && byte != 0x7F)
}

/// Looks at a text as it comes; a character may be cut between two pieces.
#[derive(Debug, Default)]
pub struct Check {
    /// The beginning of a character whose end is still to come.
    cut: Vec<u8>,
}

impl Check {
    /// Looks at the next piece; false when it is no text.
    pub fn push(&mut self, piece: &[u8]) -> bool {
        if !piece.iter().all(|byte| is_text(*byte)) {
            return false;
        }
        self.cut.extend_from_slice(piece);
        let valid = match std::str::from_utf8(&self.cut) {
            Ok(_) => self.cut.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => return false,
        };
        self.cut.drain(..valid);
        true
    }

    /// Whether the text ends with a whole character.
    pub fn is_whole(&self) -> bool {
        self.cut.is_empty()
    }
}
