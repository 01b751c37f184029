//! Whatever is asked of a case, in whatever order, it keeps to what it is for.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::super::*;
use super::model;
use super::steps::{UNITS, asked, moves, pick};
use super::story::{Story, submission};

/// Something that is asked: which command, a number it is made from, and how long after the one before, in minutes.
type Step = (usize, u8, i64);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let wait = prop_oneof![3 => 0..90_i64, 2 => 0..1_500_i64, 1 => 0..6_000_i64];
    prop::collection::vec((0..1_000_usize, any::<u8>(), wait), 1..60)
}

/// A case that is raised, with what matters about it.
fn beginnings() -> impl Strategy<Value = Submission> {
    let kind = prop::sample::select(CaseType::ALL);
    let priority = prop::sample::select(Priority::ALL);
    let against = prop::option::of(prop::sample::select(UNITS.as_slice()));
    (kind, priority, against).prop_map(|(kind, priority, against)| Submission {
        priority,
        against: against.into_iter().map(str::to_owned).collect(),
        ..submission(kind)
    })
}

/// Lets everything be asked, in its order, and looks after each thing that happened.
fn goes(
    beginning: Submission,
    steps: &[Step],
    mut look: impl FnMut(&Story, &Story) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let mut story = Story::of(beginning);
    for (step, n, wait) in steps {
        story.after(TimeDelta::minutes(*wait));
        // One in eight comes from anywhere: most of those are refused.
        let moves = moves(if n.is_multiple_of(8) { pick(Status::ALL, *n / 8) } else { story.case.status });
        let (by, command) = asked(&story.case, moves[step % moves.len()], *n);
        let before = story.clone();
        if story.tries(by, command).is_ok() {
            look(&before, &story)?;
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn what_the_history_tells_is_what_there_is(beginning in beginnings(), steps in steps()) {
        let mut last = None;
        goes(beginning, &steps, |_, story| {
            last = Some(story.clone());
            Ok(())
        })?;
        // As it is stored: through JSON, the events and the case alike.
        let Some(story) = last else { return Ok(()) };
        let stored = serde_json::to_string(&story.history).unwrap();
        let read: Vec<Recorded> = serde_json::from_str(&stored).unwrap();
        let case: Case = serde_json::from_str(&serde_json::to_string(&story.case).unwrap()).unwrap();
        prop_assert_eq!(&replay(&read).unwrap(), &case);
        prop_assert_eq!(&case, &story.case);
        prop_assert!(read.iter().map(|recorded| recorded.version).eq(1..=story.case.version));
    }

    #[test]
    fn an_open_case_is_owned_and_something_is_due(beginning in beginnings(), steps in steps()) {
        goes(beginning, &steps, |_, story| {
            let case = &story.case;
            let unit = case.owner.organization.as_deref();
            if case.status.is_open() {
                prop_assert!(unit.is_some(), "owned by {:?}", case.owner);
                let live: Vec<&Assignment> = case.current().filter(|part| part.status.is_live()).collect();
                let still = live.iter().all(|part| part.status == AssignmentStatus::Paused);
                let due = next_due(case, &story.calendar).unwrap();
                prop_assert!(due.is_some() || (case.status == Status::Dispatched && still), "nothing due");
                if case.status == Status::Dispatched {
                    let leads = live.iter().filter(|part| part.part == Part::Lead).count();
                    prop_assert_eq!(leads, 1, "units that lead");
                    prop_assert_eq!(unit, case.lead().map(|lead| lead.organization.as_str()));
                }
            }
            prop_assert!(case.status == Status::Dispatched || !case.assignments.iter().any(|part| part.status.is_live()));
            Ok(())
        })?;
    }

    #[test]
    fn the_chain_of_owners_is_whole(beginning in beginnings(), steps in steps()) {
        goes(beginning, &steps, |before, story| {
            let owners = &story.case.owners;
            prop_assert_eq!(&owners[..before.case.owners.len()], &before.case.owners[..], "rewritten");
            prop_assert_eq!(&owners.last().unwrap().by, &story.case.owner);
            prop_assert!(owners.windows(2).all(|pair| pair[0].since <= pair[1].since && pair[0].by != pair[1].by));
            Ok(())
        })?;
    }

    #[test]
    fn nothing_is_closed_without_a_reply_in_its_round(beginning in beginnings(), steps in steps()) {
        goes(beginning, &steps, |_, story| {
            let told = model::told_in_round(&story.history);
            let needs = matches!(story.case.status, Status::Resolved | Status::Closed | Status::Rejected);
            prop_assert!(!needs || told, "{} and nothing was told", story.case.status);
            Ok(())
        })?;
    }

    #[test]
    fn no_pause_is_lost_and_no_deadline_moves(beginning in beginnings(), steps in steps()) {
        goes(beginning, &steps, |before, story| {
            for part in &story.case.assignments {
                let due = completion_due(part, &story.calendar).unwrap();
                prop_assert_eq!(due, model::due(&story.history, part.id, &story.calendar), "part {}", part.id);
                let earlier = before.case.assignment(part.id);
                let earlier = earlier.and_then(|part| completion_due(part, &story.calendar).unwrap());
                if let (Some(earlier), Some(due)) = (earlier, due) {
                    prop_assert!(earlier <= due, "part {} is due earlier than it was", part.id);
                    prop_assert!(due == earlier || before.now <= earlier, "put off after it had passed");
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn each_rung_is_climbed_once_at_its_time_and_each_breach_recorded_once(
        beginning in beginnings(),
        steps in steps(),
    ) {
        goes(beginning, &steps, |_, story| {
            for part in &story.case.assignments {
                let mut rungs = part.ladder.clone();
                rungs.sort_unstable();
                rungs.dedup();
                prop_assert_eq!(rungs.len(), part.ladder.len(), "{:?}", part.ladder);
                let breaches = model::breaches(&story.history, part.id);
                prop_assert!(breaches.len() <= 1);
                prop_assert_eq!(part.breached, !breaches.is_empty());
                prop_assert!(breaches.iter().all(|(due, time)| due < time));
                // Whoever ends a part late is known to have been late.
                let due = completion_due(part, &story.calendar).unwrap();
                let late = part.end_time.zip(due).is_some_and(|(end, due)| due < end);
                prop_assert_eq!(late && !part.breached, false, "late, and nobody noted it");
            }
            Ok(())
        })?;
    }

    #[test]
    fn figures_of_what_has_ended_never_change(beginning in beginnings(), steps in steps()) {
        goes(beginning, &steps, |before, story| {
            for part in before.case.assignments.iter().filter(|part| !part.status.is_live()) {
                prop_assert_eq!(Some(part), story.case.assignment(part.id));
            }
            if !before.case.status.is_open() && story.case.round == before.case.round {
                prop_assert_eq!(figures(before), figures(story));
            }
            prop_assert_eq!(before.case.first_kind, story.case.first_kind);
            Ok(())
        })?;
    }

    #[test]
    fn whom_it_is_against_never_has_it(beginning in beginnings(), steps in steps()) {
        goes(beginning, &steps, |_, story| {
            let live = story.case.assignments.iter().filter(|part| part.status.is_live());
            for part in live {
                prop_assert!(!story.case.against.contains(&part.organization), "{}", part.organization);
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_case_bounces_twice_at_most(beginning in beginnings(), steps in steps()) {
        goes(beginning, &steps, |_, story| {
            prop_assert!(story.case.bounces <= 2);
            Ok(())
        })?;
    }
}

type Figures = (Option<DateTime<Utc>>, Option<DateTime<Utc>>, Option<DateTime<Utc>>, Status, Vec<Reply>);

fn figures(story: &Story) -> Figures {
    let case = &story.case;
    let due = case_due(case, &story.calendar).unwrap();
    (due, case.resolve_time, case.close_time, case.status, case.replies.clone())
}

#[test]
fn random_sequences_reach_every_status() {
    // Without this the properties could hold because nothing ever happens.
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = std::collections::BTreeSet::new();
    let mut events = std::collections::BTreeSet::new();
    for _ in 0..400 {
        let beginning = beginnings().new_tree(&mut runner).unwrap().current();
        let steps = steps().new_tree(&mut runner).unwrap().current();
        goes(beginning, &steps, |_, story| {
            seen.insert(story.case.status);
            events.extend(story.history.iter().map(|recorded| recorded.event.name()));
            Ok(())
        })
        .unwrap();
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), Status::ALL);
    let happens = ["ExtensionGranted", "HandOverAccepted", "LimitBreached", "CaseEscalated", "CaseReopened"];
    assert!(happens.iter().all(|event| events.contains(event)), "{events:?}");
}
