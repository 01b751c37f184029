//! Figures add up, and never say more than is known.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;
use crate::domain::case::{CaseType, Door, Handled, Satisfaction, Status};

fn start() -> DateTime<Utc> {
    "2026-01-05T02:00:00Z".parse().unwrap()
}

/// Any round, whether a case could get there or not.
fn rounds() -> impl Strategy<Value = Vec<Facts>> {
    let instant = || prop::option::of((0..9_000_i64).prop_map(|hours| start() + TimeDelta::hours(hours)));
    let what = (
        prop::sample::select(vec![
            "321181100201001",
            "321181100201",
            "321181100",
            "321181",
            "321181101301002",
        ]),
        prop::sample::select(vec!["", "organizations/water", "organizations/roads"]),
        prop::sample::select(vec!["", "items/water"]),
        prop::sample::select(CaseType::ALL),
        prop::sample::select(Door::ALL),
        prop::sample::select(Status::ALL),
    );
    let times = (0..9_000_i64, instant(), instant(), instant());
    let said = (
        prop::option::of(any::<bool>()),
        prop::option::of(prop::sample::select(Satisfaction::ALL)),
        prop::option::of(prop::sample::select(Handled::ALL)),
        any::<bool>(),
    );
    let kept = (prop::option::of(any::<bool>()), prop::option::of(any::<bool>()));
    let round = (what, times, said, kept).prop_map(|(what, times, said, kept)| {
        let (code, organization, item, kind, door, status) = what;
        Facts {
            number: String::new(),
            round: 1,
            version: 1,
            division_code: code.to_owned(),
            organization: organization.to_owned(),
            item: item.to_owned(),
            kind,
            door,
            status,
            begin: start() + TimeDelta::hours(times.0),
            accepted: true,
            dispatch: None,
            first_reply: times.1,
            resolve: times.2,
            close: times.3,
            due: None,
            in_time: kept.0,
            on_time: kept.1,
            called_back: said.3,
            reached: said.3 && said.0.is_some(),
            solved: said.0,
            satisfaction: said.1,
            handled: said.2,
            reopened: said.3,
        }
    });
    prop::collection::vec(round, 0..60)
}

fn queries() -> impl Strategy<Value = Query> {
    let day = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    let whole =
        (0..200_i64, 1..400_i64, prop::sample::select(Axis::ALL), prop::sample::select(Grouping::ALL));
    let area = prop::option::of(prop::sample::select(vec!["321181", "321181100", "321181100201"]));
    (whole, area).prop_map(move |((from, days, axis, grouping), area)| Query {
        from: day + TimeDelta::days(from),
        to: day + TimeDelta::days(from + days),
        axis,
        area: area.map(|code| code.parse().unwrap()),
        organization: None,
        item: None,
        kind: None,
        door: None,
        grouping,
    })
}

/// The figures, counted one by one.
fn counted(query: &Query, rounds: &[Facts]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for facts in rounds.iter().filter(|facts| query.holds(facts)) {
        let key = query.key(facts);
        let place = groups.iter().position(|group| group.key == key).unwrap_or_else(|| {
            groups.push(Group { key, counts: Counts::default() });
            groups.len() - 1
        });
        groups[place].counts.count(facts);
    }
    groups
}

proptest! {
    #[test]
    fn groups_together_are_the_whole(query in queries(), rounds in rounds()) {
        let whole = counted(&Query { grouping: Grouping::Whole, ..query.clone() }, &rounds);
        prop_assert_eq!(total(&counted(&query, &rounds)), total(&whole));
        let size = rounds.iter().filter(|facts| query.holds(facts)).count();
        prop_assert_eq!(total(&whole).size(), i64::try_from(size).unwrap(), "each is counted or left out, once");
    }

    #[test]
    fn what_is_unsaid_is_in_no_rate_and_a_list_is_as_long_as_its_figure(rounds in rounds()) {
        let mut counts = Counts::default();
        rounds.iter().for_each(|facts| counts.count(facts));
        for rate in Rate::ALL {
            let fraction = counts.rate(*rate);
            prop_assert!(0 <= fraction.numerator && fraction.numerator <= fraction.denominator);
            prop_assert!(0 <= fraction.unsaid);
            prop_assert_eq!(fraction.denominator + fraction.unsaid, counts.of(Measure::Counted));
            let parts = [fraction.numerator, fraction.denominator, fraction.unsaid];
            for (part, figure) in Part::ALL.iter().zip(parts) {
                let selection = Selection::of(*rate, *part);
                let listed = rounds.iter().filter(|facts| selection.holds(facts)).count();
                prop_assert_eq!(i64::try_from(listed).unwrap(), figure, "{} {}", rate, part);
            }
        }
    }

    #[test]
    fn only_all_of_them_are_a_hundred_percent(numerator in 0..2_000_000_i64, more in 0..2_000_000_i64) {
        let fraction = Fraction { numerator, denominator: numerator + more, unsaid: 0 };
        let points = fraction.basis_points();
        prop_assert_eq!(points.is_none(), numerator + more == 0);
        prop_assert_eq!(points == Some(10_000), more == 0 && numerator > 0);
        prop_assert!(points.is_none_or(|points| i64::from(points) * (numerator + more) <= numerator * 10_000));
    }

    #[test]
    fn what_the_public_is_told_gives_no_small_group_away(sizes in prop::collection::vec(1..12_i64, 0..8)) {
        let group = |(place, size): (usize, &i64)| {
            let mut counts = Counts::default();
            counts.add(Measure::Counted, *size);
            Group { key: place.to_string(), counts }
        };
        let groups: Vec<Group> = sizes.iter().enumerate().map(group).collect();
        let told = without_small(&groups);
        let all: i64 = sizes.iter().sum();
        prop_assert_eq!(told.total.is_some(), all >= SMALL);
        let shown: Vec<i64> = told.groups.iter().filter_map(|(_, counts)| counts.as_ref().map(Counts::size)).collect();
        prop_assert!(shown.iter().all(|size| *size >= SMALL));
        let rest = all - shown.iter().sum::<i64>();
        prop_assert!(rest == 0 || rest >= SMALL || shown.is_empty(), "the total less the groups tells of {}", rest);
    }
}

#[test]
fn percent_has_two_decimals_and_is_cut() {
    let percent = |numerator, denominator| Fraction { numerator, denominator, unsaid: 0 }.percent();
    assert_eq!(percent(9_853, 10_000), "98.53");
    assert_eq!(percent(2, 3), "66.66");
    assert_eq!(percent(1, 20_000), "0.00");
    assert_eq!(percent(99_999, 100_000), "99.99");
    assert_eq!(percent(0, 0), "");
}

#[test]
fn a_day_is_a_day_in_china() {
    let begin = "2026-03-31T16:00:00Z".parse().unwrap();
    let mut rounds = rounds_of_one(begin);
    let query = |from: &str, to: &str| Query {
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        axis: Axis::Created,
        area: None,
        organization: None,
        item: None,
        kind: None,
        door: None,
        grouping: Grouping::Month,
    };
    assert!(query("2026-04-01", "2026-04-02").holds(&rounds), "it is the first of April there");
    assert!(!query("2026-03-01", "2026-04-01").holds(&rounds));
    assert_eq!(query("2026-04-01", "2026-04-02").key(&rounds), "2026-04");
    rounds.begin -= TimeDelta::microseconds(1);
    assert!(query("2026-03-01", "2026-04-01").holds(&rounds));
}

fn rounds_of_one(begin: DateTime<Utc>) -> Facts {
    Facts {
        number: "1".to_owned(),
        round: 1,
        version: 1,
        division_code: "321181".to_owned(),
        organization: String::new(),
        item: String::new(),
        kind: CaseType::Help,
        door: Door::Hotline,
        status: Status::Submitted,
        begin,
        accepted: false,
        dispatch: None,
        first_reply: None,
        resolve: None,
        close: None,
        due: None,
        in_time: None,
        on_time: None,
        called_back: false,
        reached: false,
        solved: None,
        satisfaction: None,
        handled: None,
        reopened: false,
    }
}
