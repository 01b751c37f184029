//! Who may read what. Who may not is told that it is not there.

use minqing_cases::domain::attachment::Claim;
use minqing_platform::journal::Change;
use minqing_testkit::{Database, on_both_databases};
use tonic::Code;
use uuid::Uuid;

use super::room::{by, open};
use super::*;

on_both_databases! {
    a_pending_file_is_read_by_its_token_or_its_account_alone;
    what_a_case_has_is_read_by_whoever_uploaded_it_and_its_token_has_done_its_work;
    a_name_that_is_none_is_refused;
}

async fn reads(
    room: &Room,
    name: &str,
    token: &str,
    as_whom: impl Fn(proto::GetAttachmentRequest) -> Request<proto::GetAttachmentRequest>,
) -> bool {
    let known = client(room).get_attachment(as_whom(get(name, token))).await;
    let mut download = Request::new(down(name, token));
    *download.metadata_mut() = as_whom(get(name, token)).metadata().clone();
    let file = client(room).download_attachment(download).await;
    let readable = known.is_ok();
    assert_eq!(readable, file.is_ok(), "whoever sees what a file is gets it, and nobody else");
    for status in [known.err(), file.err()].into_iter().flatten() {
        assert_eq!(status.code(), Code::NotFound, "{status:?}");
    }
    readable
}

async fn a_pending_file_is_read_by_its_token_or_its_account_alone(database: Database) {
    let room = open(&database).await;
    let (attachment, token) = upload(&room, ("a.png", ""), PNG).await.unwrap();
    let name = attachment.name.as_str();
    assert!(reads(&room, name, &token, Request::new).await);
    assert!(reads(&room, name, &token, |one| citizen("people/1", one)).await);
    let mut wrong = token.clone();
    wrong.replace_range(..1, if token.starts_with('A') { "B" } else { "A" });
    for token in ["", "wrong", wrong.as_str(), &token[1..], &format!("{token} ")] {
        assert!(!reads(&room, name, token, Request::new).await, "{token}");
        assert!(!reads(&room, name, token, |one| by("supervisor", "", one)).await, "{token}");
    }

    let request =
        citizen("people/1", stream::iter(messages(("b.png", ""), b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR b", 100)));
    let mine = client(&room).upload_attachment(request).await.unwrap().into_inner().attachment.unwrap();
    assert!(reads(&room, &mine.name, "", |one| citizen("people/1", one)).await);
    assert!(!reads(&room, &mine.name, "", |one| citizen("people/2", one)).await);
    assert!(!reads(&room, &mine.name, &token, Request::new).await, "a token is of one file");
}

async fn what_a_case_has_is_read_by_whoever_uploaded_it_and_its_token_has_done_its_work(database: Database) {
    let room = open(&database).await;
    let request = citizen("people/1", stream::iter(messages(("a.png", ""), PNG, 100)));
    let answer = client(&room).upload_attachment(request).await.unwrap().into_inner();
    let (attachment, token) = (answer.attachment.unwrap(), answer.upload_token);
    let name = attachment.name.as_str();
    let id: Uuid = name.strip_prefix("attachments/").unwrap().parse().unwrap();
    let change =
        Change { actor: "anonymous".into(), now: "2026-03-02T02:00:00Z".parse().unwrap(), request: None };
    let claims = [Claim { id, token: token.clone() }];
    room.cases.store().bind_attachments(&change, "C1", &claims).await.unwrap();

    let request = citizen("people/1", get(name, ""));
    let bound = client(&room).get_attachment(request).await.unwrap().into_inner();
    assert_eq!((bound.state(), bound.case_number.as_str()), (proto::AttachmentState::Attached, "C1"));
    assert!(reads(&room, name, "", |one| citizen("people/1", one)).await);
    // This case does not exist, so nobody else sees it: who sees one that does is tested with the cases.
    for role in ["dispatcher", "supervisor", "cadre", "window_clerk"] {
        assert!(!reads(&room, name, "", |one| by(role, "", one)).await, "{role}");
    }
    assert!(!reads(&room, name, "", |one| citizen("people/2", one)).await);
    assert!(!reads(&room, name, &token, Request::new).await, "the token has done its work");
}

async fn a_name_that_is_none_is_refused(database: Database) {
    let room = open(&database).await;
    for name in ["", "attachments/", "attachments/1", "attachments/../../x", "cases/1"] {
        let refused = client(&room).get_attachment(get(name, "")).await.unwrap_err();
        assert_eq!((refused.code(), refusal(&refused).1.as_str()), (Code::InvalidArgument, "name"), "{name}");
    }
    let nobody = format!("attachments/{}", Uuid::now_v7());
    assert_eq!(client(&room).get_attachment(get(&nobody, "x")).await.unwrap_err().code(), Code::NotFound);
}
