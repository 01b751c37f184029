//! What callers of hotlines in China complain of: nobody signs, orders bounce, complaints are called something else.

use super::super::*;
use super::story::{
    PARKS, ROADS, Story, WATER, at, chief, clerk, days, joint, lead, submission, wall, worker,
};

/// In Chinese hotlines units refuse to sign because the clock starts at signing.
#[test]
fn the_clock_starts_at_the_dispatch_however_late_a_unit_signs() {
    let mut story = Story::dispatched();
    let due = story.due(1);
    assert_eq!(story.next(), Some((Clock::Contact, "2026-03-03 17:30".into())));
    story.at("2026-03-05 17:00").on(WATER, Target::Sign);
    assert_eq!((story.due(1), story.part(1).start_time), (due, at("2026-03-02 10:00")));
    // Not to sign at all is no way out: the ladder is climbed all the same.
    let mut unsigned = Story::dispatched();
    unsigned.at("2026-03-06 09:00");
    unsigned.does(Party::system(), Command::On(1, Target::Escalate(Rung::Urge, vec!["people/boss".into()])));
    assert_eq!((unsigned.part(1).breached, &*unsigned.part(1).ladder), (true, &[Rung::Urge][..]));
    assert_eq!(
        unsigned.refusal_on(WATER, Target::Pause(PauseReason::Weather, String::new())),
        "ASSIGNMENT_NOT_SIGNED"
    );
}

/// In Chinese hotlines orders bounce from unit to unit.
#[test]
fn a_case_that_came_back_twice_is_decided_for_good() {
    let mut story = Story::dispatched();
    story.on(WATER, Target::Return(ReturnReason::NotOurs, "归路政".into()));
    // It is the centre's again, and due by tomorrow.
    assert_eq!((story.case.status, &story.case.owner), (Status::Accepted, &clerk()));
    assert_eq!(story.next(), Some((Clock::Dispatch, "2026-03-03 17:30".into())));
    assert_eq!(story.refusal(clerk(), Command::Dispatch(vec![lead(WATER)])), "DISPATCHED_TO_RETURNER");
    story.at("2026-03-03 09:00").does(clerk(), Command::Dispatch(vec![lead(ROADS), joint(PARKS)]));
    story.at("2026-03-05 17:30").on(ROADS, Target::Return(ReturnReason::NotOurs, "归水务".into()));
    assert_eq!(story.part(3).status, AssignmentStatus::Cancelled);
    assert_eq!(story.refusal(clerk(), Command::Dispatch(vec![lead(PARKS)])), "BOUNCE_CAP");
    story.does(chief(), Command::DecideOwner(lead(WATER)));
    assert_eq!(
        story.refusal_on(WATER, Target::Return(ReturnReason::NotOurs, "x".into())),
        "ASSIGNMENT_BINDING"
    );
    // Whoever raised it waits since the first dispatch; the bouncing puts that off for nobody.
    assert_eq!(case_due(&story.case, &story.calendar).unwrap().map(wall).unwrap(), "2026-03-05 17:30");
}

/// A unit gives a case back within two working days, counted from the dispatch.
#[test]
fn a_case_is_given_back_in_time_or_not_at_all() {
    let back = || Target::Return(ReturnReason::NotOurs, "x".into());
    let mut story = Story::dispatched();
    story.at("2026-03-04 17:30");
    story.clone().on(WATER, back());
    story.at("2026-03-04 17:31");
    assert_eq!(story.refusal_on(WATER, back()), "RETURN_TOO_LATE");
    // Nor is it a way out of a limit that was missed already.
    let mut urgent =
        Story::accepted(Submission { priority: Priority::Emergency, ..submission(CaseType::Help) });
    urgent.does(clerk(), Command::Dispatch(vec![lead(WATER)]));
    urgent.at("2026-03-02 13:00").on(WATER, back());
    assert!(urgent.part(1).breached);
}

/// After a hand-over a return leads to the centre, not back to the unit that handed it over.
#[test]
fn what_comes_back_comes_back_to_the_centre() {
    let mut story = Story::signed();
    story.on(WATER, Target::HandOver(ROADS.into(), "x".into()));
    story.does(worker(ROADS), Command::On(1, Target::AcceptHandOver));
    assert_eq!(story.case.owner.organization.as_deref(), Some(ROADS));
    story.on(ROADS, Target::Return(ReturnReason::NotOurs, "x".into()));
    assert_eq!(story.case.owner, clerk());
}

/// First asked is responsible: until another one accepted it, whoever has it owns it.
#[test]
fn a_hand_over_counts_once_it_is_accepted_and_a_missed_limit_stays_with_who_missed_it() {
    let mut story = Story::signed();
    story.on(WATER, Target::HandOver(ROADS.into(), "x".into()));
    assert_eq!(story.case.owner, worker(WATER));
    story.at("2026-03-06 09:00").does(worker(ROADS), Command::On(1, Target::AcceptHandOver));
    let late = story.history.iter().position(|recorded| matches!(recorded.event, Event::Breached { .. }));
    let taken =
        story.history.iter().position(|recorded| matches!(recorded.event, Event::HandOverAccepted { .. }));
    assert!(late.unwrap() < taken.unwrap());
    let owners: Vec<&str> = story.case.owners.iter().map(|held| held.by.name.as_str()).collect();
    assert_eq!(owners, ["people/operator", "people/clerk", WATER, "people/of-water", "people/of-roads"]);
}

/// In Chinese hotlines complaints are relabelled as consultations.
#[test]
fn a_complaint_becomes_nothing_milder_by_one_hand() {
    let mut story = Story::accepted(submission(CaseType::Complaint));
    story.does(clerk(), Command::Retype(CaseType::Consultation, "只是询问".into()));
    assert_eq!(story.case.kind, CaseType::Complaint, "not before somebody else agrees");
    assert_eq!(story.refusal(clerk(), Command::ReviewRetype(true, String::new())), "SECOND_PERSON_NEEDED");
    assert_eq!(story.refusal(clerk(), Command::Dispatch(vec![lead(WATER)])), "RETYPE_PENDING");
    story.does(chief(), Command::ReviewRetype(true, String::new()));
    assert_eq!((story.case.kind, story.case.first_kind), (CaseType::Consultation, CaseType::Complaint));
    // The limit of a complaint was promised when it was taken up; it is no shorter and no longer now.
    assert_eq!(story.case.limit, Some(days(13)));
    // Graver takes nobody else.
    story.does(clerk(), Command::Retype(CaseType::Report, "举报".into()));
    assert_eq!(story.case.kind, CaseType::Report);
}

/// Nor by being carried on elsewhere.
#[test]
fn a_complaint_becomes_nothing_milder_by_a_merge_or_a_split() {
    let question = Story::accepted(submission(CaseType::Consultation));
    let absorb = Command::Absorb { from: "2".into(), kind: CaseType::Complaint, against: Vec::new() };
    assert_eq!(question.refusal(clerk(), absorb), "MERGE_INTO_MILDER");
    let mut complaint = Story::accepted(submission(CaseType::Complaint));
    let part = |number: &str, kind| NewPart { number: number.into(), kind };
    let milder = vec![part("2", CaseType::Help), part("3", CaseType::Consultation)];
    assert_eq!(complaint.refusal(clerk(), Command::Split(milder)), "SPLIT_MILDER");
    let parts = vec![part("2", CaseType::Complaint), part("3", CaseType::Consultation)];
    complaint.does(clerk(), Command::Split(parts));
    assert_eq!((complaint.case.status, complaint.case.continued.len()), (Status::Split, 2));
}

/// What was refused begins at the beginning when it is taken up after all.
#[test]
fn a_rejected_case_that_is_reopened_is_taken_up_like_any_other() {
    let mut story = Story::raised();
    story.does(clerk(), Command::Reject(RejectReason::NothingToActOn, "请补充".into()));
    story.does(chief(), Command::Reopen("补充了".into()));
    assert_eq!((story.case.status, &story.case.owner), (Status::Submitted, &chief()));
    assert_eq!(story.next().map(|(clock, _)| clock), Some(Clock::Acceptance));
}
