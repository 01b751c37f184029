//! Volunteers: registering, correcting, leaving.

use minqing_proto::volunteers::v1 as proto;
use minqing_testkit::{Database, on_both_databases};
use tonic::Request;

use crate::suite::{Suite, TOWN, by, citizen, coordinator, fields, identity_number, person, refused};

on_both_databases! {
    whoever_registers_has_a_number_that_tells_nothing_of_them;
    one_person_registers_once;
    every_wrong_field_is_named_and_no_number_is_repeated;
    volunteers_correct_their_own_record_by_the_rules;
    nobody_verifies_themselves;
    whoever_leaves_is_struck_out_but_for_what_must_stay_provable;
    the_suspended_are_told_why_and_others_are_not;
}

fn create(given: proto::Volunteer) -> proto::CreateVolunteerRequest {
    proto::CreateVolunteerRequest { volunteer: Some(given), ..Default::default() }
}

fn update(given: proto::Volunteer, paths: &[&str]) -> proto::UpdateVolunteerRequest {
    let paths = paths.iter().map(ToString::to_string).collect();
    let update_mask = Some(prost_types::FieldMask { paths });
    proto::UpdateVolunteerRequest { volunteer: Some(given), update_mask, ..Default::default() }
}

async fn whoever_registers_has_a_number_that_tells_nothing_of_them(database: Database) {
    let suite = Suite::open(&database).await;
    let given = person("19800101", 1);
    let made = suite.register("a", given.clone()).await;
    let number = made.name.strip_prefix("volunteers/").unwrap();
    assert_eq!(number.len(), 12);
    assert!(number.bytes().all(|byte| byte.is_ascii_digit()));
    assert!(!given.identity_number.contains(&number[..6]));
    assert_eq!((made.display_name.as_str(), made.birth_date.as_str()), ("张小明", "1980-01-01"));
    assert_eq!(made.real_name_state(), proto::RealNameState::Declared);
    let own = suite.volunteers().get_own_volunteer(citizen("a", proto::GetOwnVolunteerRequest {})).await;
    assert_eq!(own.unwrap().into_inner(), made);
    let other = suite.volunteers().get_own_volunteer(citizen("b", proto::GetOwnVolunteerRequest {})).await;
    assert_eq!(refused(other), "NOT_FOUND");
    let nobody = suite.volunteers().create_volunteer(Request::new(create(person("19800101", 2)))).await;
    assert_eq!(refused(nobody), "SIGN_IN_NEEDED");
    let request_id = uuid::Uuid::from_u128(7).to_string();
    let request = proto::CreateVolunteerRequest { request_id, ..create(person("19800101", 3)) };
    let first =
        suite.volunteers().create_volunteer(citizen("c", request.clone())).await.unwrap().into_inner();
    let again = suite.volunteers().create_volunteer(citizen("c", request)).await.unwrap().into_inner();
    assert_eq!(again, first);
}

async fn one_person_registers_once(database: Database) {
    let suite = Suite::open(&database).await;
    suite.register("a", person("19800101", 1)).await;
    let same_number = suite.volunteers().create_volunteer(citizen("b", create(person("19800101", 1)))).await;
    assert_eq!(refused(same_number), "ALREADY_EXISTS");
    let same_account = suite.volunteers().create_volunteer(citizen("a", create(person("19800101", 2)))).await;
    assert_eq!(refused(same_account), "ALREADY_EXISTS");
}

async fn every_wrong_field_is_named_and_no_number_is_repeated(database: Database) {
    let suite = Suite::open(&database).await;
    let mut number = identity_number("19800101", 1).into_bytes();
    number[17] = if number[17] == b'1' { b'2' } else { b'1' };
    let number = String::from_utf8(number).unwrap();
    let weekly = vec![proto::WeeklySpan { weekday: 8, from_minute: 0, to_minute: 60 }];
    let wrong = proto::Volunteer {
        display_name: String::new(),
        identity_number: number.clone(),
        phone: "123".into(),
        division_code: "32118".into(),
        availability: Some(proto::Availability { weekly, dated: Vec::new() }),
        health_limits: vec![99],
        ..person("19800101", 1)
    };
    let answer = suite.volunteers().create_volunteer(citizen("a", create(wrong))).await;
    let text = format!("{answer:?}");
    assert!(!text.contains(&number) && !text.contains(&number[6..14]), "{text}");
    let expected = [
        "volunteer.display_name",
        "volunteer.identity_number",
        "volunteer.phone",
        "volunteer.division_code",
        "volunteer.availability.weekly[0].weekday",
        "volunteer.health_limits[0]",
    ];
    assert_eq!(fields(answer), expected);
    let nowhere = proto::Volunteer { division_code: "321182".into(), ..person("19800101", 1) };
    let answer = suite.volunteers().create_volunteer(citizen("a", create(nowhere))).await;
    assert_eq!(fields(answer), ["volunteer.division_code"]);
    // A digit of a volunteer's number that was misheard shows.
    let misheard = proto::GetVolunteerRequest { name: "volunteers/123456789012".into() };
    let answer = suite.volunteers().get_volunteer(coordinator(misheard)).await;
    assert_eq!(refused(answer), "INVALID_VOLUNTEER_NUMBER");
}

async fn volunteers_correct_their_own_record_by_the_rules(database: Database) {
    let suite = Suite::open(&database).await;
    let made = suite.verified("a", 1).await;
    let skills = proto::Volunteer { skills: vec!["写作".into()], ..made.clone() };
    let answer = suite.volunteers().update_volunteer(citizen("a", update(skills.clone(), &["skills"]))).await;
    let changed = answer.unwrap().into_inner();
    assert_eq!((changed.skills, changed.real_name_state), (vec!["写作".to_owned()], made.real_name_state));
    // The etag is of the version before.
    let stale = suite.volunteers().update_volunteer(citizen("a", update(skills, &["skills"]))).await;
    assert_eq!(refused(stale), "ETAG_MISMATCH");
    let fresh =
        |given: proto::Volunteer| proto::Volunteer { name: made.name.clone(), etag: String::new(), ..given };
    let number = update(fresh(person("19800101", 2)), &["identity_number"]);
    assert_eq!(
        refused(suite.volunteers().update_volunteer(citizen("a", number)).await),
        "REAL_NAME_VERIFIED"
    );
    let renamed = fresh(proto::Volunteer { display_name: "张明".into(), ..Default::default() });
    let answer = suite.volunteers().update_volunteer(citizen("a", update(renamed, &["display_name"]))).await;
    let renamed = answer.unwrap().into_inner();
    assert_eq!(renamed.display_name, "张明");
    assert_eq!(renamed.real_name_state(), proto::RealNameState::Declared);
    // By a link to an account one would hand the record on.
    let link = fresh(proto::Volunteer { person: "people/x".into(), ..Default::default() });
    let answer = suite.volunteers().update_volunteer(citizen("a", update(link.clone(), &["person"]))).await;
    assert_eq!(refused(answer), "NOT_PERMITTED");
    let linked = suite.volunteers().update_volunteer(coordinator(update(link, &["person"]))).await;
    assert_eq!(linked.unwrap().into_inner().person, "people/x");
    let stray = suite.volunteers().update_volunteer(coordinator(update(made, &["state"]))).await;
    assert_eq!(fields(stray), ["update_mask"]);
}

async fn nobody_verifies_themselves(database: Database) {
    let suite = Suite::open(&database).await;
    let request = create(person("19800101", 1));
    let made = suite.volunteers().create_volunteer(coordinator(request)).await.unwrap().into_inner();
    let verify = || proto::VerifyVolunteerRequest {
        name: made.name.clone(),
        evidence: "身份证".into(),
        ..Default::default()
    };
    // The coordinator registered by the account that all of these tests' officers share.
    let own = suite.volunteers().verify_volunteer(coordinator(verify())).await;
    assert_eq!(refused(own), "OWN_RECORD");
    let other = suite.volunteers().verify_volunteer(citizen("b", verify())).await;
    assert_eq!(refused(other), "NOT_PERMITTED");
    let none = proto::VerifyVolunteerRequest { evidence: String::new(), ..verify() };
    let mut request = coordinator(none);
    request.metadata_mut().insert("subject", "another".parse().unwrap());
    assert_eq!(fields(suite.volunteers().verify_volunteer(request).await), ["evidence"]);
}

async fn whoever_leaves_is_struck_out_but_for_what_must_stay_provable(database: Database) {
    let suite = Suite::open(&database).await;
    let leader = suite.verified("a", 1).await;
    suite.team("t", &leader.name).await;
    let leave = |name: &str| proto::LeaveVolunteerRequest { name: name.to_owned(), ..Default::default() };
    let refusal = suite.volunteers().leave_volunteer(citizen("a", leave(&leader.name))).await;
    assert_eq!(refused(refusal), "LEADS_A_TEAM");
    let member = suite.verified("b", 2).await;
    let asked = suite.request("b", "t").await.unwrap();
    suite.approve(&asked.name, None).await.unwrap();
    let others = suite.volunteers().leave_volunteer(citizen("a", leave(&member.name))).await;
    assert_eq!(refused(others), "NOT_PERMITTED");
    let left =
        suite.volunteers().leave_volunteer(citizen("b", leave(&member.name))).await.unwrap().into_inner();
    assert_eq!(left.state(), proto::VolunteerState::Left);
    assert_eq!((left.phone.as_str(), left.skills.len(), left.health_limits.len()), ("", 0, 0));
    assert_eq!(left.display_name, "张小明");
    let get = proto::GetMembershipRequest { name: asked.name };
    let membership = suite.teams().get_membership(citizen("b", get)).await.unwrap().into_inner();
    assert_eq!(membership.state(), proto::MembershipState::Ended);
    // They cannot come back as somebody else; the corps takes them back.
    let again = suite.volunteers().create_volunteer(citizen("c", create(person("19800101", 2)))).await;
    assert_eq!(refused(again), "ALREADY_EXISTS");
    let back = proto::ReinstateVolunteerRequest { name: member.name, ..Default::default() };
    let back = suite.volunteers().reinstate_volunteer(coordinator(back)).await.unwrap().into_inner();
    assert_eq!(back.state(), proto::VolunteerState::Active);
}

async fn the_suspended_are_told_why_and_others_are_not(database: Database) {
    let suite = Suite::open(&database).await;
    let made = suite.verified("a", 1).await;
    let suspend = proto::SuspendVolunteerRequest {
        name: made.name.clone(),
        reason: "未按约到岗三次".into(),
        ..Default::default()
    };
    let by_self = suite.volunteers().suspend_volunteer(citizen("a", suspend.clone())).await;
    assert_eq!(refused(by_self), "NOT_PERMITTED");
    suite.volunteers().suspend_volunteer(coordinator(suspend)).await.unwrap();
    let own = suite.volunteers().get_own_volunteer(citizen("a", proto::GetOwnVolunteerRequest {})).await;
    assert_eq!(own.unwrap().into_inner().state_reason, "未按约到岗三次");
    let list = proto::ListVolunteersRequest { division_code: TOWN.into(), ..Default::default() };
    let listed = suite.volunteers().list_volunteers(by("coordinator", "321181", list)).await.unwrap();
    let listed = &listed.get_ref().volunteers[0];
    assert_eq!((listed.state(), listed.state_reason.as_str()), (proto::VolunteerState::Suspended, ""));
    suite.team("t", "").await;
    assert_eq!(refused(suite.request("a", "t").await), "VOLUNTEER_SUSPENDED");
}
