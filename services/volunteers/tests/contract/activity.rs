//! Activities, sign-ups, swaps and reports of hours, as they are stored.

mod desk;
mod hours;
mod races;
mod swaps;

use chrono::TimeDelta;
use minqing_testkit::{Database, on_both_databases};
use minqing_volunteers::domain::activity::{Command, Status};
use minqing_volunteers::domain::sign_up::State;
use minqing_volunteers::store::activity::Filter;
use minqing_volunteers::store::sign_up::{Act, Of};

use super::expect_events;
use desk::{Desk, at, change, reason};

on_both_databases! {
    an_activity_is_kept_listed_and_changed;
    shifts_come_in_their_order;
    who_waits_longest_moves_up_when_somebody_drops;
    a_leader_approves_and_declines;
    an_activity_that_is_cancelled_frees_everybody;
    a_call_that_comes_again_is_answered_again;
    wrong_codes_are_counted_and_forgotten_after_an_hour;
    who_waits_and_is_elsewhere_moves_up_once_they_are_free;
}

async fn an_activity_is_kept_listed_and_changed(database: Database) {
    let desk = Desk::open(&database).await;
    let draft = desk.draft(|_| ()).await;
    assert_eq!(desk.store.activity(draft.id).await.unwrap().unwrap(), draft);
    let publish = change(0);
    let refused = desk.store.change_activity(&publish, draft.id, None, &Command::Publish).await;
    assert_eq!(reason(refused), "NO_SHIFT_AHEAD");
    let shift = desk.shift(&draft, 600, 720, 1, 0).await;
    let open = desk.store.change_activity(&publish, draft.id, Some(1), &Command::Publish).await.unwrap();
    assert_eq!((open.status, open.version), (Status::Published, 2));
    let stale = desk.store.change_activity(&change(0), draft.id, Some(1), &Command::End).await;
    assert_eq!(reason(stale), "ETAG_MISMATCH");

    let other = desk.draft(|_| ()).await;
    let all = async |filter: Filter| {
        desk.store.activities(&filter, None, 10).await.unwrap().iter().map(|one| one.id).collect::<Vec<_>>()
    };
    assert_eq!(all(Filter::default()).await, [open.id], "drafts are not for all");
    let own = Filter { drafts_of: vec!["t".into()], ..Filter::default() };
    assert_eq!(all(own.clone()).await, [other.id, open.id]);
    let within = Filter { drafts_within: vec!["3211811".into()], ..Filter::default() };
    assert_eq!(all(within).await, [other.id, open.id]);
    let elsewhere = Filter { area: Some("321181101".parse().unwrap()), ..own };
    assert!(all(elsewhere).await.is_empty());
    let open_at = |minutes| Filter { open_at: Some(at(minutes)), ..Filter::default() };
    assert_eq!(all(open_at(599)).await, [open.id]);
    assert!(all(open_at(600)).await.is_empty(), "its only shift has begun");
    desk.signs_up(&shift, 1).await.unwrap();
    assert!(all(open_at(0)).await.is_empty(), "there is no room");
    expect_events(
        &desk.store,
        &[("ActivityCreated", 2), ("ShiftCreated", 1), ("ActivityPublished", 1), ("SignUpCreated", 1)],
    )
    .await;
}

async fn shifts_come_in_their_order(database: Database) {
    let desk = Desk::open(&database).await;
    let draft = desk.draft(|_| ()).await;
    let late = desk.shift(&draft, 600, 720, 1, 0).await;
    let early = desk.shift(&draft, 300, 400, 1, 0).await;
    let first = desk.store.shifts(draft.id, None, 1).await.unwrap();
    assert_eq!(first, std::slice::from_ref(&early));
    let next = desk.store.shifts(draft.id, Some((early.window.from, early.id)), 5).await.unwrap();
    assert_eq!(next, std::slice::from_ref(&late));
    assert_eq!(desk.store.shift(late.id).await.unwrap(), Some(late));
}

async fn who_waits_longest_moves_up_when_somebody_drops(database: Database) {
    let desk = Desk::open(&database).await;
    let shift = desk.open_shift(600, 720, 2, 3).await;
    let mut made = Vec::new();
    for number in 1..=5 {
        made.push(desk.signs_up(&shift, number).await.unwrap());
    }
    assert_eq!(made.iter().map(|one| one.waiting_before).collect::<Vec<_>>(), [0, 0, 0, 1, 2]);
    assert_eq!(reason(desk.signs_up(&shift, 6).await), "WAITING_LIST_FULL");
    assert_eq!(reason(desk.signs_up(&shift, 1).await), "SIGNED_UP_ALREADY");

    // The third waits; the fourth, behind, has since been taken elsewhere at that time.
    let elsewhere = desk.open_shift(660, 780, 1, 0).await;
    desk.signs_up(&elsewhere, 3).await.unwrap();
    let dropped = desk.store.act_on_sign_up(&change(10), made[0].id, &Act::Drop).await.unwrap();
    assert_eq!((dropped.state, dropped.late), (State::Dropped, false));
    let sheet = desk.store.sign_ups(&Of::Shift(shift.id), None, None, 10).await.unwrap();
    let states: Vec<_> =
        sheet.iter().map(|one| (one.volunteer.as_str(), one.state, one.waiting_before)).collect();
    assert_eq!(
        states,
        [
            ("v1", State::Dropped, 0),
            ("v2", State::Confirmed, 0),
            ("v3", State::Waiting, 0),
            ("v4", State::Confirmed, 0),
            ("v5", State::Waiting, 1),
        ],
        "the third is elsewhere, so the fourth moves up"
    );
    let late = desk.store.act_on_sign_up(&change(590), made[1].id, &Act::Drop).await.unwrap();
    assert!(late.late, "within an hour of the shift");
    let counted = desk.store.shift(shift.id).await.unwrap().unwrap();
    assert_eq!((counted.taken, counted.waiting, counted.line), (2, 1, 5));
    let begun = desk.store.act_on_sign_up(&change(600), made[4].id, &Act::Drop).await;
    assert_eq!(reason(begun), "SHIFT_BEGUN");
    let page = desk.store.sign_ups(&Of::Shift(shift.id), None, Some(sheet[1].id), 2).await.unwrap();
    assert_eq!(page.iter().map(|one| one.line).collect::<Vec<_>>(), [3, 4]);
    let waiting = desk.store.sign_ups(&Of::Shift(shift.id), Some(State::Waiting), None, 9).await.unwrap();
    assert_eq!(waiting.len(), 1);
    let own = desk.store.sign_ups(&Of::Volunteer("v3".into()), None, None, 9).await.unwrap();
    assert_eq!(own.iter().map(|one| one.shift).collect::<Vec<_>>(), [elsewhere.id, shift.id]);
    let rest = desk.store.sign_ups(&Of::Volunteer("v3".into()), None, Some(own[0].id), 9).await.unwrap();
    assert_eq!(rest[0].shift, shift.id);
}

async fn a_leader_approves_and_declines(database: Database) {
    let desk = Desk::open(&database).await;
    let activity = desk.published(|plan| plan.needs_approval = true, 600, 720, 1, 5).await;
    let shift = desk.only_shift(&activity).await;
    let first = desk.signs_up(&shift, 1).await.unwrap();
    let second = desk.signs_up(&shift, 2).await.unwrap();
    assert_eq!((first.state, second.state), (State::Requested, State::Waiting));
    let declined = Act::Decline("full of beginners".into());
    let after = desk.store.act_on_sign_up(&change(1), first.id, &declined).await.unwrap();
    assert_eq!((after.state, after.reason.as_str()), (State::Declined, "full of beginners"));
    let moved = desk.store.sign_up(second.id).await.unwrap().unwrap();
    assert_eq!(moved.state, State::Requested, "the next is asked about");
    let approved = desk.store.act_on_sign_up(&change(2), second.id, &Act::Approve).await.unwrap();
    assert_eq!(approved.state, State::Confirmed);
    assert_eq!(
        reason(desk.store.act_on_sign_up(&change(3), second.id, &Act::Approve).await),
        "SIGN_UP_STATE"
    );
    let counted = desk.store.shift(shift.id).await.unwrap().unwrap();
    assert_eq!((counted.taken, counted.waiting), (1, 0));
}

async fn an_activity_that_is_cancelled_frees_everybody(database: Database) {
    let desk = Desk::open(&database).await;
    let shift = desk.open_shift(600, 720, 1, 1).await;
    for number in [1, 2] {
        desk.signs_up(&shift, number).await.unwrap();
    }
    let cancel = Command::Cancel("rain".into());
    desk.store.change_activity(&change(5), shift.activity, None, &cancel).await.unwrap();
    let sheet = desk.store.sign_ups(&Of::Shift(shift.id), None, None, 9).await.unwrap();
    assert!(sheet.iter().all(|one| one.state == State::Lapsed));
    assert_eq!(reason(desk.signs_up(&shift, 3).await), "ACTIVITY_NOT_OPEN");
    let other = desk.open_shift(600, 720, 1, 1).await;
    desk.signs_up(&other, 1).await.unwrap();
}

async fn a_call_that_comes_again_is_answered_again(database: Database) {
    let desk = Desk::open(&database).await;
    let shift = desk.open_shift(600, 720, 1, 5).await;
    let call = desk.call(1, Some(uuid::Uuid::now_v7()));
    let first =
        desk.store.sign_up_all(shift.id, std::slice::from_ref(&call)).await.unwrap().remove(0).unwrap();
    let mut again = call.clone();
    again.applicant.id = uuid::Uuid::now_v7();
    let same = desk.store.sign_up_all(shift.id, &[again.clone(), desk.call(2, None)]).await.unwrap();
    assert_eq!(same[0].as_ref().unwrap(), &first);
    assert_eq!(same[1].as_ref().unwrap().state, State::Waiting);
    again.change.request.as_mut().unwrap().digest = vec![9];
    let reused = desk.store.sign_up_all(shift.id, &[again]).await.unwrap().remove(0);
    assert!(matches!(
        reused,
        Err(minqing_platform::error::Error::Database(minqing_platform::db::Error::RequestReused))
    ));
}

async fn wrong_codes_are_counted_and_forgotten_after_an_hour(database: Database) {
    let desk = Desk::open(&database).await;
    let shift = desk.open_shift(600, 720, 1, 5).await;
    let id = desk.signs_up(&shift, 1).await.unwrap().id;
    for minute in 0..10 {
        desk.store.check_attempts(id, at(minute)).await.unwrap();
        desk.store.count_wrong_code(id, at(minute)).await.unwrap();
    }
    assert_eq!(reason(desk.store.check_attempts(id, at(59)).await), "TOO_MANY_ATTEMPTS");
    desk.store.check_attempts(id, at(60)).await.unwrap();
    desk.store.count_wrong_code(id, at(60)).await.unwrap();
    desk.store.check_attempts(id, at(61)).await.unwrap();
}

async fn who_waits_and_is_elsewhere_moves_up_once_they_are_free(database: Database) {
    let desk = Desk::open(&database).await;
    let (shift, elsewhere) = (desk.open_shift(600, 720, 1, 5).await, desk.open_shift(600, 720, 1, 5).await);
    let first = desk.signs_up(&shift, 1).await.unwrap();
    let waiting = desk.signs_up(&shift, 2).await.unwrap();
    let other = desk.signs_up(&elsewhere, 2).await.unwrap();
    desk.store.act_on_sign_up(&change(1), first.id, &Act::Drop).await.unwrap();
    assert_eq!(desk.store.fill_shifts(&change(2), 10).await.unwrap(), 0, "they are still elsewhere");
    desk.store.act_on_sign_up(&change(3), other.id, &Act::Drop).await.unwrap();
    assert_eq!(desk.store.fill_shifts(&change(4), 10).await.unwrap(), 1);
    assert_eq!(desk.store.sign_up(waiting.id).await.unwrap().unwrap().state, State::Confirmed);
    assert_eq!(at(0) + TimeDelta::minutes(4), change(4).now);
}
