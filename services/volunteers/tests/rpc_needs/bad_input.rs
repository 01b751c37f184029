use minqing_proto::registry::v1::Datum;
use minqing_proto::volunteers::v1 as proto;
use prost_types::Timestamp;

use crate::room::citizen;
use crate::town::{Town, coordinator, create, fields, need, refused};

#[tokio::test]
async fn everything_that_is_wrong_with_a_need_is_told_by_its_field() {
    let database = minqing_testkit::sqlite::database();
    let town = Town::open(&database).await;
    let at = |seconds| Some(Timestamp { seconds, nanos: 0 });
    let wrong = proto::Need {
        title: String::new(),
        post: "teams/x".into(),
        skills: vec!["驾驶".into(), "驾驶".into()],
        headcount: 1_001,
        windows: vec![proto::Window { start_time: at(20), end_time: at(10) }],
        risk: 9,
        ..need()
    };
    let answer = town.needs().create_need(citizen("a", create(wrong))).await;
    let expected = [
        "need.title",
        "need.post",
        "need.skills[1]",
        "need.headcount",
        "need.windows[0].end_time",
        "need.risk",
    ];
    assert_eq!(fields(answer), expected);
}

#[tokio::test]
async fn a_place_must_be_one_of_the_city() {
    let database = minqing_testkit::sqlite::database();
    let town = Town::open(&database).await;
    for (wrong, field) in [
        (proto::Need { area: "divisions/321181999".into(), ..need() }, "need.area"),
        (proto::Need { area: "villages/1".into(), ..need() }, "need.area"),
        (proto::Need { latitude: Some(32.0), ..need() }, "need.longitude"),
        (proto::Need { latitude: Some(32.0), longitude: Some(119.5), ..need() }, "need.datum"),
        (
            proto::Need {
                latitude: Some(32.0),
                longitude: Some(119.5),
                datum: Datum::Wgs84.into(),
                ..need()
            },
            "need.latitude",
        ),
    ] {
        assert_eq!(fields(town.needs().create_need(citizen("a", create(wrong))).await), [field]);
    }
    assert_eq!(fields(town.needs().create_need(citizen("a", Default::default())).await), ["need"]);
    let wrong = proto::Need { post: "posts/none".into(), ..need() };
    assert_eq!(fields(town.needs().create_need(citizen("a", create(wrong))).await), ["need.post"]);
}

#[tokio::test]
async fn names_etags_and_reasons_are_read_with_care() {
    let database = minqing_testkit::sqlite::database();
    let town = Town::open(&database).await;
    let made = town.needs().create_need(citizen("a", create(need()))).await.unwrap().into_inner();
    for name in ["", "needs/", "needs/1", "teams/1", "needs/0199A000-0000-7000-8000-000000000001"] {
        let request = proto::GetNeedRequest { name: name.into() };
        assert_eq!(fields(town.needs().get_need(coordinator(request)).await), ["name"]);
    }
    let request = proto::RefuseNeedRequest { name: made.name.clone(), ..Default::default() };
    assert_eq!(fields(town.needs().refuse_need(coordinator(request)).await), ["reason"]);
    let stale =
        proto::WithdrawNeedRequest { name: made.name.clone(), etag: "7".into(), ..Default::default() };
    let answer = town.needs().withdraw_need(citizen("a", stale)).await;
    assert_eq!(refused(answer).1, "ETAG_MISMATCH");
    let unknown = proto::VerifyNeedRequest { name: made.name.clone(), ..Default::default() };
    assert_eq!(refused(town.needs().verify_need(coordinator(unknown)).await).1, "POST_MISSING");
    let rating = proto::RateNeedRequest {
        name: made.name,
        confirmed: Some(true),
        satisfaction: 6,
        ..Default::default()
    };
    assert_eq!(fields(town.needs().rate_need(citizen("a", rating)).await), ["satisfaction"]);
}

#[tokio::test]
async fn a_request_that_comes_again_makes_one_need() {
    let database = minqing_testkit::sqlite::database();
    let town = Town::open(&database).await;
    let request = proto::CreateNeedRequest {
        request_id: "0199a000-0000-7000-8000-000000000001".into(),
        ..create(need())
    };
    let first = town.needs().create_need(citizen("a", request.clone())).await.unwrap().into_inner();
    let again = town.needs().create_need(citizen("a", request.clone())).await.unwrap().into_inner();
    assert_eq!(first, again);
    let other = proto::CreateNeedRequest {
        need: Some(proto::Need { title: "另一件".into(), ..need() }),
        ..request
    };
    assert_eq!(refused(town.needs().create_need(citizen("a", other)).await).1, "REQUEST_ID_REUSED");
    assert_eq!(town.listed().await.len(), 1);
}
