//! Appointments over real gRPC, in process: who may appoint, who sees it, and when it takes effect.

use minqing_proto::registry::v1 as proto;
use minqing_testkit::{Database, on_both_databases};

use super::suite::{Suite, appointment, by, officer, person, refused};

on_both_databases! {
    nobody_appoints_further_than_they_reach;
    appointments_of_everybody_are_listed_in_pages;
    what_an_account_may_do_is_told_to_services_only;
    a_dismissal_takes_effect_at_once;
    an_appointment_by_another_process_is_noticed_soon;
}

async fn nobody_appoints_further_than_they_reach(database: Database) {
    let suite = Suite::open(&database).await;
    suite.create(person("a", "321181100")).await;
    let mut people = suite.people();
    let appoint = |role, place: &str| proto::CreateAppointmentRequest {
        parent: "people/a".into(),
        appointment: Some(appointment(role, place)),
        request_id: String::new(),
    };
    for (role, place) in
        [(proto::Role::Administrator, ""), (proto::Role::Cadre, "321181"), (proto::Role::Cadre, "321181101")]
    {
        let refusal = people.create_appointment(by("administrator", "321181100", appoint(role, place))).await;
        assert_eq!(refused(refusal), "NOT_PERMITTED", "{place}");
    }
    let mut wide = person("b", "321181100");
    wide.appointments.push(appointment(proto::Role::Cadre, "321181"));
    assert_eq!(refused(people.create_person(by("administrator", "321181100", wide)).await), "NOT_PERMITTED");
    let request = by("administrator", "321181100", appoint(proto::Role::Cadre, "321181100201"));
    let made = people.create_appointment(request).await.unwrap().into_inner();
    assert_eq!(made.level(), proto::DivisionLevel::Village);
    let end = proto::EndAppointmentRequest { name: made.name.clone(), ..Default::default() };
    let refusal = people.end_appointment(by("administrator", "321181101", end.clone())).await;
    assert_eq!(refused(refusal), "NOT_PERMITTED");
    let before = proto::EndAppointmentRequest { effective_to: "2026-01-01".into(), ..end };
    let refusal = people.end_appointment(by("administrator", "321181100", before)).await;
    assert_eq!(refused(refusal), "APPOINTMENT_ENDS_BEFORE_IT_BEGINS");
    let get = proto::GetAppointmentRequest { name: made.name.clone() };
    assert_eq!(people.get_appointment(by("citizen", "", get)).await.unwrap().into_inner(), made);
}

async fn appointments_of_everybody_are_listed_in_pages(database: Database) {
    let suite = Suite::open(&database).await;
    for id in ["a", "b", "c"] {
        suite.create(officer(id, proto::Role::Mediator, "321181100")).await;
    }
    let mut people = suite.people();
    let page = proto::ListAppointmentsRequest {
        parent: "people/-".into(),
        division_code: "321181".into(),
        role: proto::Role::Mediator.into(),
        page_size: 2,
        ..Default::default()
    };
    assert_eq!(refused(people.list_appointments(page.clone()).await), "SIGN_IN_NEEDED");
    let first = people.list_appointments(by("citizen", "", page.clone())).await.unwrap().into_inner();
    let token = first.next_page_token;
    let next = proto::ListAppointmentsRequest { page_token: token.clone(), ..page.clone() };
    let last = people.list_appointments(by("citizen", "", next)).await.unwrap().into_inner();
    let names: Vec<String> = first
        .appointments
        .into_iter()
        .chain(last.appointments)
        .map(|held| held.person_display_name)
        .collect();
    assert_eq!((names, last.next_page_token.as_str()), (vec!["张a".into(), "张b".into(), "张c".into()], ""));
    let other =
        proto::ListAppointmentsRequest { page_token: token, parent: "people/a".into(), ..page.clone() };
    assert_eq!(refused(people.list_appointments(by("citizen", "", other)).await), "INVALID_PAGE_TOKEN");
    let one = proto::ListAppointmentsRequest { parent: "people/b".into(), ..page };
    let one = people.list_appointments(by("citizen", "", one)).await.unwrap().into_inner();
    assert_eq!(one.appointments.len(), 1);
}

async fn what_an_account_may_do_is_told_to_services_only(database: Database) {
    let suite = Suite::open(&database).await;
    let account = proto::Subject { issuer: "https://id.example".into(), subject: "a".into() };
    let mut request = officer("a", proto::Role::Mediator, "321181100");
    request.person.as_mut().unwrap().subjects.push(account.clone());
    suite.create(request).await;
    let mut people = suite.people();
    let ask = |subject: &str| {
        let subject = Some(proto::Subject { subject: subject.into(), ..account.clone() });
        proto::ResolveSubjectRequest { subject }
    };
    for (role, division) in [("administrator", ""), ("system_account", "321181")] {
        let refusal = people.resolve_subject(by(role, division, ask("a"))).await;
        assert_eq!(refused(refusal), "NOT_PERMITTED");
    }
    let found = people.resolve_subject(by("system_account", "", ask("a"))).await.unwrap().into_inner();
    assert_eq!((found.person.as_str(), found.appointments.len()), ("people/a", 1));
    let nobody = people.resolve_subject(by("system_account", "", ask("b"))).await.unwrap().into_inner();
    assert_eq!(nobody, proto::ResolveSubjectResponse::default());
}

async fn a_dismissal_takes_effect_at_once(database: Database) {
    let suite = Suite::open(&database).await;
    let mut request = officer("a", proto::Role::Dispatcher, "321181100");
    let account = proto::Subject { issuer: "https://id.example".into(), subject: "a".into() };
    request.person.as_mut().unwrap().subjects.push(account);
    assert_eq!(suite.roles("a").await, (None, vec![]));
    suite.create(request).await;
    assert_eq!(suite.roles("a").await, (Some("people/a".into()), vec!["dispatcher 321181100".into()]));
    let mut people = suite.people();
    let list = proto::ListAppointmentsRequest { parent: "people/a".into(), ..Default::default() };
    let held = people.list_appointments(by("citizen", "", list)).await.unwrap().into_inner();
    let end = |day: &str| proto::EndAppointmentRequest {
        name: held.appointments[0].name.clone(),
        effective_to: day.into(),
        ..Default::default()
    };
    people.end_appointment(by("administrator", "", end("2026-03-02"))).await.unwrap();
    assert_eq!(suite.roles("a").await.1.len(), 1);
    // It ends by the date alone, without any event on that day.
    suite.clock.advance(chrono::Duration::days(1));
    assert_eq!(suite.roles("a").await, (Some("people/a".into()), vec![]));
    suite.clock.advance(chrono::Duration::days(-1));
    assert_eq!(suite.roles("a").await.1.len(), 1);
    people.end_appointment(by("administrator", "", end("2026-03-01"))).await.unwrap();
    assert_eq!(suite.roles("a").await.1.len(), 0);
}

async fn an_appointment_by_another_process_is_noticed_soon(database: Database) {
    let suite = Suite::open(&database).await;
    let other = Suite::beside(&database).await;
    assert_eq!(suite.roles("a").await, (None, vec![]));
    let mut request = officer("a", proto::Role::Supervisor, "321181");
    let account = proto::Subject { issuer: "https://id.example".into(), subject: "a".into() };
    request.person.as_mut().unwrap().subjects.push(account);
    other.create(request).await;
    // The feed of PostgreSQL hides what transactions of other tests, still running, could precede.
    for _ in 0..100 {
        if suite.roles("a").await.1 == ["supervisor 321181"] {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the appointment was not noticed within ten seconds");
}
