//! Why a limit ends when it does, as a citizen reads it.

use super::{at, china, wall};
use crate::domain::calendar::{Limit, Reason};

#[test]
fn a_citizen_sees_which_days_count_and_which_do_not() {
    let explained = china().explain(at("2026-02-13 10:00"), Limit::WorkingDays(2), 100).unwrap();
    assert_eq!(wall(explained.deadline), "2026-02-24 17:30");
    assert_eq!((explained.counted, explained.skipped), (2, 10));
    let days: Vec<_> = explained
        .days
        .iter()
        .map(|day| (day.date.to_string(), day.reason, day.name.as_str(), day.counts))
        .collect();
    assert_eq!(days[0], ("2026-02-13".into(), None, "", false));
    assert_eq!(days[1], ("2026-02-14".into(), Some(Reason::MakeUp), "春节", true));
    assert_eq!(days[2], ("2026-02-15".into(), Some(Reason::Holiday), "春节", false));
    assert_eq!(days[11], ("2026-02-24".into(), Some(Reason::Weekday), "", true));
    let weekend = china().explain(at("2026-03-06 10:00"), Limit::WorkingDays(1), 2).unwrap();
    assert_eq!((weekend.counted, weekend.skipped, weekend.days.len()), (1, 3, 2));
    assert_eq!((weekend.days[1].reason, weekend.days[1].open), (Some(Reason::Weekday), false));
}

#[test]
fn the_working_minutes_of_each_day_are_told() {
    let explained = china().explain(at("2026-03-06 17:00"), Limit::WorkingMinutes(60), 100).unwrap();
    let minutes: Vec<i64> = explained.days.iter().map(|day| day.working.num_minutes()).collect();
    assert_eq!(minutes, [30, 0, 0, 30]);
    // After hours, the day of the start gives nothing.
    let explained = china().explain(at("2026-03-02 18:00"), Limit::WorkingMinutes(60), 100).unwrap();
    assert_eq!((explained.counted, explained.skipped), (1, 1));
    let round_the_clock = china().explain(at("2026-03-06 17:00"), Limit::Minutes(60), 100).unwrap();
    assert!(round_the_clock.days.is_empty());
}
