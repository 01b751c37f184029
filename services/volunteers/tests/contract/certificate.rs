//! Certificates as they are stored.

use chrono::{DateTime, Utc};
use minqing_platform::error::Error;
use minqing_platform::journal::{Change, RequestKey};
use minqing_testkit::{Database, on_both_databases};
use minqing_volunteers::domain::certificate::{Content, Issued, Request, State};
use minqing_volunteers::domain::hour::{NewCorrection, NewEntry, Source};
use minqing_volunteers::store::certificate::{Filter, Issue, Stored};
use uuid::Uuid;

use super::*;

on_both_databases! {
    certificates_issued_at_once_have_numbers_without_a_gap;
    one_request_is_issued_once_however_often_at_once;
    a_certificate_holds_the_hours_of_its_days_and_knows_of_later_corrections;
    requests_are_listed_for_whoever_may_see_them;
}

fn now() -> DateTime<Utc> {
    "2026-03-02T02:00:00Z".parse().unwrap()
}

pub(super) fn by(actor: &str) -> Change {
    Change { actor: actor.to_owned(), now: now(), request: None }
}

pub(super) fn request(at: u128, volunteer: &str) -> Request {
    Request {
        id: Uuid::from_u128(at),
        volunteer: volunteer.into(),
        division_code: "321181100".into(),
        content: Content {
            from: "2026-03-01".parse().unwrap(),
            to: "2026-03-01".parse().unwrap(),
            shows_name: true,
            shows_hours: false,
        },
        state: State::Open,
        certificate: None,
        create_time: now(),
    }
}

/// Forty minutes from an instant.
pub(super) fn hours(volunteer: &str, from: &str) -> NewEntry {
    let from: DateTime<Utc> = from.parse().unwrap();
    NewEntry {
        volunteer: volunteer.into(),
        team: "team".into(),
        post: "post".into(),
        activity: None,
        shift: None,
        need: None,
        division_code: "321181100".into(),
        from,
        to: from + chrono::TimeDelta::minutes(40),
        minutes: 40,
        source: Source::CheckIn,
        recorder: "people/1".into(),
        certifier: "people/1".into(),
    }
}

pub(super) async fn issue(store: &Shared, change: &Change, at: u128) -> Result<Stored, Error> {
    let issued = Issued {
        issuer: "丹阳市志愿者协会".into(),
        handler: "王".into(),
        contact: "0511".into(),
        by: change.actor.clone(),
        day: "2026-03-02".parse().unwrap(),
    };
    let seal = |number: &str| number.as_bytes().to_vec();
    let issue = Issue { request: Uuid::from_u128(at), issued, own: None, seal: &seal };
    store.issue_certificate(change, issue).await
}

fn reason<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    match result {
        Err(Error::Refused(refusal)) => refusal.reason,
        other => panic!("{other:?}"),
    }
}

async fn certificates_issued_at_once_have_numbers_without_a_gap(database: Database) {
    let store = open(&database).await;
    store.enter_hours(&by("people/1"), &[hours("v1", "2026-03-01T01:00:00Z")]).await.unwrap();
    for at in 1..=8 {
        // Of every other request nothing can be issued: its number must not be lost.
        let volunteer = if at % 2 == 0 { "v1" } else { "nobody" };
        store.request_certificate(&by("v"), &request(at, volunteer)).await.unwrap();
    }
    let tries = (1..=8).map(|at| {
        let store = store.clone();
        tokio::spawn(async move { (at, issue(&store, &by("people/2"), at).await) })
    });
    let mut numbers = Vec::new();
    for one in tries.collect::<Vec<_>>() {
        match one.await.unwrap() {
            (at, Ok(stored)) => {
                assert_eq!(at % 2, 0);
                assert_eq!(stored.holder, stored.certificate.number.as_bytes());
                numbers.push(stored.certificate.number[..10].to_owned());
            }
            (_, other) => assert_eq!(reason(other), "CERTIFICATE_EMPTY"),
        }
    }
    numbers.sort();
    assert_eq!(numbers, ["2026000001", "2026000002", "2026000003", "2026000004"]);
}

async fn one_request_is_issued_once_however_often_at_once(database: Database) {
    let store = open(&database).await;
    store.enter_hours(&by("people/1"), &[hours("v1", "2026-03-01T01:00:00Z")]).await.unwrap();
    store.request_certificate(&by("v"), &request(1, "v1")).await.unwrap();
    let tries = (0..5).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { issue(&store, &by("people/2"), 1).await })
    });
    let mut issued = 0;
    for one in tries.collect::<Vec<_>>() {
        match one.await.unwrap() {
            Ok(_) => issued += 1,
            other => assert_eq!(reason(other), "CERTIFICATE_ISSUED"),
        }
    }
    assert_eq!(issued, 1);
    let asked = store.certificate_request(Uuid::from_u128(1)).await.unwrap().unwrap();
    assert_eq!(asked.state, State::Issued);
    assert!(store.certificate(&asked.certificate.unwrap()).await.unwrap().is_some());
    assert_eq!(reason(issue(&store, &by("people/2"), 9).await), "NOT_FOUND");
}

async fn a_certificate_holds_the_hours_of_its_days_and_knows_of_later_corrections(database: Database) {
    let store = open(&database).await;
    // The day begins at 16:00 UTC of the day before.
    let entries = [
        hours("v1", "2026-02-28T15:59:00Z"),
        hours("v1", "2026-02-28T16:40:00Z"),
        hours("v1", "2026-03-01T15:00:00Z"),
        hours("v1", "2026-03-01T16:00:00Z"),
    ];
    store.enter_hours(&by("people/1"), &entries).await.unwrap();
    let less = |of| NewCorrection { of, minutes: -10, reason: "why".into(), recorder: "people/9".into() };
    store.correct_hours(&by("people/9"), &less(2), None).await.unwrap();
    store.request_certificate(&by("v"), &request(1, "v1")).await.unwrap();
    let key = Some(RequestKey { id: Uuid::from_u128(1), method: "X", digest: vec![1] });
    let change = Change { request: key, ..by("people/2") };
    let stored = issue(&store, &change, 1).await.unwrap();
    assert_eq!((stored.certificate.minutes(), stored.certificate.times()), (70, 2));
    assert_eq!(issue(&store, &change, 1).await.unwrap(), stored);
    let number = stored.certificate.number.clone();
    let corrected = async || store.certificate(&number).await.unwrap().unwrap().corrected;
    assert!(!corrected().await);
    // One of another day is none of its own.
    store.correct_hours(&by("people/9"), &less(1), None).await.unwrap();
    assert!(!corrected().await);
    store.correct_hours(&by("people/9"), &less(3), None).await.unwrap();
    assert!(corrected().await);
    let revoked = store.revoke_certificate(&by("people/3"), &number, "wrong").await.unwrap();
    assert_eq!(store.certificate(&number).await.unwrap().unwrap(), Stored { corrected: true, ..revoked });
    assert_eq!(reason(store.revoke_certificate(&by("people/3"), &number, "x").await), "CERTIFICATE_REVOKED");
    assert_eq!(reason(store.revoke_certificate(&by("people/3"), "20260000090", "x").await), "NOT_FOUND");
    assert_eq!(store.certificate("20260000090").await.unwrap(), None);
}

async fn requests_are_listed_for_whoever_may_see_them(database: Database) {
    let store = open(&database).await;
    for (at, volunteer) in [(1, "v1"), (2, "v2"), (3, "v1")] {
        store.request_certificate(&by("v"), &request(at, volunteer)).await.unwrap();
    }
    let ids = async |filter: Filter, after: Option<u128>| {
        let found = store.certificate_requests(&filter, after.map(Uuid::from_u128), 9).await.unwrap();
        found.iter().map(|request| request.id.as_u128()).collect::<Vec<_>>()
    };
    assert_eq!(ids(Filter::default(), None).await, Vec::<u128>::new());
    let own = Filter { own: Some("v1".into()), ..Filter::default() };
    assert_eq!(ids(own, None).await, [1, 3]);
    let area = Filter { within: vec!["321181".into()], ..Filter::default() };
    assert_eq!(ids(area.clone(), Some(1)).await, [2, 3]);
    assert_eq!(ids(Filter { state: Some(State::Issued), ..area }, None).await, Vec::<u128>::new());
    let elsewhere = Filter { within: vec!["321181101".into()], ..Filter::default() };
    assert_eq!(ids(elsewhere, None).await, Vec::<u128>::new());
}
