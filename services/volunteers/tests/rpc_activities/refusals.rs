//! What is refused: bad input with the path of the field, and callers who may not.

use minqing_proto::volunteers::v1 as proto;
use tonic::Request;
use tonic_types::StatusExt as _;

use super::corps::{Corps, VILLAGE, plan, reason};
use super::room::{by, citizen};

/// The paths of the fields that were wrong.
fn fields<T: std::fmt::Debug>(answer: Result<T, tonic::Status>) -> Vec<String> {
    let details = answer.unwrap_err().get_details_bad_request().unwrap();
    details.field_violations.into_iter().map(|violation| violation.field).collect()
}

#[tokio::test]
async fn bad_fields_are_named() {
    let mut corps = Corps::open().await;
    let activity = proto::Activity {
        title: String::new(),
        division_code: "12345".into(),
        longitude: None,
        radius_m: 5,
        ..plan("sorters")
    };
    let request = proto::CreateActivityRequest { activity: Some(activity), ..Default::default() };
    assert_eq!(
        fields(corps.activities.create_activity(citizen("lead", request)).await),
        ["activity.title", "activity.division_code", "activity.longitude", "activity.radius_m"]
    );
    let request = proto::CreateShiftRequest {
        parent: format!("activities/{}", uuid::Uuid::now_v7()),
        shift: Some(proto::Shift { waiting_max: Some(-1), ..Default::default() }),
        ..Default::default()
    };
    assert_eq!(
        fields(corps.activities.create_shift(citizen("lead", request)).await),
        ["shift.start_time", "shift.capacity", "shift.waiting_max"]
    );
    let request = proto::CreateSignUpRequest { parent: "activities/1/shifts/2".into(), ..Default::default() };
    assert_eq!(fields(corps.sign_ups.create_sign_up(citizen("lead", request)).await), ["parent"]);
    let request = proto::CheckInRequest { code: "12".into(), ..Default::default() };
    assert_eq!(fields(corps.sign_ups.check_in(citizen("lead", request)).await), ["code"]);
    let request = proto::CreateHourReportRequest {
        hour_report: Some(proto::HourReport::default()),
        ..Default::default()
    };
    assert_eq!(
        fields(corps.reports.create_hour_report(citizen("lead", request)).await),
        ["hour_report.start_time"]
    );
}

#[tokio::test]
async fn only_the_leader_and_coordinators_of_the_area_organize() {
    let mut corps = Corps::open().await;
    corps.volunteer("one", 1990).await;
    let request = proto::CreateActivityRequest { activity: Some(plan("sorters")), ..Default::default() };
    let create = async |client: &mut super::corps::Corps, request: Request<proto::CreateActivityRequest>| {
        client.activities.create_activity(request).await
    };
    assert_eq!(reason(create(&mut corps, Request::new(request.clone())).await), "SIGN_IN_NEEDED");
    assert_eq!(reason(create(&mut corps, citizen("one", request.clone())).await), "NOT_PERMITTED");
    let elsewhere = by("coordinator", "321181101", request.clone());
    assert_eq!(reason(create(&mut corps, elsewhere).await), "NOT_PERMITTED");
    let made = create(&mut corps, by("coordinator", "321181", request)).await.unwrap().into_inner();
    assert_eq!((made.post.as_str(), made.radius_m), ("posts/waste-sorting-guide", 200));

    let get = proto::GetActivityRequest { name: made.name.clone() };
    let hidden = corps.activities.get_activity(citizen("one", get.clone())).await;
    assert_eq!(reason(hidden), "NOT_FOUND", "a draft is for its organizers");
    assert_eq!(corps.activities.get_activity(citizen("lead", get)).await.unwrap().into_inner(), made);
    let publish = proto::PublishActivityRequest { name: made.name.clone(), ..Default::default() };
    let early = corps.activities.publish_activity(citizen("lead", publish)).await;
    assert_eq!(reason(early), "NO_SHIFT_AHEAD");
    let far = proto::Activity { division_code: "321181101".into(), ..plan("sorters") };
    let request = proto::CreateActivityRequest { activity: Some(far), ..Default::default() };
    assert_eq!(reason(create(&mut corps, citizen("lead", request)).await), "OUT_OF_REACH");

    let update = proto::UpdateActivityRequest {
        activity: Some(proto::Activity {
            name: made.name.clone(),
            title: "Another".into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let changed = corps.activities.update_activity(citizen("lead", update)).await.unwrap().into_inner();
    assert_eq!((changed.title.as_str(), changed.division_code.as_str()), ("Another", VILLAGE));
    let mask = prost_types::FieldMask { paths: vec!["team".into()] };
    let update = proto::UpdateActivityRequest {
        activity: Some(proto::Activity { name: made.name, ..Default::default() }),
        update_mask: Some(mask),
        ..Default::default()
    };
    assert_eq!(fields(corps.activities.update_activity(citizen("lead", update)).await), ["update_mask"]);
}

#[tokio::test]
async fn everybody_finds_what_is_open_and_nobody_else_the_code() {
    let mut corps = Corps::open().await;
    corps.volunteer("one", 1990).await;
    let shift = corps.open_shift(plan("sorters"), 24, 1).await;
    let open =
        proto::ListActivitiesRequest { division_code: "321181100".into(), open: true, ..Default::default() };
    let found = corps.activities.list_activities(Request::new(open.clone())).await.unwrap().into_inner();
    assert_eq!(found.activities.len(), 1);
    let elsewhere = proto::ListActivitiesRequest { division_code: "321181101".into(), ..open };
    let found = corps.activities.list_activities(Request::new(elsewhere)).await.unwrap().into_inner();
    assert!(found.activities.is_empty());
    let code = proto::GetCheckInCodeRequest { name: shift.clone() };
    assert_eq!(reason(corps.activities.get_check_in_code(citizen("one", code)).await), "NOT_PERMITTED");
    let sheet = proto::ListSignUpsRequest { parent: shift.clone(), ..Default::default() };
    assert_eq!(reason(corps.sign_ups.list_sign_ups(citizen("one", sheet)).await), "NOT_PERMITTED");
    let sign_up = proto::CreateSignUpRequest { parent: shift, ..Default::default() };
    assert_eq!(reason(corps.sign_ups.create_sign_up(Request::new(sign_up)).await), "SIGN_IN_NEEDED");
}
