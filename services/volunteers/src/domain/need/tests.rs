use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const PROMISE: Promise =
    Promise { verify: TimeDelta::hours(24), propose: TimeDelta::hours(72), accept: TimeDelta::hours(48) };

fn start() -> DateTime<Utc> {
    "2026-03-02T02:00:00Z".parse().unwrap()
}

fn requirements() -> Requirements {
    Requirements {
        post: Some("elder-care".into()),
        skills: Vec::new(),
        headcount: 2,
        windows: Vec::new(),
        risk: Risk::Low,
    }
}

fn place() -> Place {
    Place { code: "321181100001".parse().unwrap(), position: None, address: String::new() }
}

fn submission(source: Source) -> Submission {
    Submission {
        id: Uuid::from_u128(1),
        source,
        assignment: None,
        planner: None,
        title: "陪同就医".into(),
        content: String::new(),
        place: place(),
        requirements: requirements(),
        due: start() + PROMISE.verify,
    }
}

/// A history that grows by commands.
struct Life {
    need: Need,
    history: Vec<Recorded>,
    now: DateTime<Utc>,
}

impl Life {
    fn begin(source: Source) -> Self {
        let history = record(0, submit(submission(source), start()).unwrap(), start());
        Self { need: replay(&history).unwrap(), history, now: start() }
    }

    fn does(&mut self, command: Command) -> Result<(), &'static str> {
        let events = decide(&self.need, &command, PROMISE, self.now).map_err(|refusal| refusal.reason)?;
        let new = record(self.need.version, events, self.now);
        self.need = new.iter().fold(Some(self.need.clone()), apply).unwrap();
        self.history.extend(new);
        Ok(())
    }

    fn propose(&mut self, team: &str) -> Result<(), &'static str> {
        self.does(Command::Propose { team: team.into(), matching: None })
    }
}

fn record(version: i64, events: Vec<Event>, now: DateTime<Utc>) -> Vec<Recorded> {
    (version + 1..)
        .zip(events)
        .map(|(version, event)| Recorded { version, event, by: "somebody".into(), time: now })
        .collect()
}

#[test]
fn a_need_is_verified_proposed_accepted_and_reported_on() {
    let mut life = Life::begin(Source::Resident);
    life.does(Command::Verify(requirements(), place())).unwrap();
    life.propose("a").unwrap();
    life.does(Command::Accept).unwrap();
    life.does(Command::Report("已陪同".into(), true)).unwrap();
    life.does(Command::Rate(true, Some(5))).unwrap();
    let need = life.need;
    assert_eq!((need.status, need.solved, need.confirmed), (Status::Resolved, Some(true), Some(true)));
    assert_eq!((need.team.as_deref(), need.answer.as_deref()), (Some("a"), Some("已陪同")));
}

#[test]
fn a_team_that_declined_or_gave_it_back_or_was_silent_is_not_asked_again() {
    let mut life = Life::begin(Source::Case);
    life.does(Command::Verify(requirements(), place())).unwrap();
    life.propose("a").unwrap();
    life.does(Command::Decline("人手不足".into())).unwrap();
    assert_eq!(life.propose("a"), Err("TEAM_DECLINED"));
    life.propose("b").unwrap();
    life.does(Command::Accept).unwrap();
    life.does(Command::Decline("队长生病".into())).unwrap();
    assert_eq!(life.propose("b"), Err("TEAM_DECLINED"));
    life.propose("c").unwrap();
    assert_eq!(life.does(Command::Lapse), Err("PROPOSAL_STANDS"));
    life.now += PROMISE.accept;
    life.does(Command::Lapse).unwrap();
    assert_eq!(life.propose("c"), Err("TEAM_DECLINED"));
    assert_eq!(life.need.status, Status::Open);
}

#[test]
fn moves_out_of_turn_are_refused_by_the_name_of_where_it_stands() {
    let mut life = Life::begin(Source::Case);
    assert_eq!(life.does(Command::Accept), Err("NEED_SUBMITTED"));
    assert_eq!(life.propose("a"), Err("NEED_SUBMITTED"));
    let unknown = Requirements { post: None, ..requirements() };
    assert_eq!(life.does(Command::Verify(unknown, place())), Err("POST_MISSING"));
    let over = Window { from: start() - TimeDelta::hours(2), to: start() };
    let past = Requirements { windows: vec![over], ..requirements() };
    assert_eq!(life.does(Command::Verify(past, place())), Err("WINDOWS_PAST"));
    life.does(Command::Refuse(Refused::Duplicate, "已有".into())).unwrap();
    assert_eq!(life.does(Command::Withdraw(String::new())), Err("NEED_REFUSED"));
    assert_eq!(life.does(Command::RetryAnswer), Err("ANSWER_NOT_REFUSED"));
}

#[test]
fn what_came_from_a_case_is_rated_in_cases_and_the_rest_once() {
    let serve = |source| {
        let mut life = Life::begin(source);
        life.does(Command::Verify(requirements(), place())).unwrap();
        life.propose("a").unwrap();
        life.does(Command::Accept).unwrap();
        life.does(Command::Report("已办".into(), false)).unwrap();
        life
    };
    assert_eq!(serve(Source::Case).does(Command::Rate(true, None)), Err("RATED_IN_CASES"));
    let mut life = serve(Source::Resident);
    life.does(Command::Rate(false, None)).unwrap();
    assert_eq!(life.does(Command::Rate(true, None)), Err("RATED_ALREADY"));
}

fn command() -> impl Strategy<Value = Command> {
    let team = (0..4_u8).prop_map(|team| format!("team-{team}"));
    prop_oneof![
        Just(Command::Verify(requirements(), place())),
        Just(Command::Refuse(Refused::NoTeam, "暂无".into())),
        Just(Command::Withdraw("不需要了".into())),
        team.prop_map(|team| Command::Propose { team, matching: None }),
        Just(Command::Accept),
        Just(Command::Decline("不便".into())),
        Just(Command::Lapse),
        any::<bool>().prop_map(|solved| Command::Report("已办".into(), solved)),
        any::<bool>().prop_map(|confirmed| Command::Rate(confirmed, None)),
        Just(Command::RefuseAnswer("ASSIGNMENT_ENDED".into())),
        Just(Command::RetryAnswer),
    ]
}

proptest! {
    #[test]
    fn whatever_is_tried_the_history_makes_the_need_and_it_is_always_clear_who_has_it(
        tried in prop::collection::vec((command(), 0..60_i64), 0..60)
    ) {
        let mut life = Life::begin(Source::Resident);
        for (command, hours) in tried {
            life.now += TimeDelta::hours(hours);
            let (before, length) = (life.need.clone(), life.history.len());
            if life.does(command).is_err() {
                prop_assert_eq!((&before, length), (&life.need, life.history.len()));
            }
            let need = &life.need;
            prop_assert!(replay(&life.history).as_ref() == Some(need));
            prop_assert!(!need.status.is_with_team() || need.team.is_some());
            prop_assert!(!need.status.is_live() || need.status == Status::Accepted || need.due.is_some());
            prop_assert!(need.status.is_live() || need.status == Status::Withdrawn || need.answer.is_some());
            // Whom it is with did not decline it.
            if need.status.is_with_team() {
                prop_assert!(!need.declined.iter().any(|declined| Some(declined) == need.team.as_ref()));
            }
        }
    }
}
