//! Lists of cases and of units' parts.

use minqing_proto::cases::v1 as proto;
use minqing_testkit::Database;

use super::town::{PARKS, ROADS, Town, WATER, clerk, joint, lamp, lead, of, reason, refused, worker};
use crate::room::by;

on_sqlite! {
    cases_are_listed_in_pages_of_the_area;
    units_list_their_own_parts;
    a_page_token_belongs_to_its_list;
}

async fn names(town: &Town, role: &str, division: &str, request: proto::ListCasesRequest) -> Vec<String> {
    let (mut request, mut names) = (request, Vec::new());
    loop {
        let page = town.cases().list_cases(by(role, division, request.clone())).await.unwrap().into_inner();
        names.extend(page.cases.into_iter().map(|case| case.name));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return names;
        }
    }
}

async fn cases_are_listed_in_pages_of_the_area(database: Database) {
    let town = Town::open(&database).await;
    let mut raised = Vec::new();
    for area in ["divisions/321181", "divisions/321181100", "divisions/321181100201"] {
        raised.insert(0, town.raise(proto::Case { area: area.into(), ..lamp() }).await.name);
    }
    let two = || proto::ListCasesRequest { page_size: 2, ..Default::default() };
    assert_eq!(names(&town, "dispatcher", "", two()).await, raised);
    assert_eq!(names(&town, "grid_lead", "321181100", two()).await, raised[..2]);
    assert_eq!(names(&town, "cadre", "321182", two()).await, [""; 0]);
    let here = proto::ListCasesRequest { division_code: "321181100201".into(), ..two() };
    assert_eq!(names(&town, "auditor", "", here).await, raised[..1]);
    town.accept(&raised[0]).await;
    let accepted = proto::ListCasesRequest { status: proto::CaseStatus::Accepted.into(), ..two() };
    assert_eq!(names(&town, "supervisor", "", accepted).await, raised[..1]);
    for role in ["citizen", "window_clerk", "administrator"] {
        let refusal = refused(town.cases().list_cases(by(role, "", two())).await);
        assert_eq!(refusal.0, tonic::Code::PermissionDenied, "{role}");
    }
}

async fn units_list_their_own_parts(database: Database) {
    let town = Town::open(&database).await;
    let raised = town.raise(lamp()).await;
    town.accept(&raised.name).await;
    town.dispatch(&raised.name, &[lead(WATER), joint(ROADS)]).await.unwrap();
    let list = async |request: tonic::Request<proto::ListAssignmentsRequest>| {
        let listed = town.assignments().list_assignments(request).await?.into_inner().assignments;
        Ok::<Vec<String>, tonic::Status>(listed.into_iter().map(|part| part.name).collect())
    };
    let all = proto::ListAssignmentsRequest::default;
    assert_eq!(list(worker(WATER, all())).await.unwrap(), [raised.part(1)]);
    assert_eq!(list(worker(ROADS, all())).await.unwrap(), [raised.part(2)]);
    assert_eq!(list(worker(PARKS, all())).await.unwrap(), [""; 0]);
    let theirs = proto::ListAssignmentsRequest { organization: WATER.into(), ..all() };
    assert_eq!(list(worker(ROADS, theirs.clone())).await.unwrap(), [""; 0]);
    assert_eq!(list(clerk(theirs)).await.unwrap(), [raised.part(1)]);
    let of_case = proto::ListAssignmentsRequest { parent: raised.name.clone(), ..all() };
    assert_eq!(list(clerk(of_case)).await.unwrap(), [raised.part(2), raised.part(1)]);
    let town_only = by("dispatcher", "321182", all());
    assert_eq!(list(town_only).await.unwrap(), [""; 0]);
    assert_eq!(refused(list(of("citizen", "", "people/x", all())).await).0, tonic::Code::PermissionDenied);
    town.sign(WATER, &raised.part(1)).await.unwrap();
    let signed = proto::ListAssignmentsRequest { status: proto::AssignmentStatus::Signed.into(), ..all() };
    assert_eq!(list(clerk(signed)).await.unwrap(), [raised.part(1)]);
}

async fn a_page_token_belongs_to_its_list(database: Database) {
    let town = Town::open(&database).await;
    town.raise(lamp()).await;
    town.raise(lamp()).await;
    let list = async |request: proto::ListCasesRequest| town.cases().list_cases(clerk(request)).await;
    let one = proto::ListCasesRequest { page_size: 1, ..Default::default() };
    let page_token = list(one.clone()).await.unwrap().into_inner().next_page_token;
    let other = proto::ListCasesRequest { door: proto::Door::Web.into(), page_token, ..one.clone() };
    assert_eq!(reason(list(other).await), "INVALID_PAGE_TOKEN");
    let made_up = proto::ListCasesRequest { page_token: "x".into(), ..one.clone() };
    assert_eq!(reason(list(made_up).await), "INVALID_PAGE_TOKEN");
    assert_eq!(reason(list(proto::ListCasesRequest { page_size: -1, ..one }).await), "INVALID_PAGE_SIZE");
}
