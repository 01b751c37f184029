//! What becomes of observations, and who sees them.

use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::{ObservationClass as Class, ObservationState as State};
use minqing_testkit::{Database, on_both_databases};
use tonic::Code;
use uuid::Uuid;

use super::suite::{
    CADRE, COLLEAGUE, DISPATCHER, LEAD, OFFICER, OTHER_GRID, STRANGER, Suite, TOWN, Who, refused,
};

on_both_databases! {
    it_is_classified_and_archived_once;
    what_is_written_is_seen_in_the_area_and_by_its_author;
    who_only_reads_decides_nothing;
    a_list_is_narrowed_by_each_filter;
    a_request_sent_again_is_answered_as_before;
    counts_are_told_for_the_callers_area;
}

async fn it_is_classified_and_archived_once(database: Database) {
    let suite = Suite::open(&database).await;
    let name = suite.sent(OFFICER, suite.visit()).await;
    assert_eq!(refused(suite.archive(OFFICER, &name, 0).await), "CLASS_MISSING");
    let classified = suite.classify(OFFICER, &name, Class::Housing, Some(true)).await.unwrap();
    assert_eq!((classified.class(), classified.needs_action), (Class::Housing, true));
    assert_eq!((classified.etag.as_str(), classified.handler.as_str()), ("2", "people/officer"));
    assert_eq!(refused(suite.archive(LEAD, &name, 0).await), "OBSERVATION_NEEDS_ACTION");
    let stale = proto::ClassifyObservationRequest {
        name: name.clone(),
        class: Class::Other.into(),
        etag: "1".into(),
        ..Default::default()
    };
    assert_eq!(refused(suite.client().classify_observation(LEAD.asks(stale)).await), "ETAG_MISMATCH");
    suite.classify(LEAD, &name, Class::Livelihood, Some(false)).await.unwrap();
    let archived = suite.archive(LEAD, &name, 0).await.unwrap();
    assert_eq!((archived.state(), archived.class()), (State::Archived, Class::Livelihood));
    assert_eq!(refused(suite.classify(LEAD, &name, Class::Other, None).await), "OBSERVATION_NOT_NEW");
    assert_eq!(refused(suite.archive(LEAD, &name, 0).await), "OBSERVATION_NOT_NEW");
    for name in ["", "observations/", "observations/1", "cases/1"] {
        assert_eq!(suite.archive(LEAD, name, 0).await.unwrap_err().code(), Code::InvalidArgument);
    }
}

async fn what_is_written_is_seen_in_the_area_and_by_its_author(database: Database) {
    let suite = Suite::open(&database).await;
    let name = suite.sent(OFFICER, suite.visit()).await;
    let auditor = Who("people/auditor", "auditor", "321181", "organizations/audit");
    let supervisor = Who("people/supervisor", "supervisor", TOWN, "organizations/supervision-centre");
    for who in [OFFICER, COLLEAGUE, LEAD, CADRE, DISPATCHER, supervisor, auditor] {
        assert_eq!(suite.get(who, &name).await.unwrap().name, name, "{}", who.0);
        let listed = suite.list(who, proto::ListObservationsRequest::default()).await;
        assert_eq!(listed.as_slice(), std::slice::from_ref(&name), "{}", who.0);
    }
    // Wherever they walk now, what they wrote is theirs.
    let moved = Who("people/officer", "window_clerk", "321181101", "organizations/other");
    assert_eq!(suite.get(moved, &name).await.unwrap().name, name);
    assert_eq!(suite.list(moved, proto::ListObservationsRequest::default()).await.len(), 1);
    for who in [STRANGER, Who("people/1", "window_clerk", "", ""), Who("people/1", "administrator", "", "")] {
        assert_eq!(suite.get(who, &name).await.unwrap_err().code(), Code::PermissionDenied, "{}", who.1);
        assert!(suite.list(who, proto::ListObservationsRequest::default()).await.is_empty(), "{}", who.1);
    }
    let citizen = Who("people/1", "citizen", "", "");
    assert_eq!(suite.get(citizen, &name).await.unwrap_err().code(), Code::PermissionDenied);
    let request = citizen.asks(proto::ListObservationsRequest::default());
    assert_eq!(suite.client().list_observations(request).await.unwrap_err().code(), Code::PermissionDenied);
    let nobody = proto::GetObservationRequest { name };
    assert_eq!(suite.client().get_observation(nobody).await.unwrap_err().code(), Code::Unauthenticated);
}

async fn who_only_reads_decides_nothing(database: Database) {
    let suite = Suite::open(&database).await;
    let name = suite.sent(OFFICER, suite.visit()).await;
    let auditor = Who("people/auditor", "auditor", "", "");
    for who in [COLLEAGUE, STRANGER, auditor] {
        let classified = suite.classify(who, &name, Class::Other, None).await.unwrap_err();
        assert_eq!(classified.code(), Code::PermissionDenied, "{}", who.0);
        let archived = suite.archive(who, &name, Class::Other.into()).await.unwrap_err();
        assert_eq!(archived.code(), Code::PermissionDenied, "{}", who.0);
        let raising = super::suite::raising(&name, proto::CaseType::Help);
        assert_eq!(suite.raise(who, raising).await.unwrap_err().code(), Code::PermissionDenied, "{}", who.0);
    }
    assert_eq!(suite.get(OFFICER, &name).await.unwrap().etag, "1");
}

async fn a_list_is_narrowed_by_each_filter(database: Database) {
    let suite = Suite::open(&database).await;
    let old = proto::Observation { observe_time: suite.minutes(-600), ..suite.visit() };
    let patrol = proto::Observation {
        kind: proto::ObservationKind::Patrol.into(),
        class: Class::Safety.into(),
        needs_action: true,
        observe_time: suite.minutes(-5),
        ..suite.visit()
    };
    let elsewhere = proto::Observation { grid: format!("grids/{OTHER_GRID}"), ..suite.visit() };
    let (old, patrol) = (suite.sent(OFFICER, old).await, suite.sent(OFFICER, patrol).await);
    let elsewhere = suite.sent(STRANGER, elsewhere).await;
    suite.archive(LEAD, &old, Class::Other.into()).await.unwrap();
    let all = proto::ListObservationsRequest::default;
    assert_eq!(suite.list(DISPATCHER, all()).await, [patrol.clone(), elsewhere.clone(), old.clone()]);
    let cases = [
        (proto::ListObservationsRequest { division_code: "321181101".into(), ..all() }, &elsewhere),
        (proto::ListObservationsRequest { officer: "people/stranger".into(), ..all() }, &elsewhere),
        (proto::ListObservationsRequest { kind: proto::ObservationKind::Patrol.into(), ..all() }, &patrol),
        (proto::ListObservationsRequest { class: Class::Safety.into(), ..all() }, &patrol),
        (proto::ListObservationsRequest { state: State::Archived.into(), ..all() }, &old),
        (proto::ListObservationsRequest { needs_action: Some(true), ..all() }, &patrol),
        (proto::ListObservationsRequest { observed_from: suite.minutes(-5), ..all() }, &patrol),
        (proto::ListObservationsRequest { observed_before: suite.minutes(-599), ..all() }, &old),
    ];
    for (request, expected) in cases {
        assert_eq!(
            suite.list(DISPATCHER, request.clone()).await,
            std::slice::from_ref(expected),
            "{request:?}"
        );
    }
    // A filter never widens what the caller reaches.
    let other = proto::ListObservationsRequest { division_code: "321181101".into(), ..all() };
    assert!(suite.list(CADRE, other).await.is_empty());
    let page = proto::ListObservationsRequest { page_size: 2, ..all() };
    let first = suite.client().list_observations(DISPATCHER.asks(page.clone())).await.unwrap().into_inner();
    assert_eq!(first.observations.len(), 2);
    let next = proto::ListObservationsRequest { page_token: first.next_page_token.clone(), ..page };
    assert_eq!(suite.list(DISPATCHER, next).await, [old]);
    let wrong = proto::ListObservationsRequest {
        page_token: first.next_page_token,
        page_size: 2,
        officer: "x".into(),
        ..all()
    };
    assert_eq!(refused(suite.client().list_observations(DISPATCHER.asks(wrong)).await), "INVALID_PAGE_TOKEN");
}

async fn a_request_sent_again_is_answered_as_before(database: Database) {
    let suite = Suite::open(&database).await;
    let name = suite.sent(OFFICER, suite.visit()).await;
    let classify = proto::ClassifyObservationRequest {
        name: name.clone(),
        class: Class::Dispute.into(),
        etag: "1".into(),
        request_id: Uuid::new_v4().to_string(),
        ..Default::default()
    };
    let first = suite.client().classify_observation(LEAD.asks(classify.clone())).await.unwrap().into_inner();
    let archive = proto::ArchiveObservationRequest {
        name: name.clone(),
        request_id: Uuid::new_v4().to_string(),
        ..Default::default()
    };
    let archived = suite.client().archive_observation(LEAD.asks(archive.clone())).await.unwrap().into_inner();
    let again = suite.client().classify_observation(LEAD.asks(classify.clone())).await.unwrap().into_inner();
    assert_eq!(again, first);
    let again = suite.client().archive_observation(LEAD.asks(archive)).await.unwrap().into_inner();
    assert_eq!(again, archived);
    let other = proto::ClassifyObservationRequest { class: Class::Other.into(), ..classify };
    assert_eq!(refused(suite.client().classify_observation(LEAD.asks(other)).await), "REQUEST_ID_REUSED");
}

async fn counts_are_told_for_the_callers_area(database: Database) {
    let suite = Suite::open(&database).await;
    let elsewhere = proto::Observation { grid: format!("grids/{OTHER_GRID}"), ..suite.visit() };
    suite.sent(OFFICER, suite.visit()).await;
    suite.sent(OFFICER, suite.visit()).await;
    suite.sent(STRANGER, elsewhere).await;
    let figures = async |who: Who, division_code: &str| {
        let request =
            proto::GetObservationFiguresRequest { division_code: division_code.into(), ..Default::default() };
        Ok::<_, tonic::Status>(suite.client().get_observation_figures(who.asks(request)).await?.into_inner())
    };
    let city = figures(DISPATCHER, "").await.unwrap();
    let told: Vec<_> = city.figures.iter().map(|one| (one.division_code.as_str(), one.count)).collect();
    assert_eq!((told, city.total), (vec![(TOWN, 2), ("321181101", 1)], 3));
    assert_eq!(figures(CADRE, super::suite::VILLAGE).await.unwrap().total, 2);
    assert_eq!(figures(CADRE, "321181101").await.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(figures(OFFICER, super::suite::VILLAGE).await.unwrap_err().code(), Code::PermissionDenied);
}
