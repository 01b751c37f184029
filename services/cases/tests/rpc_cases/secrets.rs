//! Following a case by its number and secret.

use minqing_proto::cases::v1 as proto;
use minqing_testkit::Database;
use tonic::{Code, Status};

use super::town::{Town, citizen, lamp, refused};

on_sqlite! {
    a_wrong_number_and_a_wrong_secret_answer_alike;
    wrong_secrets_are_counted_by_number;
    a_case_is_moved_by_whoever_has_its_secret_only;
    a_secret_is_read_as_people_write_it;
}

async fn track(town: &Town, name: &str, secret: &str) -> Result<proto::TrackedCase, Status> {
    let request = proto::TrackCaseRequest { name: name.into(), secret: secret.into() };
    Ok(town.cases().track_case(request).await?.into_inner())
}

async fn a_wrong_number_and_a_wrong_secret_answer_alike(database: Database) {
    let town = Town::open(&database).await;
    let one = town.raise(lamp()).await;
    let other = town.raise(lamp()).await;
    let mut answers = Vec::new();
    for (name, secret) in [
        (one.name.as_str(), "0123456789ABCDEF"),
        (one.name.as_str(), ""),
        (one.name.as_str(), other.secret.as_str()),
        (one.name.as_str(), &one.secret[..15]),
        ("cases/20260302123456784", one.secret.as_str()),
    ] {
        let refusal = track(&town, name, secret).await.unwrap_err();
        answers.push((refusal.code(), refusal.message().to_owned(), refusal.details().to_owned()));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(answers[0].0, Code::NotFound);
    track(&town, &one.name, &one.secret).await.unwrap();
}

async fn wrong_secrets_are_counted_by_number(database: Database) {
    let town = Town::open(&database).await;
    let (one, other) = (town.raise(lamp()).await, town.raise(lamp()).await);
    for _ in 0..10 {
        assert_eq!(refused(track(&town, &one.name, "wrong").await).0, Code::NotFound);
    }
    // Not even the right one, until a quarter of an hour is over; the other case is as it was.
    let closed = (Code::ResourceExhausted, "TOO_MANY_ATTEMPTS".to_owned());
    assert_eq!(refused(track(&town, &one.name, &one.secret).await), closed);
    let withdraw = proto::WithdrawCaseRequest {
        name: one.name.clone(),
        secret: one.secret.clone(),
        ..Default::default()
    };
    assert_eq!(refused(town.cases().withdraw_case(withdraw).await), closed);
    track(&town, &other.name, &other.secret).await.unwrap();
    town.at("2026-03-02T02:15:00Z");
    track(&town, &one.name, &one.secret).await.unwrap();
}

async fn a_case_is_moved_by_whoever_has_its_secret_only(database: Database) {
    let town = Town::open(&database).await;
    let raised = town.raise(lamp()).await;
    let secret = "0000000000000000".to_owned();
    let name = raised.name.clone();
    let withdraw =
        proto::WithdrawCaseRequest { name: name.clone(), secret: secret.clone(), ..Default::default() };
    let answer = proto::AnswerQuestionRequest {
        name: name.clone(),
        secret: secret.clone(),
        text: "x".into(),
        ..Default::default()
    };
    let rate = proto::RateCaseRequest { name, secret, solved: Some(true), ..Default::default() };
    let mut cases = town.cases();
    let refusals = [
        refused(cases.withdraw_case(citizen(withdraw)).await),
        refused(cases.answer_question(citizen(answer)).await),
        refused(cases.rate_case(citizen(rate)).await),
    ];
    assert!(refusals.iter().all(|refusal| *refusal == (Code::NotFound, "CASE_OR_SECRET_WRONG".into())));
    assert_eq!(town.track(&raised).await.status(), proto::CaseStatus::Submitted);
}

async fn a_secret_is_read_as_people_write_it(database: Database) {
    let town = Town::open(&database).await;
    let raised = town.raise(lamp()).await;
    let secret = &raised.secret;
    assert!(secret.len() == 16 && !secret.contains(['I', 'L', 'O', 'U']), "{secret}");
    track(&town, &raised.name, &format!("  {} ", secret.to_lowercase())).await.unwrap();
}
