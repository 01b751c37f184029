//! How an item begins and changes, and what a promise may be.

use proptest::prelude::*;

use super::*;
use crate::domain::calendar::{Calendar, National, Ref, Rules, national};

/// What an item of the tests says.
pub fn facts() -> Facts {
    Facts {
        display_name: "供水报装".into(),
        department: "organizations/water".into(),
        levels: vec![Level::City],
        case_types: vec![CaseType::Help],
        promised: Limit::WorkingDays(3),
        statutory: Some(Limit::WorkingDays(10)),
        function: "供水".into(),
        calendar: "china".into(),
        documents: vec![Document {
            name: "身份证".into(), required: true, note: "原件|复印件".into()
        }],
        legal_basis: vec!["城市供水条例".into()],
        keywords: vec!["自来水".into()],
    }
}

/// An item in force since 2026-01-01.
pub fn item(id: &str) -> Item {
    let now = "2026-03-02T02:00:00Z".parse().unwrap();
    let effective = Period::since("2026-01-01".parse().unwrap());
    Item::begun(
        &NewItem { id: id.into(), division: "321181".parse().unwrap(), facts: facts(), effective },
        now,
    )
}

fn allowed(promised: Limit, statutory: Limit) -> bool {
    promise_holds(&Facts { promised, statutory: Some(statutory), ..facts() }).is_ok()
}

#[test]
fn a_promise_may_be_as_long_as_the_law_allows_and_no_longer() {
    use Limit::{Minutes, WorkingDays, WorkingMinutes};
    assert!(allowed(WorkingDays(5), WorkingDays(5)) && !allowed(WorkingDays(6), WorkingDays(5)));
    assert!(allowed(Minutes(120), Minutes(120)) && !allowed(Minutes(121), Minutes(120)));
    assert!(allowed(WorkingMinutes(240), WorkingDays(1)) && !allowed(WorkingMinutes(241), WorkingDays(1)));
    assert!(allowed(Minutes(120), WorkingDays(1)) && !allowed(Minutes(24 * 60), WorkingDays(1)));
    assert!(promise_holds(&Facts { statutory: None, ..facts() }).is_ok());
}

#[test]
fn working_time_is_never_promised_where_the_law_counts_by_the_clock() {
    assert!(!allowed(Limit::WorkingDays(1), Limit::Minutes(100_000)));
    assert!(!allowed(Limit::WorkingMinutes(1), Limit::Minutes(100_000)));
}

#[test]
fn each_change_makes_the_next_version_and_the_end_is_one() {
    let first = item("a");
    let now = "2026-03-03T02:00:00Z".parse().unwrap();
    let second = first.next(Facts { function: "x".into(), ..facts() }, None, now).unwrap();
    assert_eq!((second.version, second.create_time, second.update_time), (2, first.create_time, now));
    let ended = second.next(second.facts.clone(), Some("2026-04-01".parse().unwrap()), now).unwrap();
    assert_eq!(ended.version, 3);
    assert_eq!(ended.next(facts(), None, now).unwrap_err().reason, "ALREADY_ENDED");
    let early = first.next(facts(), Some("2026-01-01".parse().unwrap()), now);
    assert_eq!(early.unwrap_err().reason, "ENDS_BEFORE_IT_BEGINS");
}

fn limits() -> impl Strategy<Value = Limit> {
    prop_oneof![
        (1..=60_u32).prop_map(Limit::WorkingDays),
        (1..=28_800_u32).prop_map(Limit::WorkingMinutes),
        (1..=129_600_u32).prop_map(Limit::Minutes),
    ]
}

proptest! {
    #[test]
    fn a_limit_is_read_back_from_its_text(limit in limits()) {
        prop_assert_eq!(text::limit_of(&text::limit(limit)), Some(limit));
    }

    /// By China's own calendar of 2026, from any minute of the first half of the year, whatever the units.
    #[test]
    fn a_promise_that_is_allowed_never_ends_after_the_statutory_limit(
        promised in limits(), statutory in limits(), minute in 0..180 * 24 * 60_i64,
    ) {
        let national = National::new(national::carried().to_vec());
        let china = Calendar::new(Ref { id: "china".into(), version: 1 }, Rules::china(), national.into());
        let start = "2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + chrono::TimeDelta::minutes(minute);
        if allowed(promised, statutory)
            && let (Ok(promised), Ok(statutory)) = (china.deadline(start, promised), china.deadline(start, statutory))
        {
            prop_assert!(promised <= statutory);
        }
    }
}
