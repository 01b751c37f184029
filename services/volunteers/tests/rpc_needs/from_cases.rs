use minqing_proto::cases::v1 as cases;
use minqing_proto::volunteers::v1 as proto;
use minqing_testkit::{Database, on_both_databases};

use crate::room::by;
use crate::town::{CENTRE, Town, coordinator, until};

on_both_databases! {
    a_case_that_is_dispatched_to_the_corps_becomes_a_need_and_is_signed_for;
    a_refused_need_goes_back_to_whoever_dispatched_its_case;
    a_case_that_goes_another_way_takes_its_need_back;
}

/// The status of the corps' part in a case.
async fn part(town: &Town, case: &str) -> (cases::AssignmentStatus, usize) {
    let request = cases::GetCaseRequest { name: case.into() };
    let found = town.cases().get_case(crate::room::of("dispatcher", CENTRE, request)).await.unwrap();
    let replies = found.into_inner().replies.len();
    let request = cases::ListAssignmentsRequest { parent: case.into(), ..Default::default() };
    let mut client = cases::assignment_service_client::AssignmentServiceClient::new(town.room.cases.clone());
    let parts = client.list_assignments(by("dispatcher", "", request)).await.unwrap().into_inner();
    (parts.assignments[0].status(), replies)
}

async fn a_case_that_is_dispatched_to_the_corps_becomes_a_need_and_is_signed_for(database: Database) {
    let town = Town::open(&database).await;
    town.room.volunteers.work();
    let (case, _) = town.help_case().await;
    let need = town.first_need().await;
    assert_eq!(need.assignment, format!("{case}/assignments/1"));
    assert_eq!(need.source(), proto::NeedSource::Case);
    assert_eq!((need.title.as_str(), need.status()), ("独居老人需要陪同就医", proto::NeedStatus::Submitted));
    until(|| async { (part(&town, &case).await.0 == cases::AssignmentStatus::Signed).then_some(()) }).await;
    // Hearing of it from the beginning again makes no second need.
    assert_eq!(town.listed().await.len(), 1);
}

async fn a_refused_need_goes_back_to_whoever_dispatched_its_case(database: Database) {
    let town = Town::open(&database).await;
    town.room.volunteers.work();
    let (case, _) = town.help_case().await;
    let need = town.first_need().await;
    let request = proto::RefuseNeedRequest {
        name: need.name,
        reason: proto::NeedRefusal::NotForVolunteers.into(),
        text: "需要专业救护".into(),
        ..Default::default()
    };
    town.needs().refuse_need(coordinator(request)).await.unwrap();
    until(|| async { (part(&town, &case).await.0 == cases::AssignmentStatus::Returned).then_some(()) }).await;
}

async fn a_case_that_goes_another_way_takes_its_need_back(database: Database) {
    let town = Town::open(&database).await;
    town.room.volunteers.work();
    let (case, secret) = town.help_case().await;
    let need = town.first_need().await;
    let request = cases::WithdrawCaseRequest { name: case, secret, ..Default::default() };
    town.cases().withdraw_case(request).await.unwrap();
    until(|| async {
        let need = town.listed().await.into_iter().find(|listed| listed.name == need.name);
        need.filter(|need| need.status() == proto::NeedStatus::Withdrawn)
    })
    .await;
}
