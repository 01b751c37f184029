//! What holds of every calendar.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;

use super::oracle::Oracle;
use crate::domain::calendar::hours::{DAY_MINUTES, Span};
use crate::domain::calendar::national::{Kind, Named, Notice};
use crate::domain::calendar::rules::Exception;
use crate::domain::calendar::{Calendar, Hours, Limit, National, Ref, Rules};

/// The first day that the questions are about; 2025 to 2026 are published, or 2025 and 2027.
const FIRST: (i32, u32, u32) = (2024, 12, 20);
/// How many days from there on they reach, into years that are not published.
const DAYS: u64 = 760;

fn day(number: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(FIRST.0, FIRST.1, FIRST.2).unwrap() + Days::new(number)
}

/// Up to four periods, which may touch, begin at midnight or end there.
fn hours() -> impl Strategy<Value = Hours> {
    let edge = prop_oneof![1..DAY_MINUTES, Just(0), Just(DAY_MINUTES), Just(720)];
    prop::collection::vec(edge, 0..8).prop_map(|mut edges| {
        edges.sort_unstable();
        edges.dedup();
        let spans = edges.chunks_exact(2).map(|pair| Span { start_min: pair[0], end_min: pair[1] });
        Hours::new(spans.collect()).unwrap()
    })
}

/// Days near each other and near the turns of the years, so that they matter to the questions.
fn days() -> impl Strategy<Value = NaiveDate> {
    prop_oneof![0..DAYS, 5..25_u64, 370..390_u64, 735..755_u64].prop_map(day)
}

fn rules() -> impl Strategy<Value = Rules> {
    let exception = hours().prop_map(|hours| Exception { hours, note: "x".into() });
    (
        prop::array::uniform7(hours()),
        prop::option::of(hours()),
        prop::collection::btree_map(days(), exception, 0..6),
    )
        .prop_map(|(weekly, make_up, exceptions)| Rules { weekly, make_up, exceptions, national: true })
}

fn notices() -> impl Strategy<Value = Vec<Notice>> {
    let second = prop_oneof![Just(2026), Just(2026), Just(2027)];
    let named = || prop::collection::btree_map(days(), any::<bool>(), 0..30);
    (second, named(), named()).prop_map(|(second, first_days, second_days)| {
        let notice = |year, days: BTreeMap<NaiveDate, bool>| {
            let kind = |off| if off { Kind::Off } else { Kind::MakeUp };
            let days = days.into_iter().map(|(date, off)| Named { date, name: "x".into(), kind: kind(off) });
            Notice { year, source: String::new(), days: days.collect() }
        };
        vec![notice(2025, first_days), notice(second, second_days)]
    })
}

/// A calendar, compiled and not.
fn both() -> impl Strategy<Value = (Calendar, Oracle)> {
    (rules(), notices()).prop_map(|(rules, notices)| {
        let national = Arc::new(National::new(notices.clone()));
        let calendar = Calendar::new(Ref { id: "x".into(), version: 1 }, rules.clone(), national);
        (calendar, Oracle { rules, notices })
    })
}

/// Any minute; often the beginning of a civil day.
fn minutes() -> impl Strategy<Value = DateTime<Utc>> {
    let of_day = prop_oneof![0..i64::from(DAY_MINUTES), Just(0), Just(540), Just(720)];
    (days(), of_day).prop_map(|(date, minute)| {
        date.and_hms_opt(0, 0, 0).unwrap().and_utc() + TimeDelta::minutes(minute) - TimeDelta::hours(8)
    })
}

/// Any microsecond.
fn instants() -> impl Strategy<Value = DateTime<Utc>> {
    (minutes(), 0..60_000_000_i64).prop_map(|(minute, micros)| minute + TimeDelta::microseconds(micros))
}

fn limits() -> impl Strategy<Value = Limit> {
    prop_oneof![
        (0..40_u32).prop_map(Limit::WorkingDays),
        (0..6_000_u32).prop_map(Limit::WorkingMinutes),
        (0..60_000_u32).prop_map(Limit::Minutes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_deadline_is_where_stepping_ends((calendar, oracle) in both(), start in minutes(), limit in limits()) {
        prop_assert_eq!(calendar.deadline(start, limit), oracle.deadline(start, limit));
    }

    #[test]
    fn working_time_is_the_minutes_worked(
        (calendar, oracle) in both(), from in minutes(), length in 0..30_000_i64,
    ) {
        let to = from + TimeDelta::minutes(length);
        let counted = oracle.working_minutes(from, to).map(TimeDelta::minutes);
        prop_assert_eq!(calendar.working_time(from, to), counted);
    }

    #[test]
    fn the_next_opening_is_the_first_minute_worked((calendar, oracle) in both(), from in minutes()) {
        prop_assert_eq!(calendar.next_opening(from), oracle.next_opening(from));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn working_time_undoes_advance(
        (calendar, _) in both(), from in instants(), working in 0..400_000_000_000_i64,
    ) {
        let working = TimeDelta::microseconds(working);
        if let Ok(end) = calendar.advance(from, working) {
            prop_assert_eq!(calendar.working_time(from, end), Ok(working));
            // It is the first such instant.
            if working > TimeDelta::zero() {
                let before = end - TimeDelta::microseconds(1);
                prop_assert!(calendar.working_time(from, before).unwrap() < working);
            }
        }
    }

    #[test]
    fn advancing_twice_is_advancing_once(
        (calendar, _) in both(), from in instants(),
        first in 0..100_000_000_000_i64, second in 0..100_000_000_000_i64,
    ) {
        let (first, second) = (TimeDelta::microseconds(first), TimeDelta::microseconds(second));
        let once = calendar.advance(from, first + second);
        let twice = calendar.advance(from, first).and_then(|middle| calendar.advance(middle, second));
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn a_later_start_and_a_longer_limit_never_end_earlier(
        (calendar, _) in both(), a in instants(), b in instants(), limit in limits(), more in 0..500_u32,
    ) {
        let (earlier, later) = (a.min(b), a.max(b));
        if let (Ok(first), Ok(second)) = (calendar.deadline(earlier, limit), calendar.deadline(later, limit)) {
            prop_assert!(first <= second);
        }
        let longer = match limit {
            Limit::WorkingDays(days) => Limit::WorkingDays(days + more),
            Limit::WorkingMinutes(minutes) => Limit::WorkingMinutes(minutes + more),
            Limit::Minutes(minutes) => Limit::Minutes(minutes + more),
        };
        if let Ok(long) = calendar.deadline(earlier, longer) {
            let short = calendar.deadline(earlier, limit);
            prop_assert!(short.is_ok_and(|short| earlier <= short && short <= long));
        }
    }

    #[test]
    fn working_time_adds_up((calendar, _) in both(), mut all in prop::array::uniform3(instants())) {
        all.sort();
        let [a, b, c] = all;
        if let Ok(whole) = calendar.working_time(a, c) {
            let parts = calendar.working_time(a, b).unwrap() + calendar.working_time(b, c).unwrap();
            prop_assert_eq!(whole, parts);
            prop_assert!(whole <= c - a);
            prop_assert_eq!(calendar.working_time(c, a), Ok(TimeDelta::zero()));
        }
    }

    /// Pauses lengthen a limit by the working time that passed in them, in whatever order they are credited.
    #[test]
    fn no_pause_is_lost(
        (calendar, _) in both(), start in instants(), minutes in 1..3_000_u32,
        pauses in prop::collection::vec((0..20_000_i64, 0..5_000_i64), 0..4),
    ) {
        let credits: Result<Vec<TimeDelta>, _> = pauses.iter().map(|(after, length)| {
            let from = start + TimeDelta::minutes(*after);
            calendar.working_time(from, from + TimeDelta::minutes(*length))
        }).collect();
        let deadline = calendar.deadline(start, Limit::WorkingMinutes(minutes));
        if let (Ok(credits), Ok(deadline)) = (credits, deadline) {
            let all: TimeDelta = credits.iter().sum();
            if let Ok(whole) = calendar.advance(deadline, all) {
                let one_by_one = credits.iter().rev().try_fold(deadline, |end, credit| calendar.advance(end, *credit));
                prop_assert_eq!(one_by_one, Ok(whole));
                let credited = TimeDelta::minutes(minutes.into()) + all;
                prop_assert_eq!(calendar.working_time(start, whole), Ok(credited));
            }
        }
    }

    #[test]
    fn what_is_explained_is_what_is_counted(
        (calendar, _) in both(), start in instants(), limit in limits(), days_max in 0..60_usize,
    ) {
        let Ok(deadline) = calendar.deadline(start, limit) else { return Ok(()) };
        let explained = calendar.explain(start, limit, days_max).unwrap();
        prop_assert_eq!(explained.deadline, deadline);
        prop_assert!(explained.days.len() <= days_max);
        let all = calendar.explain(start, limit, usize::MAX).unwrap();
        prop_assert_eq!(&all.days[..explained.days.len()], &explained.days[..]);
        match limit {
            Limit::WorkingDays(days) => prop_assert_eq!(all.counted, days),
            Limit::WorkingMinutes(minutes) => {
                let sum: TimeDelta = all.days.iter().map(|day| day.working).sum();
                prop_assert_eq!(sum, TimeDelta::minutes(minutes.into()));
            }
            Limit::Minutes(_) => prop_assert!(all.days.is_empty()),
        }
    }
}
