//! MatchingService over real gRPC.
#![cfg(test)]

#[path = "../room/corps.rs"]
mod corps;
#[path = "../room/mod.rs"]
mod room;
#[path = "../room/town.rs"]
mod town;

use minqing_proto::volunteers::v1 as proto;
use minqing_proto::volunteers::v1::matching_service_client::MatchingServiceClient;
use minqing_testkit::{Database, on_both_databases};
use tonic::{Code, Request};

use room::{Room, by, citizen};
use town::{fields, refused};

on_both_databases! {
    a_matching_is_tried_run_read_and_explained;
}

const HERE: &str = "321181100201";
const ELSEWHERE: &str = "321181101201";

type Client = MatchingServiceClient<minqing_platform::client::Peer>;

/// Two teams and three needs.
async fn corps(database: &Database) -> (Room, Client) {
    let room = room::open(database).await;
    let store = room.volunteers.store();
    corps::posts(store).await;
    corps::team(store, "near", HERE, 1, 2).await;
    corps::team(store, "far", ELSEWHERE, 1, 2).await;
    for place in [HERE, ELSEWHERE, ELSEWHERE] {
        corps::open_need(store, place).await;
    }
    let client = MatchingServiceClient::new(room.peer.clone());
    (room, client)
}

fn run(validate_only: bool) -> proto::RunMatchingRequest {
    proto::RunMatchingRequest { division_code: "321181".into(), validate_only, ..Default::default() }
}

fn coordinator<T>(message: T) -> Request<T> {
    by("coordinator", "321181", message)
}

async fn open_needs(room: &Room) -> usize {
    let area = "321181".parse().unwrap();
    room.volunteers.store().matching_inputs(&area, "2026-03-02".parse().unwrap()).await.unwrap().needs.len()
}

async fn a_matching_is_tried_run_read_and_explained(database: Database) {
    let (room, mut client) = corps(&database).await;
    let tried = client.run_matching(coordinator(run(true))).await.unwrap().into_inner();
    assert_eq!(tried.matching.as_ref().unwrap().matched_count, 2);
    assert_eq!((tried.matches.len(), open_needs(&room).await), (3, 3));

    let request = proto::RunMatchingRequest { request_id: uuid::Uuid::now_v7().to_string(), ..run(false) };
    let done = client.run_matching(coordinator(request.clone())).await.unwrap().into_inner();
    let matching = done.matching.clone().unwrap();
    assert_eq!((matching.proposed_count, matching.skipped_count, open_needs(&room).await), (2, 0, 1));
    assert_eq!((matching.total_m, matching.progress()), (matching.bound_m, proto::MatchingProgress::Done));
    assert_eq!(matching.total_m, tried.matching.unwrap().total_m);
    // Sent again it is answered again, and nothing more is proposed.
    let again = client.run_matching(coordinator(request)).await.unwrap().into_inner();
    assert_eq!((again, open_needs(&room).await), (done.clone(), 1));

    let get = proto::GetMatchingRequest { name: matching.name.clone() };
    assert_eq!(client.get_matching(coordinator(get)).await.unwrap().into_inner(), matching);
    let listed = client.list_matchings(coordinator(Default::default())).await.unwrap().into_inner();
    assert_eq!(listed.matchings, std::slice::from_ref(&matching));
    let list =
        proto::ListMatchesRequest { parent: matching.name.clone(), page_size: 2, ..Default::default() };
    let first = client.list_matches(coordinator(list.clone())).await.unwrap().into_inner();
    let next = proto::ListMatchesRequest { page_token: first.next_page_token, ..list };
    let second = client.list_matches(coordinator(next)).await.unwrap().into_inner();
    assert_eq!([first.matches, second.matches].concat(), done.matches);

    let chosen = done.matches.iter().find(|one| one.team == "teams/near").unwrap();
    assert_eq!(chosen.runners_up[0].team, "teams/far");
    let explain = |team: &str| proto::ExplainMatchRequest {
        name: matching.name.clone(),
        need: chosen.need.clone(),
        team: team.into(),
    };
    let why = client.explain_match(coordinator(explain("teams/near"))).await.unwrap().into_inner();
    assert_eq!((why.verdict(), why.cost), (proto::MatchVerdict::Chosen, chosen.cost));
    let why = client.explain_match(coordinator(explain("teams/far"))).await.unwrap().into_inner();
    assert_eq!(why.verdict(), proto::MatchVerdict::Dearer);
    assert!(why.in_all_more_m > 0 && why.at_least_more_m <= why.in_all_more_m, "{why:?}");
    assert!(why.text.contains("more in all"), "{}", why.text);
    let nobody = client.explain_match(coordinator(explain("teams/nobody"))).await;
    assert_eq!(refused(nobody).0, Code::NotFound);
}

#[tokio::test]
async fn only_the_corps_of_the_area_matches_and_only_those_who_may_see_it_do() {
    let database = minqing_testkit::sqlite::database();
    let (_room, mut client) = corps(&database).await;
    for stranger in [
        by("coordinator", "321181100", run(false)),
        by("auditor", "", run(false)),
        citizen("somebody", run(false)),
    ] {
        assert_eq!(refused(client.run_matching(stranger).await).0, Code::PermissionDenied);
    }
    let anonymous = client.run_matching(Request::new(run(false))).await;
    assert_eq!(refused(anonymous).0, Code::Unauthenticated);
    let done = client.run_matching(coordinator(run(false))).await.unwrap().into_inner();
    let get = || proto::GetMatchingRequest { name: done.matching.clone().unwrap().name };
    assert!(client.get_matching(by("auditor", "", get())).await.is_ok());
    // To those of another area there is no such matching.
    assert_eq!(refused(client.get_matching(by("coordinator", "33", get())).await).0, Code::NotFound);
    let list = by("coordinator", "33", proto::ListMatchingsRequest::default());
    assert_eq!(client.list_matchings(list).await.unwrap().into_inner().matchings, []);
    let explain = || proto::ExplainMatchRequest {
        name: get().name,
        need: done.matches[0].need.clone(),
        team: "teams/near".into(),
    };
    // Whoever does not lead the team is not told of its matters.
    assert_eq!(refused(client.explain_match(citizen("somebody", explain())).await).0, Code::NotFound);
}

#[tokio::test]
async fn bad_input_is_answered_with_the_field() {
    let database = minqing_testkit::sqlite::database();
    let (_room, mut client) = corps(&database).await;
    let ask = |division_code: &str, request_id: &str| proto::RunMatchingRequest {
        division_code: division_code.into(),
        request_id: request_id.into(),
        ..Default::default()
    };
    let wrong = client.run_matching(coordinator(ask("", ""))).await;
    assert_eq!(fields(wrong), ["division_code"]);
    let wrong = client.run_matching(coordinator(ask("3211x", ""))).await;
    assert_eq!(fields(wrong), ["division_code"]);
    let wrong = client.run_matching(coordinator(ask("321181", "x"))).await;
    assert_eq!(fields(wrong), ["request_id"]);
    let get = proto::GetMatchingRequest { name: "matchings/x".into() };
    assert_eq!(fields(client.get_matching(coordinator(get)).await), ["name"]);
    let list = proto::ListMatchesRequest { parent: "needs/x".into(), ..Default::default() };
    assert_eq!(fields(client.list_matches(coordinator(list)).await), ["parent"]);
    let name = format!("matchings/{}", uuid::Uuid::nil());
    let list = proto::ListMatchesRequest { parent: name.clone(), outcome: 99, ..Default::default() };
    assert_eq!(fields(client.list_matches(coordinator(list)).await), ["outcome"]);
    let explain = proto::ExplainMatchRequest { name, ..Default::default() };
    assert_eq!(fields(client.explain_match(coordinator(explain.clone())).await), ["need"]);
    let need = format!("needs/{}", uuid::Uuid::nil());
    let explain = proto::ExplainMatchRequest { need, ..explain };
    assert_eq!(fields(client.explain_match(coordinator(explain)).await), ["team"]);
}
