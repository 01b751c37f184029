//! What is shown of a volunteer to whom, and that every reading in full is recorded.

use minqing_proto::volunteers::v1 as proto;
use minqing_testkit::{Database, on_both_databases};
use tonic::{Request, Status};

use crate::suite::{OTHER, Suite, TOWN, by, citizen, coordinator, fields, identity_number, refused};

on_both_databases! {
    a_volunteer_is_seen_by_those_who_need_it_and_by_nobody_else;
    leaders_see_their_people_without_health_and_numbers;
    lists_are_of_an_area_or_a_team_and_masked;
    numbers_are_shown_for_a_purpose_and_the_reading_is_recorded;
    volunteers_take_along_all_that_is_kept_of_them;
}

async fn get(
    suite: &Suite,
    request: Request<proto::GetVolunteerRequest>,
) -> Result<proto::Volunteer, Status> {
    Ok(suite.volunteers().get_volunteer(request).await?.into_inner())
}

/// A team led by `a`, with `b` in it.
async fn team_of_two(suite: &Suite) -> (proto::Volunteer, proto::Volunteer) {
    let leader = suite.verified("a", 1).await;
    suite.team("t", &leader.name).await;
    let member = suite.verified("b", 2).await;
    let asked = suite.request("b", "t").await.unwrap();
    suite.approve(&asked.name, Some("a")).await.unwrap();
    (leader, member)
}

async fn a_volunteer_is_seen_by_those_who_need_it_and_by_nobody_else(database: Database) {
    let suite = Suite::open(&database).await;
    let (leader, member) = team_of_two(&suite).await;
    let ask = |name: &str| proto::GetVolunteerRequest { name: name.to_owned() };
    for kept in [citizen("b", ask(&member.name)), coordinator(ask(&member.name))] {
        let seen = get(&suite, kept).await.unwrap();
        assert_eq!((seen.display_name.as_str(), seen.phone.as_str()), ("张小明", "138****5678"));
        assert_eq!(seen.identity_number, "3211**********".to_owned() + &identity_number("19800101", 2)[14..]);
        assert_eq!(seen.health_limits.len(), 1);
    }
    // A member does not see the leader's record, nor does anybody outside; to them there is none.
    for stranger in [
        citizen("b", ask(&leader.name)),
        citizen("z", ask(&leader.name)),
        by("coordinator", OTHER, ask(&leader.name)),
        by("auditor", "", ask(&leader.name)),
    ] {
        let refusal = get(&suite, stranger).await;
        assert!(["NOT_FOUND", "NOT_PERMITTED"].contains(&refused(refusal).as_str()));
    }
    assert_eq!(refused(get(&suite, citizen("z", ask(&leader.name))).await), "NOT_FOUND");
    assert_eq!(refused(get(&suite, Request::new(ask(&leader.name))).await), "SIGN_IN_NEEDED");
}

async fn leaders_see_their_people_without_health_and_numbers(database: Database) {
    let suite = Suite::open(&database).await;
    let (_, member) = team_of_two(&suite).await;
    let ask = || proto::GetVolunteerRequest { name: member.name.clone() };
    let seen = get(&suite, citizen("a", ask())).await.unwrap();
    assert_eq!((seen.display_name.as_str(), seen.phone.as_str()), ("张小明", "138****5678"));
    assert_eq!((seen.identity_number.as_str(), seen.birth_date.as_str()), ("", ""));
    assert!(seen.health_limits.is_empty() && seen.verification.is_none());
    let reveal =
        proto::RevealVolunteerRequest { name: member.name.clone(), purpose: "通知集合时间".into() };
    let called = suite.volunteers().reveal_volunteer(citizen("a", reveal)).await.unwrap().into_inner();
    assert_eq!((called.phone.as_str(), called.identity_number.as_str()), ("+8613800135678", ""));
    let end = proto::ListMembershipsRequest { parent: "teams/-".into(), ..Default::default() };
    let own = suite.teams().list_memberships(citizen("b", end)).await.unwrap().into_inner().memberships;
    let end = proto::EndMembershipRequest { name: own[0].name.clone(), ..Default::default() };
    suite.teams().end_membership(citizen("b", end)).await.unwrap();
    assert_eq!(refused(get(&suite, citizen("a", ask())).await), "NOT_FOUND");
}

async fn lists_are_of_an_area_or_a_team_and_masked(database: Database) {
    let suite = Suite::open(&database).await;
    team_of_two(&suite).await;
    let list = |division: &str, team: &str| proto::ListVolunteersRequest {
        division_code: division.into(),
        team: team.into(),
        ..Default::default()
    };
    let of_area = suite.volunteers().list_volunteers(coordinator(list(TOWN, ""))).await.unwrap().into_inner();
    assert_eq!(of_area.volunteers.len(), 2);
    for listed in &of_area.volunteers {
        assert_eq!((listed.display_name.as_str(), listed.phone.as_str()), ("张*", "138****5678"));
        assert!(listed.health_limits.is_empty() && listed.identity_number.contains("**"));
    }
    let of_team = suite.volunteers().list_volunteers(citizen("a", list("", "teams/t"))).await.unwrap();
    let of_team = of_team.into_inner().volunteers;
    assert_eq!(of_team.len(), 2);
    assert!(of_team.iter().all(|one| one.display_name == "张*" && one.identity_number.is_empty()));
    assert_eq!(
        refused(suite.volunteers().list_volunteers(citizen("b", list("", "teams/t"))).await),
        "NOT_PERMITTED"
    );
    assert_eq!(
        refused(suite.volunteers().list_volunteers(citizen("a", list(TOWN, ""))).await),
        "NOT_PERMITTED"
    );
    let outside = suite.volunteers().list_volunteers(by("coordinator", OTHER, list(TOWN, ""))).await;
    assert_eq!(refused(outside), "NOT_PERMITTED");
    let all = suite.volunteers().list_volunteers(by("coordinator", "", list("", ""))).await;
    assert_eq!(fields(all), ["division_code"]);
}

async fn numbers_are_shown_for_a_purpose_and_the_reading_is_recorded(database: Database) {
    let suite = Suite::open(&database).await;
    let made = suite.verified("a", 1).await;
    let reveal =
        |purpose: &str| proto::RevealVolunteerRequest { name: made.name.clone(), purpose: purpose.into() };
    assert_eq!(fields(suite.volunteers().reveal_volunteer(coordinator(reveal(""))).await), ["purpose"]);
    let outside = suite.volunteers().reveal_volunteer(by("coordinator", OTHER, reveal("投保核对"))).await;
    assert_eq!(refused(outside), "NOT_FOUND");
    let shown =
        suite.volunteers().reveal_volunteer(coordinator(reveal("投保核对"))).await.unwrap().into_inner();
    assert_eq!(shown.identity_number, identity_number("19800101", 1));
    let list =
        || proto::ListVolunteerAccessRecordsRequest { parent: made.name.clone(), ..Default::default() };
    for reader in [citizen("a", list()), by("auditor", "321181", list())] {
        let records = suite.volunteers().list_volunteer_access_records(reader).await.unwrap().into_inner();
        let records = records.access_records;
        assert_eq!((records.len(), records[0].purpose.as_str()), (1, "投保核对"));
        assert_eq!(records[0].actor, "test#somebody");
        assert_eq!(records[0].fields, ["identity_number", "phone", "guardian_consent"]);
    }
    // Whoever reads is not who audits it.
    let reader = suite.volunteers().list_volunteer_access_records(coordinator(list())).await;
    assert_eq!(refused(reader), "NOT_PERMITTED");
}

async fn volunteers_take_along_all_that_is_kept_of_them(database: Database) {
    let suite = Suite::open(&database).await;
    team_of_two(&suite).await;
    let export = || proto::ExportOwnVolunteerRequest {};
    let taken = suite.volunteers().export_own_volunteer(citizen("b", export())).await.unwrap().into_inner();
    let own = taken.volunteer.unwrap();
    assert_eq!(own.identity_number, identity_number("19800101", 2));
    assert_eq!((own.phone.as_str(), own.health_limits.len()), ("+8613800135678", 1));
    assert_eq!(taken.memberships.len(), 1);
    // That they read it themselves is recorded as well.
    assert_eq!((taken.access_records.len(), taken.access_records[0].actor.as_str()), (1, "test#b"));
    assert_eq!(refused(suite.volunteers().export_own_volunteer(citizen("z", export())).await), "NOT_FOUND");
    assert_eq!(refused(suite.volunteers().export_own_volunteer(export()).await), "SIGN_IN_NEEDED");
}
