//! Needs, and what cases are told of them.

use chrono::{DateTime, TimeDelta, Utc};
use minqing_platform::error::{Error, Kind};
use minqing_platform::journal::{Change, RequestKey};
use minqing_testkit::{Database, on_both_databases};
use minqing_volunteers::domain::need::{
    Command, Need, Place, Promise, Refused, Requirements, Source, Status, Submission, replay,
};
use minqing_volunteers::store::Shared;
use minqing_volunteers::store::need::{Act, CaseCall, Filter, Told, Whose};
use uuid::Uuid;

use super::open;

on_both_databases! {
    a_need_is_kept_with_its_history_and_found_by_what_it_is;
    the_same_request_gives_the_same_need_and_another_body_is_refused;
    of_two_who_act_on_one_version_one_is_told;
    a_team_never_has_more_needs_than_it_can_serve;
    a_case_becomes_one_need_however_often_it_is_heard_of;
    cases_are_told_in_order_until_they_took_it_or_refused_it;
    a_refused_answer_is_told_again_when_somebody_asks_for_it;
    a_proposal_that_nobody_answered_is_found;
}

const PROMISE: Promise =
    Promise { verify: TimeDelta::hours(24), propose: TimeDelta::hours(72), accept: TimeDelta::hours(48) };
const PART: &str = "cases/1/assignments/1";

fn now() -> DateTime<Utc> {
    "2026-03-02T02:00:00Z".parse().unwrap()
}

fn change() -> Change {
    Change::by_system(now())
}

fn submission(assignment: Option<&str>) -> Submission {
    Submission {
        id: Uuid::now_v7(),
        source: if assignment.is_some() { Source::Case } else { Source::Resident },
        assignment: assignment.map(str::to_owned),
        planner: None,
        title: "陪同就医".into(),
        content: "每周二去医院".into(),
        place: Place {
            code: "321181100001".parse().unwrap(),
            position: Some((31.96, 119.51)),
            address: "二号楼".into(),
        },
        requirements: requirements(),
        due: now() + PROMISE.verify,
    }
}

fn requirements() -> Requirements {
    Requirements { post: Some("elder-care".into()), headcount: 2, ..Requirements::MODEST }
}

async fn does(store: &Shared, need: &Need, command: Command) -> Result<Need, Error> {
    let act =
        Act { id: need.id, version: Some(need.version), command: &command, promise: PROMISE, capacity: 2 };
    store.act_on_need(&change(), act).await
}

async fn opened(store: &Shared) -> Need {
    let need = store.submit_need(&change(), submission(None)).await.unwrap();
    let place = need.place.clone();
    does(store, &need, Command::Verify(requirements(), place)).await.unwrap()
}

fn propose(team: &str) -> Command {
    Command::Propose { team: team.into(), matching: None }
}

fn all() -> Filter {
    Filter {
        whose: Whose::Within(vec![String::new()]),
        status: None,
        source: None,
        post: None,
        team: None,
        area: None,
        due_before: None,
        answer_refused: false,
    }
}

async fn count(store: &Shared, filter: Filter) -> usize {
    store.needs(&filter, None, 100).await.unwrap().len()
}

async fn a_need_is_kept_with_its_history_and_found_by_what_it_is(database: Database) {
    let store = open(&database).await;
    let need = opened(&store).await;
    let need = does(&store, &need, propose("a")).await.unwrap();
    let kept = store.need(need.id).await.unwrap().unwrap();
    assert_eq!(kept, need);
    let history = store.need_history(need.id, 0, 100).await.unwrap();
    assert_eq!(replay(&history), Some(need));
    assert_eq!(store.need_history(kept.id, 2, 100).await.unwrap().len(), 1);

    store.submit_need(&change(), submission(None)).await.unwrap();
    assert_eq!(count(&store, all()).await, 2);
    assert_eq!(count(&store, Filter { status: Some(Status::Proposed), ..all() }).await, 1);
    assert_eq!(count(&store, Filter { team: Some("a".into()), ..all() }).await, 1);
    assert_eq!(count(&store, Filter { source: Some(Source::Case), ..all() }).await, 0);
    assert_eq!(count(&store, Filter { post: Some("elder-care".into()), ..all() }).await, 2);
    assert_eq!(count(&store, Filter { area: Some("321181100".parse().unwrap()), ..all() }).await, 2);
    assert_eq!(count(&store, Filter { area: Some("321181101".parse().unwrap()), ..all() }).await, 0);
    assert_eq!(count(&store, Filter { due_before: Some(now() + TimeDelta::hours(30)), ..all() }).await, 1);
    assert_eq!(count(&store, Filter { answer_refused: true, ..all() }).await, 0);
    assert_eq!(count(&store, Filter { whose: Whose::Within(Vec::new()), ..all() }).await, 0);
    assert_eq!(count(&store, Filter { whose: Whose::Team("b".into()), ..all() }).await, 0);
    assert_eq!(count(&store, Filter { whose: Whose::Raiser(change().actor), ..all() }).await, 2);
    let newest = store.needs(&all(), None, 1).await.unwrap();
    assert_eq!(store.needs(&all(), Some(newest[0].0), 100).await.unwrap().len(), 1);
}

async fn the_same_request_gives_the_same_need_and_another_body_is_refused(database: Database) {
    let store = open(&database).await;
    let with = |digest: &[u8]| Change {
        request: Some(RequestKey { id: Uuid::from_u128(5), method: "CreateNeed", digest: digest.to_vec() }),
        ..change()
    };
    let first = store.submit_need(&with(b"one"), submission(None)).await.unwrap();
    let again = store.submit_need(&with(b"one"), submission(None)).await.unwrap();
    assert_eq!(first, again);
    let other = store.submit_need(&with(b"two"), submission(None)).await;
    assert!(matches!(other, Err(Error::Database(minqing_platform::db::Error::RequestReused))));
    assert_eq!(count(&store, all()).await, 1);
}

async fn of_two_who_act_on_one_version_one_is_told(database: Database) {
    let store = open(&database).await;
    let need = opened(&store).await;
    let (one, other) = tokio::join!(does(&store, &need, propose("a")), does(&store, &need, propose("b")));
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
}

async fn a_team_never_has_more_needs_than_it_can_serve(database: Database) {
    let store = open(&database).await;
    let mut needs = Vec::new();
    for _ in 0..4 {
        needs.push(opened(&store).await);
    }
    let proposals = needs.iter().map(|need| does(&store, need, propose("a")));
    let proposals = futures::future::join_all(proposals).await;
    let (taken, refused): (Vec<_>, Vec<_>) = proposals.into_iter().partition(Result::is_ok);
    assert_eq!(taken.len(), 2);
    for refusal in refused {
        assert!(matches!(refusal, Err(Error::Refused(refusal)) if refusal.reason == "TEAM_AT_CAPACITY"));
    }
    // What it gives back, or is done with, makes room.
    let with: Vec<Need> = taken.into_iter().map(Result::unwrap).collect();
    does(&store, &with[0], Command::Decline("人手不足".into())).await.unwrap();
    let accepted = does(&store, &with[1], Command::Accept).await.unwrap();
    does(&store, &accepted, Command::Report("已办".into(), true)).await.unwrap();
    for _ in 0..2 {
        let need = opened(&store).await;
        does(&store, &need, propose("a")).await.unwrap();
    }
    let need = opened(&store).await;
    assert!(does(&store, &need, propose("a")).await.is_err());
}

async fn a_case_becomes_one_need_however_often_it_is_heard_of(database: Database) {
    let store = open(&database).await;
    assert_eq!(store.case_cursor().await.unwrap(), "");
    store.hear_of_case(&change(), Some(submission(Some(PART))), "one").await.unwrap();
    store.hear_of_case(&change(), Some(submission(Some(PART))), "two").await.unwrap();
    store.hear_of_case(&change(), None, "three").await.unwrap();
    assert_eq!(store.case_cursor().await.unwrap(), "three");
    assert_eq!(count(&store, all()).await, 1);
    let need = store.need_of_assignment(PART).await.unwrap().unwrap();
    assert_eq!(need.assignment.as_deref(), Some(PART));
    assert_eq!(claimed(&store).await.len(), 1);
}

async fn claimed(store: &Shared) -> Vec<CaseCall> {
    store.claim_case_calls(now(), now() + TimeDelta::seconds(60), 10).await.unwrap()
}

async fn cases_are_told_in_order_until_they_took_it_or_refused_it(database: Database) {
    let store = open(&database).await;
    store.hear_of_case(&change(), Some(submission(Some(PART))), "one").await.unwrap();
    let need = store.need_of_assignment(PART).await.unwrap().unwrap();
    does(&store, &need, Command::Refuse(Refused::Duplicate, "已有".into())).await.unwrap();

    // The signature first; the return not before cases took it; neither by two at once.
    let first = claimed(&store).await;
    assert_eq!(first.iter().map(|call| call.kind.as_str()).collect::<Vec<_>>(), ["sign"]);
    assert_eq!(claimed(&store).await, []);
    store.settle_case_call(&change(), &first[0], &Told::Later(now())).await.unwrap();
    let again = claimed(&store).await;
    assert_eq!((again[0].id, again[0].attempts), (first[0].id, 2));
    // Whoever held it before is too late.
    store.settle_case_call(&change(), &first[0], &Told::Taken).await.unwrap();
    store.settle_case_call(&change(), &again[0], &Told::Taken).await.unwrap();
    let next = claimed(&store).await;
    let told = (next[0].kind.as_str(), next[0].reason.as_str(), next[0].text.as_str());
    assert_eq!(told, ("return", "duplicate", "已有"));
    store.settle_case_call(&change(), &next[0], &Told::Taken).await.unwrap();
    assert_eq!(claimed(&store).await, []);
}

async fn a_refused_answer_is_told_again_when_somebody_asks_for_it(database: Database) {
    let store = open(&database).await;
    store.hear_of_case(&change(), Some(submission(Some(PART))), "one").await.unwrap();
    let sign = claimed(&store).await;
    store.settle_case_call(&change(), &sign[0], &Told::Refused("RULE".into())).await.unwrap();
    let need = store.need_of_assignment(PART).await.unwrap().unwrap();
    assert_eq!(need.answer_refused.as_deref(), Some("RULE"));
    assert_eq!(count(&store, Filter { answer_refused: true, ..all() }).await, 1);
    assert_eq!(claimed(&store).await, []);
    let need = does(&store, &need, Command::RetryAnswer).await.unwrap();
    assert_eq!(need.answer_refused, None);
    assert_eq!(claimed(&store).await.len(), 1);
    let refused = does(&store, &need, Command::RetryAnswer).await;
    assert!(matches!(refused, Err(Error::Refused(refusal)) if refusal.kind == Kind::Rule));
}

async fn a_proposal_that_nobody_answered_is_found(database: Database) {
    let store = open(&database).await;
    let need = opened(&store).await;
    let need = does(&store, &need, propose("a")).await.unwrap();
    let early = now() + PROMISE.accept - TimeDelta::seconds(1);
    assert_eq!(store.lapsed_proposals(early, 10).await.unwrap(), []);
    assert_eq!(store.lapsed_proposals(now() + PROMISE.accept, 10).await.unwrap(), [need]);
}
