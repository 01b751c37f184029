//! Signing up, the waiting list, swaps and cover.

use futures::future::join_all;
use minqing_proto::volunteers::v1 as proto;
use minqing_proto::volunteers::v1::SignUpState as State;
use minqing_volunteers::domain::volunteer::Act;
use uuid::Uuid;

use super::corps::{Corps, day, number, plan, reason};
use super::room::citizen;

#[tokio::test]
async fn a_minor_without_consent_is_refused_and_signs_up_with_it() {
    let mut corps = Corps::open().await;
    corps.volunteer("minor", 2011).await;
    let shift = corps.open_shift(plan("sorters"), 24, 5).await;
    assert_eq!(reason(corps.signs_up("minor", &shift).await), "GUARDIAN_CONSENT_MISSING");
    corps.happens("minor", Act::Consent(day(2026, 3, 3), "on paper".into())).await;
    assert_eq!(
        reason(corps.signs_up("minor", &shift).await),
        "GUARDIAN_CONSENT_MISSING",
        "it ends before the day of the shift"
    );
    corps.happens("minor", Act::Consent(day(2026, 3, 4), "on paper".into())).await;
    assert_eq!(corps.signs_up("minor", &shift).await.unwrap().state(), State::Confirmed);
}

#[tokio::test]
async fn nobody_takes_part_in_what_is_risky_without_insurance_or_without_the_skills() {
    let mut corps = Corps::open().await;
    corps.volunteer("one", 1990).await;
    let risky = corps.open_shift(plan("wardens"), 24, 5).await;
    assert_eq!(reason(corps.signs_up("one", &risky).await), "INSURANCE_MISSING");
    corps.happens("one", Act::Insure(day(2027, 1, 1), "policy".into())).await;
    assert_eq!(
        corps.signs_up("one", &risky).await.unwrap().volunteer,
        format!("volunteers/{}", number("one"))
    );
    assert_eq!(reason(corps.signs_up("stranger", &risky).await), "NOT_A_VOLUNTEER");
}

#[tokio::test]
async fn forty_people_at_once_get_five_places_and_a_sent_again_call_its_answer() {
    let mut corps = Corps::open().await;
    let shift = corps.open_shift(plan("sorters"), 24, 5).await;
    for number in 0..40 {
        corps.volunteer(&format!("p{number}"), 1990).await;
    }
    let id = Uuid::now_v7().to_string();
    let calls =
        (0..40).map(|number| {
            let mut client = corps.sign_ups.clone();
            let request_id = if number == 0 { id.clone() } else { String::new() };
            let request = proto::CreateSignUpRequest { parent: shift.clone(), request_id };
            async move {
                client.create_sign_up(citizen(&format!("p{number}"), request)).await.unwrap().into_inner()
            }
        });
    let made = join_all(calls).await;
    let with = |state| made.iter().filter(|one| one.state() == state).count();
    assert_eq!((with(State::Confirmed), with(State::Waiting)), (5, 35));
    let again = proto::CreateSignUpRequest { parent: shift.clone(), request_id: id };
    let again = corps.sign_ups.create_sign_up(citizen("p0", again)).await.unwrap().into_inner();
    assert_eq!(again, made[0]);
    let sheet = proto::ListSignUpsRequest { parent: shift, page_size: 30, ..Default::default() };
    let page = corps.sign_ups.list_sign_ups(citizen("lead", sheet.clone())).await.unwrap().into_inner();
    assert_eq!(page.sign_ups.len(), 30);
    let rest = proto::ListSignUpsRequest { page_token: page.next_page_token, ..sheet };
    let rest = corps.sign_ups.list_sign_ups(citizen("lead", rest)).await.unwrap().into_inner();
    assert_eq!((rest.sign_ups.len(), rest.next_page_token.as_str()), (10, ""));
}

#[tokio::test]
async fn two_swap_their_shifts_when_the_leader_agrees() {
    let mut corps = Corps::open().await;
    for account in ["one", "two"] {
        corps.volunteer(account, 1990).await;
    }
    let careful = proto::Activity { needs_approval: true, ..plan("sorters") };
    let (early, late) =
        (corps.open_shift(careful, 24, 1).await, corps.open_shift(plan("sorters"), 24, 1).await);
    let one = corps.signs_up("one", &early).await.unwrap();
    let two = corps.signs_up("two", &late).await.unwrap();
    assert_eq!(one.state(), State::Requested);
    assert_eq!(reason(corps.signs_up("two", &early).await), "TIME_TAKEN");
    let approve = proto::ApproveSignUpRequest { name: one.name.clone(), ..Default::default() };
    let own = corps.sign_ups.approve_sign_up(citizen("one", approve.clone())).await;
    assert_eq!(reason(own), "NOT_PERMITTED");
    corps.sign_ups.approve_sign_up(citizen("lead", approve)).await.unwrap();
    let offer = proto::OfferSwapRequest {
        offered: one.name.clone(),
        wanted: two.name.clone(),
        request_id: String::new(),
    };
    assert_eq!(reason(corps.sign_ups.offer_swap(citizen("two", offer.clone())).await), "NOT_FOUND");
    let swap = corps.sign_ups.offer_swap(citizen("one", offer)).await.unwrap().into_inner();
    let take = proto::AnswerSwapRequest { name: swap.name.clone(), take: true, request_id: String::new() };
    assert_eq!(reason(corps.sign_ups.answer_swap(citizen("one", take.clone())).await), "OWN_OFFER");
    let taken = corps.sign_ups.answer_swap(citizen("two", take)).await.unwrap().into_inner();
    assert_eq!(taken.pending_teams, ["teams/sorters"]);
    let review =
        proto::ReviewSwapRequest { name: swap.name.clone(), approve: true, request_id: String::new() };
    assert_eq!(reason(corps.sign_ups.review_swap(citizen("two", review.clone())).await), "NOT_PERMITTED");
    let done = corps.sign_ups.review_swap(citizen("lead", review)).await.unwrap().into_inner();
    assert_eq!(done.state(), proto::SwapState::Done);
    let own = proto::ListOwnSignUpsRequest { state: State::Confirmed.into(), ..Default::default() };
    let own = corps.sign_ups.list_own_sign_ups(citizen("one", own)).await.unwrap().into_inner().sign_ups;
    assert_eq!(own.len(), 1);
    assert!(own[0].name.starts_with(&late));
    assert_eq!(own[0].origin, two.name);
    let swaps = proto::ListOwnSwapsRequest::default();
    assert_eq!(
        corps.sign_ups.list_own_swaps(citizen("two", swaps)).await.unwrap().into_inner().swaps.len(),
        1
    );
    let get = proto::GetSwapRequest { name: swap.name };
    assert_eq!(reason(corps.sign_ups.get_swap(citizen("other", get)).await), "NOT_PERMITTED");
}

#[tokio::test]
async fn a_place_that_is_dropped_goes_to_whoever_waits_and_cover_to_a_member() {
    let mut corps = Corps::open().await;
    for account in ["one", "two"] {
        corps.volunteer(account, 1990).await;
    }
    let shift = corps.open_shift(plan("sorters"), 12, 1).await;
    let one = corps.signs_up("one", &shift).await.unwrap();
    let two = corps.signs_up("two", &shift).await.unwrap();
    assert_eq!((two.state(), two.waiting_before), (State::Waiting, 0));
    let drop = proto::DropSignUpRequest { name: one.name.clone(), ..Default::default() };
    assert_eq!(reason(corps.sign_ups.drop_sign_up(citizen("two", drop.clone())).await), "NOT_FOUND");
    let dropped = corps.sign_ups.drop_sign_up(citizen("one", drop)).await.unwrap().into_inner();
    assert!(dropped.late, "within a day of the shift");
    let get = proto::GetSignUpRequest { name: two.name.clone() };
    let two = corps.sign_ups.get_sign_up(citizen("two", get.clone())).await.unwrap().into_inner();
    assert_eq!(two.state(), State::Confirmed);
    assert_eq!(reason(corps.sign_ups.get_sign_up(citizen("one", get)).await), "NOT_PERMITTED");
    let offer = proto::OfferCoverRequest { name: two.name.clone(), ..Default::default() };
    corps.sign_ups.offer_cover(citizen("two", offer)).await.unwrap();
    let take = proto::TakeCoverRequest { name: two.name.clone(), ..Default::default() };
    assert_eq!(reason(corps.sign_ups.take_cover(citizen("one", take.clone())).await), "NOT_A_MEMBER");
    let taken = corps.sign_ups.take_cover(citizen("lead", take)).await.unwrap().into_inner();
    assert_eq!((taken.state(), taken.origin.as_str()), (State::Confirmed, two.name.as_str()));
}
