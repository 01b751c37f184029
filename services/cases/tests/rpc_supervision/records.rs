//! Who was told, and who answers for it.

use minqing_cases::domain::case::Target;
use minqing_platform::status;
use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::supervision_service_client::SupervisionServiceClient;
use minqing_testkit::{Database, on_both_databases};
use tonic::{Code, Status};

use crate::matter::{OFFICER, UNIT, at, china, dispatched, on, raised, raised_at, sent};
use crate::room::{self, Room, by, of};

const CASE: &str = "202603020000000001";
const OTHER: &str = "202603020000000002";
const MONDAY: &str = "2026-03-02T02:00:00Z";
const LATER: &str = "2026-03-16T02:00:00Z";

on_both_databases! {
    what_was_climbed_is_listed_for_those_above_and_for_the_unit_itself;
    the_records_are_exported_as_a_table;
    a_supervisor_sees_to_a_case_by_hand_and_it_is_recorded_once;
    a_case_that_nobody_has_taken_up_is_supervised_at_its_owner;
    refusals_have_their_names;
    nobody_lists_what_is_against_them;
}

fn client(room: &Room) -> SupervisionServiceClient<minqing_platform::client::Peer> {
    SupervisionServiceClient::new(room.peer.clone())
}

#[track_caller]
fn refused<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String) {
    let refusal = answer.unwrap_err();
    (refusal.code(), status::reason(&refusal).unwrap_or_else(|| panic!("no reason: {refusal:?}")))
}

/// A case that is overdue beyond every rung.
async fn overdue(room: &Room) {
    let store = room.cases.store().clone();
    let calendar = china(&store).await;
    dispatched(&store, &calendar, CASE, at(MONDAY)).await;
    on(&store, &calendar, CASE, at(MONDAY), Target::Sign).await;
    room.clock.set(at(LATER));
    assert_eq!(room.cases.tick().await.unwrap().climbed, 4);
}

async fn what_was_climbed_is_listed_for_those_above_and_for_the_unit_itself(database: Database) {
    let room = room::open(&database).await;
    overdue(&room).await;
    let request = proto::ListEscalationsRequest::default();
    let told =
        client(&room).list_escalations(by("supervisor", "321181", request)).await.unwrap().into_inner();
    let kinds: Vec<_> = told.escalations.iter().map(proto::SupervisionRecord::kind).collect();
    use proto::SupervisionKind::{Breach, Criticise, DueSoon, Supervise, Urge};
    assert_eq!(kinds, [Criticise, Supervise, Urge, DueSoon]);
    let urge = &told.escalations[2];
    assert_eq!((urge.people.as_slice(), urge.organization.as_str()), (&[OFFICER.to_owned()][..], UNIT));
    assert_eq!(urge.assignment, format!("cases/{CASE}/assignments/1"));
    assert_eq!((urge.area.as_str(), urge.actor.as_str()), ("divisions/321181", "system"));

    // Page by page.
    let mut token = String::new();
    let mut kinds = Vec::new();
    loop {
        let request = proto::ListEscalationsRequest {
            case: format!("cases/{CASE}"),
            page_size: 3,
            page_token: token,
            ..Default::default()
        };
        let page = client(&room).list_escalations(by("auditor", "", request)).await.unwrap().into_inner();
        kinds.extend(page.escalations.iter().map(proto::SupervisionRecord::kind));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(kinds.len(), 4);

    let list = async |request: tonic::Request<proto::ListAccountabilityRecordsRequest>| {
        let found = client(&room).list_accountability_records(request).await?.into_inner();
        Ok::<_, Status>(found.accountability_records.iter().map(|one| one.kind()).collect::<Vec<_>>())
    };
    let all = proto::ListAccountabilityRecordsRequest::default();
    assert_eq!(list(by("cadre", "321181", all.clone())).await.unwrap(), [Criticise, Breach]);
    assert_eq!(list(of("information_officer", UNIT, all.clone())).await.unwrap(), [Criticise, Breach]);
    assert!(list(of("information_officer", "organizations/other", all.clone())).await.unwrap().is_empty());
    assert!(list(by("supervisor", "321182", all.clone())).await.unwrap().is_empty());
    let breach = proto::ListAccountabilityRecordsRequest { kind: Breach.into(), ..all.clone() };
    assert_eq!(list(by("auditor", "", breach)).await.unwrap(), [Breach]);
    let urge = proto::ListAccountabilityRecordsRequest { kind: Urge.into(), ..all.clone() };
    assert_eq!(list(by("auditor", "", urge)).await.unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(refused(list(by("citizen", "", all.clone())).await).1, "NOT_PERMITTED");
    assert_eq!(refused(list(tonic::Request::new(all)).await).1, "SIGN_IN_NEEDED");
}

async fn the_records_are_exported_as_a_table(database: Database) {
    let room = room::open(&database).await;
    overdue(&room).await;
    let request =
        proto::ExportAccountabilityRecordsRequest { organization: UNIT.into(), ..Default::default() };
    let answer = client(&room).export_accountability_records(by("auditor", "", request)).await.unwrap();
    let answer = answer.into_inner();
    let text = String::from_utf8(answer.content).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((answer.rows, lines.len()), (2, 3));
    assert_eq!(lines[0], "kind,case,assignment,organization,area,people,due_time,create_time");
    assert!(lines[1].starts_with(&format!("criticise,cases/{CASE},cases/{CASE}/assignments/1,{UNIT},")));
    assert!(lines[2].ends_with("2026-03-05T09:30:00+00:00,2026-03-16T02:00:00+00:00"), "{text}");
}

async fn a_supervisor_sees_to_a_case_by_hand_and_it_is_recorded_once(database: Database) {
    let room = room::open(&database).await;
    let store = room.cases.store().clone();
    let calendar = china(&store).await;
    dispatched(&store, &calendar, CASE, at(MONDAY)).await;
    on(&store, &calendar, CASE, at(MONDAY), Target::Sign).await;
    let request = proto::SuperviseCaseRequest {
        name: format!("cases/{CASE}"),
        note: "请今日内回复".to_owned(),
        request_id: "01940000-0000-7000-8000-000000000001".to_owned(),
        ..Default::default()
    };
    let first = client(&room).supervise_case(by("supervisor", "321181", request.clone())).await.unwrap();
    let first = first.into_inner();
    assert_eq!(
        (first.kind(), first.people.as_slice()),
        (proto::SupervisionKind::Manual, &[OFFICER.to_owned()][..])
    );
    assert_eq!((first.note.as_str(), first.organization.as_str()), ("请今日内回复", UNIT));
    let again = client(&room).supervise_case(by("supervisor", "321181", request.clone())).await.unwrap();
    assert_eq!(again.into_inner(), first);
    let other = proto::SuperviseCaseRequest { request_id: String::new(), ..request };
    let second = client(&room).supervise_case(by("supervisor", "321181", other)).await.unwrap().into_inner();
    assert_ne!(second.version, first.version);
    // It does not touch the ladder.
    assert!(crate::matter::rungs(&store, CASE).await.is_empty());
}

async fn a_case_that_nobody_has_taken_up_is_supervised_at_its_owner(database: Database) {
    let room = room::open(&database).await;
    let store = room.cases.store().clone();
    raised(&store, &*china(&store).await, CASE, at(MONDAY)).await;
    let request =
        proto::SuperviseCaseRequest { name: format!("cases/{CASE}"), note: "?".into(), ..Default::default() };
    let told = client(&room).supervise_case(by("supervisor", "", request)).await.unwrap().into_inner();
    assert_eq!(told.people, ["people/dispatcher"]);
    assert_eq!(
        (told.assignment.as_str(), told.organization.as_str()),
        ("", "organizations/supervision-centre")
    );
}

async fn refusals_have_their_names(database: Database) {
    let room = room::open(&database).await;
    let store = room.cases.store().clone();
    let calendar = china(&store).await;
    dispatched(&store, &calendar, CASE, at(MONDAY)).await;
    let request = proto::SuperviseCaseRequest {
        name: format!("cases/{CASE}"),
        note: "请抓紧".to_owned(),
        ..Default::default()
    };
    let supervise = async |role: &str, request: proto::SuperviseCaseRequest| {
        refused(client(&room).supervise_case(by(role, "321181", request)).await)
    };
    for role in ["dispatcher", "cadre", "auditor", "citizen", "administrator"] {
        assert_eq!(supervise(role, request.clone()).await.1, "NOT_PERMITTED", "{role}");
    }
    let silent = proto::SuperviseCaseRequest { note: " ".into(), ..request.clone() };
    assert_eq!(supervise("supervisor", silent).await.0, Code::InvalidArgument);
    let stranger = proto::SuperviseCaseRequest { name: format!("cases/{OTHER}"), ..request.clone() };
    assert_eq!(supervise("supervisor", stranger).await.0, Code::NotFound);
    let other = format!("cases/{OTHER}/assignments/1");
    let other = proto::SuperviseCaseRequest { assignment: other, ..request.clone() };
    assert_eq!(supervise("supervisor", other).await.0, Code::InvalidArgument);
    let ninth = format!("cases/{CASE}/assignments/9");
    let ninth = proto::SuperviseCaseRequest { assignment: ninth, ..request.clone() };
    assert_eq!(supervise("supervisor", ninth).await.0, Code::NotFound);
    let stale = proto::SuperviseCaseRequest { etag: "1".into(), ..request.clone() };
    assert_eq!(supervise("supervisor", stale).await, (Code::Aborted, "ETAG_MISMATCH".into()));
    let withdraw = minqing_cases::domain::case::Command::Withdraw("好了".into());
    crate::matter::act(&store, &calendar, CASE, at(MONDAY), crate::matter::centre(), withdraw).await.unwrap();
    assert_eq!(supervise("supervisor", request).await, (Code::FailedPrecondition, "CASE_WITHDRAWN".into()));
    let page = proto::ListEscalationsRequest { page_token: "x".into(), ..Default::default() };
    let page = client(&room).list_escalations(by("auditor", "", page)).await;
    assert_eq!(page.unwrap_err().code(), Code::InvalidArgument);
}

async fn nobody_lists_what_is_against_them(database: Database) {
    let room = room::open(&database).await;
    let store = room.cases.store().clone();
    let calendar = china(&store).await;
    let against = "organizations/village";
    raised_at(&store, &calendar, CASE, at(MONDAY), "321181", &[against]).await;
    sent(&store, &calendar, CASE, at(MONDAY), None).await;
    room.clock.set(at(LATER));
    room.cases.tick().await.unwrap();
    let request = proto::ListEscalationsRequest::default();
    let mut request = of("cadre", against, request);
    request.metadata_mut().insert("division", "321181".parse().unwrap());
    let told = client(&room).list_escalations(request).await.unwrap().into_inner();
    assert!(told.escalations.is_empty());
}
