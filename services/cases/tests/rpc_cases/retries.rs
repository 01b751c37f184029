//! Every request that changes a case may be sent again: the same one has the same answer, though the case has moved on and
//! its caller could not do it any more.

use std::future::Future;
use std::pin::Pin;

use minqing_proto::cases::v1 as proto;
use minqing_testkit::{Database, on_both_databases};
use tonic::Code;

use super::town::{PARKS, ROADS, Raised, Town, WATER, chief, clerk, joint, lamp, lead, submit, worker};

on_both_databases! {
    every_change_of_a_case_is_answered_as_before_after_it_moved_on;
    who_may_not_see_a_case_any_more_is_told_nothing_again;
}

/// Requests with their first answers, and the same requests again.
type Table = Vec<(&'static str, String, Pin<Box<dyn Future<Output = String>>>)>;

/// Sends a request under an id of its own, and notes it to be sent again.
macro_rules! send {
    ($table:ident, $client:expr, $rpc:ident, $who:expr, $kind:ident { $($field:ident: $value:expr),* $(,)? }) => {{
        let request_id = uuid::Uuid::from_u128($table.len() as u128 + 1).to_string();
        #[allow(clippy::needless_update, reason = "some of these requests have further fields")]
        let request = proto::$kind { $($field: $value,)* request_id, ..Default::default() };
        let mut client = $client;
        let first = client.$rpc($who(request.clone())).await;
        let first = first.unwrap_or_else(|refused| panic!("{}: {refused:?}", stringify!($rpc))).into_inner();
        let again = async move { format!("{:?}", client.$rpc($who(request)).await.map(tonic::Response::into_inner)) };
        $table.push((stringify!($rpc), format!("Ok({first:?})"), Box::pin(again)));
        first
    }};
}

fn water<T>(message: T) -> tonic::Request<T> {
    worker(WATER, message)
}

fn roads<T>(message: T) -> tonic::Request<T> {
    worker(ROADS, message)
}

/// Whoever stands outside.
fn anybody<T>(message: T) -> tonic::Request<T> {
    tonic::Request::new(message)
}

async fn submitted(town: &Town, table: &mut Table) -> Raised {
    let case = Some(lamp());
    let answer = send!(table, town.cases(), submit_case, anybody, SubmitCaseRequest { case: case });
    Raised { name: answer.case.unwrap().name, secret: answer.secret }
}

async fn every_change_of_a_case_is_answered_as_before_after_it_moved_on(database: Database) {
    let town = Town::open(&database).await;
    let mut table: Table = Vec::new();
    let raised = submitted(&town, &mut table).await;
    units(&town, &raised, &mut table).await;
    outcome(&town, &raised, &mut table).await;
    others(&town, &mut table).await;
    for (rpc, first, again) in table {
        assert_eq!(again.await, first, "{rpc}");
    }
}

/// From the desk to a unit, to another one, and back.
async fn units(town: &Town, raised: &Raised, table: &mut Table) {
    let name = || raised.name.clone();
    let (part, share) = (|| raised.part(1), || raised.part(2));
    let report = proto::CaseType::Report.into();
    send!(
        table,
        town.cases(),
        retype_case,
        clerk,
        RetypeCaseRequest { name: name(), r#type: report, reason: "查".into() }
    );
    let help = proto::CaseType::Help.into();
    send!(
        table,
        town.cases(),
        retype_case,
        clerk,
        RetypeCaseRequest { name: name(), r#type: help, reason: "只是求助".into() }
    );
    send!(table, town.cases(), review_retype, chief, ReviewRetypeRequest { name: name(), agreed: true });
    send!(table, town.cases(), accept_case, clerk, AcceptCaseRequest { name: name() });
    let units = vec![lead(WATER), joint(PARKS)];
    send!(table, town.cases(), dispatch_case, clerk, DispatchCaseRequest { name: name(), units: units });
    send!(table, town.assignments(), sign_assignment, water, SignAssignmentRequest { name: part() });
    let parks = |message| worker(PARKS, message);
    send!(table, town.assignments(), sign_assignment, parks, SignAssignmentRequest { name: share() });
    let parks = |message| worker(PARKS, message);
    send!(table, town.assignments(), resolve_assignment, parks, ResolveAssignmentRequest { name: share() });
    send!(
        table,
        town.assignments(),
        reply_assignment,
        water,
        ReplyAssignmentRequest { name: part(), text: "已到现场".into() }
    );
    send!(
        table,
        town.assignments(),
        ask_citizen,
        water,
        AskCitizenRequest { name: part(), text: "哪一盏？".into() }
    );
    let secret = raised.secret.clone();
    send!(
        table,
        town.cases(),
        answer_question,
        anybody,
        AnswerQuestionRequest { name: name(), secret: secret, text: "第三盏".into() }
    );
    let weather = proto::PauseReason::Weather.into();
    send!(
        table,
        town.assignments(),
        pause_assignment,
        water,
        PauseAssignmentRequest { name: part(), reason: weather }
    );
    send!(table, town.assignments(), resume_assignment, water, ResumeAssignmentRequest { name: part() });
    send!(
        table,
        town.assignments(),
        request_extension,
        water,
        RequestExtensionRequest { name: part(), working_days: 1, reason: "缺件".into() }
    );
    send!(
        table,
        town.assignments(),
        review_extension,
        clerk,
        ReviewExtensionRequest { name: part(), granted: true, text: "延期一天".into() }
    );
    let to = || ROADS.to_owned();
    send!(
        table,
        town.assignments(),
        hand_over_assignment,
        water,
        HandOverAssignmentRequest { name: part(), organization: to(), note: "路面".into() }
    );
    send!(table, town.assignments(), review_hand_over, roads, ReviewHandOverRequest { name: part() });
    send!(
        table,
        town.assignments(),
        hand_over_assignment,
        water,
        HandOverAssignmentRequest { name: part(), organization: to(), note: "再看".into() }
    );
    send!(
        table,
        town.assignments(),
        review_hand_over,
        roads,
        ReviewHandOverRequest { name: part(), accepted: true }
    );
    let ours = proto::ReturnReason::NotOurs.into();
    send!(
        table,
        town.assignments(),
        return_assignment,
        roads,
        ReturnAssignmentRequest { name: part(), reason: ours, note: "不属于".into() }
    );
    let unit = Some(lead(WATER));
    send!(table, town.cases(), decide_owner, chief, DecideOwnerRequest { name: name(), unit: unit });
}

/// To the end, and to a new beginning.
async fn outcome(town: &Town, raised: &Raised, table: &mut Table) {
    let name = || raised.name.clone();
    let part = || raised.part(3);
    send!(
        table,
        town.cases(),
        reply_to_case,
        clerk,
        ReplyToCaseRequest { name: name(), text: "正在处理".into() }
    );
    send!(table, town.assignments(), sign_assignment, water, SignAssignmentRequest { name: part() });
    send!(
        table,
        town.assignments(),
        resolve_assignment,
        water,
        ResolveAssignmentRequest { name: part(), text: "修好了".into() }
    );
    send!(
        table,
        town.cases(),
        record_callback,
        clerk,
        RecordCallbackRequest { name: name(), reached: true, solved: Some(true) }
    );
    let secret = || raised.secret.clone();
    send!(
        table,
        town.cases(),
        rate_case,
        anybody,
        RateCaseRequest { name: name(), secret: secret(), solved: Some(true) }
    );
    send!(table, town.cases(), close_case, clerk, CloseCaseRequest { name: name() });
    send!(
        table,
        town.cases(),
        reopen_case,
        chief,
        ReopenCaseRequest { name: name(), reason: "又坏了".into() }
    );
    send!(
        table,
        town.cases(),
        withdraw_case,
        anybody,
        WithdrawCaseRequest { name: name(), secret: secret(), reason: "好了".into() }
    );
}

/// What ends a case otherwise.
async fn others(town: &Town, table: &mut Table) {
    let (one, two) = (submitted(town, table).await, submitted(town, table).await);
    let (three, four) = (submitted(town, table).await, submitted(town, table).await);
    let into = two.name.clone();
    send!(table, town.cases(), merge_case, clerk, MergeCaseRequest { name: one.name, into: into });
    let part = |title: &str| proto::CasePart {
        r#type: proto::CaseType::Help.into(),
        title: title.into(),
        ..Default::default()
    };
    let parts = vec![part("路灯"), part("路面")];
    send!(table, town.cases(), split_case, clerk, SplitCaseRequest { name: three.name, parts: parts });
    let reason = proto::RejectReason::NothingToActOn.into();
    send!(
        table,
        town.cases(),
        reject_case,
        clerk,
        RejectCaseRequest { name: four.name, reason: reason, reply: "无法处理".into() }
    );
}

async fn who_may_not_see_a_case_any_more_is_told_nothing_again(database: Database) {
    let town = Town::open(&database).await;
    let raised = town.dispatched(lamp(), WATER).await;
    let request_id = uuid::Uuid::from_u128(1).to_string();
    let sign = proto::SignAssignmentRequest { name: raised.part(1), request_id };
    town.assignments().sign_assignment(water(sign.clone())).await.unwrap();
    town.give_back(WATER, &raised.part(1)).await.unwrap();
    town.dispatch(&raised.name, &[lead(ROADS)]).await.unwrap();
    // Another matter that is against the unit is carried on in this one.
    let against = proto::Case { against: vec![WATER.into()], ..lamp() };
    let other = town.submit(clerk(submit(against))).await.unwrap();
    let merge = proto::MergeCaseRequest { name: other.name, into: raised.name.clone(), ..Default::default() };
    town.cases().merge_case(clerk(merge)).await.unwrap();
    let again = town.assignments().sign_assignment(water(sign)).await;
    assert_eq!(again.unwrap_err().code(), Code::NotFound);
}
