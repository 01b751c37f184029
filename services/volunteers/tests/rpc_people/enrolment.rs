//! Registering others: one by one for a team, and an existing register in batches.

use minqing_proto::volunteers::v1 as proto;
use minqing_testkit::{Database, on_both_databases};
use tonic::Status;

use crate::suite::{OTHER, Suite, by, citizen, coordinator, fields, person, refused};

on_both_databases! {
    a_leader_registers_whoever_comes_to_the_team;
    an_existing_register_comes_in_whole_or_not_at_all;
    only_the_corps_of_all_the_areas_brings_a_register;
    five_hundred_come_in_at_once;
}

fn entry(born: &str, place: u32) -> proto::VolunteerEntry {
    proto::VolunteerEntry {
        volunteer: Some(person(born, place)),
        verification_evidence: "原登记册".into(),
        team: "teams/t".into(),
        ..Default::default()
    }
}

async fn enrol(suite: &Suite, entries: Vec<proto::VolunteerEntry>) -> Result<Vec<proto::Volunteer>, Status> {
    let request = proto::BatchCreateVolunteersRequest { entries, ..Default::default() };
    Ok(suite.volunteers().batch_create_volunteers(coordinator(request)).await?.into_inner().volunteers)
}

async fn members(suite: &Suite) -> usize {
    let request = proto::ListMembershipsRequest {
        parent: "teams/t".into(),
        state: proto::MembershipState::Active.into(),
        page_size: 1_000,
        ..Default::default()
    };
    suite.teams().list_memberships(coordinator(request)).await.unwrap().into_inner().memberships.len()
}

async fn a_leader_registers_whoever_comes_to_the_team(database: Database) {
    let suite = Suite::open(&database).await;
    let leader = suite.verified("a", 1).await;
    suite.team("t", &leader.name).await;
    suite.team("u", "").await;
    let create = |team: &str, given: proto::Volunteer| proto::CreateVolunteerRequest {
        volunteer: Some(given),
        team: team.into(),
        for_another: true,
        ..Default::default()
    };
    let person = || person("19800101", 2);
    for team in ["", "teams/u"] {
        let refusal = suite.volunteers().create_volunteer(citizen("a", create(team, person()))).await;
        assert_eq!(refused(refusal), "NOT_PERMITTED", "{team:?}");
    }
    let linked = proto::Volunteer { person: "people/x".into(), ..person() };
    let refusal = suite.volunteers().create_volunteer(citizen("a", create("teams/t", linked))).await;
    assert_eq!(fields(refusal), ["volunteer.person"]);
    let made = suite.volunteers().create_volunteer(citizen("a", create("teams/t", person()))).await.unwrap();
    assert_eq!((made.get_ref().phone.as_str(), made.get_ref().identity_number.as_str()), ("138****5678", ""));
    let request = proto::ListMembershipsRequest {
        parent: "teams/t".into(),
        volunteer: made.into_inner().name,
        ..Default::default()
    };
    let asked = suite.teams().list_memberships(citizen("a", request)).await.unwrap().into_inner();
    assert_eq!(asked.memberships[0].state(), proto::MembershipState::Requested);
}

async fn an_existing_register_comes_in_whole_or_not_at_all(database: Database) {
    let suite = Suite::open(&database).await;
    suite.team("t", "").await;
    // A child is no policy speaker; whoever is not verified is no member.
    assert_eq!(refused(enrol(&suite, vec![entry("19800101", 1), entry("20150101", 2)]).await), "TOO_YOUNG");
    let unverified = proto::VolunteerEntry { verification_evidence: String::new(), ..entry("19800101", 1) };
    let refusal = enrol(&suite, vec![entry("19800101", 2), unverified]).await.unwrap_err();
    assert!(refusal.message().starts_with("entries[1]: "), "{refusal:?}");
    let twice = enrol(&suite, vec![entry("19800101", 1), entry("19800101", 1)]).await;
    assert_eq!(fields(twice), ["entries[1].volunteer.identity_number"]);
    let half = proto::VolunteerEntry { insurance: "意外险".into(), ..entry("19800101", 1) };
    assert_eq!(fields(enrol(&suite, vec![half]).await), ["entries[0].insurance"]);
    let no_team = proto::VolunteerEntry { team: "teams/none".into(), ..entry("19800101", 1) };
    assert_eq!(refused(enrol(&suite, vec![no_team]).await), "NOT_FOUND");
    assert_eq!(members(&suite).await, 0);
    let made = enrol(&suite, vec![entry("19800101", 1), entry("19800101", 2)]).await.unwrap();
    assert!(
        made.iter().all(|one| one.real_name_state() == proto::RealNameState::Verified && one.etag == "1")
    );
    assert_eq!(members(&suite).await, 2);
    let known = enrol(&suite, vec![entry("19800101", 3), entry("19800101", 2)]).await.unwrap_err();
    assert!(known.message().contains("entries[1]"), "{known:?}");
    assert_eq!(members(&suite).await, 2);
}

async fn only_the_corps_of_all_the_areas_brings_a_register(database: Database) {
    let suite = Suite::open(&database).await;
    suite.team("t", "").await;
    let request =
        proto::BatchCreateVolunteersRequest { entries: vec![entry("19800101", 1)], ..Default::default() };
    for (role, division, allowed) in [
        ("coordinator", OTHER, false),
        ("cadre", "", false),
        ("citizen", "", false),
        ("coordinator", "321181", true),
    ] {
        let answer = suite.volunteers().batch_create_volunteers(by(role, division, request.clone())).await;
        assert_eq!(answer.is_ok(), allowed, "{role} of {division}: {answer:?}");
    }
    assert_eq!(fields(enrol(&suite, Vec::new()).await), ["entries"]);
}

async fn five_hundred_come_in_at_once(database: Database) {
    let suite = Suite::open(&database).await;
    suite.team("t", "").await;
    let entries = (1..=500).map(|place| entry("19800101", place)).collect();
    assert_eq!(enrol(&suite, entries).await.unwrap().len(), 500);
    assert_eq!(members(&suite).await, 500);
}
