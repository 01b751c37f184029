use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::super::*;

fn now() -> DateTime<Utc> {
    "2026-03-02T02:00:00Z".parse().unwrap()
}

fn fresh() -> Handling {
    Handling {
        version: 1,
        class: None,
        needs_action: false,
        state: State::New,
        handler: None,
        case: None,
        update_time: now(),
    }
}

fn refused(result: Result<Handling, Refusal>) -> &'static str {
    result.unwrap_err().reason
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        (0..Class::ALL.len(), any::<Option<bool>>())
            .prop_map(|(class, needs)| Command::Classify(Class::ALL[class], needs)),
        proptest::option::of(0..Class::ALL.len())
            .prop_map(|class| Command::Archive(class.map(|class| Class::ALL[class]))),
        Just(Command::Raise("202603021".into())),
    ]
}

proptest! {
    #[test]
    fn it_ends_once_and_only_a_case_ends_what_needs_action(commands in proptest::collection::vec(command(), 1..12)) {
        let (mut handling, mut ends) = (fresh(), 0);
        for command in &commands {
            let before = handling.clone();
            match decide(&before, command, "people/1", now()) {
                Ok(after) => {
                    prop_assert_eq!(after.version, before.version + 1);
                    prop_assert_eq!(before.state, State::New);
                    ends += u32::from(after.state != State::New);
                    handling = after;
                }
                Err(_) => prop_assert!(before.state != State::New || matches!(command, Command::Archive(_))),
            }
        }
        prop_assert!(ends <= 1);
        prop_assert_eq!(handling.state == State::Raised, handling.case.is_some());
        if handling.state == State::Archived {
            prop_assert!(handling.class.is_some() && !handling.needs_action);
        }
    }
}

#[test]
fn what_needs_action_is_not_archived() {
    let needing = decide(&fresh(), &Command::Classify(Class::Safety, Some(true)), "people/1", now()).unwrap();
    assert_eq!(
        refused(decide(&needing, &Command::Archive(None), "people/1", now())),
        "OBSERVATION_NEEDS_ACTION"
    );
    let settled =
        decide(&needing, &Command::Classify(Class::Safety, Some(false)), "people/2", now()).unwrap();
    let archived = decide(&settled, &Command::Archive(None), "people/3", now()).unwrap();
    assert_eq!((archived.state, archived.class), (State::Archived, Some(Class::Safety)));
    assert_eq!((archived.version, archived.handler.as_deref()), (4, Some("people/3")));
    assert_eq!(
        refused(decide(&archived, &Command::Raise("1".into()), "people/1", now())),
        "OBSERVATION_NOT_NEW"
    );
}

#[test]
fn what_nobody_classified_is_archived_with_a_class_only() {
    assert_eq!(refused(decide(&fresh(), &Command::Archive(None), "people/1", now())), "CLASS_MISSING");
    let archived = decide(&fresh(), &Command::Archive(Some(Class::Other)), "people/1", now()).unwrap();
    assert_eq!(archived.class, Some(Class::Other));
}

#[test]
fn a_clock_may_be_a_little_ahead_and_a_device_long_offline() {
    let reason =
        |by: TimeDelta| check_time("observe_time", now() + by, now()).err().map(|fault| fault.reason);
    assert_eq!(reason(AHEAD_MAX), None);
    assert_eq!(reason(AHEAD_MAX + TimeDelta::microseconds(1)), Some("TIME_IN_FUTURE"));
    assert_eq!(reason(-OFFLINE_MAX), None);
    assert_eq!(reason(-OFFLINE_MAX - TimeDelta::microseconds(1)), Some("TIME_TOO_OLD"));
}

#[test]
fn each_occasion_has_its_door() {
    let doors: Vec<Door> = Kind::ALL.iter().map(|kind| kind.door()).collect();
    assert_eq!(doors, [Door::Patrol, Door::Visit, Door::Diary]);
}
