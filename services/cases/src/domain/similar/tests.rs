//! What is suggested as the same matter, in which order and why.

use proptest::prelude::*;

use super::super::calendar;
use super::super::case::{
    self, Anonymity, Door, Identity, Party, Place, Priority, Recorded, Status, Submission,
};
use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn now() -> DateTime<Utc> {
    at("2026-03-02T02:00:00Z")
}

fn raised(number: &str, title: &str, code: &str, position: Option<(f64, f64)>, time: DateTime<Utc>) -> Case {
    let by = Party { name: "people/clerk".into(), organization: None };
    let submission = Submission {
        number: number.into(),
        kind: CaseType::Help,
        door: Door::Hotline,
        priority: Priority::Ordinary,
        title: title.into(),
        content: String::new(),
        place: Place { code: code.parse().unwrap(), position, address: String::new() },
        item: None,
        identity: Identity { anonymity: Anonymity::Open, person: None, by_proxy: false },
        against: Vec::new(),
        origin: None,
        first_asked: by.clone(),
        calendar: calendar::Ref { id: "china".into(), version: 1 },
    };
    let events = case::submit(submission).unwrap();
    let history: Vec<Recorded> =
        (1..).zip(events).map(|(version, event)| Recorded { version, event, by: by.clone(), time }).collect();
    case::replay(&history).unwrap()
}

fn draft(title: &str, code: &str, position: Option<(f64, f64)>) -> Draft {
    Draft {
        words: words_of(title, ""),
        kind: Some(CaseType::Help),
        area: code.parse().unwrap(),
        position,
        time: now(),
    }
}

const REACH: Reach = Reach { window: TimeDelta::days(30), radius_m: 300.0 };
const GRID: &str = "321181001001005";

fn ranked(draft: &Draft, cases: Vec<Case>) -> Vec<(String, f64)> {
    let with_words = |case: Case| {
        let words = words_of(&case.title, &case.content);
        (case, words)
    };
    let candidates: Vec<_> = cases.into_iter().map(with_words).collect();
    let found = rank(draft, REACH, &candidates, &Frequencies::default());
    found.iter().map(|found| (found.case.number.clone(), found.score)).collect()
}

fn numbers(found: &[(String, f64)]) -> Vec<&str> {
    found.iter().map(|(number, _)| number.as_str()).collect()
}

#[test]
fn the_same_words_in_the_same_grid_come_before_those_of_the_village_and_other_villages_are_left_out() {
    let title = "小区水管破裂漏水";
    let hour = now() - TimeDelta::hours(1);
    let cases = vec![
        raised("1", title, "321181001001006", None, hour),
        raised("2", title, GRID, None, hour),
        raised("3", title, "321181001002001", None, hour),
        raised("4", "路灯不亮", GRID, None, hour),
    ];
    assert_eq!(numbers(&ranked(&draft(title, GRID, None), cases)), ["2", "1"]);
}

#[test]
fn of_two_points_the_nearer_comes_first_also_across_the_border_of_a_village() {
    let title = "小区水管破裂漏水";
    let hour = now() - TimeDelta::hours(1);
    let cases = vec![
        raised("1", title, "321181001002001", Some((32.0020, 119.57)), hour),
        raised("2", title, "321181001002001", Some((32.0001, 119.57)), hour),
        raised("3", title, "321181001002001", Some((32.0100, 119.57)), hour),
    ];
    let found = ranked(&draft(title, GRID, Some((32.0, 119.57))), cases);
    assert_eq!(numbers(&found), ["2", "1"]);
}

#[test]
fn an_open_case_is_suggested_whatever_its_age_and_one_that_ended_for_a_month() {
    let title = "小区水管破裂漏水";
    let old = now() - TimeDelta::days(40);
    let mut ended = raised("1", title, GRID, None, old);
    ended.status = Status::Closed;
    let mut lately = raised("2", title, GRID, None, now() - TimeDelta::days(2));
    lately.status = Status::Closed;
    let open = raised("3", title, GRID, None, old);
    assert_eq!(numbers(&ranked(&draft(title, GRID, None), vec![ended, lately, open])), ["2", "3"]);
}

#[test]
fn without_a_place_the_words_decide() {
    let title = "小区水管破裂漏水";
    let hour = now() - TimeDelta::hours(1);
    let cases = vec![
        raised("1", "小区水管破裂，没有人维修", "321181001002001", None, hour),
        raised("2", title, "321181100", None, hour),
    ];
    assert_eq!(numbers(&ranked(&draft(title, "321181", None), cases)), ["2", "1"]);
}

#[test]
fn the_reasons_tell_words_metres_and_hours() {
    let candidates =
        [raised("1", "水管破裂", GRID, Some((32.0009, 119.57)), now() - TimeDelta::minutes(150))].map(
            |case| {
                let words = words_of(&case.title, "");
                (case, words)
            },
        );
    let counts = BTreeMap::from([("水管".to_owned(), 50), ("破裂".to_owned(), 2)]);
    let frequencies = Frequencies { sample: 100, counts };
    let found = rank(&draft("水管破裂", GRID, Some((32.0, 119.57))), REACH, &candidates, &frequencies);
    let [only] = &found[..] else { panic!("{found:?}") };
    assert_eq!(only.common_words, ["破裂", "水管"]);
    assert_eq!(only.common_area, Some(GRID.parse().unwrap()));
    assert_eq!(only.distance_m.map(f64::round), Some(100.0));
    assert_eq!(only.age.num_hours(), 2);
}

#[test]
fn a_word_that_every_case_has_makes_no_two_cases_alike() {
    let set = |words: &[&str]| words.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    let counts = BTreeMap::from([("小区".to_owned(), 1_000), ("路灯".to_owned(), 5), ("水管".to_owned(), 5)]);
    let frequencies = Frequencies { sample: 1_000, counts };
    let one = set(&["小区", "路灯"]);
    let common = likeness(&one, &set(&["小区", "水管"]), &frequencies);
    let telling = likeness(&one, &set(&["大门", "路灯"]), &frequencies);
    assert!(common < 0.05 && telling > 0.4, "{common} {telling}");
    assert_eq!(frequencies.rarest(&one), ["路灯", "小区"]);
}

#[test]
fn a_degree_of_latitude_is_a_hundred_and_eleven_kilometres() {
    assert_eq!(distance_m((32.0, 119.0), (33.0, 119.0)).round(), 111_195.0);
    assert_eq!(distance_m((0.0, 0.0), (0.0, 180.0)).round(), (EARTH_M * std::f64::consts::PI).round());
}

fn word_sets() -> impl Strategy<Value = BTreeSet<String>> {
    prop::collection::btree_set("[a-h]", 0..8)
}

fn frequencies() -> impl Strategy<Value = Frequencies> {
    (0..5_000_u32, prop::collection::btree_map("[a-h]", 0..5_000_u32, 0..8))
        .prop_map(|(sample, counts)| Frequencies { sample, counts })
}

fn points() -> impl Strategy<Value = (f64, f64)> {
    (-90.0..90.0_f64, -180.0..180.0_f64)
}

proptest! {
    #[test]
    fn likeness_is_between_none_and_all_and_the_same_from_both_sides(
        one in word_sets(), other in word_sets(), frequencies in frequencies(),
    ) {
        let like = likeness(&one, &other, &frequencies);
        prop_assert!((0.0..=1.0).contains(&like));
        prop_assert_eq!(like, likeness(&other, &one, &frequencies));
        prop_assert_eq!(like > 0.0, !one.is_disjoint(&other));
        if !one.is_empty() {
            prop_assert!(likeness(&one, &one, &frequencies) > 0.999_999);
        }
    }

    #[test]
    fn another_common_word_makes_no_two_texts_less_alike(
        one in word_sets(), other in word_sets(), frequencies in frequencies(),
    ) {
        let with = |words: &BTreeSet<String>| words.iter().cloned().chain(["z".to_owned()]).collect::<BTreeSet<_>>();
        let before = likeness(&one, &other, &frequencies);
        prop_assert!(likeness(&with(&one), &with(&other), &frequencies) >= before - 1e-9);
    }

    #[test]
    fn distances_are_the_same_both_ways_and_never_longer_by_a_detour(
        one in points(), other in points(), third in points(),
    ) {
        let direct = distance_m(one, other);
        prop_assert!((direct - distance_m(other, one)).abs() < 1e-6);
        prop_assert!(distance_m(one, one) < 1e-6);
        prop_assert!(direct <= distance_m(one, third) + distance_m(third, other) + 1e-3);
    }

    #[test]
    fn whoever_is_suggested_is_within_reach_and_in_order(
        places in prop::collection::vec((0..4_u32, 0..400_i64, 0.0..0.006_f64, any::<bool>()), 0..12),
    ) {
        let title = "小区水管破裂漏水";
        let cases: Vec<Case> = places
            .iter()
            .enumerate()
            .map(|(index, (village, days, north, is_open))| {
                let code = format!("32118100100{village}001");
                let time = now() - TimeDelta::days(*days);
                let mut case = raised(&index.to_string(), title, &code, Some((32.0 + north, 119.57)), time);
                case.status = if *is_open { Status::Accepted } else { Status::Closed };
                case
            })
            .collect();
        let candidates: Vec<_> = cases.iter().map(|case| (case.clone(), words_of(title, ""))).collect();
        let draft = draft(title, "321181001001001", Some((32.0, 119.57)));
        let found = rank(&draft, REACH, &candidates, &Frequencies::default());
        prop_assert!(found.windows(2).all(|pair| pair[0].score >= pair[1].score));
        for found in &found {
            prop_assert!((0.0..=1.0).contains(&found.score));
            prop_assert!(found.case.status.is_open() || found.age <= REACH.window);
            prop_assert!(found.common_area.is_some() || found.distance_m.unwrap() <= REACH.radius_m);
        }
        let expected = cases.iter().filter(|case| {
            let near = case.place.code.as_str().starts_with("321181001001")
                || distance_m((32.0, 119.57), case.place.position.unwrap()) <= REACH.radius_m;
            near && (case.status.is_open() || now() - case.create_time <= REACH.window)
        });
        prop_assert_eq!(found.len(), expected.count());
    }
}
