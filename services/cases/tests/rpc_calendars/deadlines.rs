//! When would a limit end, and why then.

use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::DayReason;
use minqing_testkit::{Database, on_both_databases};
use tonic::Code;

use super::suite::{Suite, days, end, fields, limit, period, reason, refused};

on_both_databases! {
    a_citizen_sees_when_a_limit_ends_and_why_then;
    each_kind_of_limit_is_counted_its_own_way;
    a_year_that_is_not_published_is_unknown;
    every_wrong_field_is_named;
    limits_outside_their_bounds_are_refused;
    an_older_version_counts_as_it_did;
}

async fn a_citizen_sees_when_a_limit_ends_and_why_then(database: Database) {
    let suite = Suite::open(&database).await;
    // From the Friday before the Spring Festival: Saturday makes up, nine days are off.
    let answer = suite.deadline(days("2026-02-13T02:00:00Z", 2)).await.unwrap();
    assert_eq!(end(&answer), "2026-02-24T09:30:00Z");
    assert_eq!((answer.calendar.as_str(), answer.version), ("calendars/china", 1));
    assert_eq!((answer.counted_days_count, answer.skipped_days_count), (2, 10));
    let day = |place: usize| {
        let day: &proto::DeadlineDay = &answer.days[place];
        (day.date.as_str(), day.reason(), day.display_name.as_str(), day.counts)
    };
    assert_eq!(day(0), ("2026-02-13", DayReason::Start, "", false));
    assert_eq!(day(1), ("2026-02-14", DayReason::MakeUp, "春节", true));
    assert_eq!(day(2), ("2026-02-15", DayReason::Holiday, "春节", false));
    assert_eq!(day(11), ("2026-02-24", DayReason::WorkingDay, "", true));
    let answer = suite.deadline(days("2026-03-06T02:00:00Z", 1)).await.unwrap();
    let reasons: Vec<DayReason> = answer.days.iter().map(proto::DeadlineDay::reason).collect();
    assert_eq!(reasons, [DayReason::Start, DayReason::Weekend, DayReason::Weekend, DayReason::WorkingDay]);
}

async fn each_kind_of_limit_is_counted_its_own_way(database: Database) {
    let suite = Suite::open(&database).await;
    // 2026-03-02 11:30 in China, half an hour before lunch.
    let working =
        proto::ComputeDeadlineRequest { working_minutes: Some(60), ..limit("2026-03-02T03:30:00Z") };
    let answer = suite.deadline(working).await.unwrap();
    assert_eq!(end(&answer), "2026-03-02T06:00:00Z");
    assert_eq!((answer.days.len(), answer.days[0].working_minutes), (1, 60));
    let clock = proto::ComputeDeadlineRequest { minutes: Some(60), ..limit("2026-03-02T03:30:00Z") };
    let answer = suite.deadline(clock).await.unwrap();
    assert_eq!((end(&answer).as_str(), answer.days.len()), ("2026-03-02T04:30:00Z", 0));
}

async fn a_year_that_is_not_published_is_unknown(database: Database) {
    let suite = Suite::open(&database).await;
    let (code, reason, text) = refused(suite.deadline(days("2026-12-31T02:00:00Z", 1)).await);
    assert_eq!((code, reason.as_str()), (Code::FailedPrecondition, "CALENDAR_UNKNOWN"));
    assert!(text.contains("2027"), "{text}");
    let (_, reason, text) = refused(suite.deadline(days("2027-03-01T02:00:00Z", 1)).await);
    assert!(reason == "CALENDAR_UNKNOWN" && text.contains("2027"), "{text}");
    let (_, reason, text) = refused(suite.deadline(days("1999-03-01T02:00:00Z", 1)).await);
    assert!(reason == "CALENDAR_UNKNOWN" && text.contains("1999"), "{text}");
    // What needs no day of it is answered.
    let answer = suite.deadline(days("2026-12-30T02:00:00Z", 1)).await.unwrap();
    assert_eq!(end(&answer), "2026-12-31T09:30:00Z");
    let clock = proto::ComputeDeadlineRequest { minutes: Some(120), ..limit("2027-03-01T02:00:00Z") };
    assert_eq!(end(&suite.deadline(clock).await.unwrap()), "2027-03-01T04:00:00Z");
}

async fn every_wrong_field_is_named(database: Database) {
    let suite = Suite::open(&database).await;
    let nothing = proto::ComputeDeadlineRequest::default();
    assert_eq!(fields(suite.deadline(nothing).await), ["calendar", "start", "working_days"]);
    let wrong = proto::ComputeDeadlineRequest {
        calendar: "china".into(),
        version: -1,
        start: Some(prost_types::Timestamp { seconds: 0, nanos: -1 }),
        working_days: Some(1),
        minutes: Some(1),
        ..Default::default()
    };
    assert_eq!(fields(suite.deadline(wrong).await), ["calendar", "version", "start", "minutes"]);
    for seconds in [i64::MIN, i64::MAX, -62_135_596_801, 253_402_300_800] {
        let start = Some(prost_types::Timestamp { seconds, nanos: 0 });
        let wrong = proto::ComputeDeadlineRequest { start, ..days("2026-03-02T02:00:00Z", 1) };
        assert_eq!(reason(suite.deadline(wrong).await), "INVALID_TIME", "{seconds}");
    }
    // The very ends of what a timestamp holds lie in years that nobody published.
    for seconds in [-62_135_596_800, 253_402_300_799] {
        let start = Some(prost_types::Timestamp { seconds, nanos: 0 });
        let wrong = proto::ComputeDeadlineRequest { start, ..days("2026-03-02T02:00:00Z", 1) };
        assert_eq!(reason(suite.deadline(wrong).await), "CALENDAR_UNKNOWN", "{seconds}");
    }
    let nobody = proto::ComputeDeadlineRequest {
        calendar: "calendars/nobody".into(),
        ..days("2026-03-02T02:00:00Z", 1)
    };
    assert_eq!(refused(suite.deadline(nobody).await).0, Code::NotFound);
    let version = proto::ComputeDeadlineRequest { version: 9, ..days("2026-03-02T02:00:00Z", 1) };
    assert_eq!(refused(suite.deadline(version).await).0, Code::NotFound);
}

async fn limits_outside_their_bounds_are_refused(database: Database) {
    let suite = Suite::open(&database).await;
    let at = || limit("2010-03-01T02:00:00Z");
    let wrong = |days: Option<i32>, working_minutes: Option<i32>, minutes: Option<i32>| {
        proto::ComputeDeadlineRequest { working_days: days, working_minutes, minutes, ..at() }
    };
    for request in [
        wrong(Some(0), None, None),
        wrong(Some(-1), None, None),
        wrong(Some(1_001), None, None),
        wrong(None, Some(0), None),
        wrong(None, Some(i32::MAX), None),
        wrong(None, None, Some(0)),
        wrong(None, None, Some(i32::MIN)),
    ] {
        assert_eq!(reason(suite.deadline(request).await), "OUT_OF_RANGE");
    }
    for request in
        [wrong(Some(1), Some(1), None), wrong(None, Some(1), Some(1)), wrong(Some(0), None, Some(0))]
    {
        assert_eq!(reason(suite.deadline(request).await), "SEVERAL_LIMITS");
    }
    // The longest limits are answered, with the first thousand of their days.
    let answer = suite.deadline(wrong(Some(1_000), None, None)).await.unwrap();
    assert_eq!((answer.counted_days_count, answer.days.len()), (1_000, 1_000));
    let answer = suite.deadline(wrong(None, Some(500_000), None)).await.unwrap();
    assert_eq!((answer.counted_days_count > 1_000, answer.days.len()), (true, 1_000));
}

async fn an_older_version_counts_as_it_did(database: Database) {
    let suite = Suite::open(&database).await;
    let mut china = suite.calendar("china", 0).await.unwrap();
    for day in &mut china.weekly {
        day.periods = vec![period("08:00", "16:00")];
    }
    suite.update(&["weekly"], china).await.unwrap();
    let newest = suite.deadline(days("2026-03-02T02:00:00Z", 1)).await.unwrap();
    assert_eq!((end(&newest).as_str(), newest.version), ("2026-03-03T08:00:00Z", 2));
    let older = proto::ComputeDeadlineRequest { version: 1, ..days("2026-03-02T02:00:00Z", 1) };
    assert_eq!(end(&suite.deadline(older).await.unwrap()), "2026-03-03T09:30:00Z");
}
