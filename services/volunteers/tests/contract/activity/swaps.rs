//! Swaps and cover.

use minqing_testkit::{Database, on_both_databases};
use minqing_volunteers::domain::activity::Shift;
use minqing_volunteers::domain::sign_up::swap::{Step, SwapState};
use minqing_volunteers::domain::sign_up::{SignUp, State};
use minqing_volunteers::store::sign_up::{Act, Of};
use uuid::Uuid;

use super::desk::{Desk, change, reason};

on_both_databases! {
    a_chain_of_swaps_leaves_everybody_in_one_place;
    a_swap_waits_for_the_leaders_of_both_teams;
    a_swap_that_would_put_somebody_in_two_places_is_refused;
    a_swap_of_what_is_gone_is_refused;
    somebody_who_is_free_takes_over;
}

/// Who has a place in a shift.
async fn present(desk: &Desk, shift: &Shift) -> Vec<String> {
    let sheet = desk.store.sign_ups(&Of::Shift(shift.id), Some(State::Confirmed), None, 50).await.unwrap();
    sheet.into_iter().map(|one| one.volunteer).collect()
}

async fn held(desk: &Desk, shift: &Shift) -> SignUp {
    desk.store.sign_ups(&Of::Shift(shift.id), Some(State::Confirmed), None, 1).await.unwrap().remove(0)
}

async fn swapped(desk: &Desk, offered: &Shift, wanted: &Shift) -> SwapState {
    let (offered, wanted) = (held(desk, offered).await, held(desk, wanted).await);
    let swap = desk.store.offer_swap(&change(1), Uuid::now_v7(), offered.id, wanted.id).await.unwrap();
    desk.store.step_swap(&change(2), swap.id, &Step::Take(Vec::new())).await.unwrap().state
}

async fn a_chain_of_swaps_leaves_everybody_in_one_place(database: Database) {
    let desk = Desk::open(&database).await;
    // Three shifts at one time: whoever had two of them would be in two places.
    let mut shifts = Vec::new();
    for number in 1..=3 {
        let shift = desk.open_shift(600, 720, 1, 5).await;
        desk.signs_up(&shift, number).await.unwrap();
        shifts.push(shift);
    }
    let first = held(&desk, &shifts[0]).await;
    // 1-2-3 becomes 2-1-3, then 2-3-1, then 1-3-2.
    for (offered, wanted, expected) in
        [(0, 1, ["v2", "v1", "v3"]), (1, 2, ["v2", "v3", "v1"]), (2, 0, ["v1", "v3", "v2"])]
    {
        assert_eq!(swapped(&desk, &shifts[offered], &shifts[wanted]).await, SwapState::Done);
        for (shift, who) in shifts.iter().zip(expected) {
            assert_eq!(present(&desk, shift).await, [who]);
            let counted = desk.store.shift(shift.id).await.unwrap().unwrap();
            assert_eq!((counted.taken, counted.waiting), (1, 0));
        }
    }
    // The way back from what the first shift came to leads to what it was.
    let mut one = held(&desk, &shifts[0]).await;
    let mut way = vec![one.volunteer.clone()];
    while let Some(origin) = one.origin {
        one = desk.store.sign_up(origin).await.unwrap().unwrap();
        assert_eq!(one.state, State::Swapped);
        way.push(one.volunteer.clone());
    }
    assert_eq!(way, ["v1", "v2", "v1"]);
    assert_eq!(one.id, first.id);
    let of_two = desk.store.swaps("v2", None, 50).await.unwrap();
    assert_eq!(of_two.len(), 2);
    assert_eq!(desk.store.swaps("v2", Some(of_two[0].id), 50).await.unwrap(), of_two[1..]);
}

async fn a_swap_waits_for_the_leaders_of_both_teams(database: Database) {
    let desk = Desk::open(&database).await;
    let asks = desk.published(|plan| plan.needs_approval = true, 600, 720, 1, 5).await;
    let (careful, easy) = (desk.only_shift(&asks).await, desk.open_shift(800, 900, 1, 5).await);
    let one = desk.signs_up(&careful, 1).await.unwrap();
    let other = desk.signs_up(&easy, 2).await.unwrap();
    let early = desk.store.offer_swap(&change(1), Uuid::now_v7(), one.id, other.id).await;
    assert_eq!(reason(early), "SIGN_UP_STATE", "it was not approved yet");
    desk.store.act_on_sign_up(&change(1), one.id, &Act::Approve).await.unwrap();
    let swap = desk.store.offer_swap(&change(2), Uuid::now_v7(), one.id, other.id).await.unwrap();
    let taken = desk.store.step_swap(&change(3), swap.id, &Step::Take(Vec::new())).await.unwrap();
    assert_eq!((taken.state, taken.pending.as_slice()), (SwapState::Taken, ["t".to_owned()].as_slice()));
    assert_eq!(present(&desk, &careful).await, ["v1"], "nothing happened yet");
    let done = desk.store.step_swap(&change(4), swap.id, &Step::Approve("t".into())).await.unwrap();
    assert_eq!(done.state, SwapState::Done);
    assert_eq!(present(&desk, &careful).await, ["v2"]);
    let again = desk.store.step_swap(&change(5), swap.id, &Step::Withdraw).await;
    assert_eq!(reason(again), "SWAP_STATE");
}

async fn a_swap_that_would_put_somebody_in_two_places_is_refused(database: Database) {
    let desk = Desk::open(&database).await;
    let (morning, noon) = (desk.open_shift(600, 720, 1, 5).await, desk.open_shift(800, 900, 1, 5).await);
    let overlapping = desk.open_shift(700, 790, 1, 5).await;
    let one = desk.signs_up(&morning, 1).await.unwrap();
    let other = desk.signs_up(&noon, 2).await.unwrap();
    desk.signs_up(&overlapping, 2).await.unwrap();
    let swap = desk.store.offer_swap(&change(1), Uuid::now_v7(), one.id, other.id).await.unwrap();
    let take = desk.store.step_swap(&change(2), swap.id, &Step::Take(Vec::new())).await;
    assert_eq!(reason(take), "TIME_TAKEN");
    assert_eq!(desk.store.swap(swap.id).await.unwrap().unwrap().state, SwapState::Offered);
    assert_eq!(present(&desk, &morning).await, ["v1"]);
}

async fn a_swap_of_what_is_gone_is_refused(database: Database) {
    let desk = Desk::open(&database).await;
    let (morning, noon) = (desk.open_shift(600, 720, 1, 5).await, desk.open_shift(800, 900, 1, 5).await);
    let one = desk.signs_up(&morning, 1).await.unwrap();
    let other = desk.signs_up(&noon, 2).await.unwrap();
    let swap = desk.store.offer_swap(&change(1), Uuid::now_v7(), one.id, other.id).await.unwrap();
    desk.store.act_on_sign_up(&change(2), one.id, &Act::Drop).await.unwrap();
    let take = desk.store.step_swap(&change(3), swap.id, &Step::Take(Vec::new())).await;
    assert_eq!(reason(take), "SIGN_UP_STATE");
    let declined = desk.store.step_swap(&change(4), swap.id, &Step::Decline).await.unwrap();
    assert_eq!(declined.state, SwapState::Declined);
    let alone = desk.store.offer_swap(&change(5), Uuid::now_v7(), other.id, other.id).await;
    assert_eq!(reason(alone), "SWAP_POINTLESS");
}

async fn somebody_who_is_free_takes_over(database: Database) {
    let desk = Desk::open(&database).await;
    let (shift, elsewhere) = (desk.open_shift(600, 720, 1, 5).await, desk.open_shift(700, 800, 1, 5).await);
    let own = desk.signs_up(&shift, 1).await.unwrap();
    let waiting = desk.signs_up(&shift, 3).await.unwrap();
    desk.signs_up(&elsewhere, 2).await.unwrap();
    let take = |number| Act::TakeCover(desk.applicant(number));
    assert_eq!(reason(desk.store.act_on_sign_up(&change(1), own.id, &take(3)).await), "COVER_NOT_WANTED");
    let wanted = desk.store.act_on_sign_up(&change(2), own.id, &Act::OfferCover).await.unwrap();
    assert!(wanted.cover_wanted);
    assert_eq!(reason(desk.store.act_on_sign_up(&change(3), own.id, &take(2)).await), "TIME_TAKEN");
    let taken = desk.store.act_on_sign_up(&change(4), own.id, &take(3)).await.unwrap();
    assert_eq!((taken.state, taken.origin), (State::Confirmed, Some(own.id)));
    assert_eq!(desk.store.sign_up(own.id).await.unwrap().unwrap().state, State::Covered);
    assert_eq!(desk.store.sign_up(waiting.id).await.unwrap().unwrap().state, State::Lapsed);
    let counted = desk.store.shift(shift.id).await.unwrap().unwrap();
    assert_eq!((counted.taken, counted.waiting), (1, 0));
    assert_eq!(reason(desk.store.act_on_sign_up(&change(5), own.id, &take(4)).await), "SIGN_UP_STATE");
}
