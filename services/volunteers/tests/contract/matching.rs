//! Matchings: what goes in, what is kept, and that proposals never collide.

use minqing_platform::journal::{Change, RequestKey};
use minqing_testkit::{Database, on_both_databases};
use minqing_volunteers::domain::matching::explain::Verdict;
use minqing_volunteers::domain::matching::reason::Reason;
use minqing_volunteers::domain::matching::run::{Order, Outcome, Progress, Run, run};
use minqing_volunteers::domain::matching::weights::Weights;
use minqing_volunteers::domain::need::{Command, Event, Need, Status};
use minqing_volunteers::store::Shared;
use minqing_volunteers::store::matching::MatchFilter;
use uuid::Uuid;

use super::corps::{self, PROMISE, change, does, now, open_need};
use super::open;

on_both_databases! {
    what_is_open_is_matched_kept_and_proposed;
    two_that_run_at_once_never_propose_one_need_to_two_teams;
    what_stands_is_left_alone_and_who_declined_is_not_asked_again;
    who_served_before_is_known;
    the_same_request_makes_one_matching;
}

const NEAR: &str = "321181100201";
const FAR: &str = "321181101201";

async fn matched(store: &Shared) -> Run {
    let area = "321181".parse().unwrap();
    let inputs = store.matching_inputs(&area, "2026-03-02".parse().unwrap()).await.unwrap();
    let order = Order { id: Uuid::now_v7(), area, actor: "somebody".into(), time: now() };
    run(order, inputs.needs, inputs.teams, Weights::default()).unwrap()
}

async fn propose_all(store: &Shared, id: Uuid) {
    while store.propose_matches(&change(), id, PROMISE).await.unwrap() {}
}

/// Matches, keeps and proposes.
async fn through(store: &Shared) -> Uuid {
    let id = store.keep_matching(&change(), &matched(store).await).await.unwrap();
    propose_all(store, id).await;
    id
}

async fn need(store: &Shared, need: &Need) -> Need {
    store.need(need.id).await.unwrap().unwrap()
}

async fn what_is_open_is_matched_kept_and_proposed(database: Database) {
    let store = open(&database).await;
    corps::posts(&store).await;
    corps::team(&store, "near", NEAR, 1, 2).await;
    corps::team(&store, "far", FAR, 1, 2).await;
    let (here, there) = (open_need(&store, NEAR).await, open_need(&store, FAR).await);
    let third = open_need(&store, FAR).await;
    let run = matched(&store).await;
    let id = store.keep_matching(&change(), &run).await.unwrap();
    assert_eq!(store.matching(id).await.unwrap().unwrap().progress, Progress::Running);
    propose_all(&store, id).await;

    let stored = store.matching(id).await.unwrap().unwrap();
    assert_eq!((stored.progress, stored.proposed, stored.skipped), (Progress::Done, 2, 0));
    assert_eq!((stored.matching.needs, stored.matching.matched, stored.matching.teams), (3, 2, 2));
    assert_eq!(stored.matching.total_m, stored.matching.bound_m);
    let here = need(&store, &here).await;
    assert_eq!((here.status, here.team.as_deref()), (Status::Proposed, Some("near")));
    assert_eq!(here.matching, Some(id.to_string()));
    let others = [need(&store, &there).await, need(&store, &third).await];
    let team_of = |need: &Need| need.team.clone();
    assert_eq!(others.iter().filter_map(team_of).collect::<Vec<_>>(), ["far"]);

    let all = store.matches(id, &MatchFilter::default(), None, 10).await.unwrap();
    assert_eq!(all.len(), 3);
    let after = Some(all[0].one.facts.name.parse().unwrap());
    assert_eq!(store.matches(id, &MatchFilter::default(), after, 10).await.unwrap(), all[1..]);
    let left = MatchFilter { outcome: Some(Outcome::Unmatched), team: None };
    assert_eq!(store.matches(id, &left, None, 10).await.unwrap()[0].reason, "OTHERS_FIRST");
    let near = MatchFilter { outcome: None, team: Some("near".into()) };
    assert_eq!(store.matches(id, &near, None, 10).await.unwrap().len(), 1);
    let listed = store.matchings(&["3211".into()], Some(&"321181".parse().unwrap()), None, 10).await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&stored));
    assert!(store.matchings(&["33".into()], None, None, 10).await.unwrap().is_empty());
    assert!(store.matchings(&[String::new()], None, Some(stored.seq), 10).await.unwrap().is_empty());

    // What is kept explains itself as it was, though the needs have gone on since.
    let kept = store.matching_run(id).await.unwrap().unwrap();
    assert_eq!(kept.matching, run.matching);
    let verdict = kept.verdict(&here.id.to_string(), "near").unwrap();
    assert!(matches!(verdict, Some(Verdict::Chosen(_))), "{verdict:?}");
    let verdict = kept.verdict(&here.id.to_string(), "far").unwrap();
    assert!(matches!(verdict, Some(Verdict::Dearer { in_all_m: 1.., .. })), "{verdict:?}");
    assert_eq!(kept.verdict(&here.id.to_string(), "nobody").unwrap(), None);
}

async fn two_that_run_at_once_never_propose_one_need_to_two_teams(database: Database) {
    let (one, other) = (open(&database).await, open(&database).await);
    corps::posts(&one).await;
    for team in ["a", "b", "c"] {
        corps::team(&one, team, NEAR, 50, 1).await;
    }
    let mut needs = Vec::new();
    for _ in 0..60 {
        needs.push(open_need(&one, NEAR).await);
    }
    // The second saw the same open needs, and would rather have other teams.
    let (first, mut second) = (matched(&one).await, matched(&other).await);
    for matched in &mut second.matches {
        let next = match matched.team.as_deref() {
            Some("a") => "b",
            Some("b") => "c",
            _ => "a",
        };
        matched.team = Some(next.into());
    }
    let first = one.keep_matching(&change(), &first).await.unwrap();
    let second = other.keep_matching(&change(), &second).await.unwrap();
    let go = async |store: &Shared, id| {
        // A replica that lost a race for the database tries again.
        for _ in 0..50 {
            if let Ok(false) = store.propose_matches(&change(), id, PROMISE).await {
                return;
            }
        }
        panic!("it never ended");
    };
    tokio::join!(go(&one, first), go(&other, second));
    for need in &needs {
        let history = one.need_history(need.id, 0, 100).await.unwrap();
        let proposals = history.iter().filter(|recorded| matches!(recorded.event, Event::Proposed { .. }));
        assert_eq!(proposals.count(), 1, "needs/{}", need.id);
    }
    let [first, second] =
        [one.matching(first).await, one.matching(second).await].map(|stored| stored.unwrap().unwrap());
    assert_eq!(first.proposed + second.proposed, 60);
    assert_eq!(first.skipped + second.skipped, 60);
    let stood = MatchFilter { outcome: Some(Outcome::Skipped), team: None };
    for id in [first.matching.id, second.matching.id] {
        for skipped in one.matches(id, &stood, None, 100).await.unwrap() {
            assert!(["NEED_CHANGED", "NEED_PROPOSED"].contains(&&*skipped.reason), "{}", skipped.reason);
        }
    }
}

async fn what_stands_is_left_alone_and_who_declined_is_not_asked_again(database: Database) {
    let store = open(&database).await;
    corps::posts(&store).await;
    corps::team(&store, "near", NEAR, 2, 1).await;
    corps::team(&store, "far", FAR, 2, 1).await;
    let (accepted, declined) = (open_need(&store, NEAR).await, open_need(&store, NEAR).await);
    through(&store).await;
    does(&store, accepted.id, Command::Accept).await;
    let stands = need(&store, &accepted).await;
    does(&store, declined.id, Command::Decline("人手不足".into())).await;
    let asked = need(&store, &declined).await.declined;

    let again = through(&store).await;
    assert_eq!(need(&store, &accepted).await, stands);
    let other = need(&store, &declined).await;
    assert_eq!(other.status, Status::Proposed);
    assert!(!asked.contains(&other.team.clone().unwrap()));
    let kept = store.matching_run(again).await.unwrap().unwrap();
    let verdict = kept.verdict(&declined.id.to_string(), &asked[0]).unwrap();
    assert_eq!(verdict, Some(Verdict::Cannot(Reason::DeclinedBefore)));
    // The need that stands takes up a place of its team.
    let taken: u32 = kept.teams.iter().map(|share| share.facts.taken).sum();
    assert_eq!(taken, 1);
}

async fn who_served_before_is_known(database: Database) {
    let store = open(&database).await;
    corps::posts(&store).await;
    corps::team(&store, "a", NEAR, 2, 1).await;
    let served = open_need(&store, NEAR).await;
    through(&store).await;
    does(&store, served.id, Command::Accept).await;
    does(&store, served.id, Command::Report("已办".into(), true)).await;
    open_need(&store, NEAR).await;
    let area = "321181".parse().unwrap();
    let inputs = store.matching_inputs(&area, "2026-03-02".parse().unwrap()).await.unwrap();
    assert_eq!(inputs.needs[0].served_raiser, ["a"]);
    assert_eq!(inputs.needs[0].served_place, ["a"]);
    // Not yet begun, or at home elsewhere and going nowhere near: no team at all.
    let before = store.matching_inputs(&area, "2025-12-31".parse().unwrap()).await.unwrap();
    assert_eq!(before.teams, []);
    let elsewhere = store.matching_inputs(&"33".parse().unwrap(), "2026-03-02".parse().unwrap()).await;
    assert_eq!(elsewhere.unwrap().teams, []);
}

async fn the_same_request_makes_one_matching(database: Database) {
    let store = open(&database).await;
    corps::posts(&store).await;
    let request = RequestKey { id: Uuid::from_u128(9), method: "RunMatching", digest: b"one".to_vec() };
    let asked = Change { request: Some(request), ..change() };
    assert_eq!(store.matching_of_request(&asked).await.unwrap(), None);
    let first = store.keep_matching(&asked, &matched(&store).await).await.unwrap();
    assert_eq!(store.keep_matching(&asked, &matched(&store).await).await.unwrap(), first);
    assert_eq!(store.matching_of_request(&asked).await.unwrap(), Some(first));
    propose_all(&store, first).await;
    propose_all(&store, first).await;
    assert_eq!(store.matchings(&[String::new()], None, None, 10).await.unwrap().len(), 1);
    // The feed may hide the newest for a moment; it never shows a second one.
    for _ in 0..200 {
        let told = store.events_after(0, 0, 1_000).await.unwrap();
        let told = told.iter().filter(|event| event.kind == "MatchingFinished").count();
        assert!(told <= 1);
        if told == 1 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("nobody was told that it is through");
}
