//! Attachments as they are stored.

use chrono::{DateTime, TimeDelta, Utc};
use minqing_cases::domain::attachment::{ANONYMOUS, Claim, Kept, Kind, NewAttachment, token_hash};
use minqing_cases::store::attachment::Pending;
use minqing_platform::error::Error;
use minqing_platform::journal::Change;
use minqing_testkit::{Database, on_both_databases};
use uuid::Uuid;

use super::*;

on_both_databases! {
    a_file_is_read_back_as_it_was_kept;
    the_same_content_is_stored_once;
    the_same_content_twice_at_the_same_moment_is_stored_once;
    a_case_takes_all_its_files_or_none;
    of_two_cases_that_claim_one_file_at_once_one_gets_it;
    a_file_that_no_case_claimed_is_forgotten_and_one_that_a_case_has_is_not;
    bytes_that_another_file_is_of_are_not_dropped;
    what_broke_off_is_found_by_its_key;
    a_key_that_was_swept_is_not_kept_any_more;
    a_claim_and_the_sweep_at_once_leave_the_file_whole_or_gone;
}

fn now() -> DateTime<Utc> {
    "2026-03-02T02:00:00Z".parse().unwrap()
}

fn by(actor: &str) -> Change {
    Change { actor: actor.to_owned(), now: now(), request: None }
}

fn later(hours: i64) -> Change {
    Change { now: now() + TimeDelta::hours(hours), ..by("system") }
}

/// The token of every file here.
const TOKEN: &str = "token";

fn new(object_key: Uuid, content: u8) -> NewAttachment {
    NewAttachment {
        id: Uuid::now_v7(),
        object_key,
        file_name: "路灯.jpg".into(),
        kind: Kind::Jpeg,
        size_bytes: 1000,
        sha256: [content; 32],
        token_hash: token_hash(TOKEN),
    }
}

async fn keep(store: &Shared, actor: &str, content: u8) -> Kept {
    let key = Uuid::now_v7();
    store.begin_object(&by(actor), key).await.unwrap();
    store.keep_attachment(&by(actor), &new(key, content)).await.unwrap()
}

fn claim(kept: &Kept, token: &str) -> Claim {
    Claim { id: kept.attachment.id, token: token.into() }
}

fn reason<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    match result {
        Err(Error::Refused(refusal)) => refusal.reason,
        other => panic!("{other:?}"),
    }
}

async fn to_remove(store: &Shared, change: &Change) -> Vec<Uuid> {
    let mut keys = store.objects_to_remove(change.now - TimeDelta::hours(24), 100).await.unwrap();
    keys.sort();
    keys
}

async fn a_file_is_read_back_as_it_was_kept(database: Database) {
    let store = open(&database).await;
    let kept = keep(&store, "people/1", 7).await;
    assert_eq!(kept.attachment.uploader, "people/1");
    assert_eq!(store.attachment(kept.attachment.id).await.unwrap(), Some(kept.clone()));
    assert_eq!(store.attachment(Uuid::now_v7()).await.unwrap(), None);
    assert_eq!(store.pending_attachments().await.unwrap(), Pending { count: 1, size_bytes: 1000 });
    store.bind_attachments(&by("people/1"), "C1", &[claim(&kept, "")]).await.unwrap();
    assert_eq!(store.pending_attachments().await.unwrap(), Pending { count: 0, size_bytes: 0 });
}

async fn the_same_content_is_stored_once(database: Database) {
    let store = open(&database).await;
    let (one, two, other) = (
        keep(&store, ANONYMOUS, 1).await,
        keep(&store, ANONYMOUS, 1).await,
        keep(&store, ANONYMOUS, 2).await,
    );
    assert_eq!(one.object_key, two.object_key);
    assert_ne!(one.object_key, other.object_key);
    assert_ne!(one.attachment.id, two.attachment.id);
    // The second one's own bytes are to be removed at once.
    let [spare] = to_remove(&store, &by("system")).await[..] else { panic!("one key is spare") };
    assert!(spare != one.object_key && spare != other.object_key);
    store.forget_object(spare).await.unwrap();
    store.forget_object(one.object_key).await.unwrap();
    assert!(to_remove(&store, &later(1000)).await.is_empty());
    assert!(store.attachment(two.attachment.id).await.unwrap().is_some(), "a key in use is not forgotten");
}

async fn the_same_content_twice_at_the_same_moment_is_stored_once(database: Database) {
    let store = open(&database).await;
    let upload = |_: usize| async {
        let key = Uuid::now_v7();
        store.begin_object(&by(ANONYMOUS), key).await.unwrap();
        let new = new(key, 1);
        loop {
            match store.keep_attachment(&by(ANONYMOUS), &new).await {
                Err(Error::Database(db::Error::Duplicate | db::Error::Conflict)) => {}
                other => break other.unwrap(),
            }
        }
    };
    let kept = futures::future::join_all((0..8).map(upload)).await;
    assert!(kept.iter().all(|one| one.object_key == kept[0].object_key));
    assert_eq!(to_remove(&store, &by("system")).await.len(), 7);
}

async fn a_case_takes_all_its_files_or_none(database: Database) {
    let store = open(&database).await;
    let (mine, theirs) = (keep(&store, ANONYMOUS, 1).await, keep(&store, "people/2", 2).await);
    let bind = |number: &'static str, claims: Vec<Claim>| {
        let store = store.clone();
        async move { store.bind_attachments(&by("people/1"), number, &claims).await }
    };
    for bad in
        [claim(&theirs, ""), claim(&theirs, "wrong"), Claim { id: Uuid::now_v7(), token: TOKEN.into() }]
    {
        assert_eq!(reason(bind("C1", vec![claim(&mine, TOKEN), bad]).await), "NOT_FOUND");
    }
    assert_eq!(reason(bind("C1", vec![claim(&mine, TOKEN); 2]).await), "ATTACHMENT_TWICE");
    assert_eq!(store.attachments_of_case("C1").await.unwrap(), []);

    let bound = bind("C1", vec![claim(&theirs, TOKEN), claim(&mine, TOKEN)]).await.unwrap();
    assert_eq!(bound[0].id, theirs.attachment.id);
    assert!(bound.iter().all(|one| one.case_number.as_deref() == Some("C1")));
    let mut of_case = store.attachments_of_case("C1").await.unwrap();
    of_case.sort_by_key(|one| std::cmp::Reverse(one.id));
    let mut expected = bound.clone();
    expected.sort_by_key(|one| std::cmp::Reverse(one.id));
    assert_eq!(of_case, expected);
    assert_eq!(store.attachments_of_case("C2").await.unwrap(), []);
    assert_eq!(reason(bind("C2", vec![claim(&mine, TOKEN)]).await), "ATTACHMENT_BOUND");
    assert_eq!(bind("C2", vec![]).await.unwrap(), []);
}

async fn of_two_cases_that_claim_one_file_at_once_one_gets_it(database: Database) {
    let store = open(&database).await;
    let kept = keep(&store, ANONYMOUS, 1).await;
    let numbers: Vec<String> = (0..8).map(|number| format!("C{number}")).collect();
    let claims = [claim(&kept, TOKEN)];
    let change = by(ANONYMOUS);
    let tries = numbers.iter().map(|number| store.bind_attachments(&change, number, &claims));
    let outcomes = futures::future::join_all(tries).await;
    let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    for refused in lost {
        assert_eq!(reason(refused), "ATTACHMENT_BOUND");
    }
}

async fn a_file_that_no_case_claimed_is_forgotten_and_one_that_a_case_has_is_not(database: Database) {
    let store = open(&database).await;
    let (pending, bound) = (keep(&store, ANONYMOUS, 1).await, keep(&store, ANONYMOUS, 2).await);
    store.bind_attachments(&by(ANONYMOUS), "C1", &[claim(&bound, TOKEN)]).await.unwrap();
    let expire = |hours: i64| {
        let (store, change) = (store.clone(), later(hours));
        async move { store.expire_attachments(&change, change.now - TimeDelta::hours(24), 100).await.unwrap() }
    };
    assert_eq!(expire(24).await, 0, "24 hours are not over");
    assert_eq!(expire(25).await, 1);
    assert_eq!(expire(25).await, 0);
    assert!(store.attachment(pending.attachment.id).await.unwrap().is_none());
    assert!(store.attachment(bound.attachment.id).await.unwrap().is_some());
    assert_eq!(to_remove(&store, &later(25)).await, vec![pending.object_key]);
    let claims = [claim(&pending, TOKEN)];
    assert_eq!(reason(store.bind_attachments(&by(ANONYMOUS), "C2", &claims).await), "NOT_FOUND");
    // The content may come again before its bytes are removed, and is kept anew.
    let again = keep(&store, ANONYMOUS, 1).await;
    assert_ne!(again.object_key, pending.object_key);
}

async fn bytes_that_another_file_is_of_are_not_dropped(database: Database) {
    let store = open(&database).await;
    let (one, two) = (keep(&store, ANONYMOUS, 1).await, keep(&store, ANONYMOUS, 1).await);
    for spare in to_remove(&store, &by("system")).await {
        store.forget_object(spare).await.unwrap();
    }
    store.bind_attachments(&by(ANONYMOUS), "C1", &[claim(&two, TOKEN)]).await.unwrap();
    assert_eq!(store.expire_attachments(&later(25), now() + TimeDelta::hours(1), 100).await.unwrap(), 1);
    assert!(store.attachment(one.attachment.id).await.unwrap().is_none());
    assert!(to_remove(&store, &later(1000)).await.is_empty());
}

async fn what_broke_off_is_found_by_its_key(database: Database) {
    let store = open(&database).await;
    let key = Uuid::now_v7();
    store.begin_object(&by(ANONYMOUS), key).await.unwrap();
    assert!(to_remove(&store, &later(23)).await.is_empty(), "it may still be under way");
    assert_eq!(to_remove(&store, &later(25)).await, vec![key]);
    store.forget_object(key).await.unwrap();
    assert!(to_remove(&store, &later(25)).await.is_empty());
}

async fn a_key_that_was_swept_is_not_kept_any_more(database: Database) {
    let store = open(&database).await;
    let key = Uuid::now_v7();
    store.begin_object(&by(ANONYMOUS), key).await.unwrap();
    store.forget_object(key).await.unwrap();
    let late = store.keep_attachment(&by(ANONYMOUS), &new(key, 1)).await;
    assert!(matches!(late, Err(Error::Database(db::Error::Conflict))), "{late:?}");
    assert_eq!(store.pending_attachments().await.unwrap().count, 0);
}

async fn a_claim_and_the_sweep_at_once_leave_the_file_whole_or_gone(database: Database) {
    let store = open(&database).await;
    for round in 0..10_u8 {
        let kept = keep(&store, ANONYMOUS, round).await;
        let (claims, number) = ([claim(&kept, TOKEN)], format!("C{round}"));
        let (claimer, sweeper) = (by(ANONYMOUS), later(25));
        let (claimed, swept, again) = tokio::join!(
            store.bind_attachments(&claimer, &number, &claims),
            store.expire_attachments(&sweeper, now() + TimeDelta::hours(1), 100),
            keep(&store, ANONYMOUS, round),
        );
        let swept = swept.unwrap();
        let dropped = to_remove(&store, &by("system")).await;
        match store.attachment(kept.attachment.id).await.unwrap() {
            Some(there) => assert!(claimed.is_ok() && !dropped.contains(&there.object_key)),
            None => assert!(claimed.is_err() && swept >= 1),
        }
        // The file of the same content that came meanwhile has its bytes, unless it was swept as well.
        if let Some(there) = store.attachment(again.attachment.id).await.unwrap() {
            assert!(!dropped.contains(&there.object_key));
        }
    }
}
