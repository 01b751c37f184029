//! What cases are found by, and what they are not.

use proptest::prelude::*;

use super::super::calendar;
use super::super::case::{self, Anonymity, Identity, ItemRef, Party, Place, Priority, Recorded, Submission};
use super::super::similar::distance_m;
use super::*;

fn raised(title: &str, content: &str, address: &str) -> Case {
    let submission = Submission {
        number: "20260302123456789".into(),
        kind: CaseType::Complaint,
        door: Door::Hotline,
        priority: Priority::Ordinary,
        title: title.into(),
        content: content.into(),
        place: Place {
            code: "321181001001005".parse().unwrap(),
            position: Some((31.9987, 119.5712)),
            address: address.into(),
        },
        item: Some(ItemRef { name: "items/water".into(), version: 0 }),
        identity: Identity {
            anonymity: Anonymity::Open,
            person: Some("people/raiser".into()),
            by_proxy: false,
        },
        against: vec!["organizations/waterworks".into(), "people/1".into()],
        origin: None,
        first_asked: Party { name: "people/clerk".into(), organization: Some("organizations/centre".into()) },
        calendar: calendar::Ref { id: "china".into(), version: 1 },
    };
    let time = "2026-03-02T02:00:00Z".parse().unwrap();
    let by = submission.first_asked.clone();
    let events = case::submit(submission).unwrap();
    let history: Vec<Recorded> =
        (1..).zip(events).map(|(version, event)| Recorded { version, event, by: by.clone(), time }).collect();
    case::replay(&history).unwrap()
}

#[test]
fn a_case_is_found_by_its_words_its_number_and_the_facts_it_is_filtered_by() {
    let found = terms(&raised("小区水管破裂", "没有人维修", "云阳街道"));
    for term in [
        "小区",
        "水管",
        "破裂",
        "维修",
        "街道",
        "20260302123456789",
        "area=321181001001005",
        "area=321181001001",
        "area=321181001",
        "area=321181",
        "cell=3199:11957",
        "type=complaint",
        "door=hotline",
        "status=submitted",
        "owner=organizations/centre",
        "item=items/water",
        "against=organizations/waterworks",
        "against=people/1",
    ] {
        assert!(found.contains(term), "{term} is not in {found:?}");
    }
    // Who raised it and who took it down are nothing to search by.
    assert!(!found.iter().any(|term| term.contains("raiser") || term.contains("clerk")), "{found:?}");
}

#[test]
fn numbers_of_people_in_a_text_are_not_found() {
    let text = "电话13800138000、１３９００１３９０００，身份证32118119800101001X，门牌1203";
    let found = terms(&raised("水管", text, "13700137000"));
    assert!(found.contains("1203"));
    let long = |term: &&String| {
        !term.contains('=') && term.chars().filter(char::is_ascii_digit).count() >= PERSONAL_DIGITS
    };
    assert_eq!(found.iter().filter(long).collect::<Vec<_>>(), ["20260302123456789"]);
}

#[test]
fn a_name_that_no_dictionary_has_is_found_whatever_stands_beside_it() {
    let found = terms(&raised("大定村民反映水管破裂", "", "𠮷巷3组"));
    for asked in ["大定村", "大定", "𠮷巷", "水", "3组"] {
        let query = query(asked).unwrap();
        assert!(query.is_subset(&found), "{asked}: {query:?} is not in {found:?}");
    }
}

#[test]
fn a_word_is_found_however_the_words_around_it_overlap_with_it() {
    let found = terms(&raised("", "路灯下水管破裂，行政服务中心研究生命科学", ""));
    for asked in ["水管", "下水", "路灯", "服务中心", "研究生", "生命"] {
        assert!(query(asked).unwrap().is_subset(&found), "{asked}");
    }
}

#[test]
fn what_holds_no_word_or_too_many_is_no_query() {
    for text in ["", " ", "的", "是的，我们", "😡😡", "the of", "=", "\u{0}"] {
        assert_eq!(query(text), Err(NoQuery::NoWords), "{text:?}");
    }
    let many: String = (0..21).map(|number| format!("{number} ")).collect();
    assert_eq!(query(&many), Err(NoQuery::TooManyWords));
    assert_eq!(query(&many[2..]).unwrap().len(), QUERY_WORDS_MAX);
}

#[test]
fn no_query_names_a_fact() {
    for text in ["status=closed", "against=people/1", "area=321181"] {
        assert!(query(text).unwrap().iter().all(|word| !word.contains('=')), "{text}");
    }
}

#[test]
fn a_text_of_ten_thousand_characters_has_a_bounded_number_of_terms() {
    // Numbers differ all; so would the words of no real text.
    let text: String = (0..20_000).map(|number| format!("{number} ")).collect();
    assert!(terms(&raised("水管", &text, "")).len() <= WORDS_MAX + 50);
}

#[test]
fn only_what_changed_moves() {
    let before = raised("水管", "", "");
    assert_eq!(moves(&before, &before), Moves::default());
    let mut after = before.clone();
    after.against.push("people/2".into());
    after.status = Status::Dispatched;
    after.owner.organization = Some("organizations/housing".into());
    let pair = |old: &str, new: &str| (old.to_owned(), new.to_owned());
    let expected = [
        pair("status=submitted", "status=dispatched"),
        pair("owner=organizations/centre", "owner=organizations/housing"),
    ];
    let added = BTreeSet::from(["against=people/2".to_owned()]);
    assert_eq!(moves(&before, &after), Moves { replaced: expected.to_vec(), added: added.clone() });
    // The terms of a case that moved are those of a case that is written anew.
    let mut terms_before = terms(&before);
    terms_before.extend(added);
    for (old, new) in expected {
        assert!(terms_before.remove(&old));
        terms_before.insert(new);
    }
    assert_eq!(terms_before, terms(&after));
}

#[test]
fn areas_wider_than_a_county_are_no_facts() {
    assert_eq!(area("321181"), Some("area=321181".into()));
    for prefix in ["", "32", "3211", "3211810", "32118100100100500"] {
        assert_eq!(area(prefix), None, "{prefix}");
    }
}

proptest! {
    #[test]
    fn any_part_of_a_chinese_title_finds_it(title in "[一-龥㐀-䶵𠀀-𠮷]{1,20}", from in 0..20_usize, count in 1..10_usize) {
        let found = terms(&raised(&title, "", ""));
        let part: String = title.chars().skip(from).take(count).collect();
        if let Ok(query) = query(&part) {
            prop_assert!(query.is_subset(&found), "{query:?} is not in {found:?}");
        }
    }

    #[test]
    fn a_word_of_the_dictionary_is_found_in_whatever_text(before in "[一-龥]{0,5}", after in "[一-龥]{0,5}", index in 0..8_usize) {
        let word = ["水管", "破裂", "路灯", "行政服务中心", "噪音", "物业公司", "身份证", "自来水"][index];
        let found = terms(&raised("", &format!("{before}{word}{after}"), ""));
        let query = query(word).unwrap();
        prop_assert!(query.is_subset(&found), "{query:?} is not in {found:?}");
    }

    #[test]
    fn the_cells_around_a_point_hold_whatever_is_within_reach(
        latitude in 18.0..53.0_f64,
        longitude in 74.0..134.0_f64,
        (north, east) in (-0.02..0.02_f64, -0.02..0.02_f64),
        radius_m in 1.0..1_000.0_f64,
    ) {
        let (one, other) = ((latitude, longitude), (latitude + north, longitude + east));
        let cells = cells_around(one, radius_m);
        prop_assert!(cells.len() <= 25, "{} cells", cells.len());
        if distance_m(one, other) <= radius_m {
            prop_assert!(cells.contains(&cell(other)), "{other:?} is not within {cells:?}");
        }
    }
}
