//! Every rule that can stand against something, and a case that meets it.

use std::collections::BTreeSet;

use super::super::*;
use super::story::{
    PARKS, ROADS, Story, WATER, chief, clerk, days, joint, lead, officer, submission, unreached, verdict,
    worker,
};
use crate::domain::calendar;

fn accept() -> Command {
    let calendar = calendar::Ref { id: calendar::CHINA.into(), version: 1 };
    Command::Accept { calendar, item: None }
}

fn on(target: Target) -> Command {
    Command::On(1, target)
}

fn dispatch(units: &[NewDispatch]) -> Command {
    Command::Dispatch(units.to_vec())
}

fn reply() -> Command {
    Command::Reply("x".into())
}

/// A story to which something happened before.
fn after(mut story: Story, by: Party, command: Command) -> Story {
    story.does(by, command);
    story
}

/// Told at another time.
fn later(mut story: Story, time: &str) -> Story {
    story.at(time);
    story
}

fn water(story: Story, target: Target) -> Story {
    after(story, worker(WATER), on(target))
}

fn absorb(number: usize) -> Command {
    Command::Absorb { from: number.to_string(), kind: CaseType::Help, against: Vec::new() }
}

fn split(kinds: &[CaseType]) -> Command {
    let part = |(number, kind): (usize, &CaseType)| NewPart { number: number.to_string(), kind: *kind };
    Command::Split(kinds.iter().enumerate().map(part).collect())
}

/// The reason, a case, who asks, and what for.
type Row = (&'static str, Story, Party, Command);

fn statuses() -> Vec<Row> {
    let rejected = Command::Reject(RejectReason::NothingToActOn, "x".into());
    let parts = split(&[CaseType::Help, CaseType::Help]);
    let accepted = || Story::accepted(submission(CaseType::Help));
    vec![
        ("CASE_SUBMITTED", Story::raised(), clerk(), dispatch(&[lead(WATER)])),
        ("CASE_ACCEPTED", accepted(), clerk(), accept()),
        ("CASE_DISPATCHED", Story::dispatched(), clerk(), dispatch(&[lead(WATER)])),
        ("CASE_RESOLVED", Story::resolved(), worker(WATER), on(Target::Reply("x".into()))),
        ("CASE_CLOSED", Story::closed(), clerk(), reply()),
        ("CASE_REJECTED", after(Story::raised(), clerk(), rejected), clerk(), reply()),
        (
            "CASE_WITHDRAWN",
            after(Story::signed(), Party::citizen(), Command::Withdraw(String::new())),
            clerk(),
            reply(),
        ),
        ("CASE_MERGED", after(Story::signed(), clerk(), Command::Merge("2".into())), clerk(), reply()),
        ("CASE_SPLIT", after(accepted(), clerk(), parts), clerk(), reply()),
    ]
}

fn intake() -> Vec<Row> {
    let mut crowded = Story::raised();
    crowded.case.merged = (0..1_000).map(|number| number.to_string()).collect();
    let mut full = Story::raised();
    full.case.version = 5_000;
    let with_other = || after(Story::raised(), clerk(), absorb(2));
    let complaint = || Story::of(submission(CaseType::Complaint));
    let to_help = || Command::Retype(CaseType::Help, "x".into());
    let pending = || after(complaint(), clerk(), to_help());
    let itself = Command::Merge(Story::raised().case.number);
    let against =
        Command::Absorb { from: "2".into(), kind: CaseType::Help, against: vec!["people/operator".into()] };
    let graver = Command::Absorb { from: "2".into(), kind: CaseType::Report, against: Vec::new() };
    let (help, mild) = ([CaseType::Help; 1], [CaseType::Praise; 2]);
    vec![
        ("HISTORY_FULL", full, clerk(), reply()),
        ("TYPE_UNCHANGED", complaint(), clerk(), Command::Retype(CaseType::Complaint, "x".into())),
        ("RETYPE_PENDING", pending(), clerk(), to_help()),
        ("NO_RETYPE_PENDING", complaint(), chief(), Command::ReviewRetype(true, String::new())),
        ("SECOND_PERSON_NEEDED", pending(), clerk(), Command::ReviewRetype(true, String::new())),
        ("CASE_CARRIES_OTHERS", with_other(), Party::citizen(), Command::Withdraw(String::new())),
        ("MERGE_HAS_MERGED", with_other(), clerk(), Command::Merge("3".into())),
        ("MERGE_WITH_ITSELF", Story::raised(), clerk(), itself),
        ("MERGE_WITH_COMPLAINED_OF", Story::raised(), clerk(), against),
        ("MERGE_INTO_MILDER", Story::raised(), clerk(), graver),
        ("MERGED_TOO_MANY", crowded, clerk(), absorb(1_000)),
        ("SPLIT_COUNT", Story::raised(), clerk(), split(&help)),
        ("SPLIT_MILDER", Story::raised(), clerk(), split(&mild)),
    ]
}

fn sending() -> Vec<Row> {
    let accepted = || Story::accepted(submission(CaseType::Help));
    let against = Submission { against: vec![WATER.into()], ..submission(CaseType::Complaint) };
    let returned = |story| water(story, Target::Return(ReturnReason::NotOurs, "x".into()));
    let bounced = after(returned(Story::dispatched()), clerk(), dispatch(&[lead(ROADS)]));
    let bounced =
        after(bounced, worker(ROADS), Command::On(2, Target::Return(ReturnReason::NotOurs, "x".into())));
    let long = NewDispatch { limit: Some(days(4)), ..lead(WATER) };
    let many: Vec<NewDispatch> = (0..11).map(|number| joint(&format!("organizations/{number}"))).collect();
    vec![
        ("BOUNCE_CAP", bounced, clerk(), dispatch(&[lead(PARKS)])),
        ("DISPATCHED_TO_RETURNER", returned(Story::dispatched()), clerk(), dispatch(&[lead(WATER)])),
        ("NOTHING_TO_DECIDE", accepted(), chief(), Command::DecideOwner(lead(WATER))),
        ("UNIT_COUNT", accepted(), clerk(), dispatch(&many)),
        ("ONE_LEAD", accepted(), clerk(), dispatch(&[lead(WATER), lead(ROADS)])),
        ("UNIT_TWICE", accepted(), clerk(), dispatch(&[lead(WATER), joint(WATER)])),
        ("SUB_LIMIT_TOO_LONG", accepted(), clerk(), dispatch(&[long])),
        ("DISPATCH_TO_COMPLAINED_OF", Story::accepted(against), clerk(), dispatch(&[lead(WATER)])),
    ]
}

fn working() -> Vec<Row> {
    let signed = Story::signed;
    let ask = || Target::Ask("x".into());
    let pause = || Target::Pause(PauseReason::Weather, String::new());
    let over = || Target::HandOver(ROADS.into(), "x".into());
    let back = || Target::Return(ReturnReason::NotOurs, "x".into());
    let more = |days| Target::AskExtension(days, "x".into());
    let paused = || water(signed(), pause());
    let returned = after(Story::dispatched(), worker(WATER), on(back()));
    let decided = after(returned.clone(), chief(), Command::DecideOwner(lead(WATER)));
    let redispatched = after(returned, clerk(), dispatch(&[lead(ROADS)]));
    let two =
        after(Story::accepted(submission(CaseType::Help)), clerk(), dispatch(&[lead(WATER), joint(ROADS)]));
    let two = water(two, Target::Sign);
    let urge = || on(Target::Escalate(Rung::Urge, Vec::new()));
    let overdue = || later(signed(), "2026-03-06 09:00");
    let unit = worker(WATER);
    let by_unit = |reason, story, target| -> Row { (reason, story, unit.clone(), on(target)) };
    vec![
        by_unit("NOT_FOUND", signed(), Target::Sign).with(Command::On(9, Target::Sign)),
        by_unit("ASSIGNMENT_ENDED", redispatched, Target::Sign),
        by_unit("ALREADY_SIGNED", signed(), Target::Sign),
        by_unit("ASSIGNMENT_NOT_SIGNED", Story::dispatched(), Target::Reply("x".into())),
        by_unit("QUESTION_OPEN", water(signed(), ask()), ask()),
        by_unit("ALREADY_PAUSED", paused(), pause()),
        by_unit("QUESTION_NEEDED", signed(), Target::Pause(PauseReason::AwaitingCitizen, String::new())),
        by_unit("NOT_PAUSED", signed(), Target::Resume),
        by_unit("EXTENSION_PENDING", water(signed(), more(1)), more(1)),
        by_unit("EXTENSION_CAP", signed(), more(11)),
        by_unit("LIMIT_EXPIRED", overdue(), more(1)),
        ("NO_EXTENSION_PENDING", signed(), clerk(), on(Target::ReviewExtension(true, "x".into()))),
        by_unit("SECOND_PERSON_NEEDED", water(signed(), more(1)), Target::ReviewExtension(true, "x".into())),
        ("ASSIGNMENT_BINDING", decided, unit.clone(), Command::On(2, back())),
        by_unit("RETURN_TOO_LATE", later(signed(), "2026-03-05 09:00"), back()),
        by_unit("HAND_OVER_PENDING", water(signed(), over()), over()),
        by_unit("UNIT_TWICE", two.clone(), over()),
        ("NO_HAND_OVER_PENDING", signed(), worker(ROADS), on(Target::AcceptHandOver)),
        ("NO_HAND_OVER_PENDING", signed(), worker(ROADS), on(Target::DeclineHandOver(String::new()))),
        by_unit("REPLY_MISSING", signed(), Target::Complete(None)),
        by_unit("JOINT_OPEN", two, Target::Complete(Some("x".into()))),
        ("NOT_YET_DUE", signed(), Party::system(), urge()),
        ("ALREADY_PAUSED", paused(), Party::system(), urge()),
        ("RUNG_CLIMBED", after(overdue(), Party::system(), urge()), Party::system(), urge()),
    ]
}

/// A row that asks something else.
trait With {
    fn with(self, command: Command) -> Self;
}

impl With for Row {
    fn with(self, command: Command) -> Self {
        (self.0, self.1, self.2, command)
    }
}

fn finishing() -> Vec<Row> {
    let rate = || verdict(true, None);
    let rated = after(Story::resolved(), Party::citizen(), rate());
    let incomplete = Command::CallBack {
        reached: false,
        solved: None,
        satisfied: None,
        with: Some(Handled::Unit),
        note: String::new(),
    };
    let mut untold = Story::resolved();
    untold.case.replies.clear();
    let renew = |year| Command::RenewCalendar { year };
    let mut newer = Story::signed();
    newer.calendar = std::sync::Arc::new(super::story::china(2));
    vec![
        ("NOTHING_ASKED", Story::signed(), Party::citizen(), Command::Answer("x".into())),
        ("CALLBACK_INCOMPLETE", Story::resolved(), clerk(), incomplete),
        ("RATED_ALREADY", Story::closed(), clerk(), unreached()),
        ("RATED_ALREADY", rated, Party::citizen(), rate()),
        ("REPLY_MISSING", untold, clerk(), Command::Close { unasked: true }),
        ("CALLBACK_MISSING", Story::resolved(), clerk(), Command::Close { unasked: false }),
        ("CALENDAR_NOT_NEWER", Story::signed(), Party::system(), renew(2026)),
        ("CALENDAR_UNKNOWN", newer, Party::system(), renew(2099)),
    ]
}

#[test]
fn every_rule_stands_where_it_should() {
    let tables = [statuses(), intake(), sending(), working(), finishing()];
    let mut provoked: BTreeSet<String> =
        ["ANONYMOUS_WITH_NAME", "OWNER_COMPLAINED_OF"].map(str::to_owned).into();
    for (reason, story, by, command) in tables.into_iter().flatten() {
        assert_eq!(story.refusal(by, command.clone()), reason, "{command:?}");
        provoked.insert(reason.to_owned());
    }
    provoked.remove("NOT_FOUND");
    assert_eq!(provoked, written());
}

#[test]
fn nobody_is_known_in_an_anonymous_case_and_nobody_owns_what_is_against_them() {
    let refused = |submission| submit(submission).unwrap_err().reason;
    let identity =
        Identity { anonymity: Anonymity::Anonymous, person: Some("people/x".into()), by_proxy: false };
    assert_eq!(refused(Submission { identity, ..submission(CaseType::Help) }), "ANONYMOUS_WITH_NAME");
    for against in ["organizations/centre", "people/operator"] {
        let against = vec![against.to_owned()];
        let first_asked = officer("operator", "organizations/centre");
        let submission = Submission { against, first_asked, ..submission(CaseType::Complaint) };
        assert_eq!(refused(submission), "OWNER_COMPLAINED_OF");
    }
}

/// Every reason that stands in the rules, so that none is forgotten here.
fn written() -> BTreeSet<String> {
    let files = [
        include_str!("../decide.rs"),
        include_str!("../decide/dispatch.rs"),
        include_str!("../decide/finish.rs"),
        include_str!("../decide/intake.rs"),
        include_str!("../decide/supervise.rs"),
        include_str!("../decide/work.rs"),
        include_str!("../guard.rs"),
    ];
    let is_reason = |text: &&str| {
        text.contains('_') && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    };
    files.iter().flat_map(|file| file.split('"').filter(is_reason)).map(str::to_owned).collect()
}
