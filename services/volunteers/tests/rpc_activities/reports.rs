//! Hours that volunteers report.

use chrono::TimeDelta;
use minqing_platform::field::timestamp;
use minqing_proto::volunteers::v1 as proto;

use super::corps::{Corps, number, plan, reason};
use super::room::{by, citizen};

fn review(name: &str, accept: bool) -> proto::ReviewHourReportRequest {
    let comment = if accept { String::new() } else { "nobody saw it".into() };
    proto::ReviewHourReportRequest { name: name.into(), accept, comment, request_id: String::new() }
}

#[tokio::test]
async fn a_report_is_accepted_by_somebody_else_and_becomes_hours() {
    let mut corps = Corps::open().await;
    corps.volunteer("one", 1990).await;
    let shift = corps.open_shift(plan("sorters"), 1, 1).await;
    let own = corps.signs_up("one", &shift).await.unwrap();
    let from = corps.room.now() + TimeDelta::hours(1);
    corps.room.clock.advance(TimeDelta::hours(5));
    let report = proto::HourReport {
        sign_up: own.name.clone(),
        start_time: Some(timestamp(from)),
        end_time: Some(timestamp(from + TimeDelta::minutes(90))),
        description: "My telephone was empty.".into(),
        ..Default::default()
    };
    let request = proto::CreateHourReportRequest { hour_report: Some(report.clone()), ..Default::default() };
    assert_eq!(reason(corps.reports.create_hour_report(citizen("lead", request.clone())).await), "NOT_FOUND");
    let made = corps.reports.create_hour_report(citizen("one", request.clone())).await.unwrap().into_inner();
    assert_eq!(made.source(), proto::HourReportSource::NoCheckIn);
    assert_eq!(reason(corps.reports.create_hour_report(citizen("one", request)).await), "REPORTED_ALREADY");

    let queue = proto::ListHourReportsRequest { team: "teams/sorters".into(), ..Default::default() };
    assert_eq!(reason(corps.reports.list_hour_reports(citizen("one", queue.clone())).await), "NOT_PERMITTED");
    let found = corps.reports.list_hour_reports(citizen("lead", queue)).await.unwrap().into_inner();
    assert_eq!(found.hour_reports, std::slice::from_ref(&made));
    let own_list = proto::ListOwnHourReportsRequest::default();
    let found = corps.reports.list_own_hour_reports(citizen("one", own_list)).await.unwrap().into_inner();
    assert_eq!(found.hour_reports, std::slice::from_ref(&made));

    let own_review = corps.reports.review_hour_report(citizen("one", review(&made.name, true))).await;
    assert_eq!(reason(own_review), "NOT_PERMITTED");
    let silent = proto::ReviewHourReportRequest { comment: String::new(), ..review(&made.name, false) };
    assert_eq!(reason(corps.reports.review_hour_report(citizen("lead", silent)).await), "REQUIRED_FIELD");
    // Whether it was drawn for a spot check or not, a coordinator accepts it.
    let coordinator = by("coordinator", "321181", review(&made.name, true));
    let done = corps.reports.review_hour_report(coordinator).await.unwrap().into_inner();
    assert_eq!(done.state(), proto::HourReportState::Accepted);
    let total = corps.room.volunteers.store().hour_total(&number("one")).await.unwrap();
    assert_eq!(total.minutes, 90);
}

#[tokio::test]
async fn hours_that_were_entered_are_not_entered_again_by_a_report() {
    let mut corps = Corps::open().await;
    let from = corps.room.now() - TimeDelta::hours(5);
    let report = |minutes| proto::HourReport {
        team: "teams/sorters".into(),
        start_time: Some(timestamp(from)),
        end_time: Some(timestamp(from + TimeDelta::minutes(minutes))),
        description: "Sorted at the market.".into(),
        ..Default::default()
    };
    let mut names = Vec::new();
    for minutes in [60, 30] {
        let request =
            proto::CreateHourReportRequest { hour_report: Some(report(minutes)), ..Default::default() };
        let made = corps.reports.create_hour_report(citizen("lead", request)).await.unwrap().into_inner();
        names.push(made.name);
    }
    let own = corps.reports.review_hour_report(citizen("lead", review(&names[0], true))).await;
    assert_eq!(reason(own), "OWN_REPORT", "a leader does not review their own");
    corps.reports.review_hour_report(by("coordinator", "", review(&names[0], true))).await.unwrap();
    let twice = corps.reports.review_hour_report(by("coordinator", "", review(&names[1], true))).await;
    assert_eq!(reason(twice), "HOURS_OVERLAP");
    corps.reports.review_hour_report(by("coordinator", "", review(&names[1], false))).await.unwrap();
}
