//! Observations that become cases.

use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::ObservationState as State;
use minqing_testkit::{Database, on_both_databases};
use tonic::Code;
use uuid::Uuid;

use super::suite::{CADRE, COLLEAGUE, DISPATCHER, LEAD, OFFICER, Suite, Who, fields, raising, refused};

on_both_databases! {
    it_becomes_a_case_and_each_names_the_other;
    whoever_raises_it_says_what_the_observation_does_not;
    what_the_observation_says_is_not_said_again;
    a_lost_answer_is_told_again;
    what_became_a_complaint_is_kept_from_those_of_the_area;
    what_is_retyped_to_a_complaint_is_kept_from_then_on;
}

async fn case(suite: &Suite, who: Who, name: &str) -> Result<proto::Case, tonic::Status> {
    let request = who.asks(proto::GetCaseRequest { name: name.to_owned() });
    Ok(suite.cases().get_case(request).await?.into_inner())
}

async fn it_becomes_a_case_and_each_names_the_other(database: Database) {
    let suite = Suite::open(&database).await;
    let patrol = proto::Observation {
        kind: proto::ObservationKind::Patrol.into(),
        needs_action: true,
        grid: String::new(),
        latitude: Some(31.96),
        longitude: Some(119.51),
        datum: minqing_proto::registry::v1::Datum::Wgs84.into(),
        ..suite.visit()
    };
    let name = suite.sent(OFFICER, patrol.clone()).await;
    let raised = suite.raise(LEAD, raising(&name, proto::CaseType::Help)).await.unwrap();
    let observation = raised.observation.unwrap();
    let tracked = raised.case.unwrap();
    assert_eq!((observation.state(), &observation.case), (State::Raised, &tracked.name));
    assert_eq!(observation.handler, "people/lead");
    let made = case(&suite, DISPATCHER, &tracked.name).await.unwrap();
    assert_eq!(
        (made.title.as_str(), made.content.as_str()),
        (patrol.title.as_str(), patrol.content.as_str())
    );
    assert_eq!((made.origin.as_str(), made.door()), (name.as_str(), proto::Door::Patrol));
    assert_eq!((made.area.as_str(), made.latitude), ("grids/321181100201001", Some(31.96)));
    // Whoever observed it was asked first and owns it, whoever made it a case.
    assert_eq!((made.first_asked.as_str(), made.owner.as_str()), ("people/officer", "people/officer"));
    assert_eq!(made.owner_organization, "organizations/village");
    // It runs from now on like every case, and is followed like every case.
    assert!(made.next_due_time.is_some());
    let track = proto::TrackCaseRequest { name: tracked.name.clone(), secret: raised.secret };
    assert_eq!(suite.cases().track_case(track).await.unwrap().into_inner().name, tracked.name);
    assert_eq!(suite.get(COLLEAGUE, &name).await.unwrap().case, tracked.name);
    let again = suite.raise(OFFICER, raising(&name, proto::CaseType::Help)).await;
    assert_eq!(refused(again), "OBSERVATION_NOT_NEW");
    assert_eq!(refused(suite.archive(LEAD, &name, 1).await), "OBSERVATION_NOT_NEW");
}

async fn whoever_raises_it_says_what_the_observation_does_not(database: Database) {
    let suite = Suite::open(&database).await;
    let name = suite.sent(OFFICER, suite.visit()).await;
    let given = proto::Case {
        r#type: proto::CaseType::Help.into(),
        priority: proto::Priority::Utility.into(),
        title: "屋顶修缮".into(),
        content: "请住建部门查看".into(),
        address: "前巷村3号".into(),
        reporter: Some(proto::Reporter {
            display_name: "王小明".into(),
            phone: "138 0000 0001".into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let request = proto::RaiseCaseRequest { name, case: Some(given), ..Default::default() };
    let raised = suite.raise(OFFICER, request).await.unwrap();
    let made = case(&suite, DISPATCHER, &raised.case.unwrap().name).await.unwrap();
    assert_eq!((made.title.as_str(), made.content.as_str()), ("屋顶修缮", "请住建部门查看"));
    assert_eq!((made.address.as_str(), made.priority()), ("前巷村3号", proto::Priority::Utility));
    assert_eq!(made.reporter.unwrap().display_name, "王*");
}

async fn what_the_observation_says_is_not_said_again(database: Database) {
    let suite = Suite::open(&database).await;
    let name = suite.sent(OFFICER, suite.visit()).await;
    let wrong = proto::Case {
        r#type: proto::CaseType::Help.into(),
        door: proto::Door::Hotline.into(),
        area: "divisions/321181".into(),
        latitude: Some(31.96),
        longitude: Some(119.51),
        origin: "cases/1".into(),
        ..Default::default()
    };
    let with = |case: Option<proto::Case>| proto::RaiseCaseRequest {
        name: name.clone(),
        case,
        ..Default::default()
    };
    let refusal = suite.raise(OFFICER, with(Some(wrong))).await;
    assert_eq!(fields(refusal), ["case.door", "case.area", "case.latitude", "case.longitude", "case.origin"]);
    assert_eq!(fields(suite.raise(OFFICER, with(None)).await), ["case"]);
    assert_eq!(fields(suite.raise(OFFICER, with(Some(proto::Case::default()))).await), ["case.type"]);
    let unknown = proto::Case {
        r#type: proto::CaseType::Complaint.into(),
        against: vec!["organizations/nobody".into()],
        ..Default::default()
    };
    assert_eq!(refused(suite.raise(OFFICER, with(Some(unknown))).await), "REFERENCE_MISSING");
    let stale = proto::RaiseCaseRequest { etag: "7".into(), ..raising(&name, proto::CaseType::Help) };
    assert_eq!(refused(suite.raise(OFFICER, stale).await), "ETAG_MISMATCH");
    assert_eq!(suite.get(OFFICER, &name).await.unwrap().state(), State::New);
}

async fn a_lost_answer_is_told_again(database: Database) {
    let suite = Suite::open(&database).await;
    let name = suite.sent(OFFICER, suite.visit()).await;
    let request = proto::RaiseCaseRequest {
        etag: "1".into(),
        request_id: Uuid::new_v4().to_string(),
        ..raising(&name, proto::CaseType::Complaint)
    };
    // A cadre raises it, who could not see it any more if they had not.
    let first = suite.raise(CADRE, request.clone()).await.unwrap();
    let again = suite.raise(CADRE, request.clone()).await.unwrap();
    assert_eq!(again, first);
    assert!(!first.secret.is_empty());
    let listed = suite.cases().list_cases(DISPATCHER.asks(proto::ListCasesRequest::default())).await.unwrap();
    assert_eq!(listed.into_inner().cases.len(), 1);
    let other = proto::RaiseCaseRequest { case: raising("", proto::CaseType::Help).case, ..request };
    assert_eq!(refused(suite.raise(CADRE, other).await), "REQUEST_ID_REUSED");
}

async fn hidden(suite: &Suite, who: Who, name: &str) {
    let refusal = suite.get(who, name).await.unwrap_err();
    assert_eq!(refusal.code(), Code::NotFound, "{}", who.0);
    let listed = suite.list(who, proto::ListObservationsRequest::default()).await;
    assert!(listed.iter().all(|listed| listed != name), "{}", who.0);
}

async fn what_became_a_complaint_is_kept_from_those_of_the_area(database: Database) {
    let suite = Suite::open(&database).await;
    let name = suite.sent(OFFICER, suite.visit()).await;
    let against = proto::Case {
        r#type: proto::CaseType::Complaint.into(),
        against: vec!["people/cadre".into()],
        ..Default::default()
    };
    let request = proto::RaiseCaseRequest { name: name.clone(), case: Some(against), ..Default::default() };
    let raised = suite.raise(OFFICER, request).await.unwrap();
    let number = raised.case.unwrap().name;
    for who in [CADRE, LEAD, COLLEAGUE] {
        hidden(&suite, who, &name).await;
    }
    for who in [OFFICER, DISPATCHER] {
        assert_eq!(suite.get(who, &name).await.unwrap().case, number, "{}", who.0);
        assert_eq!(
            suite.list(who, proto::ListObservationsRequest::default()).await.as_slice(),
            std::slice::from_ref(&name)
        );
    }
    // Whoever works by now for those it is against has what they wrote, and is not told what it became.
    let elsewhere = Who("people/officer", "information_officer", OFFICER.2, "organizations/other");
    let own = suite.sent(elsewhere, suite.visit()).await;
    let against = proto::Case {
        r#type: proto::CaseType::Complaint.into(),
        against: vec!["organizations/village".into()],
        ..Default::default()
    };
    let request = proto::RaiseCaseRequest { name: own.clone(), case: Some(against), ..Default::default() };
    suite.raise(elsewhere, request.clone()).await.unwrap();
    let seen = suite.get(OFFICER, &own).await.unwrap();
    assert_eq!((seen.state(), seen.case.as_str(), seen.title), (State::Raised, "", suite.visit().title));
    hidden(&suite, CADRE, &own).await;
    // And nobody owns a case against themselves.
    let name = suite.sent(OFFICER, suite.visit()).await;
    let refusal = suite.raise(DISPATCHER, proto::RaiseCaseRequest { name, ..request }).await;
    assert_eq!(refused(refusal), "OWNER_COMPLAINED_OF");
    for anonymity in [proto::Anonymity::Confidential, proto::Anonymity::Anonymous] {
        let close = suite.sent(OFFICER, suite.visit()).await;
        let mut request = raising(&close, proto::CaseType::Help);
        request.case.as_mut().unwrap().anonymity = anonymity.into();
        suite.raise(OFFICER, request).await.unwrap();
        hidden(&suite, LEAD, &close).await;
        assert!(suite.get(OFFICER, &close).await.is_ok());
    }
}

async fn what_is_retyped_to_a_complaint_is_kept_from_then_on(database: Database) {
    let suite = Suite::open(&database).await;
    let name = suite.sent(OFFICER, suite.visit()).await;
    let raised = suite.raise(OFFICER, raising(&name, proto::CaseType::Help)).await.unwrap();
    assert!(suite.get(LEAD, &name).await.is_ok());
    let retype = proto::RetypeCaseRequest {
        name: raised.case.unwrap().name,
        r#type: proto::CaseType::Complaint.into(),
        reason: "实为投诉".into(),
        ..Default::default()
    };
    suite.cases().retype_case(DISPATCHER.asks(retype)).await.unwrap();
    hidden(&suite, LEAD, &name).await;
    assert!(suite.get(OFFICER, &name).await.is_ok());
}
