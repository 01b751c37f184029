//! The rules of organizations.

use proptest::prelude::*;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn facts(division: &str, parent: Option<&str>) -> Facts {
    let division: Code = division.parse().unwrap();
    Facts {
        display_name: "民政局".into(),
        parent: parent.map(Into::into),
        jurisdiction: vec![division.clone()],
        division,
        functions: Vec::new(),
        phone: String::new(),
        address: String::new(),
        opening_hours: String::new(),
    }
}

fn above(kind: Kind, chain: &[&str]) -> Above {
    let effective = Period { from: day("2020-01-01"), to: Some(day("2030-01-01")) };
    Above { kind, effective, chain: chain.iter().map(ToString::to_string).collect() }
}

fn reason(kind: Kind, facts: &Facts, above: Option<&Above>, height: usize, on: &str) -> Option<&'static str> {
    let place = Period { from: day("2019-01-01"), to: Some(day("2029-01-01")) };
    let effective = Period { from: day(on), to: place.to };
    may_stand(("x", kind, facts), Some(&place), above, height, &effective).err().map(|refusal| refusal.reason)
}

#[test]
fn a_parent_must_be_there_and_in_force() {
    let under = facts("321181", Some("p"));
    assert_eq!(reason(Kind::Department, &under, None, 1, "2025-01-01"), Some("PARENT_MISSING"));
    let parent = above(Kind::Department, &["p"]);
    assert_eq!(reason(Kind::Department, &under, Some(&parent), 1, "2025-01-01"), None);
    assert_eq!(reason(Kind::Department, &under, Some(&parent), 1, "2019-06-01"), Some("PARENT_NOT_IN_FORCE"));
    assert_eq!(
        reason(Kind::Department, &under, Some(&parent), 1, "2029-06-01"),
        Some("DIVISION_NOT_IN_FORCE")
    );
}

#[test]
fn a_hierarchy_that_would_close_is_refused() {
    let parent = above(Kind::Department, &["p", "x", "top"]);
    let under = facts("321181", Some("p"));
    assert_eq!(reason(Kind::Department, &under, Some(&parent), 1, "2025-01-01"), Some("HIERARCHY_CLOSES"));
}

#[test]
fn a_service_centre_belongs_to_a_division_of_its_level_and_a_window_to_a_centre() {
    let wrong = reason(Kind::ServiceCentreTown, &facts("321181", None), None, 1, "2025-01-01");
    assert_eq!(wrong, Some("KIND_OF_ANOTHER_LEVEL"));
    assert_eq!(reason(Kind::ServiceCentreTown, &facts("321181100", None), None, 1, "2025-01-01"), None);
    let window = facts("321181", Some("p"));
    let office = above(Kind::Department, &["p"]);
    assert_eq!(reason(Kind::Window, &window, Some(&office), 1, "2025-01-01"), Some("WINDOW_WITHOUT_CENTRE"));
    let centre = above(Kind::ServiceCentreCity, &["p"]);
    assert_eq!(reason(Kind::Window, &window, Some(&centre), 1, "2025-01-01"), None);
}

#[test]
fn functions_are_keywords_of_any_script() {
    assert!(is_function("供水") && is_function("water_supply-2"));
    assert!(!is_function("") && !is_function("a b") && !is_function("a,b") && !is_function(&"a".repeat(51)));
}

#[test]
fn every_kind_is_read_back_from_its_name() {
    for kind in Kind::ALL {
        assert_eq!(Kind::named(kind.as_str()), Some(kind));
        assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.as_str()));
    }
    assert_eq!(Kind::named("Department"), None);
}

proptest! {
    #[test]
    fn no_hierarchy_is_deeper_than_the_limit(chain in 1..12_usize, height in 1..12_usize) {
        let names: Vec<String> = (0..chain).map(|number| format!("p{number}")).collect();
        let above = above(Kind::Department, &names.iter().map(String::as_str).collect::<Vec<_>>());
        let refused = reason(Kind::Department, &facts("321181", Some("p0")), Some(&above), height, "2025-01-01");
        prop_assert_eq!(refused, (chain + height > DEPTH_MAX).then_some("HIERARCHY_TOO_DEEP"));
    }

    #[test]
    fn the_first_id_that_comes_again_is_found(ids in prop::collection::vec("[a-c]{1,2}", 0..8)) {
        let found = twice(ids.iter().map(String::as_str));
        let distinct: HashSet<&String> = ids.iter().collect();
        prop_assert_eq!(found.is_some(), distinct.len() < ids.len());
    }
}
