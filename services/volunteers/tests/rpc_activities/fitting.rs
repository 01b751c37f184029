//! Whoever gets a place later than they signed up must still fit it then.

use minqing_proto::volunteers::v1 as proto;
use minqing_proto::volunteers::v1::SignUpState as State;
use minqing_volunteers::domain::volunteer::Act;

use super::corps::{Corps, day, plan, reason};
use super::room::citizen;

#[tokio::test]
async fn whoever_waits_and_does_not_fit_any_more_is_passed_over_and_waits_on() {
    let mut corps = Corps::open().await;
    for account in ["one", "two", "three"] {
        corps.volunteer(account, 1990).await;
        corps.happens(account, Act::Insure(day(2027, 1, 1), "policy".into())).await;
    }
    let shift = corps.open_shift(plan("wardens"), 72, 1).await;
    let one = corps.signs_up("one", &shift).await.unwrap();
    let two = corps.signs_up("two", &shift).await.unwrap();
    let three = corps.signs_up("three", &shift).await.unwrap();
    assert_eq!((two.state(), three.state()), (State::Waiting, State::Waiting));
    // It turns out that the insurance of the first who waits ends before the shift.
    corps.happens("two", Act::Insure(day(2026, 3, 3), "policy".into())).await;
    let drop = proto::DropSignUpRequest { name: one.name, ..Default::default() };
    corps.sign_ups.drop_sign_up(citizen("one", drop)).await.unwrap();
    let get = |name: &str| proto::GetSignUpRequest { name: name.into() };
    let three = corps.sign_ups.get_sign_up(citizen("three", get(&three.name))).await.unwrap().into_inner();
    let two = corps.sign_ups.get_sign_up(citizen("two", get(&two.name))).await.unwrap().into_inner();
    assert_eq!((three.state(), two.state()), (State::Confirmed, State::Waiting));

    corps.happens("two", Act::Insure(day(2027, 1, 1), "another policy".into())).await;
    let drop = proto::DropSignUpRequest { name: three.name, ..Default::default() };
    corps.sign_ups.drop_sign_up(citizen("three", drop)).await.unwrap();
    let two = corps.sign_ups.get_sign_up(citizen("two", get(&two.name))).await.unwrap().into_inner();
    assert_eq!(two.state(), State::Confirmed);
}

#[tokio::test]
async fn a_swap_is_not_approved_for_somebody_who_does_not_fit_any_more() {
    let mut corps = Corps::open().await;
    for account in ["one", "two"] {
        corps.volunteer(account, 1990).await;
    }
    let careful = proto::Activity { needs_approval: true, ..plan("sorters") };
    let (early, late) =
        (corps.open_shift(careful.clone(), 24, 1).await, corps.open_shift(careful, 24, 1).await);
    let (one, two) =
        (corps.signs_up("one", &early).await.unwrap(), corps.signs_up("two", &late).await.unwrap());
    for name in [&one.name, &two.name] {
        let approve = proto::ApproveSignUpRequest { name: name.clone(), ..Default::default() };
        corps.sign_ups.approve_sign_up(citizen("lead", approve)).await.unwrap();
    }
    let offer = proto::OfferSwapRequest { offered: one.name, wanted: two.name, request_id: String::new() };
    let swap = corps.sign_ups.offer_swap(citizen("one", offer)).await.unwrap().into_inner();
    let take = proto::AnswerSwapRequest { name: swap.name.clone(), take: true, request_id: String::new() };
    corps.sign_ups.answer_swap(citizen("two", take)).await.unwrap();
    corps.happens("one", Act::Suspend("a complaint".into())).await;
    let review = proto::ReviewSwapRequest { name: swap.name, approve: true, request_id: String::new() };
    let refused = corps.sign_ups.review_swap(citizen("lead", review.clone())).await;
    assert_eq!(reason(refused), "VOLUNTEER_SUSPENDED");
    corps.happens("one", Act::Reinstate).await;
    let done = corps.sign_ups.review_swap(citizen("lead", review)).await.unwrap().into_inner();
    assert_eq!(done.state(), proto::SwapState::Done);
}
