//! Organizations over real gRPC, in process: reading, refusals, permissions, and who is responsible.

use minqing_proto::registry::v1 as proto;
use minqing_testkit::{Database, on_both_databases};
use tonic::Status;

use super::suite::{Suite, by, fields, officer, refused};

on_both_databases! {
    an_organization_is_public_and_found_where_it_is_responsible;
    every_wrong_field_is_named;
    an_organization_is_changed_only_by_administrators_of_all_its_area;
    an_update_changes_what_the_mask_names;
    a_batch_is_created_whole_or_not_at_all;
    an_organization_ends_by_the_rules;
    pages_hold_what_was_asked_for;
    a_request_sent_again_is_answered_as_before;
}

fn new(id: &str) -> proto::CreateOrganizationRequest {
    let organization = proto::Organization {
        display_name: format!("机构{id}"),
        kind: proto::OrganizationKind::Department.into(),
        division_code: "321181".into(),
        functions: vec!["供水".into()],
        effective_from: "2026-02-01".into(),
        ..Default::default()
    };
    let organization_id = id.to_owned();
    proto::CreateOrganizationRequest {
        organization: Some(organization),
        organization_id,
        ..Default::default()
    }
}

fn with(id: &str, change: impl FnOnce(&mut proto::Organization)) -> proto::CreateOrganizationRequest {
    let mut request = new(id);
    change(request.organization.as_mut().unwrap());
    request
}

async fn create(
    suite: &Suite,
    request: proto::CreateOrganizationRequest,
) -> Result<proto::Organization, Status> {
    let request = by("administrator", "", request);
    Ok(suite.organizations().create_organization(request).await?.into_inner())
}

async fn an_organization_is_public_and_found_where_it_is_responsible(database: Database) {
    let suite = Suite::open(&database).await;
    let made = create(&suite, new("water")).await.unwrap();
    assert_eq!(
        (made.name.as_str(), made.jurisdiction.as_slice()),
        ("organizations/water", &["321181".to_owned()][..])
    );
    let town = with("town", |town| {
        town.kind = proto::OrganizationKind::ServiceCentreTown.into();
        town.division_code = "321181100000".into();
    });
    // A padded code is answered in its short form.
    assert_eq!(create(&suite, town).await.unwrap().division_code, "321181100");
    let mut organizations = suite.organizations();
    let get = proto::GetOrganizationRequest { name: "organizations/water".into() };
    assert_eq!(organizations.get_organization(get).await.unwrap().into_inner(), made);
    let get = proto::GetOrganizationRequest { name: "organizations/fire".into() };
    assert_eq!(refused(organizations.get_organization(get).await), "NOT_FOUND");
    let mut ask = proto::FindResponsibleRequest {
        division_code: "321181100201".into(),
        function: "供水".into(),
        page_size: 1,
        ..Default::default()
    };
    let mut found = Vec::new();
    loop {
        let page = organizations.find_responsible(ask.clone()).await.unwrap().into_inner();
        for one in page.responsible {
            found.push(format!("{} {}", one.organization.unwrap().name, one.jurisdiction_code));
        }
        ask.page_token = page.next_page_token;
        if ask.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(found, ["organizations/town 321181100", "organizations/water 321181"]);
    let nowhere = proto::FindResponsibleRequest::default();
    assert_eq!(refused(organizations.find_responsible(nowhere).await), "REQUIRED_FIELD");
}

async fn every_wrong_field_is_named(database: Database) {
    let suite = Suite::open(&database).await;
    let wrong = proto::CreateOrganizationRequest {
        organization: Some(proto::Organization {
            parent: "divisions/321181".into(),
            division_code: "321181100201001".into(),
            jurisdiction: vec!["321181".into(), "x".into()],
            functions: vec!["a b".into()],
            phone: "1".repeat(31),
            address: "\u{7}".into(),
            effective_from: "tomorrow".into(),
            ..Default::default()
        }),
        organization_id: "Water".into(),
        request_id: String::new(),
    };
    let wanted = [
        "organization_id",
        "organization.kind",
        "organization.display_name",
        "organization.parent",
        "organization.division_code",
        "organization.jurisdiction[1]",
        "organization.functions[0]",
        "organization.phone",
        "organization.address",
        "organization.effective_from",
    ];
    assert_eq!(fields(&create(&suite, wrong).await.unwrap_err()), wanted);
    let missing = proto::CreateOrganizationRequest::default();
    assert_eq!(fields(&create(&suite, missing).await.unwrap_err()), ["organization"]);
    let level = with("x", |new| new.kind = proto::OrganizationKind::ServiceCentreVillage.into());
    assert_eq!(refused(create(&suite, level).await), "KIND_OF_ANOTHER_LEVEL");
    let orphan = with("x", |new| new.parent = "organizations/nobody".into());
    assert_eq!(refused(create(&suite, orphan).await), "PARENT_MISSING");
    let early = with("x", |new| new.effective_from = "2025-12-31".into());
    assert_eq!(refused(create(&suite, early).await), "DIVISION_NOT_IN_FORCE");
}

async fn an_organization_is_changed_only_by_administrators_of_all_its_area(database: Database) {
    let suite = Suite::open(&database).await;
    let mut organizations = suite.organizations();
    // It would belong to the town, and be responsible for the city.
    let wide = with("x", |new| {
        new.division_code = "321181100".into();
        new.jurisdiction = vec!["321181100".into(), "321181".into()];
    });
    let refusal = organizations.create_organization(by("administrator", "321181100", wide.clone())).await;
    assert_eq!(refused(refusal), "NOT_PERMITTED");
    assert_eq!(refused(organizations.create_organization(wide.clone()).await), "SIGN_IN_NEEDED");
    let refusal = organizations.create_organization(by("cadre", "321181", wide.clone())).await;
    assert_eq!(refused(refusal), "NOT_PERMITTED");
    organizations.create_organization(by("administrator", "321181", wide)).await.unwrap();
    let body = proto::Organization {
        name: "organizations/x".into(),
        jurisdiction: vec!["321181100".into()],
        ..Default::default()
    };
    let update = |body: &proto::Organization| proto::UpdateOrganizationRequest {
        organization: Some(body.clone()),
        ..Default::default()
    };
    let refusal = organizations.update_organization(by("administrator", "321181100", update(&body))).await;
    assert_eq!(refused(refusal), "NOT_PERMITTED");
    organizations.update_organization(by("administrator", "321181", update(&body))).await.unwrap();
    let widen = proto::Organization { jurisdiction: vec!["32".into()], ..body };
    let refusal = organizations.update_organization(by("administrator", "321181", update(&widen))).await;
    assert_eq!(refused(refusal), "NOT_PERMITTED");
    let end = proto::EndOrganizationRequest { name: "organizations/x".into(), ..Default::default() };
    let refusal = organizations.end_organization(by("administrator", "321181101", end)).await;
    assert_eq!(refused(refusal), "NOT_PERMITTED");
}

async fn an_update_changes_what_the_mask_names(database: Database) {
    let suite = Suite::open(&database).await;
    let made = create(&suite, with("x", |new| new.phone = "0511-1".into())).await.unwrap();
    let update = |paths: &[&str], organization: proto::Organization| {
        let paths = paths.iter().map(ToString::to_string).collect();
        let update_mask = Some(prost_types::FieldMask { paths });
        let request = proto::UpdateOrganizationRequest {
            organization: Some(organization),
            update_mask,
            ..Default::default()
        };
        let mut organizations = suite.organizations();
        async move {
            let answer = organizations.update_organization(by("administrator", "", request)).await?;
            Ok::<_, Status>(answer.into_inner())
        }
    };
    let body =
        proto::Organization { name: made.name.clone(), display_name: "新".into(), ..Default::default() };
    // The phone is named and empty, so it goes; the display name is not named, so it stays.
    let changed = update(&["phone"], body.clone()).await.unwrap();
    assert_eq!((changed.phone.as_str(), changed.display_name.as_str()), ("", "机构x"));
    assert_eq!((changed.functions, changed.etag.as_str()), (made.functions, "2"));
    assert_eq!(refused(update(&["kind"], body.clone()).await), "INVALID_MASK");
    assert_eq!(refused(update(&["jurisdiction"], body.clone()).await), "COUNT");
    let stale = proto::Organization { etag: "1".into(), ..body };
    assert_eq!(refused(update(&["phone"], stale).await), "ETAG_MISMATCH");
}

async fn a_batch_is_created_whole_or_not_at_all(database: Database) {
    let suite = Suite::open(&database).await;
    let batch = |requests: Vec<proto::CreateOrganizationRequest>| {
        let request = proto::BatchCreateOrganizationsRequest { requests, request_id: String::new() };
        let mut organizations = suite.organizations();
        async move {
            let answer = organizations.batch_create_organizations(by("system_account", "", request)).await?;
            Ok::<_, Status>(answer.into_inner().organizations)
        }
    };
    let below = with("window", |new| {
        new.kind = proto::OrganizationKind::Window.into();
        new.parent = "organizations/centre".into();
    });
    let centre = with("centre", |new| new.kind = proto::OrganizationKind::ServiceCentreCity.into());
    let wrong = with("x", |new| new.kind = 99);
    let refusal = batch(vec![centre.clone(), wrong]).await.unwrap_err();
    assert_eq!(fields(&refusal), ["requests[1].organization.kind"]);
    assert_eq!(refused(batch(vec![below.clone(), centre.clone()]).await), "PARENT_MISSING");
    assert_eq!(refused(batch(Vec::new()).await), "COUNT");
    let made = batch(vec![centre, below]).await.unwrap();
    assert_eq!(made[1].parent, made[0].name);
}

async fn an_organization_ends_by_the_rules(database: Database) {
    let suite = Suite::open(&database).await;
    create(&suite, new("x")).await.unwrap();
    let mut clerk = officer("clerk", proto::Role::Cadre, "321181");
    clerk.appointments[0].organization = "organizations/x".into();
    suite.create(clerk).await;
    let end = |day: &str| {
        let name = "organizations/x".to_owned();
        let request = proto::EndOrganizationRequest { name, effective_to: day.into(), ..Default::default() };
        let mut organizations = suite.organizations();
        async move {
            let answer = organizations.end_organization(by("administrator", "", request)).await?;
            Ok::<_, Status>(answer.into_inner())
        }
    };
    assert_eq!(refused(end("").await), "HAS_APPOINTMENTS_IN_FORCE");
    assert_eq!(refused(end("2026-01-01").await), "ENDS_BEFORE_IT_BEGINS");
    let list = proto::ListAppointmentsRequest { parent: "people/clerk".into(), ..Default::default() };
    let held = suite.people().list_appointments(by("citizen", "", list)).await.unwrap().into_inner();
    let request =
        proto::EndAppointmentRequest { name: held.appointments[0].name.clone(), ..Default::default() };
    suite.people().end_appointment(by("administrator", "", request)).await.unwrap();
    assert_eq!(end("").await.unwrap().effective_to, "2026-03-01");
}

async fn pages_hold_what_was_asked_for(database: Database) {
    let suite = Suite::open(&database).await;
    for id in ["a", "b", "c"] {
        create(&suite, new(id)).await.unwrap();
    }
    let studio = with("studio", |new| new.kind = proto::OrganizationKind::Studio.into());
    create(&suite, studio).await.unwrap();
    let mut organizations = suite.organizations();
    let page = proto::ListOrganizationsRequest {
        kind: proto::OrganizationKind::Department.into(),
        covers_code: "321181101".into(),
        page_size: 2,
        ..Default::default()
    };
    let first = organizations.list_organizations(page.clone()).await.unwrap().into_inner();
    let next = proto::ListOrganizationsRequest { page_token: first.next_page_token, ..page.clone() };
    let last = organizations.list_organizations(next.clone()).await.unwrap().into_inner();
    let all = first.organizations.into_iter().chain(last.organizations);
    let names: Vec<String> = all.map(|organization| organization.name).collect();
    assert_eq!(names, ["organizations/a", "organizations/b", "organizations/c"]);
    let other = proto::ListOrganizationsRequest { query: "机".into(), ..next };
    assert_eq!(refused(organizations.list_organizations(other).await), "INVALID_PAGE_TOKEN");
    let wrong = proto::ListOrganizationsRequest { function: "a,b".into(), ..page };
    assert_eq!(refused(organizations.list_organizations(wrong).await), "INVALID_FUNCTION");
}

async fn a_request_sent_again_is_answered_as_before(database: Database) {
    let suite = Suite::open(&database).await;
    let mut request = new("");
    request.request_id = uuid::Uuid::from_u128(9).to_string();
    let first = create(&suite, request.clone()).await.unwrap();
    assert_eq!(create(&suite, request.clone()).await.unwrap(), first);
    request.organization.as_mut().unwrap().display_name = "另一".into();
    assert_eq!(refused(create(&suite, request.clone()).await), "REQUEST_ID_REUSED");
    request.request_id = "nine".into();
    assert_eq!(refused(create(&suite, request).await), "INVALID_REQUEST_ID");
}
