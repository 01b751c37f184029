//! What users of other systems complain of about time limits: one test for each.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::super::*;
use super::story::{
    ROADS, Story, WATER, at, chief, china, clerk, days, lead, submission, unreached, verdict, wall, worker,
};
use crate::domain::calendar::Limit;

/// GLPI 6902, 15605: pause time is lost when the agreement changes.
#[test]
fn pause_time_outlives_a_change_of_type_of_unit_and_of_limit() {
    let mut story = Story::signed();
    assert_eq!(story.due(1), "2026-03-05 17:30");
    story.at("2026-03-03 09:00").on(WATER, Target::Ask("哪一盏灯？".into()));
    assert_eq!(story.due(1), "still");
    story.at("2026-03-04 09:00").does(Party::citizen(), Command::Answer("村口那盏".into()));
    // A whole working day of seven hours.
    let paused = "2026-03-06 17:30";
    assert_eq!(story.due(1), paused);
    story.does(clerk(), Command::Retype(CaseType::Report, "举报".into()));
    assert_eq!(story.due(1), paused);
    story.does(clerk(), Command::Retype(CaseType::Help, "求助".into()));
    story.does(chief(), Command::ReviewRetype(true, String::new()));
    assert_eq!((story.case.kind, story.due(1).as_str()), (CaseType::Help, paused));
    story.on(WATER, Target::HandOver(ROADS.into(), "路政负责".into()));
    story.does(worker(ROADS), Command::On(1, Target::AcceptHandOver));
    assert_eq!(story.due(1), paused);
    story.on(ROADS, Target::AskExtension(2, "等材料".into()));
    story.does(clerk(), Command::On(1, Target::ReviewExtension(true, "延期两天".into())));
    // Two working days later: the weekend lies between.
    assert_eq!(story.due(1), "2026-03-10 17:30");
    assert_eq!(case_due(&story.case, &story.calendar).unwrap().map(wall).unwrap(), "2026-03-10 17:30");
}

/// GLPI 17186: deadlines that move while nothing happened that may move them.
#[test]
fn a_deadline_moves_by_nothing_but_pauses_and_extensions() {
    let mut story = Story::dispatched();
    let due = story.due(1);
    story.at("2026-03-03 16:00").on(WATER, Target::Sign);
    story.on(WATER, Target::Reply("已派人".into()));
    story.does(clerk(), Command::Reply("正在办理".into()));
    story.on(WATER, Target::AskExtension(5, "下雨".into()));
    story.does(clerk(), Command::On(1, Target::ReviewExtension(false, "不必".into())));
    story.on(WATER, Target::HandOver(ROADS.into(), "x".into()));
    story.does(worker(ROADS), Command::On(1, Target::DeclineHandOver("x".into())));
    story.does(chief(), Command::Supervise { assignment: Some(1), to: Vec::new(), note: "抓紧".into() });
    assert_eq!(story.due(1), due);
    // Nor does looking at it later, or again from its history.
    story.at("2026-04-20 09:00");
    story.case = replay(&story.history).unwrap();
    assert_eq!(story.due(1), due);
}

/// GLPI 17186: late is late. Who missed a limit cannot stop the clock afterwards and be in time again.
#[test]
fn a_limit_that_was_missed_stays_missed() {
    let mut story = Story::signed();
    story.at("2026-03-06 09:00");
    let weather = Target::Pause(PauseReason::Weather, "雨".into());
    assert_eq!(story.refusal_on(WATER, weather), "LIMIT_EXPIRED");
    assert_eq!(story.refusal_on(WATER, Target::AskExtension(1, "x".into())), "LIMIT_EXPIRED");
    // It may ask, but the clock goes on.
    story.on(WATER, Target::Ask("哪一盏？".into()));
    assert_eq!((story.part(1).status, story.part(1).breached), (AssignmentStatus::Signed, true));
    story.at("2026-03-09 09:00").does(Party::citizen(), Command::Answer("村口".into()));
    story.on(WATER, Target::Complete(Some("修好了".into())));
    assert_eq!((story.due(1).as_str(), story.part(1).breached), ("2026-03-05 17:30", true));
}

/// Zammad 5177, 3140: of several clocks the wrong one wins.
#[test]
fn of_several_clocks_the_first_is_next_and_each_stops_when_it_is_met() {
    let mut complaint = Story::accepted(submission(CaseType::Complaint));
    assert_eq!(complaint.next(), Some((Clock::Dispatch, "2026-03-03 17:30".into())));
    complaint.does(clerk(), Command::Dispatch(vec![lead(WATER)]));
    assert_eq!(complaint.next(), Some((Clock::Contact, "2026-03-03 17:30".into())));
    complaint.on(WATER, Target::Sign);
    assert_eq!(complaint.next(), Some((Clock::FirstReply, "2026-03-05 17:30".into())));
    complaint.on(WATER, Target::Reply("已受理".into()));
    assert_eq!(complaint.next(), Some((Clock::Completion, "2026-03-19 17:30".into())));
    complaint.on(WATER, Target::Complete(None));
    assert_eq!(complaint.next(), Some((Clock::Callback, "2026-03-03 17:30".into())));

    // A step is never due after the whole.
    let mut urgent = Story::of(Submission { priority: Priority::Emergency, ..submission(CaseType::Help) });
    assert_eq!(urgent.next(), Some((Clock::Acceptance, "2026-03-02 10:15".into())));
    let calendar = urgent.calendar.reference().clone();
    let form = (ItemRef { name: "items/x".into(), version: 1 }, days(20));
    urgent.does(clerk(), Command::Accept { calendar, item: Some(form) });
    urgent.does(clerk(), Command::Dispatch(vec![lead(WATER)]));
    let dues = dues(&urgent.case, &urgent.calendar).unwrap();
    assert!(dues.len() == 3 && dues.iter().all(|due| wall(due.at) == "2026-03-02 12:00"), "{dues:?}");
}

/// Chatwoot 10178: the clock runs on after the matter is resolved.
#[test]
fn nothing_runs_on_once_a_unit_is_done() {
    let mut story = Story::resolved();
    let due = story.due(1);
    story.at("2026-05-04 09:00");
    assert_eq!(story.due(1), due);
    assert!(!story.part(1).breached);
    assert_eq!(rungs(story.part(1), &story.calendar).unwrap(), []);
    assert_eq!(story.next().map(|(clock, _)| clock), Some(Clock::Callback));
    story.does(clerk(), verdict(true, None));
    story.does(clerk(), Command::Close { unasked: false });
    assert_eq!(story.next(), None);
    // Time that passed while it awaited the end is nobody's breach.
    assert_eq!(story.count(|event| matches!(event, Event::Breached { .. })), 0);
}

/// Chatwoot 10178: a unit that is done while its clock stands still is not late because of what comes after.
#[test]
fn a_pause_ends_with_the_part() {
    let mut story = Story::signed();
    story.at("2026-03-04 09:00").on(WATER, Target::Pause(PauseReason::ThirdParty, "检测".into()));
    story.at("2026-03-20 09:00").on(WATER, Target::Complete(Some("好了".into())));
    let part = story.part(1);
    assert_eq!((part.pauses[0].to, part.breached), (Some(story.now), false));
    assert!(at(&story.due(1)) >= story.now);
}

/// Chatwoot 13392, 14009; frappe/helpdesk 2212: business hours are ignored, a day has one period only, lunch is worked.
#[test]
fn limits_and_pauses_are_counted_in_the_hours_that_are_worked() {
    // Over the lunch break: an hour before it and half an hour after it are credited.
    let mut story = Story::signed();
    story.at("2026-03-03 11:00").on(WATER, Target::Pause(PauseReason::ThirdParty, String::new()));
    story.at("2026-03-03 14:00").on(WATER, Target::Resume);
    assert_eq!(story.due(1), "2026-03-06 10:30");
    // From evening to morning: nothing.
    story.at("2026-03-03 17:30").on(WATER, Target::Pause(PauseReason::ThirdParty, String::new()));
    story.at("2026-03-04 09:00").on(WATER, Target::Resume);
    assert_eq!(story.due(1), "2026-03-06 10:30");
    // A minute of work is one minute of the afternoon, if it begins at noon.
    let mut short = Story::accepted(submission(CaseType::Help));
    let unit = NewDispatch { limit: Some(Limit::WorkingMinutes(90)), ..lead(WATER) };
    short.at("2026-03-02 11:30").does(clerk(), Command::Dispatch(vec![unit]));
    assert_eq!(short.due(1), "2026-03-02 14:30");
    // Over the Spring Festival of 2027 nothing is guessed, over that of 2026 nothing is worked.
    let mut festival = Story::accepted(submission(CaseType::Help));
    festival.at("2026-02-13 10:00").does(clerk(), Command::Dispatch(vec![lead(WATER)]));
    assert_eq!(festival.due(1), "2026-02-25 17:30");
}

/// A limit round the clock is put off by the whole pause, also at night.
#[test]
fn a_clock_that_never_rests_is_credited_every_minute_it_stood_still() {
    let mut story = Story::accepted(Submission { priority: Priority::Utility, ..submission(CaseType::Help) });
    story.does(clerk(), Command::Dispatch(vec![lead(WATER)]));
    assert_eq!(story.due(1), "2026-03-03 10:00");
    story.on(WATER, Target::Sign);
    story.at("2026-03-02 20:00").on(WATER, Target::Pause(PauseReason::Weather, "台风".into()));
    story.at("2026-03-03 06:00").on(WATER, Target::Resume);
    assert_eq!(story.due(1), "2026-03-03 20:00");
}

/// frappe/helpdesk 2212 and Chatwoot 13392 once more: pausing over any time costs no more and no less than was worked.
#[test]
fn many_short_pauses_are_worth_one_long_one() {
    let (mut many, mut one) = (Story::signed(), Story::signed());
    one.at("2026-03-03 09:00").on(WATER, Target::Pause(PauseReason::ThirdParty, String::new()));
    one.at("2026-03-04 12:00").on(WATER, Target::Resume);
    for hour in 0..27 {
        let hour = TimeDelta::hours(hour);
        many.at("2026-03-03 09:00")
            .after(hour)
            .on(WATER, Target::Pause(PauseReason::ThirdParty, String::new()));
        many.after(TimeDelta::hours(1)).on(WATER, Target::Resume);
    }
    assert_eq!(many.due(1), one.due(1));
    assert_eq!(many.part(1).pauses.len(), 27);
}

proptest! {
    /// Zammad 4432: reminders at midnight.
    #[test]
    fn nobody_is_told_anything_outside_working_hours(
        minutes in 0..60 * 24 * 200_i64,
        kind in prop::sample::select(CaseType::ALL),
    ) {
        let mut story = Story::accepted(submission(kind));
        story.after(TimeDelta::minutes(minutes)).does(clerk(), Command::Dispatch(vec![lead(WATER)]));
        let rungs = rungs(story.part(1), &story.calendar).unwrap();
        prop_assert!(rungs.iter().map(|(rung, _)| rung).eq(Rung::ALL));
        prop_assert!(rungs.windows(2).all(|pair| pair[0].1 <= pair[1].1), "{:?}", rungs);
        for (rung, at) in rungs {
            prop_assert_eq!(story.calendar.next_opening(at).unwrap(), at, "{} at {}", rung, wall(at));
            let early = at - TimeDelta::minutes(1);
            let climb = Command::On(1, Target::Escalate(rung, Vec::new()));
            story.now = early;
            prop_assert_eq!(story.refusal(Party::system(), climb), "NOT_YET_DUE");
        }
    }
}

/// Zammad 4432: the unit is reminded the morning after the last day, not the evening before.
#[test]
fn the_ladder_is_climbed_in_the_mornings_after() {
    let story = Story::signed();
    let rungs = rungs(story.part(1), &story.calendar).unwrap();
    let times: Vec<(Rung, String)> = rungs.into_iter().map(|(rung, at)| (rung, wall(at))).collect();
    let morning = |day: &str| format!("2026-03-{day} 09:00");
    let late =
        [(Rung::Urge, morning("06")), (Rung::Supervise, morning("09")), (Rung::Criticise, morning("11"))];
    assert_eq!(times[1..], late);
    assert!(times[0].1.starts_with("2026-03-05"), "{}", times[0].1);
}

/// FixMyStreet 897, 1339: closed is not fixed.
#[test]
fn done_solved_and_satisfied_are_three_facts() {
    let mut story = Story::resolved();
    assert!(story.case.verdict().is_none(), "done says nothing about solved");
    assert_eq!(story.refusal(clerk(), Command::Close { unasked: false }), "CALLBACK_MISSING");
    story.does(clerk(), verdict(true, Some(Satisfaction::VeryDissatisfied)));
    let said = story.case.verdict().unwrap();
    assert_eq!((said.solved, said.satisfied), (Some(true), Some(Satisfaction::VeryDissatisfied)));
    story.does(clerk(), Command::Close { unasked: false });
    assert_eq!((story.case.status, story.case.round), (Status::Closed, 1));
}

/// FixMyStreet 897, 1339: whoever is told that it is closed and sees that it is not fixed has it opened again, whatever an
/// officer wrote down.
#[test]
fn what_is_not_solved_begins_anew_with_a_fresh_clock_and_the_centre_owns_it() {
    let mut story = Story::closed();
    let first = (story.due(1), story.case.close_time);
    story.at("2026-03-16 10:00").does(Party::citizen(), verdict(false, None));
    assert_eq!((story.case.status, story.case.round), (Status::Accepted, 2));
    assert_eq!(story.case.owner, clerk());
    assert_eq!((story.case.close_time, story.case.resolve_time), (None, None));
    assert_eq!(story.next(), Some((Clock::Dispatch, "2026-03-17 17:30".into())));
    story.does(clerk(), Command::Dispatch(vec![lead(WATER)]));
    // Three working days again, from now; the first round stays as it was.
    assert_eq!((story.due(2).as_str(), story.due(1)), ("2026-03-19 17:30", first.0));
    assert_eq!(case_due(&story.case, &story.calendar).unwrap().map(wall).unwrap(), "2026-03-19 17:30");
    story.on(WATER, Target::Sign);
    // What was said in the first round is no answer in the second.
    assert_eq!(story.refusal_on(WATER, Target::Complete(None)), "REPLY_MISSING");
}

/// FixMyStreet 897: nobody is closed out because nobody could be reached, or because nobody may be asked.
#[test]
fn a_case_ends_without_a_verdict_when_nobody_can_be_asked() {
    let mut story = Story::resolved();
    for _ in 0..3 {
        assert_eq!(story.refusal(clerk(), Command::Close { unasked: false }), "CALLBACK_MISSING");
        story.does(clerk(), unreached());
    }
    story.does(clerk(), Command::Close { unasked: false });
    assert_eq!(story.case.verdict(), None);

    let identity = Identity { anonymity: Anonymity::Anonymous, person: None, by_proxy: false };
    let mut nobody = Story::accepted(Submission { identity, ..submission(CaseType::Help) });
    nobody.does(clerk(), Command::Dispatch(vec![lead(WATER)]));
    nobody.on(WATER, Target::Sign);
    nobody.on(WATER, Target::Complete(Some("修好了".into())));
    nobody.does(clerk(), Command::Close { unasked: false });
    assert_eq!(nobody.case.status, Status::Closed);
}

/// Chatwoot 9264: what is merged is lost.
#[test]
fn a_case_that_carries_others_cannot_vanish() {
    let mut story = Story::dispatched();
    let from = || Command::Absorb { from: "2".into(), kind: CaseType::Help, against: Vec::new() };
    story.does(clerk(), from());
    assert_eq!(story.case.merged, ["2"]);
    assert_eq!(story.refusal(Party::citizen(), Command::Withdraw(String::new())), "CASE_CARRIES_OTHERS");
    assert_eq!(story.refusal(clerk(), Command::Merge("3".into())), "MERGE_HAS_MERGED");
    // The one that ends names the one that goes on; its units have nothing more to do.
    let mut other = Story::signed();
    other.does(clerk(), Command::Merge("3".into()));
    assert_eq!((other.case.status, &*other.case.continued), (Status::Merged, &["3".to_owned()][..]));
    assert_eq!(other.part(1).status, AssignmentStatus::Cancelled);
    assert_eq!(other.refusal(clerk(), from()), "CASE_MERGED");
}

/// A newer version of the calendar moves nothing that was known.
#[test]
fn a_newer_calendar_leaves_what_was_known_as_it_was() {
    let mut story = Story::signed();
    let due = story.due(1);
    story.calendar = std::sync::Arc::new(china(2));
    story.does(Party::system(), Command::RenewCalendar { year: 2026 });
    assert_eq!((story.due(1), story.case.calendar.as_ref().unwrap().version), (due, 2));
}

/// Nobody is called back at night because it was urgent.
#[test]
fn the_callback_of_an_emergency_waits_for_the_working_day() {
    let mut story =
        Story::accepted(Submission { priority: Priority::Emergency, ..submission(CaseType::Help) });
    story.at("2026-03-02 22:00").does(clerk(), Command::Dispatch(vec![lead(WATER)]));
    story.on(WATER, Target::Sign);
    story.at("2026-03-02 23:30").on(WATER, Target::Complete(Some("关阀了".into())));
    assert_eq!(story.next(), Some((Clock::Callback, "2026-03-03 17:30".into())));
}
