//! Households given to members by hand: who may, what is refused, and how soon it is seen.

use minqing_proto::registry::v1 as proto;
use minqing_testkit::{Database, on_both_databases};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use super::suite::{GRID, Suite, admin, by, refused};

on_both_databases! {
    a_household_is_given_to_a_member_and_answered_for_at_once;
    whoever_is_full_is_given_no_more;
    only_those_who_assign_in_the_area_give_by_hand;
    what_is_wrong_with_a_link_is_told;
}

fn link(household: &str, member: &str) -> proto::CreateContactLinkRequest {
    let link = proto::ContactLink {
        subject: household.to_owned(),
        contact: format!("people/{member}"),
        ..Default::default()
    };
    proto::CreateContactLinkRequest { contact_link: Some(link), request_id: String::new() }
}

async fn give(
    suite: &Suite,
    request: Request<proto::CreateContactLinkRequest>,
) -> Result<proto::ContactLink, Status> {
    Ok(suite.contacts().create_contact_link(request).await?.into_inner())
}

/// Two members who have thirty residents each, and a third who has nobody; the households along the street.
async fn with_a_third(database: &Database) -> (Suite, Vec<String>) {
    let suite = Suite::assigned(database).await;
    suite.appoint("m3", proto::Role::OrdinaryMember, "321181100201001").await;
    let street = suite.street(GRID).await;
    (suite, street)
}

async fn a_household_is_given_to_a_member_and_answered_for_at_once(database: Database) {
    let (suite, street) = with_a_third(&database).await;
    let home = &street[0];
    assert_eq!(suite.answers(home, "").await[0], "m1");
    let request_id = uuid::Uuid::from_u128(9).to_string();
    let request = proto::CreateContactLinkRequest { request_id, ..link(home, "m3") };
    let made = give(&suite, admin(request.clone())).await.unwrap();
    assert!(made.name.starts_with("contactLinks/"));
    assert_eq!(made.kind(), proto::ContactKind::HouseholdToMember);
    assert_eq!(
        (made.grid.as_str(), made.subject.as_str(), made.contact.as_str()),
        (GRID, home.as_str(), "people/m3")
    );
    assert_eq!((made.effective_from.as_str(), made.effective_to.as_str()), ("2026-03-01", ""));
    assert_eq!(made.resident_count, 3);
    // The third has no backbone yet, so that it falls to the lead.
    assert_eq!(suite.answers(home, "").await, ["m3", "l1*", "l1", "village", "town", "city"]);
    assert_eq!(give(&suite, admin(request.clone())).await.unwrap(), made);
    let mut other = request;
    other.contact_link.as_mut().unwrap().contact = "people/m2".into();
    assert_eq!(refused(give(&suite, admin(other)).await).1, "REQUEST_ID_REUSED");
    // From a later day on.
    let mut later = link(&street[1], "m3");
    later.contact_link.as_mut().unwrap().effective_from = "2026-03-09".into();
    give(&suite, admin(later)).await.unwrap();
    assert_eq!(suite.answers(&street[1], "2026-03-08").await[0], "m1");
    assert_eq!(suite.answers(&street[1], "2026-03-09").await[0], "m3");
}

async fn whoever_is_full_is_given_no_more(database: Database) {
    let (suite, street) = with_a_third(&database).await;
    let home = &street[0];
    let full = give(&suite, admin(link(home, "m2"))).await;
    assert_eq!(refused(full), (Code::FailedPrecondition, "CONTACT_OVER_CAPACITY".to_owned()));
    let again = give(&suite, admin(link(home, "m1"))).await;
    assert_eq!(refused(again), (Code::AlreadyExists, "ALREADY_EXISTS".to_owned()));
    let stranger = give(&suite, admin(link(home, "b1"))).await;
    assert_eq!(refused(stranger), (Code::FailedPrecondition, "NOT_A_MEMBER_OF_GRID".to_owned()));
    assert_eq!(suite.answers(home, "").await[0], "m1");
}

async fn only_those_who_assign_in_the_area_give_by_hand(database: Database) {
    let (suite, street) = with_a_third(&database).await;
    let home = &street[0];
    assert_eq!(refused(give(&suite, Request::new(link(home, "m3"))).await).0, Code::Unauthenticated);
    for (role, division) in [("grid_lead", "321181100201001"), ("cadre", "321181100202"), ("auditor", "")] {
        let answer = give(&suite, by(role, division, link(home, "m3"))).await;
        assert_eq!(refused(answer).0, Code::PermissionDenied, "{role}");
    }
    let nobody = "households/00000000-0000-0000-0000-000000000000";
    let answer = give(&suite, by("grid_lead", "321181100201001", link(nobody, "m3"))).await;
    assert_eq!(refused(answer).0, Code::PermissionDenied, "nothing is told of what there is");
    assert_eq!(refused(give(&suite, admin(link(nobody, "m3"))).await).0, Code::NotFound);
    give(&suite, by("cadre", "321181100201", link(home, "m3"))).await.unwrap();
}

async fn what_is_wrong_with_a_link_is_told(database: Database) {
    let (suite, street) = with_a_third(&database).await;
    let wrong = async |request: proto::CreateContactLinkRequest| {
        let refusal = give(&suite, admin(request)).await.unwrap_err();
        assert_eq!(refusal.code(), Code::InvalidArgument);
        let violations = refusal.get_details_bad_request().unwrap().field_violations;
        let fields: Vec<String> = violations.into_iter().map(|violation| violation.field).collect();
        (minqing_platform::status::reason(&refusal).unwrap(), fields)
    };
    let (reason, fields) = wrong(proto::CreateContactLinkRequest::default()).await;
    assert_eq!((reason.as_str(), fields), ("REQUIRED_FIELD", vec!["contact_link".to_owned()]));
    let both = ["contact_link.subject".to_owned(), "contact_link.contact".to_owned()];
    assert_eq!(wrong(link("", "M3")).await.1, both);
    let (reason, fields) = wrong(link("people/m3", "b1")).await;
    assert_eq!((reason.as_str(), fields), ("SUBJECT_NOT_OF_KIND", vec![both[0].clone()]));
    let mut dated = link(&street[0], "m3");
    dated.contact_link.as_mut().unwrap().effective_from = "tomorrow".into();
    let (reason, fields) = wrong(dated).await;
    assert_eq!((reason.as_str(), fields), ("INVALID_DATE", vec!["contact_link.effective_from".to_owned()]));
}
