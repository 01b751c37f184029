//! Cutting texts of every kind, quickly.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

#[test]
fn chinese_is_cut_by_the_dictionary_and_longer_words_give_the_shorter_ones_in_them() {
    assert_eq!(words("小区水管破裂，没有人维修！"), ["小区", "水管", "破裂", "人", "维修"]);
    let centre = words("行政服务中心");
    assert!(
        ["行政", "服务", "中心"].iter().all(|word| centre.iter().any(|found| found == word)),
        "{centre:?}"
    );
}

#[test]
fn full_width_and_half_width_upper_and_lower_case_are_the_same() {
    assert_eq!(words("ＷｉＦｉ　密码１２３"), words("wifi 密码123"));
    assert_eq!(words("ＷｉＦｉ　密码１２３"), ["wifi", "密码", "123"]);
}

#[test]
fn latin_words_and_digits_part_at_whatever_is_between_them() {
    assert_eq!(words("Call 0511-86520000, please: ETC!"), ["call", "0511", "86520000", "please", "etc"]);
}

#[test]
fn emoji_and_punctuation_part_words_and_are_none_themselves() {
    assert_eq!(words("路灯💡坏了😡😡，，，👨‍👩‍👧"), ["路灯", "坏"]);
    assert_eq!(words("😀🎉……！！ \u{0}\n\t"), Vec::<String>::new());
    assert_eq!(words(""), Vec::<String>::new());
}

#[test]
fn rare_characters_are_words_of_their_own() {
    assert_eq!(words("𠮷家"), ["𠮷", "家"]);
    assert_eq!(words("㐂"), ["㐂"]);
}

#[test]
fn a_long_run_of_letters_is_cut() {
    assert_eq!(words(&"x".repeat(500)), ["x".repeat(WORD_MAX)]);
}

#[test]
fn numbers_and_names_of_people_tell_nothing() {
    let told = telling("我叫王建国，身份证321181198001010012，电话13800138000，小区水管破裂，漏水严重");
    assert_eq!(
        told.iter().map(String::as_str).collect::<Vec<_>>(),
        ["严重", "小区", "水管", "漏水", "电话", "破裂", "身份证"]
    );
}

#[test]
fn a_text_of_a_hundred_thousand_characters_is_cut_quickly() {
    let _ = words("水");
    for text in ["小区水管破裂无人维修", "水", "a", "1 ", "😀", "𠮷"] {
        let long: String = text.chars().cycle().take(200_000).collect();
        let start = Instant::now();
        let found = words(&long);
        assert!(found.len() <= WORDS_MAX);
        assert!(telling(&long).len() <= TELLING_MAX);
        // Far above what it takes, also in a debug build on a busy machine; far below what a square of it would take.
        assert!(start.elapsed() < Duration::from_secs(5), "{text}: {:?}", start.elapsed());
    }
}

proptest! {
    #[test]
    fn any_text_gives_words_of_letters_and_digits_that_give_themselves(text in "\\PC{0,80}") {
        for word in words(&text) {
            prop_assert!(word.chars().all(char::is_alphanumeric), "{word:?}");
            prop_assert!((1..=WORD_MAX).contains(&word.chars().count()));
            prop_assert!(words(&word).contains(&word), "{word:?} gives {:?}", words(&word));
        }
    }

    #[test]
    fn what_is_normalised_stays_as_it_is(text in "\\PC{0,80}|[Ａ-ｚＡ-ＺⅠ-Ⅻẞßİıſ㎡①ｱﾞ]{0,20}") {
        let once = normalised(&text);
        prop_assert_eq!(normalised(&once), once.clone());
    }

    #[test]
    fn telling_words_are_among_the_words_of_the_text(text in "[一-龥，。a-z0-9]{0,60}") {
        let all = words(&text);
        for word in telling(&text) {
            prop_assert!(all.contains(&word), "{word:?} is not in {all:?}");
        }
    }
}
