use proptest::prelude::*;

use super::super::file_name::{read, suited};
use super::super::kind::Kind;

#[test]
fn a_name_in_any_script_is_taken_as_it_is() {
    for name in ["路灯.jpg", "𠮷野家.png", "смета 2026.pdf", "a b (1).jpeg", "😀.gif"] {
        assert_eq!(read("file_name", name).as_deref(), Ok(name));
    }
    assert_eq!(read("file_name", "").as_deref(), Ok("attachment"));
}

#[test]
fn a_name_that_is_a_path_or_hides_something_is_refused() {
    for name in [
        "../../etc/passwd",
        "..\\..\\windows\\x.txt",
        "/etc/passwd",
        "a/b.jpg",
        "..",
        ".",
        ".htaccess",
        "a\0.jpg",
        "a\r\nSet-Cookie: x.jpg",
        "photo\u{202E}gpj.exe",
        "\u{FEFF}a.jpg",
    ] {
        let fault = read("file_name", name).unwrap_err();
        assert_eq!((fault.field.as_str(), fault.reason), ("file_name", "INVALID_FILE_NAME"), "{name:?}");
    }
    assert_eq!(read("file_name", &"长".repeat(201)).unwrap_err().reason, "TOO_LONG");
    assert!(read("file_name", &"长".repeat(200)).is_ok());
}

#[test]
fn an_ending_that_lies_is_refused_and_one_that_says_nothing_is_followed_by_the_right_one() {
    for (name, kind, suits) in [
        ("a.jpg", Kind::Jpeg, Ok("a.jpg")),
        ("A.JPEG", Kind::Jpeg, Ok("A.JPEG")),
        ("照片", Kind::Jpeg, Ok("照片.jpg")),
        ("2026.01.15 路灯", Kind::Png, Ok("2026.01.15 路灯.png")),
        ("report v1.2b", Kind::Pdf, Ok("report v1.2b.pdf")),
        ("trailing.", Kind::Pdf, Ok("trailing..pdf")),
        ("a.pdf", Kind::Jpeg, Err("pdf")),
        ("a.jpg.exe", Kind::Jpeg, Err("exe")),
        ("a.HTML", Kind::Text, Err("html")),
        ("a.csv", Kind::Text, Ok("a.csv")),
    ] {
        let suits = suits.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(suited(name, kind), suits, "{name}");
    }
}

proptest! {
    #[test]
    fn whatever_is_taken_is_no_path_and_ends_as_its_type_does(name: String, place in 0..Kind::ALL.len()) {
        let kind = Kind::ALL[place];
        if let Ok(name) = read("file_name", &name)
            && let Ok(name) = suited(&name, kind)
        {
            prop_assert!(!name.contains(['/', '\\', '\0', '\n']) && !name.starts_with('.'));
            let ending = name.rsplit('.').next().unwrap().to_ascii_lowercase();
            prop_assert!(kind.has_extension(&ending), "{}", name);
        }
    }
}
