//! Links and coverage: who sees and changes them, pages, and what is wrong with a request.

use minqing_proto::registry::v1 as proto;
use minqing_testkit::{Database, on_both_databases};
use tonic::Code;

use super::suite::{GRID, OTHER_GRID, Suite, admin, by, of_grid, refused};

on_both_databases! {
    links_and_coverage_are_seen_and_changed_by_those_of_the_area;
    coverage_and_links_come_in_pages;
    what_is_wrong_is_told;
}

async fn links_and_coverage_are_seen_and_changed_by_those_of_the_area(database: Database) {
    let suite = Suite::assigned(&database).await;
    let list = |scope: &str| proto::ListContactLinksRequest { scope: scope.into(), ..Default::default() };
    let mut contacts = suite.contacts();
    let links = contacts.list_contact_links(by("ordinary_member", "321181100201001", list(GRID))).await;
    let link = links.unwrap().into_inner().contact_links[0].clone();
    let elsewhere = contacts.list_contact_links(by("ordinary_member", "321181100202001", list(GRID))).await;
    assert_eq!(refused(elsewhere).0, Code::PermissionDenied);
    let everywhere = contacts.list_contact_links(by("cadre", "321181", list(""))).await;
    assert_eq!(refused(everywhere).0, Code::PermissionDenied);
    assert_eq!(refused(contacts.list_contact_links(list(GRID)).await).0, Code::Unauthenticated);

    let get = || proto::GetContactLinkRequest { name: link.name.clone() };
    let got = contacts.get_contact_link(by("grid_lead", "321181100201001", get())).await.unwrap();
    assert_eq!(got.into_inner(), link);
    let other = contacts.get_contact_link(by("grid_lead", "321181100202001", get())).await;
    assert_eq!(refused(other).0, Code::PermissionDenied);
    let coverage =
        || proto::GetContactCoverageRequest { scope: "divisions/321181100201".into(), ..Default::default() };
    contacts.get_contact_coverage(by("cadre", "321181100201", coverage())).await.unwrap();
    let other = contacts.get_contact_coverage(by("cadre", "321181100202", coverage())).await;
    assert_eq!(refused(other).0, Code::PermissionDenied);

    let assign = || proto::AssignContactsRequest { grid: GRID.to_owned(), ..Default::default() };
    let end = || proto::EndContactLinkRequest { name: link.name.clone(), ..Default::default() };
    for (role, division) in [("grid_lead", "321181100201001"), ("cadre", "321181100202"), ("auditor", "")] {
        let answer = contacts.assign_contacts(by(role, division, assign())).await;
        assert_eq!(refused(answer).0, Code::PermissionDenied, "{role}");
        let answer = contacts.end_contact_link(by(role, division, end())).await;
        assert_eq!(refused(answer).0, Code::PermissionDenied, "{role}");
    }
    contacts.assign_contacts(by("cadre", "321181100201", assign())).await.unwrap();
    contacts.end_contact_link(by("cadre", "321181100", end())).await.unwrap();
}

async fn coverage_and_links_come_in_pages(database: Database) {
    let suite = Suite::assigned(&database).await;
    suite.settle(OTHER_GRID, 7).await;
    let mut request = proto::GetContactCoverageRequest {
        scope: "divisions/321181".into(),
        page_size: 3,
        ..Default::default()
    };
    let mut seen = Vec::new();
    loop {
        let page = suite.contacts().get_contact_coverage(admin(request.clone())).await.unwrap().into_inner();
        assert_eq!((page.household_count, page.uncovered_household_count), (27, 7));
        seen.extend(page.uncovered_households);
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(seen, suite.street(OTHER_GRID).await);
    request.scope = "divisions/3211".into();
    let foreign = suite.contacts().get_contact_coverage(admin(request)).await;
    assert_eq!(refused(foreign).1, "INVALID_PAGE_TOKEN");

    let mut request =
        proto::ListContactLinksRequest { scope: GRID.into(), page_size: 10, ..Default::default() };
    let mut seen = 0;
    loop {
        let page = suite.contacts().list_contact_links(admin(request.clone())).await.unwrap().into_inner();
        seen += page.contact_links.len();
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(seen, 23);
}

async fn what_is_wrong_is_told(database: Database) {
    let suite = Suite::open(&database).await;
    let mut contacts = suite.contacts();
    let both = proto::ResolveContactsRequest { datum: 1, ..of_grid(GRID) };
    assert_eq!(refused(suite.resolve(both).await), (Code::InvalidArgument, "EXACTLY_ONE".to_owned()));
    let grid = suite.resolve(of_grid("grids/321181100201999")).await;
    assert_eq!(refused(grid).0, Code::NotFound);
    let coverage = |scope: &str| {
        let request = proto::GetContactCoverageRequest { scope: scope.into(), ..Default::default() };
        let mut contacts = suite.contacts();
        async move { contacts.get_contact_coverage(admin(request)).await }
    };
    assert_eq!(refused(coverage("").await).1, "REQUIRED_FIELD");
    assert_eq!(refused(coverage("people/x").await).1, "INVALID_NAME");
    assert_eq!(refused(coverage("divisions/33").await).0, Code::NotFound);
    let list = proto::ListContactLinksRequest {
        kind: proto::ContactKind::MemberToBackbone.into(),
        subject: "households/018f0000-0000-7000-8000-000000000000".into(),
        ..Default::default()
    };
    let listed = contacts.list_contact_links(admin(list)).await;
    assert_eq!(refused(listed).1, "SUBJECT_NOT_OF_KIND");
    let get = proto::GetContactLinkRequest { name: "contactLinks/x".into() };
    assert_eq!(refused(contacts.get_contact_link(admin(get)).await).1, "INVALID_NAME");
    let id = uuid::Uuid::nil().to_string();
    let get = proto::GetContactLinkRequest { name: format!("contactLinks/{id}") };
    assert_eq!(refused(contacts.get_contact_link(admin(get)).await).0, Code::NotFound);
    let assign = proto::AssignContactsRequest {
        grid: GRID.into(),
        effective_date: "yesterday".into(),
        ..Default::default()
    };
    assert_eq!(refused(contacts.assign_contacts(admin(assign)).await).1, "INVALID_DATE");
    let planned =
        proto::AssignContactsRequest { grid: GRID.into(), validate_only: true, ..Default::default() };
    let planned = contacts.assign_contacts(admin(planned)).await.unwrap().into_inner();
    assert!(planned.created.iter().all(|link| link.name.is_empty() && link.etag.is_empty()));
    assert_eq!(planned.created.len(), 23);
}
