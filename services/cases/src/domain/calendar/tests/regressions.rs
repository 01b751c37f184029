//! What users of other systems complain of, each with its name.

use chrono::TimeDelta;

use super::{at, calendar, china, date, wall};
use crate::domain::calendar::hours::Span;
use crate::domain::calendar::rules::Exception;
use crate::domain::calendar::{Hours, Limit, Reason, Rules, Unknown};

#[track_caller]
fn ends(start: &str, limit: Limit, wanted: &str) {
    assert_eq!(wall(china().deadline(at(start), limit).unwrap()), wanted);
}

#[test]
fn time_stands_still_at_lunch() {
    ends("2026-03-02 11:30", Limit::WorkingMinutes(60), "2026-03-02 14:00");
    ends("2026-03-02 12:00", Limit::WorkingMinutes(1), "2026-03-02 13:31");
    let lunch = china().working_time(at("2026-03-02 12:00"), at("2026-03-02 13:30"));
    assert_eq!(lunch, Ok(TimeDelta::zero()));
    // A limit that is used up by noon ends at noon, not when the afternoon begins.
    ends("2026-03-02 11:00", Limit::WorkingMinutes(60), "2026-03-02 12:00");
}

#[test]
fn each_day_has_all_its_periods() {
    let span = |start: u16, end: u16| Span { start_min: start * 60, end_min: end * 60 };
    let mut rules = Rules::china();
    rules.weekly[3] = Hours::new(vec![span(8, 11), span(13, 16), span(19, 21)]).unwrap();
    let calendar = calendar(rules);
    // 2026-03-05 is a Thursday.
    let whole = calendar.working_time(at("2026-03-05 00:00"), at("2026-03-06 00:00"));
    assert_eq!(whole, Ok(TimeDelta::hours(8)));
    let evening = calendar.advance(at("2026-03-05 15:30"), TimeDelta::hours(1)).unwrap();
    assert_eq!(wall(evening), "2026-03-05 19:30");
    let end = calendar.deadline(at("2026-03-04 10:00"), Limit::WorkingDays(1)).unwrap();
    assert_eq!(wall(end), "2026-03-05 21:00");
}

#[test]
fn what_comes_in_at_night_or_at_the_weekend_begins_when_the_office_opens() {
    // Friday night, Saturday, and Monday before the office opens: all the same.
    for start in ["2026-03-06 23:59", "2026-03-07 12:00", "2026-03-08 03:00", "2026-03-09 08:59"] {
        ends(start, Limit::WorkingMinutes(120), "2026-03-09 11:00");
        assert_eq!(wall(china().next_opening(at(start)).unwrap()), "2026-03-09 09:00");
    }
}

#[test]
fn the_day_of_the_start_does_not_count() {
    ends("2026-03-02 00:00", Limit::WorkingDays(1), "2026-03-03 17:30");
    ends("2026-03-02 23:59", Limit::WorkingDays(1), "2026-03-03 17:30");
    // From Friday or from the weekend: Monday is the first day.
    ends("2026-03-06 10:00", Limit::WorkingDays(1), "2026-03-09 17:30");
    ends("2026-03-07 10:00", Limit::WorkingDays(1), "2026-03-09 17:30");
    ends("2026-03-02 10:00", Limit::WorkingDays(5), "2026-03-09 17:30");
}

#[test]
fn days_off_are_skipped_and_make_up_weekends_are_worked() {
    // The Spring Festival of 2026: off from Sunday 02-15 to Monday 02-23; Saturdays 02-14 and 02-28 are worked.
    ends("2026-02-13 10:00", Limit::WorkingDays(1), "2026-02-14 17:30");
    ends("2026-02-13 10:00", Limit::WorkingDays(2), "2026-02-24 17:30");
    ends("2026-02-27 10:00", Limit::WorkingDays(1), "2026-02-28 17:30");
    ends("2026-02-27 16:30", Limit::WorkingMinutes(120), "2026-02-28 10:00");
    assert_eq!(wall(china().next_opening(at("2026-02-14 18:00")).unwrap()), "2026-02-24 09:00");
    let make_up = china();
    let make_up = make_up.day(date("2026-02-28")).unwrap();
    assert_eq!((make_up.reason, make_up.name, make_up.hours.minutes()), (Reason::MakeUp, "春节", 420));
}

#[test]
fn a_make_up_day_works_as_it_is_set_to() {
    let rules = Rules {
        make_up: Some(Hours::new(vec![Span { start_min: 600, end_min: 900 }]).unwrap()),
        ..Rules::china()
    };
    let end = calendar(rules).deadline(at("2026-02-13 10:00"), Limit::WorkingDays(1)).unwrap();
    assert_eq!(wall(end), "2026-02-14 15:00");
}

#[test]
fn no_reminder_goes_out_at_midnight() {
    let calendar = china();
    // Due at every half hour of a week with days off: it goes out when somebody is at work.
    let mut due = at("2026-02-12 00:00");
    while due < at("2026-02-26 00:00") {
        let sent = calendar.next_opening(due).unwrap();
        let (of_day, after) = (wall(sent), sent + TimeDelta::microseconds(1));
        assert!(sent >= due && ("09:00".."17:30").contains(&&of_day[11..]), "{of_day}");
        assert_eq!(calendar.working_time(sent, after), Ok(TimeDelta::microseconds(1)));
        due += TimeDelta::minutes(30);
    }
    // The end of a period is no working instant: nobody is there after it.
    assert_eq!(wall(calendar.next_opening(at("2026-03-02 17:30")).unwrap()), "2026-03-03 09:00");
    assert_eq!(wall(calendar.next_opening(at("2026-03-02 12:00")).unwrap()), "2026-03-02 13:30");
}

#[test]
fn an_office_s_own_days_go_before_everything_else() {
    let mut rules = Rules::china();
    let closed = Exception { hours: Hours::CLOSED, note: "搬迁".into() };
    rules.exceptions.insert(date("2026-03-03"), closed);
    let duty = Hours::new(vec![Span { start_min: 600, end_min: 720 }]).unwrap();
    rules.exceptions.insert(date("2026-02-17"), Exception { hours: duty, note: "值班".into() });
    let calendar = calendar(rules);
    let end = calendar.deadline(at("2026-03-02 10:00"), Limit::WorkingDays(1)).unwrap();
    assert_eq!(wall(end), "2026-03-04 17:30");
    let end = calendar.deadline(at("2026-02-14 20:00"), Limit::WorkingDays(1)).unwrap();
    assert_eq!(wall(end), "2026-02-17 12:00");
}

#[test]
fn a_year_that_is_not_published_is_never_guessed() {
    let calendar = china();
    let unknown = Err(Unknown { year: 2027 });
    assert_eq!(calendar.deadline(at("2026-12-31 10:00"), Limit::WorkingDays(1)), unknown);
    assert_eq!(calendar.deadline(at("2026-12-31 17:00"), Limit::WorkingMinutes(31)), unknown);
    assert_eq!(calendar.deadline(at("2027-01-04 10:00"), Limit::WorkingDays(1)), unknown);
    assert_eq!(calendar.next_opening(at("2026-12-31 17:30")), unknown);
    assert_eq!(calendar.working_time(at("2026-12-31 10:00"), at("2029-01-01 10:00")).unwrap_err().year, 2027);
    assert_eq!(calendar.deadline(at("2006-12-30 10:00"), Limit::WorkingDays(1)), Err(Unknown { year: 2006 }));
    assert_eq!(calendar.day(date("2027-01-04")).unwrap_err(), Unknown { year: 2027 });
}

#[test]
fn a_year_that_is_not_needed_is_not_asked_for() {
    ends("2026-12-30 10:00", Limit::WorkingDays(1), "2026-12-31 17:30");
    ends("2026-12-31 17:00", Limit::WorkingMinutes(30), "2026-12-31 17:30");
    ends("2026-12-31 23:00", Limit::Minutes(24 * 60), "2027-01-01 23:00");
    // The day of the start does not count, so its year is not needed either.
    ends("2006-12-31 10:00", Limit::WorkingDays(1), "2007-01-04 17:30");
    // Midnight on New Year's Eve needs nothing of the year that begins.
    let last = china().working_time(at("2026-12-31 16:30"), at("2027-01-01 00:00"));
    assert_eq!(last, Ok(TimeDelta::hours(1)));
    let none = china().advance(at("2027-06-01 10:00"), TimeDelta::zero());
    assert_eq!(none, Ok(at("2027-06-01 10:00")));
}

#[test]
fn who_works_round_the_year_needs_no_notice() {
    let always = Hours::new(vec![Span { start_min: 0, end_min: 1_440 }]).unwrap();
    let rules = Rules { weekly: std::array::from_fn(|_| always.clone()), national: false, ..Rules::china() };
    let calendar = calendar(rules);
    let start = at("2027-02-05 23:30");
    let end = calendar.deadline(start, Limit::WorkingMinutes(120)).unwrap();
    assert_eq!(wall(end), "2027-02-06 01:30");
    assert_eq!(calendar.deadline(start, Limit::WorkingDays(1)).map(wall), Ok("2027-02-07 00:00".into()));
    assert_eq!(calendar.next_opening(start), Ok(start));
    // 2026-02-17 is New Year's Day of the lunar year.
    let end = calendar.deadline(at("2026-02-16 10:00"), Limit::WorkingDays(1)).map(wall);
    assert_eq!(end, Ok("2026-02-18 00:00".into()));
}

/// A pause credits the working time that passed in it, so a limit of days is not lengthened by a weekend.
#[test]
fn a_pause_over_a_weekend_credits_only_working_time() {
    let calendar = china();
    let deadline = calendar.deadline(at("2026-03-02 10:00"), Limit::WorkingDays(5)).unwrap();
    let credit = calendar.working_time(at("2026-03-06 16:30"), at("2026-03-09 10:00")).unwrap();
    assert_eq!(credit, TimeDelta::hours(2));
    assert_eq!(wall(calendar.advance(deadline, credit).unwrap()), "2026-03-10 11:00");
}

#[test]
fn limits_beyond_all_measure_end_in_an_unknown_year() {
    let calendar = china();
    let start = at("2026-03-02 10:00");
    assert_eq!(calendar.deadline(start, Limit::WorkingDays(u32::MAX)).unwrap_err().year, 2027);
    assert_eq!(calendar.deadline(start, Limit::WorkingMinutes(u32::MAX)).unwrap_err().year, 2027);
    assert_eq!(calendar.advance(start, TimeDelta::MAX).unwrap_err().year, 2027);
    assert!(calendar.deadline(chrono::DateTime::<chrono::Utc>::MAX_UTC, Limit::Minutes(1)).is_err());
    assert!(calendar.working_time(chrono::DateTime::<chrono::Utc>::MIN_UTC, start).is_err());
    assert!(calendar.next_opening(chrono::DateTime::<chrono::Utc>::MAX_UTC).is_err());
}
