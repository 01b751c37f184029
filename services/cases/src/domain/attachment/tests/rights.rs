use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::{ANONYMOUS, Attachment, CASE_COUNT_MAX, Claim, Kept, Kind, may_claim, token_hash};

fn kept(uploader: &str, case_number: Option<&str>) -> Kept {
    let attachment = Attachment {
        id: Uuid::from_u128(1),
        file_name: "a.jpg".into(),
        kind: Kind::Jpeg,
        size_bytes: 1,
        sha256: [0; 32],
        case_number: case_number.map(str::to_owned),
        uploader: uploader.into(),
        create_time: DateTime::<Utc>::UNIX_EPOCH,
    };
    Kept { attachment, object_key: Uuid::from_u128(2), token_hash: token_hash("the token") }
}

fn claim(token: &str) -> Claim {
    Claim { id: Uuid::from_u128(1), token: token.into() }
}

#[test]
fn a_file_is_claimed_by_its_token_or_by_the_account_that_uploaded_it() {
    for (uploader, actor, token, reason) in [
        (ANONYMOUS, ANONYMOUS, "the token", None),
        (ANONYMOUS, "people/1", "the token", None),
        ("people/1", "people/1", "", None),
        ("people/1", ANONYMOUS, "the token", None),
        // What two anonymous callers have in common proves nothing.
        (ANONYMOUS, ANONYMOUS, "", Some("NOT_FOUND")),
        (ANONYMOUS, ANONYMOUS, "The token", Some("NOT_FOUND")),
        ("people/1", "people/2", "", Some("NOT_FOUND")),
        ("people/1", "people/2", "another", Some("NOT_FOUND")),
    ] {
        let refused = kept(uploader, None).may_bind(&claim(token), actor).err();
        assert_eq!(refused.map(|refusal| refusal.reason), reason, "{uploader} {actor} {token}");
    }
}

#[test]
fn a_file_that_a_case_has_is_given_to_no_other_and_only_its_owner_learns_that_it_is_there() {
    let bound = kept("people/1", Some("20260302000001"));
    assert_eq!(bound.may_bind(&claim("the token"), ANONYMOUS).unwrap_err().reason, "ATTACHMENT_BOUND");
    assert_eq!(bound.may_bind(&claim("wrong"), "people/2").unwrap_err().reason, "NOT_FOUND");
}

#[test]
fn a_case_has_a_bounded_number_of_files_each_once() {
    let claims = |count: usize| {
        (0..count).map(|n| Claim { id: Uuid::from_u128(n as u128), token: String::new() }).collect::<Vec<_>>()
    };
    assert!(may_claim(&claims(CASE_COUNT_MAX), 0).is_ok());
    assert_eq!(may_claim(&claims(CASE_COUNT_MAX), 1).unwrap_err().reason, "ATTACHMENTS_TOO_MANY");
    let twice = [claims(1), claims(1)].concat();
    assert_eq!(may_claim(&twice, 0).unwrap_err().reason, "ATTACHMENT_TWICE");
}
