//! Who sees what, and to whom nothing goes.

use super::super::*;
use super::story::{ROADS, Story, WATER, clerk, joint, lead, officer, submission, worker};

fn of(kind: CaseType, anonymity: Anonymity) -> Case {
    let identity = Identity { anonymity, person: Some("people/raiser".into()), by_proxy: false };
    let identity =
        Identity { person: identity.person.filter(|_| anonymity != Anonymity::Anonymous), ..identity };
    let mut story = Story::accepted(Submission { identity, ..submission(kind) });
    story.does(clerk(), Command::Dispatch(vec![lead(WATER)]));
    story.case
}

#[test]
fn who_raised_a_case_is_shown_to_those_who_need_it() {
    use Anonymity::{Anonymous, Confidential, Open};
    use Sight::{Matter, Whole};
    let table = [
        (CaseType::Help, Open, Whole, Whole),
        (CaseType::Complaint, Open, Matter, Whole),
        (CaseType::Report, Open, Matter, Whole),
        (CaseType::Help, Confidential, Matter, Whole),
        (CaseType::Complaint, Confidential, Matter, Whole),
        (CaseType::Help, Anonymous, Matter, Matter),
        (CaseType::Report, Anonymous, Matter, Matter),
    ];
    for (kind, anonymity, unit, centre) in table {
        let case = of(kind, anonymity);
        let seen = [false, true].map(|is_centre| sight(&case, Some("people/x"), &[WATER], is_centre));
        assert_eq!(seen, [unit, centre], "{kind} {anonymity}");
    }
}

#[test]
fn who_no_longer_handles_a_case_sees_no_longer_who_raised_it() {
    let seen = |story: &Story, unit| sight(&story.case, None, &[unit], false);
    let mut story = Story::signed();
    assert_eq!((seen(&story, WATER), seen(&story, ROADS)), (Sight::Whole, Sight::Matter));
    story.on(WATER, Target::HandOver(ROADS.into(), "x".into()));
    story.does(worker(ROADS), Command::On(1, Target::AcceptHandOver));
    assert_eq!((seen(&story, WATER), seen(&story, ROADS)), (Sight::Matter, Sight::Whole));
    story.on(ROADS, Target::Complete(Some("修好了".into())));
    assert_eq!(seen(&story, ROADS), Sight::Whole, "it may have to call");
    let mut returned = Story::signed();
    returned.on(WATER, Target::Return(ReturnReason::NotOurs, "x".into()));
    assert_eq!(seen(&returned, WATER), Sight::Matter);
    // Whoever took it down, until somebody else has it.
    let fresh = Story::raised();
    assert_eq!(sight(&fresh.case, Some("people/operator"), &[], false), Sight::Whole);
    assert_eq!(sight(&story.case, Some("people/operator"), &[], false), Sight::Matter);
}

#[test]
fn what_was_a_complaint_or_becomes_one_is_guarded() {
    let mut milder = Story::accepted(submission(CaseType::Complaint));
    milder.does(clerk(), Command::Retype(CaseType::Help, "x".into()));
    milder.does(officer("chief", "organizations/centre"), Command::ReviewRetype(true, String::new()));
    assert_eq!(sight(&milder.case, None, &[WATER], false), Sight::Matter);
    let mut graver = Story::dispatched();
    assert_eq!(sight(&graver.case, None, &[WATER], false), Sight::Whole);
    graver.does(clerk(), Command::Retype(CaseType::Complaint, "x".into()));
    assert_eq!(sight(&graver.case, None, &[WATER], false), Sight::Matter);
}

#[test]
fn whom_it_is_against_sees_nothing_not_even_from_the_centre() {
    let against = vec![WATER.to_owned(), "people/boss".to_owned()];
    let case = Story::of(Submission { against, ..submission(CaseType::Complaint) }).case;
    for is_centre in [false, true] {
        assert_eq!(sight(&case, Some("people/boss"), &[], is_centre), Sight::Nothing);
        assert_eq!(sight(&case, None, &[ROADS, WATER], is_centre), Sight::Nothing);
    }
    assert_eq!(sight(&case, Some("people/other"), &[ROADS], true), Sight::Whole);
}

#[test]
fn a_complaint_goes_to_whom_it_is_against_by_no_way() {
    let against = vec![WATER.to_owned()];
    let mut story = Story::accepted(Submission { against, ..submission(CaseType::Complaint) });
    let to_it = "DISPATCH_TO_COMPLAINED_OF";
    assert_eq!(story.refusal(clerk(), Command::Dispatch(vec![lead(WATER)])), to_it);
    assert_eq!(story.refusal(clerk(), Command::Dispatch(vec![lead(ROADS), joint(WATER)])), to_it);
    story.does(clerk(), Command::Dispatch(vec![lead(ROADS)]));
    story.on(ROADS, Target::Sign);
    assert_eq!(story.refusal_on(ROADS, Target::HandOver(WATER.into(), "x".into())), to_it);
    story.on(ROADS, Target::Return(ReturnReason::NotOurs, "x".into()));
    assert_eq!(story.refusal(clerk(), Command::DecideOwner(lead(WATER))), to_it);
}

#[test]
fn a_complaint_is_not_carried_on_by_those_it_is_against() {
    let absorb = |name: &str| Command::Absorb {
        from: "2".into(),
        kind: CaseType::Complaint,
        against: vec![name.to_owned()],
    };
    let mut story = Story::accepted(submission(CaseType::Complaint));
    assert_eq!(story.refusal(clerk(), absorb("people/clerk")), "MERGE_WITH_COMPLAINED_OF");
    story.does(clerk(), Command::Dispatch(vec![lead(ROADS), joint(WATER)]));
    assert_eq!(story.refusal(clerk(), absorb(WATER)), "MERGE_WITH_COMPLAINED_OF");
    story.on(ROADS, Target::Sign);
    story.on(ROADS, Target::HandOver("organizations/parks".into(), "x".into()));
    assert_eq!(story.refusal(clerk(), absorb("organizations/parks")), "MERGE_WITH_COMPLAINED_OF");
    story.does(worker("organizations/parks"), Command::On(1, Target::DeclineHandOver("x".into())));
    // From then on it is kept from them as the other one was.
    story.does(clerk(), absorb("organizations/parks"));
    assert_eq!(sight(&story.case, None, &["organizations/parks"], true), Sight::Nothing);
    let again = Target::HandOver("organizations/parks".into(), "x".into());
    assert_eq!(story.refusal_on(ROADS, again), "DISPATCH_TO_COMPLAINED_OF");
}
