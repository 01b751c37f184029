//! Reading, creating and changing calendars.

use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::Weekday;
use minqing_testkit::{Database, on_both_databases};
use tonic::Code;

use super::suite::{Suite, by, days, end, fields, period, reason, refused};
use crate::room;

on_both_databases! {
    the_calendar_of_china_is_public_from_the_start;
    an_organization_has_its_own_calendar_drawn_from_china_s;
    who_works_through_the_holidays_needs_no_notice;
    every_wrong_field_of_a_new_calendar_is_named;
    an_update_changes_what_the_mask_names;
    a_change_counts_at_once_in_another_replica;
    calendars_are_listed_in_pages;
    a_request_sent_again_is_answered_as_before;
}

fn named(display_name: &str) -> proto::Calendar {
    proto::Calendar { display_name: display_name.into(), ..Default::default() }
}

fn weekday(weekday: Weekday, periods: Vec<proto::WorkingPeriod>) -> proto::WeekdayHours {
    proto::WeekdayHours { weekday: weekday.into(), periods }
}

async fn the_calendar_of_china_is_public_from_the_start(database: Database) {
    let suite = Suite::open(&database).await;
    let china = suite.calendar("china", 0).await.unwrap();
    assert!(china.known_years.iter().copied().eq(2007..=2026));
    assert_eq!((china.version, china.etag.as_str(), china.weekly.len()), (1, "1", 5));
    let open = vec![period("09:00", "12:00"), period("13:30", "17:30")];
    assert_eq!(china.weekly[0], weekday(Weekday::Monday, open));
    assert_eq!(suite.calendar("china", 1).await.unwrap(), china);
    assert_eq!(refused(suite.calendar("china", 2).await).0, Code::NotFound);
    assert_eq!(refused(suite.calendar("nobody", 0).await).0, Code::NotFound);
    assert_eq!(reason(suite.calendar("China", 0).await), "INVALID_NAME");
    assert_eq!(reason(suite.calendar("china", -1).await), "INVALID_VERSION");
}

async fn an_organization_has_its_own_calendar_drawn_from_china_s(database: Database) {
    let suite = Suite::open(&database).await;
    let calendar = proto::Calendar {
        organization: "organizations/water".into(),
        make_up_periods: vec![period("10:00", "15:00")],
        exceptions: vec![proto::CalendarException {
            date: "2026-03-03".into(),
            periods: Vec::new(),
            note: "搬迁".into(),
        }],
        ..named("供水")
    };
    let made = suite.create("water", calendar).await.unwrap();
    let china = suite.calendar("china", 0).await.unwrap();
    assert_eq!((&made.weekly, made.version), (&china.weekly, 1));
    assert_eq!(suite.calendar("water", 0).await.unwrap(), made);
    let of_water = |request| proto::ComputeDeadlineRequest { calendar: "calendars/water".into(), ..request };
    let moved = suite.deadline(of_water(days("2026-03-02T02:00:00Z", 1))).await.unwrap();
    assert_eq!(end(&moved), "2026-03-04T09:30:00Z");
    let closure = &moved.days[1];
    assert_eq!((closure.reason(), closure.display_name.as_str()), (proto::DayReason::OwnClosure, "搬迁"));
    let make_up = suite.deadline(of_water(days("2026-02-13T02:00:00Z", 1))).await.unwrap();
    assert_eq!(end(&make_up), "2026-02-14T07:00:00Z");
}

async fn who_works_through_the_holidays_needs_no_notice(database: Database) {
    let suite = Suite::open(&database).await;
    let always = |number| proto::WeekdayHours { weekday: number, periods: vec![period("00:00", "24:00")] };
    let calendar =
        proto::Calendar { weekly: (1..=7).map(always).collect(), works_on_holidays: true, ..named("热线") };
    suite.create("hotline", calendar).await.unwrap();
    let request = proto::ComputeDeadlineRequest {
        calendar: "calendars/hotline".into(),
        ..days("2027-02-05T15:00:00Z", 1)
    };
    assert_eq!(end(&suite.deadline(request).await.unwrap()), "2027-02-06T16:00:00Z");
}

async fn every_wrong_field_of_a_new_calendar_is_named(database: Database) {
    let suite = Suite::open(&database).await;
    let wrong = proto::Calendar {
        organization: "people/x".into(),
        weekly: vec![weekday(Weekday::Monday, vec![period("09:00", "9:30")])],
        make_up_periods: vec![period("12:00", "09:00")],
        exceptions: vec![proto::CalendarException { date: "2026-02-30".into(), ..Default::default() }],
        ..Default::default()
    };
    let wanted = [
        "calendar_id",
        "calendar.display_name",
        "calendar.organization",
        "calendar.weekly[0].periods[0].end_time",
        "calendar.make_up_periods",
        "calendar.exceptions[0].date",
    ];
    assert_eq!(fields(suite.create("Water", wrong).await), wanted);
    let monday = |periods| vec![weekday(Weekday::Monday, periods)];
    let of_week = async |weekly| reason(suite.create("x", proto::Calendar { weekly, ..named("x") }).await);
    let overlap = vec![period("09:00", "12:00"), period("11:59", "13:00")];
    assert_eq!(of_week(monday(overlap)).await, "PERIODS_OVERLAP");
    assert_eq!(of_week(monday(vec![period("22:00", "24:01")])).await, "INVALID_TIME");
    assert_eq!(of_week(monday(vec![period("09:00", "10:00"); 9])).await, "COUNT");
    assert_eq!(of_week(monday(Vec::new())).await, "NEVER_OPEN");
    let twice = [monday(vec![period("09:00", "12:00")]), monday(Vec::new())].concat();
    assert_eq!(of_week(twice).await, "WEEKDAY_TWICE");
    let unknown = vec![proto::WeekdayHours { weekday: 8, periods: Vec::new() }];
    assert_eq!(of_week(unknown).await, "INVALID_ENUM");
    let closed = proto::CalendarException { date: "2026-03-03".into(), ..Default::default() };
    let twice = proto::Calendar { exceptions: vec![closed.clone(), closed], ..named("x") };
    assert_eq!(reason(suite.create("x", twice).await), "DATE_TWICE");
    assert_eq!(refused(suite.create("china", named("x")).await).0, Code::AlreadyExists);
}

async fn an_update_changes_what_the_mask_names(database: Database) {
    let suite = Suite::open(&database).await;
    suite
        .create("water", proto::Calendar { organization: "organizations/water".into(), ..named("供水") })
        .await
        .unwrap();
    let body = proto::Calendar { name: "calendars/water".into(), ..named("自来水") };
    // The organization is named and empty, so it goes; the display name is not named, so it stays.
    let changed = suite.update(&["organization"], body.clone()).await.unwrap();
    assert_eq!((changed.organization.as_str(), changed.display_name.as_str()), ("", "供水"));
    assert_eq!((changed.version, changed.etag.as_str()), (2, "2"));
    assert_eq!(suite.calendar("water", 1).await.unwrap().organization, "organizations/water");
    // Nothing new, no version.
    assert_eq!(suite.update(&["organization"], body.clone()).await.unwrap().version, 2);
    assert_eq!(reason(suite.update(&["works_on_holidays"], body.clone()).await), "INVALID_MASK");
    assert_eq!(reason(suite.update(&["weekly"], body.clone()).await), "NEVER_OPEN");
    let stale = proto::Calendar { etag: "1".into(), ..body.clone() };
    assert_eq!(refused(suite.update(&["display_name"], stale).await).0, Code::Aborted);
    let nobody = proto::Calendar { name: "calendars/nobody".into(), ..body };
    assert_eq!(refused(suite.update(&["display_name"], nobody).await).0, Code::NotFound);
}

async fn a_change_counts_at_once_in_another_replica(database: Database) {
    let suite = Suite::open(&database).await;
    let beside = Suite { room: room::open(&database).await };
    let before = beside.deadline(days("2026-03-02T02:00:00Z", 1)).await.unwrap();
    let closed = proto::CalendarException { date: "2026-03-03".into(), ..Default::default() };
    let body = proto::Calendar { name: "calendars/china".into(), exceptions: vec![closed], ..named("") };
    suite.update(&["exceptions"], body).await.unwrap();
    let after = beside.deadline(days("2026-03-02T02:00:00Z", 1)).await.unwrap();
    assert_eq!([&before, &after].map(|answer| answer.version), [1, 2]);
    assert_eq!([&before, &after].map(end), ["2026-03-03T09:30:00Z", "2026-03-04T09:30:00Z"]);
}

async fn calendars_are_listed_in_pages(database: Database) {
    let suite = Suite::open(&database).await;
    for id in ["a", "b", "d"] {
        let organization = if id == "a" { "" } else { "organizations/water" }.to_owned();
        suite.create(id, proto::Calendar { organization, ..named(id) }).await.unwrap();
    }
    let mut names = Vec::new();
    let mut request = proto::ListCalendarsRequest { page_size: 3, ..Default::default() };
    loop {
        let page = suite.calendars().list_calendars(request.clone()).await.unwrap().into_inner();
        names.push(page.calendars.into_iter().map(|calendar| calendar.name).collect::<Vec<_>>());
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(names, [vec!["calendars/a", "calendars/b", "calendars/china"], vec!["calendars/d"]]);
    let organization = "organizations/water".to_owned();
    let of_water = proto::ListCalendarsRequest { organization, ..Default::default() };
    let found = suite.calendars().list_calendars(of_water).await.unwrap().into_inner();
    assert_eq!(found.calendars.len(), 2);
    let wrong = proto::ListCalendarsRequest { organization: "water".into(), ..Default::default() };
    assert_eq!(reason(suite.calendars().list_calendars(wrong).await), "INVALID_NAME");
}

async fn a_request_sent_again_is_answered_as_before(database: Database) {
    let suite = Suite::open(&database).await;
    let mut request = proto::CreateCalendarRequest {
        calendar: Some(named("x")),
        request_id: uuid::Uuid::from_u128(9).to_string(),
        ..Default::default()
    };
    let mut calendars = suite.calendars();
    let first = calendars.create_calendar(by("administrator", "", request.clone())).await.unwrap();
    let again = calendars.create_calendar(by("administrator", "", request.clone())).await.unwrap();
    assert_eq!(first.into_inner(), again.into_inner());
    request.calendar = Some(named("y"));
    let reused = calendars.create_calendar(by("administrator", "", request)).await;
    assert_eq!(reason(reused), "REQUEST_ID_REUSED");
}
