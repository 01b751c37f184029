//! Teams and memberships: who runs them, and who may belong.

use minqing_proto::volunteers::v1 as proto;
use minqing_testkit::{Database, on_both_databases};
use tonic::Request;

use crate::suite::{OTHER, Suite, TOWN, by, citizen, coordinator, fields, person, refused, team};

on_both_databases! {
    a_team_is_public_and_who_leads_it_is_told_to_people_with_a_name;
    the_corps_of_an_area_makes_its_teams_and_nobody_else;
    a_leader_runs_the_team_but_does_not_hand_it_on;
    membership_is_asked_for_approved_and_ended;
    whoever_does_not_fit_the_post_is_not_approved;
    members_are_listed_for_their_leader_and_the_corps_only;
}

fn create(id: &str, team: proto::Team) -> proto::CreateTeamRequest {
    proto::CreateTeamRequest { team: Some(team), team_id: id.to_owned(), ..Default::default() }
}

async fn a_team_is_public_and_who_leads_it_is_told_to_people_with_a_name(database: Database) {
    let suite = Suite::open(&database).await;
    let leader = suite.verified("a", 1).await;
    suite.team("t", &leader.name).await;
    suite.team("u", "").await;
    let get = || proto::GetTeamRequest { name: "teams/t".into() };
    let public = suite.teams().get_team(Request::new(get())).await.unwrap().into_inner();
    assert_eq!((public.leader.as_str(), public.post.as_str()), ("", "posts/policy-speaker"));
    let signed_in = suite.teams().get_team(citizen("z", get())).await.unwrap().into_inner();
    assert_eq!(signed_in.leader, leader.name);
    let list = |leader: &str, post: &str, division: &str| proto::ListTeamsRequest {
        leader: leader.into(),
        post: post.into(),
        division_code: division.into(),
        ..Default::default()
    };
    let names = async |request| -> Vec<String> {
        let found = suite.teams().list_teams(citizen("z", request)).await.unwrap().into_inner().teams;
        found.into_iter().map(|team| team.name).collect()
    };
    assert_eq!(names(list("", "", "3211")).await, ["teams/t", "teams/u"]);
    assert_eq!(names(list(&leader.name, "", "")).await, ["teams/t"]);
    assert!(names(list("", "", OTHER)).await.is_empty());
    assert!(names(list("", "posts/theory-reader", "")).await.is_empty());
    let nobody = suite.teams().list_teams(Request::new(list(&leader.name, "", ""))).await;
    assert_eq!(refused(nobody), "SIGN_IN_NEEDED");
    let none = proto::GetTeamRequest { name: "teams/none".into() };
    assert_eq!(refused(suite.teams().get_team(none).await), "NOT_FOUND");
}

async fn the_corps_of_an_area_makes_its_teams_and_nobody_else(database: Database) {
    let suite = Suite::open(&database).await;
    for (role, division, allowed) in [
        ("coordinator", OTHER, false),
        ("cadre", TOWN, false),
        ("citizen", "", false),
        ("coordinator", "321181", true),
    ] {
        let answer = suite.teams().create_team(by(role, division, create("t", team()))).await;
        assert_eq!(answer.is_ok(), allowed, "{role} of {division}: {answer:?}");
    }
    let wrong = proto::Team {
        display_name: String::new(),
        post: "x".into(),
        capacity: 0,
        reach_codes: vec!["3".into()],
        leader: "volunteers/1".into(),
        ..team()
    };
    let expected = ["team.display_name", "team.post", "team.reach_codes[0]", "team.capacity", "team.leader"];
    assert_eq!(fields(suite.teams().create_team(coordinator(create("w", wrong.clone()))).await), expected);
    let unknown = proto::Team { reach_codes: vec!["321182".into()], ..team() };
    let answer = suite.teams().create_team(coordinator(create("w", unknown))).await;
    assert_eq!(fields(answer), ["team.reach_codes[0]"]);
    let no_post = proto::Team { post: "posts/none".into(), ..team() };
    assert_eq!(refused(suite.teams().create_team(coordinator(create("w", no_post))).await), "NOT_FOUND");
    // A batch is made whole or not at all.
    let batch = |requests| proto::BatchCreateTeamsRequest { requests, ..Default::default() };
    let faulty = batch(vec![create("x", team()), create("y", wrong)]);
    let faulty = suite.teams().batch_create_teams(coordinator(faulty)).await;
    assert_eq!(fields(faulty)[0], "requests[1].team.display_name");
    let taken = batch(vec![create("x", team()), create("t", team())]);
    assert_eq!(refused(suite.teams().batch_create_teams(coordinator(taken)).await), "ALREADY_EXISTS");
    let get = proto::GetTeamRequest { name: "teams/x".into() };
    assert_eq!(refused(suite.teams().get_team(get).await), "NOT_FOUND");
    let both = batch(vec![create("x", team()), create("y", team())]);
    let made = suite.teams().batch_create_teams(coordinator(both)).await.unwrap().into_inner();
    assert_eq!(made.teams.len(), 2);
    assert_eq!(fields(suite.teams().batch_create_teams(coordinator(batch(Vec::new()))).await), ["requests"]);
}

async fn a_leader_runs_the_team_but_does_not_hand_it_on(database: Database) {
    let suite = Suite::open(&database).await;
    let leader = suite.verified("a", 1).await;
    let next = suite.verified("b", 2).await;
    suite.team("t", &leader.name).await;
    let update = |given: proto::Team| proto::UpdateTeamRequest {
        team: Some(proto::Team { name: "teams/t".into(), ..given }),
        ..Default::default()
    };
    let wider = || update(proto::Team { capacity: 9, reach_codes: vec![OTHER.into()], ..Default::default() });
    assert_eq!(refused(suite.teams().update_team(citizen("b", wider())).await), "NOT_PERMITTED");
    let changed = suite.teams().update_team(citizen("a", wider())).await.unwrap().into_inner();
    assert_eq!((changed.capacity, changed.reach_codes), (9, vec![OTHER.to_owned()]));
    let hand_on = || update(proto::Team { leader: next.name.clone(), ..Default::default() });
    assert_eq!(refused(suite.teams().update_team(citizen("a", hand_on())).await), "NOT_PERMITTED");
    let handed = suite.teams().update_team(coordinator(hand_on())).await.unwrap().into_inner();
    assert_eq!(handed.leader, next.name);
    assert_eq!(refused(suite.teams().update_team(citizen("a", wider())).await), "NOT_PERMITTED");
    let end = || proto::EndTeamRequest {
        name: "teams/t".into(),
        effective_to: "2026-04-01".into(),
        ..Default::default()
    };
    assert_eq!(refused(suite.teams().end_team(citizen("b", end())).await), "NOT_PERMITTED");
    assert_eq!(
        suite.teams().end_team(coordinator(end())).await.unwrap().into_inner().effective_to,
        "2026-04-01"
    );
    assert_eq!(refused(suite.teams().end_team(coordinator(end())).await), "ALREADY_ENDED");
}

async fn membership_is_asked_for_approved_and_ended(database: Database) {
    let suite = Suite::open(&database).await;
    let leader = suite.verified("a", 1).await;
    suite.team("t", &leader.name).await;
    suite.verified("b", 2).await;
    let asked = suite.request("b", "t").await.unwrap();
    assert_eq!(asked.state(), proto::MembershipState::Requested);
    assert_eq!(refused(suite.request("b", "t").await), "ALREADY_EXISTS");
    assert_eq!(refused(suite.request("nobody", "t").await), "NOT_FOUND");
    // Nobody approves themselves, and strangers are not told that it is there.
    assert_eq!(refused(suite.approve(&asked.name, Some("b")).await), "NOT_PERMITTED");
    assert_eq!(refused(suite.approve(&asked.name, Some("z")).await), "NOT_FOUND");
    let approved = suite.approve(&asked.name, Some("a")).await.unwrap();
    assert_eq!(approved.state(), proto::MembershipState::Active);
    assert_eq!(refused(suite.approve(&asked.name, None).await), "MEMBERSHIP_STATE");
    let end = || proto::EndMembershipRequest { name: asked.name.clone(), ..Default::default() };
    assert_eq!(refused(suite.teams().end_membership(citizen("z", end())).await), "NOT_FOUND");
    let ended = suite.teams().end_membership(citizen("b", end())).await.unwrap().into_inner();
    assert_eq!(ended.state(), proto::MembershipState::Ended);
    let again = suite.request("b", "t").await.unwrap();
    let decline = |reason: &str| proto::ReviewMembershipRequest {
        name: again.name.clone(),
        reason: reason.into(),
        ..Default::default()
    };
    assert_eq!(fields(suite.teams().review_membership(citizen("a", decline(""))).await), ["reason"]);
    let declined = suite.teams().review_membership(citizen("a", decline("名额已满"))).await.unwrap();
    assert_eq!(declined.into_inner().reason, "名额已满");
}

async fn whoever_does_not_fit_the_post_is_not_approved(database: Database) {
    let suite = Suite::open(&database).await;
    suite.team("t", "").await;
    let guide = proto::Team { post: "posts/red-history-guide".into(), ..team() };
    suite.teams().create_team(coordinator(create("guide", guide))).await.unwrap();
    // Policy speakers are adults; guides may be fourteen, with a guardian's consent.
    let minor = suite.register("m", person("20100301", 1)).await;
    let (speaker, guide) =
        (suite.request("m", "t").await.unwrap(), suite.request("m", "guide").await.unwrap());
    assert_eq!(refused(suite.approve(&guide.name, None).await), "REAL_NAME_NOT_VERIFIED");
    suite.verify(&minor.name).await;
    assert_eq!(refused(suite.approve(&speaker.name, None).await), "TOO_YOUNG");
    assert_eq!(refused(suite.approve(&guide.name, None).await), "GUARDIAN_CONSENT_MISSING");
    let guardian =
        proto::Guardian {
            display_name: "张父".into(), relation: "父亲".into(), phone: "13900139999".into()
        };
    let consent = |guardian, until: &str| proto::RecordGuardianConsentRequest {
        name: minor.name.clone(),
        guardian,
        valid_until: until.into(),
        evidence: "书面同意书".into(),
        ..Default::default()
    };
    let none = suite.volunteers().record_guardian_consent(coordinator(consent(None, "2027-01-01"))).await;
    assert_eq!(fields(none), ["guardian"]);
    let past = consent(Some(guardian.clone()), "2026-03-02");
    let past = suite.volunteers().record_guardian_consent(coordinator(past)).await;
    assert_eq!(refused(past), "ENDS_BEFORE_IT_BEGINS");
    let given = consent(Some(guardian), "2027-01-01");
    let own = suite.volunteers().record_guardian_consent(citizen("m", given.clone())).await;
    assert_eq!(refused(own), "NOT_PERMITTED");
    let shown = suite.volunteers().record_guardian_consent(coordinator(given)).await.unwrap().into_inner();
    let shown = shown.guardian_consent.unwrap().guardian.unwrap();
    assert_eq!((shown.display_name.as_str(), shown.phone.as_str()), ("张父", "139****9999"));
    suite.approve(&guide.name, None).await.unwrap();
    insurance_is_asked_where_there_is_risk(&suite).await;
}

async fn insurance_is_asked_where_there_is_risk(suite: &Suite) {
    let list = proto::ListPostsRequest::default();
    let posts = suite.posts().list_posts(list).await.unwrap().into_inner().posts;
    let bears = |post: &&proto::Post| {
        post.insurance_needed && !post.strains().any(|one| one == proto::Strain::Heights)
    };
    let risky = posts.iter().find(bears).unwrap();
    let risky = proto::Team { post: risky.name.clone(), ..team() };
    suite.teams().create_team(coordinator(create("risky", risky))).await.unwrap();
    let adult = suite.verified("r", 9).await;
    let asked = suite.request("r", "risky").await.unwrap();
    assert_eq!(refused(suite.approve(&asked.name, None).await), "INSURANCE_MISSING");
    let insure = proto::RecordInsuranceRequest {
        name: adult.name,
        insured_until: "2027-01-01".into(),
        insurance: "志愿者意外险".into(),
        ..Default::default()
    };
    suite.volunteers().record_insurance(coordinator(insure)).await.unwrap();
    suite.approve(&asked.name, None).await.unwrap();
}

async fn members_are_listed_for_their_leader_and_the_corps_only(database: Database) {
    let suite = Suite::open(&database).await;
    let leader = suite.verified("a", 1).await;
    suite.team("t", &leader.name).await;
    let member = suite.verified("b", 2).await;
    let asked = suite.request("b", "t").await.unwrap();
    suite.approve(&asked.name, Some("a")).await.unwrap();
    let list = |parent: &str, volunteer: &str| proto::ListMembershipsRequest {
        parent: parent.into(),
        volunteer: volunteer.into(),
        ..Default::default()
    };
    let of_team =
        suite.teams().list_memberships(citizen("a", list("teams/t", ""))).await.unwrap().into_inner();
    assert_eq!(of_team.memberships.len(), 2);
    assert_eq!(
        refused(suite.teams().list_memberships(citizen("b", list("teams/t", ""))).await),
        "NOT_PERMITTED"
    );
    let outside = suite.teams().list_memberships(by("coordinator", OTHER, list("teams/t", ""))).await;
    assert_eq!(refused(outside), "NOT_PERMITTED");
    let own = suite.teams().list_memberships(citizen("b", list("teams/-", ""))).await.unwrap().into_inner();
    assert_eq!(own.memberships.len(), 1);
    let named = suite.teams().list_memberships(coordinator(list("teams/-", &member.name))).await.unwrap();
    assert_eq!(named.into_inner().memberships, own.memberships);
    let others = suite.teams().list_memberships(citizen("z", list("teams/-", &member.name))).await;
    assert_eq!(refused(others), "NOT_FOUND");
    let page = proto::ListMembershipsRequest { page_size: 1, ..list("teams/t", "") };
    let first = suite.teams().list_memberships(coordinator(page.clone())).await.unwrap().into_inner();
    let next = proto::ListMembershipsRequest { page_token: first.next_page_token, ..page };
    let second = suite.teams().list_memberships(coordinator(next)).await.unwrap().into_inner();
    assert_eq!(
        (second.memberships[0].volunteer.as_str(), second.next_page_token.as_str()),
        (member.name.as_str(), "")
    );
}
