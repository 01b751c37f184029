use super::super::kind::{Declared, Kind};

/// A ZIP of such entries, without contents: enough for its type to be seen.
fn zip(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, content) in entries {
        bytes.extend_from_slice(b"PK\x03\x04");
        bytes.extend_from_slice(&[0; 22]);
        bytes.extend_from_slice(&u16::try_from(name.len()).unwrap().to_le_bytes());
        bytes.extend_from_slice(&[0; 2]);
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(content.as_bytes());
    }
    bytes.extend_from_slice(b"PK\x01\x02");
    bytes
}

#[test]
fn each_type_is_seen_from_its_first_bytes() {
    let cases: [(&[u8], Kind); 15] = [
        (b"\xFF\xD8\xFF\xE0", Kind::Jpeg),
        (b"\x89PNG\r\n\x1A\n", Kind::Png),
        (b"GIF89a", Kind::Gif),
        (b"RIFF\x24\0\0\0WEBPVP8 ", Kind::Webp),
        (b"RIFF\x24\0\0\0WAVEfmt ", Kind::Wav),
        (b"%PDF-1.7\n", Kind::Pdf),
        (b"#!AMR\n\x3C", Kind::Amr),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", Kind::Mp4),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Kind::Heic),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", Kind::Heic),
        (b"ID3\x04\0\0", Kind::Mp3),
        (b"\xFF\xFB\x90\x64", Kind::Mp3),
        (b"\xFF\xF3\x84\xC4", Kind::Mp3),
        (b"\xEF\xBB\xBFhello", Kind::Text),
        ("路灯坏了\r\n".as_bytes(), Kind::Text),
    ];
    for (head, kind) in cases {
        assert_eq!(Kind::of(head), Some(kind), "{kind:?}");
    }
    for (entries, kind) in [
        (vec![("[Content_Types].xml", ""), ("_rels/.rels", ""), ("word/document.xml", "")], Kind::Docx),
        (vec![("_rels/.rels", ""), ("docProps/app.xml", ""), ("xl/workbook.xml", "")], Kind::Xlsx),
        (vec![("ppt/presentation.xml", "")], Kind::Pptx),
        (vec![("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", "")], Kind::Odt),
        (
            vec![("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", "")],
            Kind::Ods,
        ),
    ] {
        assert_eq!(Kind::of(&zip(&entries)), Some(kind), "{entries:?}");
    }
}

#[test]
fn what_a_browser_or_a_desktop_would_run_is_no_type_that_is_taken() {
    let cases: [&[u8]; 18] = [
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"\xEF\xBB\xBF  \n<html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<?xml version='1.0'?><svg/>",
        b"<!-- comment --><html>",
        b"#!/bin/sh\n",
        b"MZ\x90\0\x03\0\0\0",
        b"\x7FELF\x02\x01\x01\0",
        b"\xCA\xFE\xBA\xBE\0\0\0\x34",
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        b"\0\0\0\x18ftypavif\0\0\0\0mif1avif",
        b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif",
        b"BM\x36\0\0\0\0\0",
        b"Rar!\x1A\x07\x01\0",
        b"\xFF\xFE<\0h\0t\0m\0l\0",
        b"\xFF\xFB\xF0\0",
        b"",
        b"PK\x03\x04",
    ];
    for head in cases {
        assert_eq!(Kind::of(head), None, "{}", String::from_utf8_lossy(head));
    }
    for entries in [
        vec![("META-INF/MANIFEST.MF", "")],
        vec![("AndroidManifest.xml", ""), ("word/document.xml", "")],
        vec![("[Content_Types].xml", ""), ("word/vbaProject.bin", ""), ("word/document.xml", "")],
        vec![("mimetype", "application/epub+zip"), ("content.xml", "")],
        vec![("mimetype", "application/vnd.oasis.opendocument.text-template"), ("content.xml", "")],
        vec![("index.html", "")],
    ] {
        assert_eq!(Kind::of(&zip(&entries)), None, "{entries:?}");
    }
}

#[test]
fn a_text_that_begins_like_something_else_is_still_a_text() {
    for text in ["BMW parked on the path", "GIF of the lamp", "MZ is short for", "ID3", "1 < 2", "< 3 days"] {
        assert_eq!(Kind::of(text.as_bytes()), Some(Kind::Text), "{text}");
    }
}

#[test]
fn a_head_cut_anywhere_never_panics() {
    let whole = zip(&[("[Content_Types].xml", "x"), ("word/document.xml", "y")]);
    for end in 0..whole.len() {
        let _ = Kind::of(&whole[..end]);
    }
}

#[test]
fn a_declared_type_is_read_by_any_of_its_names_and_no_other() {
    for (text, declared) in [
        ("image/jpeg", Declared::Taken(Kind::Jpeg)),
        ("IMAGE/JPG", Declared::Taken(Kind::Jpeg)),
        ("text/plain; charset=utf-8", Declared::Taken(Kind::Text)),
        ("", Declared::Nothing),
        ("application/octet-stream", Declared::Nothing),
        ("application/x-www-form-urlencoded", Declared::Nothing),
        ("text/html", Declared::Other),
        ("image/svg+xml", Declared::Other),
        ("nonsense", Declared::Other),
    ] {
        assert_eq!(Declared::read(text), declared, "{text}");
    }
    for kind in Kind::ALL {
        assert_eq!(Kind::named(kind.content_type()), Some(kind));
        assert_eq!(Kind::of_extension(kind.extension()), Some(kind));
    }
}
