//! How teams and memberships change.

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn now() -> DateTime<Utc> {
    "2026-03-02T02:00:00Z".parse().unwrap()
}

fn team() -> Team {
    let new = NewTeam {
        id: "a".to_owned(),
        display_name: "甲队".to_owned(),
        post: "mediator".to_owned(),
        home: "321181100".parse().unwrap(),
        reach: vec!["321181101201".parse().unwrap()],
        capacity: 2,
        leader: None,
        from: day("2026-03-01"),
    };
    Team::begun(&new, now())
}

#[test]
fn a_team_reaches_its_home_and_what_it_was_given_besides() {
    let reaches = |code: &str| team().reaches(&code.parse().unwrap());
    assert!(reaches("321181100") && reaches("321181100201") && reaches("321181101201"));
    assert!(!reaches("321181101") && !reaches("321181101202") && !reaches("321181"));
}

#[test]
fn a_team_ends_once_and_changes_no_more() {
    assert_eq!(team().ended(day("2026-03-01"), now()).unwrap_err().reason, "ENDS_BEFORE_IT_BEGINS");
    let ended = team().ended(day("2026-04-01"), now()).unwrap();
    assert_eq!(ended.version, 2);
    assert!(ended.in_force(day("2026-03-31")).is_ok());
    assert_eq!(ended.in_force(day("2026-04-01")).unwrap_err().reason, "TEAM_NOT_IN_FORCE");
    assert_eq!(ended.ended(day("2026-05-01"), now()).unwrap_err().reason, "ALREADY_ENDED");
    assert_eq!(ended.changed(Changes::default(), now()).unwrap_err().reason, "ALREADY_ENDED");
}

#[test]
fn a_membership_goes_its_ways_and_no_others() {
    use MembershipState::{Active, Declined, Ended, Requested};
    for from in MembershipState::ALL.iter().copied() {
        for to in MembershipState::ALL.iter().copied() {
            let there = Membership::begun("a", "100000000007", from, "people/x", now());
            let way = [(Requested, Active), (Requested, Declined), (Requested, Ended), (Active, Ended)];
            let moved = there.moved(to, "why", "people/y", now());
            assert_eq!(moved.is_ok(), way.contains(&(from, to)), "{from} to {to}");
            if let Ok(moved) = moved {
                assert_eq!((moved.state, moved.version, moved.decider.as_str()), (to, 2, "people/y"));
            }
        }
    }
}
