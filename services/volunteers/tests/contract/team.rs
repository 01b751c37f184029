//! Teams and memberships as they are stored.

use minqing_testkit::{Database, on_both_databases};
use minqing_volunteers::domain::team::{Changes, Membership, MembershipState, NewTeam, Team};
use minqing_volunteers::domain::volunteer::{Act, NewVolunteer};
use minqing_volunteers::store::team::{Filter, MembershipFilter};
use uuid::Uuid;

use super::post::{change, change_again, day, founded, reason, today};
use super::volunteer::{happening, new, registered};
use super::*;

on_both_databases! {
    a_team_is_read_back_and_its_leader_is_a_member;
    teams_are_created_all_or_none;
    a_team_changes_and_ends;
    a_membership_is_asked_for_approved_and_ended;
    whoever_does_not_fit_the_post_is_not_approved;
    of_two_requests_at_once_one_is_taken;
    whoever_leads_a_team_cannot_leave_and_whoever_leaves_belongs_to_none;
    teams_and_memberships_are_listed_by_each_filter;
    changes_sent_again_are_answered_as_before;
}

fn team(id: &str, leader: Option<u8>) -> NewTeam {
    NewTeam {
        id: id.to_owned(),
        display_name: format!("{id}队"),
        post: "mediator".to_owned(),
        home: "321181100".parse().unwrap(),
        reach: vec!["321181101201".parse().unwrap()],
        capacity: 2,
        leader: leader.map(|number| new(number).number),
        from: day("2026-02-01"),
    }
}

/// A store with three verified volunteers, of whom the first leads the team `a`.
async fn with_team(database: &Database) -> (Shared, Team) {
    let store = founded(database).await;
    for number in 1..=3 {
        registered(&store, number).await;
        store.act_on_volunteer(&change(), &happening(number, Act::Verify("card".into()))).await.unwrap();
    }
    let made = store.create_teams(&change(), &[team("a", Some(1))]).await.unwrap().remove(0);
    (store, made)
}

async fn ask(store: &Shared, number: u8) -> Result<Membership, minqing_platform::error::Error> {
    store.request_membership(&change(), "a", &new(number).number, today()).await
}

async fn to(
    store: &Shared,
    id: Uuid,
    state: MembershipState,
) -> Result<Membership, minqing_platform::error::Error> {
    store.move_membership(&change(), "a", id, state, "why", today()).await
}

async fn a_team_is_read_back_and_its_leader_is_a_member(database: Database) {
    let (store, made) = with_team(&database).await;
    assert_eq!(store.team("a").await.unwrap(), Some(made));
    assert_eq!(store.team("b").await.unwrap(), None);
    assert!(store.is_member("a", &new(1).number).await.unwrap());
    assert!(!store.is_member("a", &new(2).number).await.unwrap());
    assert!(!store.is_member("b", &new(1).number).await.unwrap());
}

async fn teams_are_created_all_or_none(database: Database) {
    let (store, _) = with_team(&database).await;
    let strange = NewTeam { post: "nothing".to_owned(), ..team("c", None) };
    let early = NewTeam { from: day("2025-12-31"), ..team("c", None) };
    for (wrong, expected) in [
        (team("a", None), "ALREADY_EXISTS"),
        (strange, "NOT_FOUND"),
        (early, "POST_NOT_IN_FORCE"),
        (team("c", Some(9)), "NOT_FOUND"),
    ] {
        assert_eq!(reason(store.create_teams(&change(), &[team("b", None), wrong]).await), expected);
        assert_eq!(store.team("b").await.unwrap(), None);
    }
    store.act_on_volunteer(&change(), &happening(3, Act::Suspend("late".into()))).await.unwrap();
    assert_eq!(reason(store.create_teams(&change(), &[team("b", Some(3))]).await), "VOLUNTEER_SUSPENDED");
    assert_eq!(store.create_teams(&change(), &[team("b", None), team("c", None)]).await.unwrap().len(), 2);
}

async fn a_team_changes_and_ends(database: Database) {
    let (store, made) = with_team(&database).await;
    let changes = Changes { capacity: Some(5), leader: Some(Some(new(2).number)), ..Changes::default() };
    let stale = store.update_team(&change(), "a", changes.clone(), Some(made.version + 1)).await;
    assert_eq!(reason(stale), "ETAG_MISMATCH");
    let changed = store.update_team(&change(), "a", changes, Some(made.version)).await.unwrap();
    assert_eq!((changed.capacity, changed.version, changed.display_name), (5, 2, made.display_name));
    assert!(store.is_member("a", &new(2).number).await.unwrap());
    let led = |leader| {
        let (store, leader) = (store.clone(), new(leader).number);
        async move { store.leads_volunteer(&leader, &new(2).number, today()).await.unwrap() }
    };
    assert!(led(2).await && !led(1).await);
    store.end_team(&change(), "a", day("2026-03-02")).await.unwrap();
    assert!(!led(2).await);
    assert_eq!(reason(store.end_team(&change(), "a", day("2026-04-01")).await), "ALREADY_ENDED");
    assert_eq!(reason(ask(&store, 3).await), "TEAM_NOT_IN_FORCE");
    assert_eq!(reason(store.end_team(&change(), "b", today()).await), "NOT_FOUND");
}

async fn a_membership_is_asked_for_approved_and_ended(database: Database) {
    let (store, _) = with_team(&database).await;
    let asked = ask(&store, 2).await.unwrap();
    assert_eq!(reason(ask(&store, 2).await), "ALREADY_EXISTS");
    assert!(!store.is_member("a", &new(2).number).await.unwrap());
    let approved = to(&store, asked.id, MembershipState::Active).await.unwrap();
    assert!(store.is_member("a", &new(2).number).await.unwrap());
    assert_eq!(store.membership("a", asked.id).await.unwrap(), Some(approved));
    assert_eq!(store.membership("b", asked.id).await.unwrap(), None);
    assert_eq!(reason(to(&store, asked.id, MembershipState::Declined).await), "MEMBERSHIP_STATE");
    to(&store, asked.id, MembershipState::Ended).await.unwrap();
    assert!(!store.is_member("a", &new(2).number).await.unwrap());
    // Whoever left a team can ask again.
    let again = ask(&store, 2).await.unwrap();
    assert_eq!(to(&store, again.id, MembershipState::Declined).await.unwrap().reason, "why");
    let filter = MembershipFilter { volunteer: Some(new(1).number), ..MembershipFilter::default() };
    let leader = store.memberships(&filter, None, 10).await.unwrap().remove(0);
    assert_eq!(reason(to(&store, leader.id, MembershipState::Ended).await), "LEADS_A_TEAM");
}

async fn whoever_does_not_fit_the_post_is_not_approved(database: Database) {
    let (store, _) = with_team(&database).await;
    // The post of a mediator is for people of 25 years and more.
    let young = NewVolunteer { birth_date: day("2001-03-03"), ..new(4) };
    store.register_volunteers(&change(), &[young, new(5)], Some("a")).await.unwrap();
    let all = store.memberships(&MembershipFilter::default(), None, 10).await.unwrap();
    let of = |number: u8| all.iter().find(|one| one.volunteer == new(number).number).unwrap().id;
    assert_eq!(reason(to(&store, of(4), MembershipState::Active).await), "REAL_NAME_NOT_VERIFIED");
    store.act_on_volunteer(&change(), &happening(4, Act::Verify("card".into()))).await.unwrap();
    assert_eq!(reason(to(&store, of(4), MembershipState::Active).await), "TOO_YOUNG");
    store.act_on_volunteer(&change(), &happening(5, Act::Suspend("late".into()))).await.unwrap();
    assert_eq!(reason(to(&store, of(5), MembershipState::Active).await), "VOLUNTEER_SUSPENDED");
}

async fn of_two_requests_at_once_one_is_taken(database: Database) {
    let (store, _) = with_team(&database).await;
    let other = open(&database).await;
    let (one, other) = tokio::join!(ask(&store, 2), ask(&other, 2));
    assert!(one.is_ok() ^ other.is_ok(), "{one:?} {other:?}");
}

async fn whoever_leads_a_team_cannot_leave_and_whoever_leaves_belongs_to_none(database: Database) {
    let (store, _) = with_team(&database).await;
    assert_eq!(reason(store.act_on_volunteer(&change(), &happening(1, Act::Leave)).await), "LEADS_A_TEAM");
    let asked = ask(&store, 2).await.unwrap();
    to(&store, asked.id, MembershipState::Active).await.unwrap();
    store.act_on_volunteer(&change(), &happening(2, Act::Leave)).await.unwrap();
    assert!(!store.is_member("a", &new(2).number).await.unwrap());
    let ended = store.membership("a", asked.id).await.unwrap().unwrap();
    assert_eq!((ended.state, ended.version), (MembershipState::Ended, 3));
    assert_eq!(reason(ask(&store, 2).await), "VOLUNTEER_LEFT");
}

async fn teams_and_memberships_are_listed_by_each_filter(database: Database) {
    let (store, _) = with_team(&database).await;
    let elsewhere = NewTeam { home: "321181101".parse().unwrap(), ..team("c", None) };
    let counsel = NewTeam { post: "counselor".to_owned(), ..team("b", None) };
    store.create_teams(&change(), &[counsel, elsewhere]).await.unwrap();
    store.end_team(&change(), "b", today()).await.unwrap();
    let ids = async |filter: Filter| {
        let found = store.teams(&filter, "", 10).await.unwrap();
        found.into_iter().map(|team| team.id).collect::<String>()
    };
    let all = Filter::default;
    assert_eq!(ids(all()).await, "abc");
    assert_eq!(ids(Filter { within: Some("321181100".parse().unwrap()), ..all() }).await, "ab");
    assert_eq!(ids(Filter { post: Some("counselor".to_owned()), ..all() }).await, "b");
    assert_eq!(ids(Filter { leader: Some(new(1).number), ..all() }).await, "a");
    assert_eq!(ids(Filter { on: Some(today()), ..all() }).await, "ac");
    assert_eq!(store.teams(&all(), "a", 1).await.unwrap()[0].id, "b");

    let asked = ask(&store, 2).await.unwrap();
    let count =
        async |filter: MembershipFilter, after| store.memberships(&filter, after, 10).await.unwrap().len();
    let all = MembershipFilter::default;
    assert_eq!(count(all(), None).await, 2);
    assert_eq!(count(all(), Some(asked.id)).await, 0);
    assert_eq!(count(MembershipFilter { team: Some("c".to_owned()), ..all() }, None).await, 0);
    assert_eq!(count(MembershipFilter { volunteer: Some(new(2).number), ..all() }, None).await, 1);
    let state = Some(MembershipState::Requested);
    assert_eq!(count(MembershipFilter { state, ..all() }, None).await, 1);
    let members =
        minqing_volunteers::store::volunteer::Filter { team: Some("a".to_owned()), ..Default::default() };
    assert_eq!(store.volunteers(&members, "", 10).await.unwrap().len(), 1);
}

async fn changes_sent_again_are_answered_as_before(database: Database) {
    let (store, _) = with_team(&database).await;
    let first = change_again(1, "team");
    let made = store.create_teams(&first, &[team("b", None)]).await.unwrap();
    assert_eq!(store.create_teams(&first, &[team("b", None)]).await.unwrap(), made);
    let second = change_again(2, "update");
    let changes = Changes { capacity: Some(9), ..Changes::default() };
    let done = store.update_team(&second, "a", changes.clone(), None).await.unwrap();
    assert_eq!(store.update_team(&second, "a", changes, None).await.unwrap(), done);
    let third = change_again(3, "ask");
    let asked = store.request_membership(&third, "a", &new(2).number, today()).await.unwrap();
    assert_eq!(store.request_membership(&third, "a", &new(2).number, today()).await.unwrap(), asked);
    let fourth = change_again(4, "move");
    let state = MembershipState::Active;
    let moved = store.move_membership(&fourth, "a", asked.id, state, "", today()).await.unwrap();
    assert_eq!(store.move_membership(&fourth, "a", asked.id, state, "", today()).await.unwrap(), moved);
    let fifth = change_again(5, "end");
    let ended = store.end_team(&fifth, "b", today()).await.unwrap();
    assert_eq!(store.end_team(&fifth, "b", today()).await.unwrap(), ended);
}
