//! The other ways a case may go: refused, taken back, merged, split, returned, handed over, called something else.

use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::{AssignmentStatus, CaseStatus, CaseType};
use minqing_testkit::Database;
use tonic::Code;

use super::town::{PARKS, ROADS, Raised, Town, WATER, chief, clerk, lamp, lead, reason, refused, worker};

on_sqlite! {
    a_case_that_is_not_taken_up_is_answered;
    whoever_raised_a_case_takes_it_back;
    what_is_said_in_the_case_that_goes_on_reaches_everybody_who_raised_it;
    a_case_is_split_into_several_of_the_same_person;
    a_case_that_came_back_twice_is_decided_for_good;
    a_part_is_handed_over_when_the_other_unit_takes_it;
    a_complaint_becomes_a_question_by_two_hands_only;
    a_clock_stands_still_for_a_reason;
}

async fn a_case_that_is_not_taken_up_is_answered(database: Database) {
    let town = Town::open(&database).await;
    let raised = town.raise(lamp()).await;
    let reject = proto::RejectCaseRequest {
        name: raised.name.clone(),
        reason: proto::RejectReason::AnsweredBefore.into(),
        reply: "上月已答复".into(),
        ..Default::default()
    };
    let untold = proto::RejectCaseRequest { reply: String::new(), ..reject.clone() };
    assert_eq!(super::town::fields(town.cases().reject_case(clerk(untold)).await), ["reply"]);
    town.cases().reject_case(clerk(reject)).await.unwrap();
    let seen = town.track(&raised).await;
    assert_eq!((seen.status(), seen.replies[0].text.as_str()), (CaseStatus::Rejected, "上月已答复"));
    // It may be taken up after all.
    let reopen =
        proto::ReopenCaseRequest { name: raised.name.clone(), reason: "补充".into(), ..Default::default() };
    let again = town.cases().reopen_case(clerk(reopen)).await.unwrap().into_inner();
    assert_eq!((again.status(), again.round), (CaseStatus::Submitted, 2));
}

async fn whoever_raised_a_case_takes_it_back(database: Database) {
    let town = Town::open(&database).await;
    let raised = town.dispatched(lamp(), WATER).await;
    let withdraw = proto::WithdrawCaseRequest {
        name: raised.name.clone(),
        secret: raised.secret.clone(),
        reason: "自己修好了".into(),
        ..Default::default()
    };
    let seen = town.cases().withdraw_case(withdraw.clone()).await.unwrap().into_inner();
    assert_eq!(seen.status(), CaseStatus::Withdrawn);
    assert_eq!(reason(town.cases().withdraw_case(withdraw).await), "CASE_WITHDRAWN");
    assert_eq!(reason(town.sign(WATER, &raised.part(1)).await), "CASE_WITHDRAWN");
}

fn merge(from: &Raised, into: &Raised) -> proto::MergeCaseRequest {
    proto::MergeCaseRequest { name: from.name.clone(), into: into.name.clone(), ..Default::default() }
}

async fn what_is_said_in_the_case_that_goes_on_reaches_everybody_who_raised_it(database: Database) {
    let town = Town::open(&database).await;
    let one = town.dispatched(lamp(), WATER).await;
    let others = [town.raise(lamp()).await, town.dispatched(lamp(), ROADS).await];
    for other in &others {
        let ended = town.cases().merge_case(clerk(merge(other, &one))).await.unwrap().into_inner();
        assert_eq!((ended.status(), &*ended.continued), (CaseStatus::Merged, &[one.name.clone()][..]));
    }
    assert_eq!(town.get(&one.name).await.merged, others.clone().map(|other| other.name));
    assert_eq!(reason(town.cases().merge_case(clerk(merge(&one, &others[0]))).await), "CASE_MERGED");
    town.sign(WATER, &one.part(1)).await.unwrap();
    town.resolve(WATER, &one.part(1), "全村路灯已修好").await.unwrap();
    for raised in [&one, &others[0], &others[1]] {
        let told = town.track(raised).await.replies;
        assert_eq!(told.last().unwrap().text, "全村路灯已修好");
        assert_eq!(told.last().unwrap().author, "", "an officer answers for their office");
    }
}

async fn a_case_is_split_into_several_of_the_same_person(database: Database) {
    let town = Town::open(&database).await;
    let raised = town.raise(lamp()).await;
    let part = |kind: CaseType, title: &str| proto::CasePart {
        r#type: kind.into(),
        title: title.into(),
        content: "见原件".into(),
    };
    let split = |parts: Vec<proto::CasePart>| proto::SplitCaseRequest {
        name: raised.name.clone(),
        parts,
        ..Default::default()
    };
    let milder = split(vec![part(CaseType::Praise, "表扬"), part(CaseType::Consultation, "询问")]);
    assert_eq!(reason(town.cases().split_case(clerk(milder)).await), "SPLIT_MILDER");
    let request = split(vec![part(CaseType::Help, "路灯"), part(CaseType::Suggestion, "道路")]);
    let answer = town.cases().split_case(clerk(request)).await.unwrap().into_inner();
    assert_eq!((answer.case.as_ref().unwrap().status(), answer.parts.len()), (CaseStatus::Split, 2));
    let names: Vec<String> = answer.parts.iter().map(|part| part.name.clone()).collect();
    assert_eq!(town.track(&raised).await.continued, names);
    let first = town.get(&names[0]).await;
    assert_eq!((first.title.as_str(), first.origin.as_str()), ("路灯", raised.name.as_str()));
    let reporter = first.reporter.unwrap();
    assert_eq!((reporter.display_name.as_str(), reporter.phone.as_str()), ("王*", "138****5678"));
}

async fn a_case_that_came_back_twice_is_decided_for_good(database: Database) {
    let town = Town::open(&database).await;
    let raised = town.dispatched(lamp(), WATER).await;
    town.give_back(WATER, &raised.part(1)).await.unwrap();
    let back = town.get(&raised.name).await;
    assert_eq!((back.status(), back.bounces, back.owner.as_str()), (CaseStatus::Accepted, 1, "people/clerk"));
    assert_eq!(reason(town.dispatch(&raised.name, &[lead(WATER)]).await), "DISPATCHED_TO_RETURNER");
    town.dispatch(&raised.name, &[lead(ROADS)]).await.unwrap();
    town.give_back(ROADS, &raised.part(2)).await.unwrap();
    assert_eq!(reason(town.dispatch(&raised.name, &[lead(PARKS)]).await), "BOUNCE_CAP");
    let decide = proto::DecideOwnerRequest {
        name: raised.name.clone(),
        unit: Some(lead(WATER)),
        ..Default::default()
    };
    assert_eq!(refused(town.cases().decide_owner(clerk(decide.clone())).await).0, Code::PermissionDenied);
    town.cases().decide_owner(chief(decide)).await.unwrap();
    assert_eq!(reason(town.give_back(WATER, &raised.part(3)).await), "ASSIGNMENT_BINDING");
    assert!(town.sign(WATER, &raised.part(3)).await.unwrap().binding);
}

async fn a_part_is_handed_over_when_the_other_unit_takes_it(database: Database) {
    let town = Town::open(&database).await;
    let raised = town.dispatched(lamp(), WATER).await;
    town.sign(WATER, &raised.part(1)).await.unwrap();
    let over = |to: &str| proto::HandOverAssignmentRequest {
        name: raised.part(1),
        organization: to.into(),
        note: "归路政".into(),
        ..Default::default()
    };
    let mut assignments = town.assignments();
    let gone = assignments.hand_over_assignment(worker(WATER, over(super::town::GONE))).await;
    assert_eq!(reason(gone), "ORGANIZATION_NOT_IN_FORCE");
    assignments.hand_over_assignment(worker(WATER, over(ROADS))).await.unwrap();
    let review =
        |accepted| proto::ReviewHandOverRequest { name: raised.part(1), accepted, ..Default::default() };
    // Not by the unit that asked, nor by a third one; the one that is asked sees what it is about.
    for unit in [WATER, PARKS] {
        let refusal = refused(assignments.review_hand_over(worker(unit, review(true))).await);
        assert_eq!(refusal.0, Code::PermissionDenied, "{unit}");
    }
    let get = proto::GetAssignmentRequest { name: raised.part(1) };
    let asked = assignments.get_assignment(worker(ROADS, get.clone())).await.unwrap().into_inner();
    assert_eq!((asked.organization.as_str(), asked.hand_over_organization.as_str()), (WATER, ROADS));
    assert_eq!(refused(assignments.get_assignment(worker(PARKS, get)).await).0, Code::PermissionDenied);
    // Until it takes the part over, the first unit has it.
    town.resolve(ROADS, &raised.part(1), "x").await.unwrap_err();
    let taken = assignments.review_hand_over(worker(ROADS, review(true))).await.unwrap().into_inner();
    assert_eq!((taken.organization.as_str(), taken.signer.as_str()), (ROADS, "people/of-roads"));
    assert_eq!(taken.due_time.unwrap().to_string(), "2026-03-05T09:30:00Z");
    assert_eq!(refused(town.resolve(WATER, &raised.part(1), "x").await).0, Code::PermissionDenied);
    town.resolve(ROADS, &raised.part(1), "修好了").await.unwrap();
}

async fn a_complaint_becomes_a_question_by_two_hands_only(database: Database) {
    let town = Town::open(&database).await;
    let raised = town.raise(proto::Case { r#type: CaseType::Complaint.into(), ..lamp() }).await;
    let retype = proto::RetypeCaseRequest {
        name: raised.name.clone(),
        r#type: CaseType::Consultation.into(),
        reason: "只是询问".into(),
        ..Default::default()
    };
    let asked = town.cases().retype_case(clerk(retype)).await.unwrap().into_inner();
    assert_eq!((asked.r#type(), asked.pending_type()), (CaseType::Complaint, CaseType::Consultation));
    let review = proto::ReviewRetypeRequest { name: raised.name.clone(), agreed: true, ..Default::default() };
    let own = town.cases().review_retype(clerk(review.clone())).await;
    assert_eq!(reason(own), "SECOND_PERSON_NEEDED");
    let agreed = town.cases().review_retype(chief(review)).await.unwrap().into_inner();
    assert_eq!((agreed.r#type(), agreed.first_type()), (CaseType::Consultation, CaseType::Complaint));
}

async fn a_clock_stands_still_for_a_reason(database: Database) {
    let town = Town::open(&database).await;
    let raised = town.dispatched(lamp(), WATER).await;
    town.sign(WATER, &raised.part(1)).await.unwrap();
    let pause = |reason: proto::PauseReason| proto::PauseAssignmentRequest {
        name: raised.part(1),
        reason: reason.into(),
        note: "台风".into(),
        ..Default::default()
    };
    let mut assignments = town.assignments();
    let asked = assignments.pause_assignment(worker(WATER, pause(proto::PauseReason::AwaitingCitizen))).await;
    assert_eq!(reason(asked), "QUESTION_NEEDED");
    let still =
        assignments.pause_assignment(worker(WATER, pause(proto::PauseReason::Weather))).await.unwrap();
    assert_eq!((still.get_ref().status(), still.get_ref().due_time), (AssignmentStatus::Paused, None));
    // Over the lunch break: an hour and a half is credited.
    town.at("2026-03-02T06:00:00Z");
    let resume = proto::ResumeAssignmentRequest { name: raised.part(1), ..Default::default() };
    let on = assignments.resume_assignment(worker(WATER, resume)).await.unwrap().into_inner();
    assert_eq!(on.due_time.unwrap().to_string(), "2026-03-06T03:30:00Z");
}
