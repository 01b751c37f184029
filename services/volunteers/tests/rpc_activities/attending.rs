//! Checking in and out, and what time does.

use chrono::TimeDelta;
use minqing_proto::volunteers::v1 as proto;
use minqing_proto::volunteers::v1::SignUpState as State;
use minqing_volunteers::duties::Swept;

use super::corps::{Corps, plan, reason};
use super::room::{by, citizen};

#[tokio::test]
async fn one_checks_in_by_the_code_and_out_by_the_place() {
    let mut corps = Corps::open().await;
    corps.volunteer("one", 1990).await;
    let shift = corps.open_shift(plan("sorters"), 2, 1).await;
    let own = corps.signs_up("one", &shift).await.unwrap();
    let code = corps.code(&shift).await;
    assert_eq!(reason(corps.checks_in("one", &own.name, &code).await), "CHECK_IN_WINDOW");
    corps.room.clock.advance(TimeDelta::minutes(100));
    assert_eq!(reason(corps.checks_in("one", &own.name, &code).await), "CODE_WRONG", "it was shown long ago");
    let code = corps.code(&shift).await;
    corps.room.clock.advance(TimeDelta::seconds(60));
    assert_eq!(reason(corps.checks_in("lead", &own.name, &code).await), "NOT_FOUND", "it is somebody else's");
    assert_eq!(corps.checks_in("one", &own.name, &code).await.unwrap().state(), State::CheckedIn);
    corps.room.clock.advance(TimeDelta::minutes(139));
    let at = |latitude| proto::CheckOutRequest {
        name: own.name.clone(),
        position: Some(proto::Position { latitude, longitude: 119.5 }),
        ..Default::default()
    };
    assert_eq!(reason(corps.sign_ups.check_out(citizen("one", at(32.01))).await), "TOO_FAR");
    let served = corps.sign_ups.check_out(citizen("one", at(32.001))).await.unwrap().into_inner();
    assert_eq!(served.state(), State::Served);
    let total = corps.room.volunteers.store().hour_total(&super::corps::number("one")).await.unwrap();
    assert_eq!(total.minutes, 120, "from the shift's start, though they came before");
}

#[tokio::test]
async fn a_clock_out_outside_the_window_goes_the_way_of_a_report() {
    let mut corps = Corps::open().await;
    corps.volunteer("one", 1990).await;
    let shift = corps.open_shift(plan("sorters"), 2, 1).await;
    let own = corps.signs_up("one", &shift).await.unwrap();
    corps.room.clock.advance(TimeDelta::minutes(120));
    let code = corps.code(&shift).await;
    corps.checks_in("one", &own.name, &code).await.unwrap();
    corps.room.clock.advance(TimeDelta::minutes(151));
    let code = corps.code(&shift).await;
    let late = corps.checks_out("one", &own.name, &code).await.unwrap_err();
    assert_eq!(late.code(), tonic::Code::FailedPrecondition);
    assert!(late.message().contains("report the hours"), "{}", late.message());
    assert_eq!(reason::<()>(Err(late)), "CHECK_OUT_WINDOW");
}

#[tokio::test]
async fn what_is_sent_again_after_its_code_expired_gets_its_answer() {
    let mut corps = Corps::open().await;
    corps.volunteer("one", 1990).await;
    let shift = corps.open_shift(plan("sorters"), 2, 1).await;
    let own = corps.signs_up("one", &shift).await.unwrap();
    corps.room.clock.advance(TimeDelta::minutes(120));
    let request_id = || uuid::Uuid::now_v7().to_string();
    let code = corps.code(&shift).await;
    let come =
        proto::CheckInRequest { name: own.name.clone(), code, request_id: request_id(), position: None };
    let first = corps.sign_ups.check_in(citizen("one", come.clone())).await.unwrap().into_inner();
    corps.room.clock.advance(TimeDelta::minutes(10));
    let again = corps.sign_ups.check_in(citizen("one", come.clone())).await.unwrap().into_inner();
    assert_eq!(again, first);
    // Another request with the code of then is a wrong code still, and the id stands for that one request.
    let other = proto::CheckInRequest { request_id: request_id(), ..come.clone() };
    assert_eq!(reason(corps.sign_ups.check_in(citizen("one", other)).await), "CODE_WRONG");
    let reused = proto::CheckInRequest { code: "000000".into(), ..come };
    assert_eq!(reason(corps.sign_ups.check_in(citizen("one", reused)).await), "REQUEST_ID_REUSED");
    let code = corps.code(&shift).await;
    let leave =
        proto::CheckOutRequest { name: own.name.clone(), code, request_id: request_id(), position: None };
    let first = corps.sign_ups.check_out(citizen("one", leave.clone())).await.unwrap().into_inner();
    corps.room.clock.advance(TimeDelta::hours(5));
    let again = corps.sign_ups.check_out(citizen("one", leave)).await.unwrap().into_inner();
    assert_eq!((again.state(), &again), (State::Served, &first));
}

#[tokio::test]
async fn ten_wrong_codes_close_a_sign_up_for_an_hour() {
    let mut corps = Corps::open().await;
    corps.volunteer("one", 1990).await;
    let shift = corps.open_shift(plan("sorters"), 1, 1).await;
    let own = corps.signs_up("one", &shift).await.unwrap();
    corps.room.clock.advance(TimeDelta::minutes(40));
    let code = corps.code(&shift).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..10 {
        assert_eq!(reason(corps.checks_in("one", &own.name, wrong).await), "CODE_WRONG");
    }
    assert_eq!(reason(corps.checks_in("one", &own.name, &code).await), "TOO_MANY_ATTEMPTS");
    corps.room.clock.advance(TimeDelta::minutes(61));
    let code = corps.code(&shift).await;
    assert_eq!(corps.checks_in("one", &own.name, &code).await.unwrap().state(), State::CheckedIn);
}

#[tokio::test]
async fn who_does_not_come_is_recorded_once_and_a_correction_lifts_it() {
    let mut corps = Corps::open().await;
    for account in ["one", "two"] {
        corps.volunteer(account, 1990).await;
    }
    let shift = corps.open_shift(plan("sorters"), 30, 1).await;
    let own = corps.signs_up("one", &shift).await.unwrap();
    corps.signs_up("two", &shift).await.unwrap();
    let volunteers = corps.room.volunteers.clone();
    assert_eq!(volunteers.sweep_shifts().await.unwrap(), Swept::default(), "it is more than a day ahead");
    corps.room.clock.advance(TimeDelta::hours(7));
    assert_eq!(volunteers.sweep_shifts().await.unwrap().reminded, 1);
    assert_eq!(volunteers.sweep_shifts().await.unwrap(), Swept::default());
    corps.room.clock.advance(TimeDelta::hours(26));
    let swept = volunteers.sweep_shifts().await.unwrap();
    assert_eq!((swept.no_shows, swept.lapsed), (1, 1));
    assert_eq!(volunteers.sweep_shifts().await.unwrap(), Swept::default());
    let lift = proto::LiftNoShowRequest {
        name: own.name.clone(),
        reason: "she was at the other gate".into(),
        request_id: String::new(),
    };
    assert_eq!(reason(corps.sign_ups.lift_no_show(citizen("one", lift.clone())).await), "NOT_PERMITTED");
    assert_eq!(
        reason(corps.sign_ups.lift_no_show(by("coordinator", "321181101", lift.clone())).await),
        "NOT_PERMITTED"
    );
    let lifted =
        corps.sign_ups.lift_no_show(by("coordinator", "321181100", lift)).await.unwrap().into_inner();
    assert_eq!(lifted.state(), State::Lifted);
}
