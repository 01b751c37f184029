//! Importing what the State Council published.

use minqing_proto::cases::v1 as proto;
use minqing_testkit::{Database, on_both_databases};
use tonic::Code;
use tonic_types::StatusExt as _;

use super::suite::{Suite, days, end, fields, reason, refused};

on_both_databases! {
    a_published_year_is_known_from_then_on;
    a_year_is_given_as_a_file_or_day_by_day;
    a_file_with_faults_is_refused_line_by_line;
    every_wrong_field_of_an_import_is_named;
}

const FILE: &str =
    "date,name,is_off_day\n2027-01-01,元旦,1\n2027-01-02,元旦,1\n2027-01-03,元旦,1\n2027-01-10,元旦,0\n";

fn file(content: &str) -> proto::ImportHolidaysRequest {
    proto::ImportHolidaysRequest { year: 2027, content: content.into(), ..Default::default() }
}

fn day(date: &str, make_up: bool) -> proto::NationalDay {
    proto::NationalDay { date: date.into(), display_name: "元旦".into(), make_up }
}

async fn a_published_year_is_known_from_then_on(database: Database) {
    let suite = Suite::open(&database).await;
    let asked = || days("2026-12-31T02:00:00Z", 1);
    assert_eq!(reason(suite.deadline(asked()).await), "CALENDAR_UNKNOWN");
    let trial = proto::ImportHolidaysRequest { validate_only: true, ..file(FILE) };
    let would = suite.import(trial).await.unwrap();
    assert_eq!(reason(suite.deadline(asked()).await), "CALENDAR_UNKNOWN");
    let did = suite.import(file(FILE)).await.unwrap();
    assert_eq!(did, would);
    assert_eq!((did.days_off_count, did.make_up_days_count, did.changed_dates.len()), (3, 1, 4));
    let version = proto::NewVersion { calendar: "calendars/china".into(), version: 2 };
    assert_eq!(did.new_versions, [version]);
    let answer = suite.deadline(asked()).await.unwrap();
    assert_eq!((end(&answer).as_str(), answer.version), ("2027-01-04T09:30:00Z", 2));
    // Who froze the first version still counts by it.
    let frozen = proto::ComputeDeadlineRequest { version: 1, ..asked() };
    assert_eq!(reason(suite.deadline(frozen).await), "CALENDAR_UNKNOWN");
    assert_eq!(suite.calendar("china", 0).await.unwrap().known_years.last(), Some(&2027));
    // The Sunday that makes up is worked.
    let answer = suite.deadline(days("2027-01-08T02:00:00Z", 1)).await.unwrap();
    assert_eq!(end(&answer), "2027-01-10T09:30:00Z");
    // The same again is nothing new.
    assert!(suite.import(file(FILE)).await.unwrap().new_versions.is_empty());
}

async fn a_year_is_given_as_a_file_or_day_by_day(database: Database) {
    let suite = Suite::open(&database).await;
    suite.import(file(FILE)).await.unwrap();
    let same = proto::ImportHolidaysRequest {
        year: 2027,
        days: vec![
            day("2027-01-10", true),
            day("2027-01-01", false),
            day("2027-01-02", false),
            day("2027-01-03", false),
        ],
        ..Default::default()
    };
    assert!(suite.import(same.clone()).await.unwrap().changed_dates.is_empty());
    let mut other = same;
    other.days.pop();
    assert_eq!(suite.import(other).await.unwrap().changed_dates, ["2027-01-03"]);
}

async fn a_file_with_faults_is_refused_line_by_line(database: Database) {
    let suite = Suite::open(&database).await;
    let wrong = format!("{FILE}2027-1-11,元旦,1\n2027-01-12,元旦,maybe\n2027-01-13,元旦\n");
    let refusal = suite.import(file(&wrong)).await.unwrap_err();
    let violations = refusal.get_details_bad_request().unwrap().field_violations;
    let lines: Vec<&str> =
        violations.iter().map(|one| one.description.split([',', ':']).next().unwrap()).collect();
    assert_eq!(lines, ["line 6", "line 7", "line 8"]);
    assert!(violations.iter().all(|one| one.field == "content"));
    for (content, wanted) in [
        ("date,name,is_off_day\n", "NO_DAYS"),
        ("date,name\n2027-01-01,元旦\n", "MISSING_COLUMN"),
        ("date,name,is_off_day\n2026-01-01,元旦,1\n", "DATE_OUTSIDE_YEAR"),
        ("date,name,is_off_day\n2027-01-01,元旦,1\n2027-01-01,元旦,0\n", "DUPLICATE_ROW"),
        ("date,name,is_off_day\n2027-01-01,\"元旦", "TRUNCATED_FILE"),
    ] {
        assert_eq!(reason(suite.import(file(content)).await), wanted, "{content}");
    }
    // Nothing of it was taken in.
    assert_eq!(suite.calendar("china", 0).await.unwrap().version, 1);
}

async fn every_wrong_field_of_an_import_is_named(database: Database) {
    let suite = Suite::open(&database).await;
    let of = |days: Vec<proto::NationalDay>| proto::ImportHolidaysRequest {
        year: 2027,
        days,
        ..Default::default()
    };
    assert_eq!(fields(suite.import(of(Vec::new())).await), ["days"]);
    for year in [0, -2027, 1949, 2201, i32::MAX] {
        let wrong = proto::ImportHolidaysRequest { year, ..file(FILE) };
        assert_eq!(fields(suite.import(wrong).await), ["year"], "{year}");
    }
    let both = proto::ImportHolidaysRequest { days: vec![day("2027-01-01", false)], ..file(FILE) };
    assert_eq!(reason(suite.import(both).await), "EITHER_OR");
    let wrong = of(vec![
        day("", false),
        day("2027-02-29", false),
        day("2026-11-30", false),
        day("2028-01-01", false),
        day("2027-01-01", false),
        day("2027-01-01", true),
        proto::NationalDay { display_name: String::new(), ..day("2027-01-02", false) },
    ]);
    let wanted = [
        "days[0].date",
        "days[1].date",
        "days[2].date",
        "days[3].date",
        "days[5].date",
        "days[6].display_name",
    ];
    assert_eq!(fields(suite.import(wrong).await), wanted);
    let (code, reason, _) = refused(suite.import(of(vec![day("2027-01-01", false); 201])).await);
    assert_eq!((code, reason.as_str()), (Code::InvalidArgument, "COUNT"));
}
