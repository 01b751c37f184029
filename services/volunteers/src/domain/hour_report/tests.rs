use super::*;
use crate::domain::activity::Shift;
use crate::domain::sign_up::{Applicant, new};

fn at(minutes: i64) -> DateTime<Utc> {
    "2026-03-02T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

fn sign_up(state: SignUpState) -> SignUp {
    let shift = Shift {
        id: Uuid::now_v7(),
        activity: Uuid::now_v7(),
        window: Window { from: at(600), to: at(720) },
        capacity: 1,
        waiting_max: 0,
        skills: Vec::new(),
        taken: 1,
        waiting: 0,
        line: 1,
        create_time: at(0),
    };
    new(&shift, &Applicant { id: Uuid::now_v7(), volunteer: "1".into() }, state, None, at(0))
}

fn report() -> HourReport {
    HourReport {
        id: Uuid::from_u128(10),
        volunteer: "1".into(),
        reporter: "test#one".into(),
        sign_up: None,
        team: "t".into(),
        post: "p".into(),
        division_code: "321181".into(),
        window: Window { from: at(600), to: at(720) },
        description: "x".into(),
        source: Source::NoShift,
        state: State::Submitted,
        spot_check: false,
        comment: String::new(),
        reviewer: String::new(),
        create_time: at(800),
        review_time: None,
    }
}

const LEADER: Reviewer<'static> = Reviewer { name: "test#leader", volunteer: Some("2"), coordinates: false };

#[test]
fn nobody_reviews_their_own_report_by_whichever_account() {
    let by_account = Reviewer { name: "test#one", ..LEADER };
    let by_number = Reviewer { volunteer: Some("1"), ..LEADER };
    for own in [by_account, by_number] {
        assert_eq!(review(&report(), true, "", own, at(900)).unwrap_err().reason, "OWN_REPORT");
    }
    let accepted = review(&report(), true, "", LEADER, at(900)).unwrap();
    assert_eq!((accepted.state, accepted.reviewer.as_str()), (State::Accepted, "test#leader"));
    assert_eq!(review(&accepted, false, "", LEADER, at(901)).unwrap_err().reason, "REPORT_REVIEWED");
}

#[test]
fn a_report_drawn_for_a_spot_check_is_accepted_by_a_coordinator_and_declined_by_either() {
    let drawn = HourReport { spot_check: true, ..report() };
    assert_eq!(review(&drawn, true, "", LEADER, at(900)).unwrap_err().reason, "SPOT_CHECK");
    assert!(review(&drawn, false, "no", LEADER, at(900)).is_ok());
    assert!(review(&drawn, true, "", Reviewer { coordinates: true, ..LEADER }, at(900)).is_ok());
}

#[test]
fn hours_of_a_sign_up_lie_within_its_shift_and_go_to_their_queue() {
    let window = Window { from: at(610), to: at(700) };
    assert_eq!(source_of(&sign_up(SignUpState::CheckedIn), window), Ok(Source::NoCheckOut));
    assert_eq!(source_of(&sign_up(SignUpState::Lifted), window), Ok(Source::NoCheckIn));
    for state in [SignUpState::NoShow, SignUpState::Waiting, SignUpState::Served, SignUpState::Dropped] {
        assert_eq!(source_of(&sign_up(state), window).unwrap_err().reason, "SIGN_UP_STATE", "{state}");
    }
    let longer = Window { from: at(599), ..window };
    assert_eq!(source_of(&sign_up(SignUpState::CheckedIn), longer).unwrap_err().reason, "OUTSIDE_SHIFT");
}

#[test]
fn one_in_ten_is_drawn() {
    let drawn = (0..10_000).filter(|_| is_spot_check(Uuid::now_v7())).count();
    assert!((800..1_200).contains(&drawn), "{drawn}");
}

#[test]
fn hours_ahead_too_old_or_too_long_are_refused() {
    let reason = |from, to| check_time(Window { from, to }, at(1_000)).err().map(|wrong| wrong.reason);
    assert_eq!(reason(at(600), at(720)), None);
    assert_eq!(reason(at(990), at(1_001)), Some("TIME_IN_FUTURE"));
    assert_eq!(reason(at(600), at(600)), Some("TIME_WINDOW"));
    assert_eq!(reason(at(1_000) - TimeDelta::hours(25), at(1_000)), Some("TIME_WINDOW"));
    assert_eq!(
        reason(at(0) - TimeDelta::days(60), at(0) - TimeDelta::days(60) + TimeDelta::hours(1)),
        Some("TIME_TOO_OLD")
    );
}
