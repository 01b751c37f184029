//! Following what happens to a unit's parts.

use std::time::Duration;

use minqing_proto::cases::v1 as proto;
use minqing_testkit::{Database, on_both_databases};
use tonic::{Code, Request, Streaming};

use super::town::{PARKS, ROADS, Town, WATER, chief, complaint, lamp, of, refused, worker};

on_both_databases! {
    a_unit_follows_its_parts_and_goes_on_where_it_left;
    both_units_hear_of_a_hand_over;
    a_unit_hears_that_it_lost_a_part;
    a_unit_hears_of_an_answer;
    nobody_follows_what_is_against_them;
    only_units_and_those_above_them_follow;
}

/// What a unit hears: the part and what happened, up to the first of a kind.
async fn until(stream: &mut Streaming<proto::WatchAssignmentsResponse>, kind: &str) -> (Vec<String>, String) {
    let mut heard = Vec::new();
    loop {
        let answer = tokio::time::timeout(Duration::from_secs(20), stream.message()).await;
        let answer = answer.unwrap_or_else(|_| panic!("no {kind} after {heard:?}")).unwrap().unwrap();
        if answer.assignment.is_some() {
            heard.push(answer.r#type.clone());
        }
        if answer.r#type == kind {
            return (heard, answer.cursor);
        }
    }
}

async fn watch(
    town: &Town,
    request: Request<proto::WatchAssignmentsRequest>,
) -> Streaming<proto::WatchAssignmentsResponse> {
    town.assignments().watch_assignments(request).await.unwrap().into_inner()
}

fn from(cursor: &str) -> proto::WatchAssignmentsRequest {
    proto::WatchAssignmentsRequest { cursor: cursor.into(), ..Default::default() }
}

async fn a_unit_follows_its_parts_and_goes_on_where_it_left(database: Database) {
    let town = Town::open(&database).await;
    let raised = town.dispatched(lamp(), WATER).await;
    // Somebody else's.
    town.dispatched(lamp(), ROADS).await;
    let mut stream = watch(&town, worker(WATER, from(""))).await;
    let (heard, cursor) = until(&mut stream, "AssignmentDispatched").await;
    assert_eq!(heard, ["AssignmentDispatched"]);
    drop(stream);
    town.sign(WATER, &raised.part(1)).await.unwrap();
    town.resolve(WATER, &raised.part(1), "修好了").await.unwrap();
    let mut stream = watch(&town, worker(WATER, from(&cursor))).await;
    let (heard, _) = until(&mut stream, "AssignmentCompleted").await;
    assert_eq!(heard, ["AssignmentSigned", "CaseReplied", "AssignmentCompleted"]);
    // From now on: nothing of what was.
    let mut stream = watch(&town, worker(WATER, from("now"))).await;
    assert_eq!(stream.message().await.unwrap().unwrap().assignment, None);
    let next = town.dispatched(lamp(), WATER).await;
    assert_eq!(until(&mut stream, "AssignmentDispatched").await.0, ["AssignmentDispatched"]);
    assert_ne!(next.name, raised.name);
    let wrong = town.assignments().watch_assignments(worker(WATER, from("x"))).await;
    assert_eq!(super::town::reason(wrong.map(drop)), "INVALID_CURSOR");
}

async fn both_units_hear_of_a_hand_over(database: Database) {
    let town = Town::open(&database).await;
    let raised = town.dispatched(lamp(), WATER).await;
    town.sign(WATER, &raised.part(1)).await.unwrap();
    let over = proto::HandOverAssignmentRequest {
        name: raised.part(1),
        organization: ROADS.into(),
        note: "x".into(),
        ..Default::default()
    };
    let mut assignments = town.assignments();
    assignments.hand_over_assignment(worker(WATER, over.clone())).await.unwrap();
    let mut roads = watch(&town, worker(ROADS, from(""))).await;
    assert_eq!(until(&mut roads, "HandOverAsked").await.0, ["HandOverAsked"]);
    let review =
        |accepted| proto::ReviewHandOverRequest { name: raised.part(1), accepted, ..Default::default() };
    assignments.review_hand_over(worker(ROADS, review(false))).await.unwrap();
    until(&mut roads, "HandOverDeclined").await;
    assignments.hand_over_assignment(worker(WATER, over)).await.unwrap();
    assignments.review_hand_over(worker(ROADS, review(true))).await.unwrap();
    until(&mut roads, "HandOverAccepted").await;
    let mut water = watch(&town, worker(WATER, from(""))).await;
    until(&mut water, "HandOverAccepted").await;
    // What follows is the second unit's alone.
    town.resolve(ROADS, &raised.part(1), "修好了").await.unwrap();
    until(&mut roads, "AssignmentCompleted").await;
    let mut water = watch(&town, worker(WATER, from("now"))).await;
    assert_eq!(water.message().await.unwrap().unwrap().assignment, None);
}

async fn a_unit_hears_that_it_lost_a_part(database: Database) {
    let town = Town::open(&database).await;
    let raised = town.dispatched(lamp(), WATER).await;
    let withdraw = proto::WithdrawCaseRequest {
        name: raised.name.clone(),
        secret: raised.secret.clone(),
        ..Default::default()
    };
    town.cases().withdraw_case(withdraw).await.unwrap();
    let mut stream = watch(&town, worker(WATER, from(""))).await;
    until(&mut stream, "AssignmentCancelled").await;
    // The centre follows a unit's parts.
    let request = proto::WatchAssignmentsRequest { organization: WATER.into(), ..from("") };
    let mut stream = watch(&town, chief(request)).await;
    until(&mut stream, "AssignmentCancelled").await;
}

async fn a_unit_hears_of_an_answer(database: Database) {
    let town = Town::open(&database).await;
    let raised = town.dispatched(lamp(), WATER).await;
    town.sign(WATER, &raised.part(1)).await.unwrap();
    let ask =
        proto::AskCitizenRequest { name: raised.part(1), text: "哪一盏？".into(), ..Default::default() };
    town.assignments().ask_citizen(worker(WATER, ask)).await.unwrap();
    let answer = proto::AnswerQuestionRequest {
        name: raised.name.clone(),
        secret: raised.secret.clone(),
        text: "东边".into(),
        ..Default::default()
    };
    town.cases().answer_question(answer).await.unwrap();
    let mut stream = watch(&town, worker(WATER, from(""))).await;
    let (heard, _) = until(&mut stream, "QuestionAnswered").await;
    assert_eq!(heard[2..], ["CitizenAsked", "AssignmentPaused", "AssignmentResumed", "QuestionAnswered"]);
}

async fn nobody_follows_what_is_against_them(database: Database) {
    let town = Town::open(&database).await;
    let against = vec!["people/of-roads".to_owned()];
    town.dispatched(proto::Case { against, ..complaint(WATER) }, ROADS).await;
    let plain = town.dispatched(lamp(), ROADS).await;
    let mut stream = watch(&town, worker(ROADS, from(""))).await;
    assert_eq!(until(&mut stream, "AssignmentDispatched").await.0.len(), 1);
    town.sign(ROADS, &plain.part(1)).await.unwrap();
    assert_eq!(until(&mut stream, "AssignmentSigned").await.0, ["AssignmentSigned"]);
}

async fn only_units_and_those_above_them_follow(database: Database) {
    let town = Town::open(&database).await;
    for request in [
        of("citizen", "", "people/x", from("")),
        of("window_clerk", "", "people/x", from("")),
        Request::new(from("")),
    ] {
        let refusal = refused(town.assignments().watch_assignments(request).await.map(drop));
        assert!(matches!(refusal.0, Code::PermissionDenied | Code::Unauthenticated), "{refusal:?}");
    }
    // Of another unit somebody hears nothing.
    town.dispatched(lamp(), WATER).await;
    let theirs = proto::WatchAssignmentsRequest { organization: WATER.into(), ..from("") };
    let mut stream = watch(&town, worker(PARKS, theirs)).await;
    // Though the feed is about others, it is told at once where it stands.
    let begun = std::time::Instant::now();
    let told = stream.message().await.unwrap().unwrap();
    assert!(told.assignment.is_none() && !told.cursor.is_empty());
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}
