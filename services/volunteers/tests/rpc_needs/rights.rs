use minqing_proto::volunteers::v1 as proto;
use tonic::Code;

use crate::room::{by, citizen};
use crate::town::{Town, coordinator, create, need, refused};

#[tokio::test]
async fn a_need_is_seen_by_whoever_raised_it_and_by_the_corps_of_its_area() {
    let database = minqing_testkit::sqlite::database();
    let town = Town::open(&database).await;
    let made = town.needs().create_need(citizen("a", create(need()))).await.unwrap().into_inner();
    let get = || proto::GetNeedRequest { name: made.name.clone() };
    assert!(town.needs().get_need(citizen("a", get())).await.is_ok());
    assert!(town.needs().get_need(coordinator(get())).await.is_ok());
    assert!(town.needs().get_need(by("auditor", "", get())).await.is_ok());
    // For all others there is no such need.
    for stranger in [citizen("b", get()), by("coordinator", "321181101", get()), by("cadre", "", get())] {
        assert_eq!(refused(town.needs().get_need(stranger).await).0, Code::NotFound);
    }
    let anonymous = town.needs().get_need(tonic::Request::new(get())).await;
    assert_eq!(refused(anonymous).0, Code::Unauthenticated);
}

#[tokio::test]
async fn a_list_holds_what_the_caller_may_see() {
    let database = minqing_testkit::sqlite::database();
    let town = Town::open(&database).await;
    for account in ["a", "a", "b"] {
        town.needs().create_need(citizen(account, create(need()))).await.unwrap();
    }
    let list = async |request| town.needs().list_needs(request).await.unwrap().into_inner().needs.len();
    assert_eq!(list(citizen("a", Default::default())).await, 2);
    assert_eq!(list(citizen("c", Default::default())).await, 0);
    assert_eq!(list(coordinator(Default::default())).await, 3);
    assert_eq!(list(by("coordinator", "321181101", Default::default())).await, 0);
    let pages = proto::ListNeedsRequest { page_size: 2, ..Default::default() };
    let first = town.needs().list_needs(coordinator(pages.clone())).await.unwrap().into_inner();
    let next = proto::ListNeedsRequest { page_token: first.next_page_token, ..pages };
    let second = town.needs().list_needs(coordinator(next)).await.unwrap().into_inner();
    assert_eq!((first.needs.len(), second.needs.len()), (2, 1));
    assert_eq!(second.next_page_token, "");
}

#[tokio::test]
async fn only_whoever_raised_a_need_takes_it_back_and_only_the_corps_verifies_it() {
    let database = minqing_testkit::sqlite::database();
    let town = Town::open(&database).await;
    let made = town.needs().create_need(citizen("a", create(need()))).await.unwrap().into_inner();
    let name = || made.name.clone();
    let withdraw = || proto::WithdrawNeedRequest { name: name(), ..Default::default() };
    assert_eq!(refused(town.needs().withdraw_need(coordinator(withdraw())).await).0, Code::PermissionDenied);
    let verify = || proto::VerifyNeedRequest { name: name(), ..Default::default() };
    assert_eq!(refused(town.needs().verify_need(citizen("a", verify())).await).0, Code::PermissionDenied);
    let accept = proto::AcceptNeedRequest { name: name(), ..Default::default() };
    assert_eq!(refused(town.needs().accept_need(citizen("a", accept)).await).0, Code::PermissionDenied);
    let withdrawn = town.needs().withdraw_need(citizen("a", withdraw())).await.unwrap().into_inner();
    assert_eq!(withdrawn.status(), proto::NeedStatus::Withdrawn);
    let history = proto::ListNeedHistoryRequest { name: name(), ..Default::default() };
    let history = town.needs().list_need_history(citizen("a", history)).await.unwrap().into_inner();
    let told: Vec<_> = history.entries.iter().map(|entry| entry.r#type.as_str()).collect();
    assert_eq!(told, ["NeedSubmitted", "NeedWithdrawn"]);
}
