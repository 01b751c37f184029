//! Questions to whoever raised a case, and the clocks that wait for an answer.

use super::super::*;
use super::story::{ROADS, Story, WATER, clerk, joint, lead, submission, worker};

/// A case with a unit that leads and one that joins, both at work.
fn two_units() -> Story {
    let mut story = Story::accepted(submission(CaseType::Complaint));
    story.does(clerk(), Command::Dispatch(vec![lead(WATER), joint(ROADS)]));
    story.on(WATER, Target::Sign);
    story.on(ROADS, Target::Sign);
    story
}

fn open(story: &Story) -> Vec<u32> {
    story.case.questions.iter().filter(|asked| asked.is_open()).map(|asked| asked.assignment).collect()
}

#[test]
fn a_unit_that_goes_on_without_an_answer_leaves_the_questions_of_others_open() {
    let mut story = two_units();
    story.on(WATER, Target::Ask("哪里？".into()));
    story.on(ROADS, Target::Ask("何时？".into()));
    story.on(ROADS, Target::Resume);
    assert_eq!(open(&story), [1]);
    assert_eq!(story.part(1).status, AssignmentStatus::Paused);
    assert_eq!(story.case.questions[1].answer, None, "nobody answered");
    story.does(Party::citizen(), Command::Answer("村口".into()));
    assert_eq!((open(&story), story.part(1).status), (Vec::new(), AssignmentStatus::Signed));
    assert_eq!(story.case.questions[1].answer, None);
}

#[test]
fn an_answer_goes_to_everybody_who_asked() {
    let mut story = two_units();
    story.on(WATER, Target::Ask("哪里？".into()));
    story.on(ROADS, Target::Ask("何时？".into()));
    story.does(Party::citizen(), Command::Answer("昨晚在村口".into()));
    assert!(story.case.questions.iter().all(|asked| asked.answer.as_deref() == Some("昨晚在村口")));
    assert!(story.case.assignments.iter().all(|part| part.status == AssignmentStatus::Signed));
}

#[test]
fn an_answer_does_not_end_the_weather() {
    let mut story = two_units();
    story.on(WATER, Target::Pause(PauseReason::Weather, "台风".into()));
    story.on(WATER, Target::Ask("还在吗？".into()));
    story.does(Party::citizen(), Command::Answer("在".into()));
    assert_eq!(story.part(1).status, AssignmentStatus::Paused);
    story.on(WATER, Target::Resume);
    assert_eq!(story.part(1).status, AssignmentStatus::Signed);
}

#[test]
fn a_unit_asks_one_thing_at_a_time_and_may_ask_again() {
    let mut story = two_units();
    story.on(WATER, Target::Ask("哪里？".into()));
    assert_eq!(story.refusal_on(WATER, Target::Ask("何时？".into())), "QUESTION_OPEN");
    story.does(Party::citizen(), Command::Answer("村口".into()));
    story.on(WATER, Target::Ask("何时？".into()));
    assert_eq!(story.part(1).pauses.len(), 2);
}

#[test]
fn who_takes_a_part_over_waits_for_nothing_that_the_other_asked() {
    let mut story = Story::signed();
    story.on(WATER, Target::Ask("哪里？".into()));
    story.on(WATER, Target::HandOver(ROADS.into(), "x".into()));
    story.does(worker(ROADS), Command::On(1, Target::AcceptHandOver));
    assert_eq!((open(&story), story.part(1).status), (Vec::new(), AssignmentStatus::Signed));
    story.on(ROADS, Target::Ask("哪盏？".into()));
    assert_eq!(story.part(1).status, AssignmentStatus::Paused);
}

#[test]
fn nothing_is_asked_any_more_by_who_no_longer_has_a_part() {
    let mut story = two_units();
    story.on(WATER, Target::Ask("哪里？".into()));
    story.on(WATER, Target::Return(ReturnReason::NotOurs, "x".into()));
    assert!(open(&story).is_empty());
    let answer = Command::Answer("村口".into());
    assert_eq!(story.refusal(Party::citizen(), answer.clone()), "CASE_ACCEPTED");
    story.does(clerk(), Command::Dispatch(vec![lead("organizations/parks")]));
    assert_eq!(story.refusal(Party::citizen(), answer), "NOTHING_ASKED");
}
