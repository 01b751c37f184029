use minqing_platform::error::Error;

use super::super::intake::Intake;
use super::super::kind::{HEAD_BYTES, Kind};

/// Takes a file in pieces of some size; gives what it is, its name and what is kept of it, or why it was refused.
fn taken(
    (name, content_type): (&str, &str),
    bytes: &[u8],
    step: usize,
    max: u64,
) -> Result<(Kind, String, Vec<u8>), &'static str> {
    let reason = |error| match error {
        Error::Invalid(faults) => faults[0].reason,
        Error::Refused(refusal) => refusal.reason,
        other => panic!("{other:?}"),
    };
    let mut kept = Vec::new();
    let mut intake = Intake::begin(name, content_type, max).map_err(reason)?;
    for piece in bytes.chunks(step) {
        intake.push(piece, &mut kept).map_err(reason)?;
    }
    let (kind, name) = intake.finish(&mut kept).map_err(reason)?;
    Ok((kind, name, kept))
}

const PNG: &[u8] = b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR and so on";

#[test]
fn a_file_is_taken_as_what_it_is_whoever_says_what() {
    for content_type in ["image/png", "", "application/octet-stream"] {
        assert_eq!(
            taken(("路灯.png", content_type), PNG, 3, 1000),
            Ok((Kind::Png, "路灯.png".into(), PNG.to_vec()))
        );
    }
    assert_eq!(taken(("", ""), PNG, 100, 1000).unwrap().1, "attachment.png");
}

#[test]
fn a_file_that_lies_about_its_type_is_refused_by_name() {
    for (says, bytes) in [
        (("a.jpg", "image/jpeg"), PNG),
        (("a.jpg", ""), PNG),
        (("a.png", "text/plain"), PNG),
        (("a.exe", "image/png"), PNG),
        (("a.pdf", "application/pdf"), b"just a text"),
        (("a.txt", "text/plain"), PNG),
    ] {
        assert_eq!(taken(says, bytes, 4, 1000), Err("ATTACHMENT_TYPE_MISMATCH"), "{says:?}");
    }
    for (says, bytes) in [
        (("a.html", "text/html"), &b"<html>"[..]),
        (("a.txt", "text/plain"), b"<html><script>"),
        (("a.png", "image/png"), b"<svg onload='x'>"),
        (("a.jpg", "image/jpeg"), b"MZ\x90\0"),
        (("a.txt", ""), b"caf\xE9"),
        (("a.txt", ""), "half a character: 灯".as_bytes().split_last().unwrap().1),
    ] {
        assert_eq!(taken(says, bytes, 4, 1000), Err("ATTACHMENT_TYPE_UNSUPPORTED"), "{says:?}");
    }
    assert_eq!(taken(("a.jpg", ""), b"\xFF\xD8\xFF\xE0 no picture", 4, 1000), Err("ATTACHMENT_DAMAGED"));
    assert_eq!(taken(("a.jpg", ""), b"", 1, 1000), Err("ATTACHMENT_EMPTY"));
}

#[test]
fn the_limit_is_a_size_that_is_taken_and_one_byte_more_is_not() {
    let text = vec![b'x'; 100_000];
    assert_eq!(taken(("a.txt", ""), &text, 999, 100_000).unwrap().2, text);
    assert_eq!(taken(("a.txt", ""), &text, 999, 99_999), Err("ATTACHMENT_TOO_LARGE"));
    // A small file over a tiny limit is refused as well, before its type is looked at.
    assert_eq!(taken(("a.txt", ""), PNG, 2, 4), Err("ATTACHMENT_TOO_LARGE"));
}

#[test]
fn a_text_is_looked_at_to_its_end() {
    let mut text = "路灯".repeat(HEAD_BYTES);
    assert_eq!(taken(("a.txt", ""), text.as_bytes(), 1000, 1 << 20).unwrap().2, text.as_bytes());
    text.push('\0');
    assert_eq!(taken(("a.txt", ""), text.as_bytes(), 1000, 1 << 20), Err("ATTACHMENT_TYPE_UNSUPPORTED"));
}

#[test]
fn no_more_than_the_head_is_held_back() {
    const PDF: &[u8] = b"%PDF-1.7\n";
    let mut intake = Intake::begin("a.pdf", "", 1 << 20).unwrap();
    let mut kept = Vec::new();
    intake.push(PDF, &mut kept).unwrap();
    assert!(kept.is_empty());
    intake.push(&vec![0; HEAD_BYTES], &mut kept).unwrap();
    assert_eq!(kept.len(), PDF.len() + HEAD_BYTES);
    intake.push(b"more", &mut kept).unwrap();
    assert!(kept.ends_with(b"more"));
}
