//! People over real gRPC, in process: who sees what, who may change what, and what is recorded.

use minqing_proto::registry::v1 as proto;
use minqing_testkit::{Database, on_both_databases};

use super::suite::{Suite, appointment, by, fields, officer, own, person, refused};

on_both_databases! {
    an_officer_is_public_to_the_signed_in_and_others_are_not_told_of;
    numbers_are_masked_and_revealed_for_a_recorded_purpose_only;
    a_person_sees_who_read_their_record;
    people_correct_their_own_name_and_phones_and_no_more;
    an_account_is_lent_only_by_those_who_reach_all_its_appointments;
    a_record_is_kept_by_administrators_of_its_area;
    people_are_searched_by_name_within_an_area_kept_only;
    a_person_is_found_by_a_number_within_reach_and_every_search_is_recorded;
    a_batch_is_created_by_the_suites_own_accounts;
    every_wrong_field_is_named_and_no_number_repeated;
}

const PHONE: &str = "13812345678";
const NUMBER: &str = "11010519491231002X";

fn get(id: &str) -> proto::GetPersonRequest {
    proto::GetPersonRequest { name: format!("people/{id}") }
}

fn reveal(id: &str, purpose: &str) -> proto::RevealPersonRequest {
    proto::RevealPersonRequest { name: format!("people/{id}"), purpose: purpose.to_owned() }
}

fn records_of(id: &str) -> proto::ListAccessRecordsRequest {
    proto::ListAccessRecordsRequest { parent: format!("people/{id}"), ..Default::default() }
}

fn with_numbers(id: &str) -> proto::CreatePersonRequest {
    let mut request = officer(id, proto::Role::InformationOfficer, "321181100201");
    let person = request.person.as_mut().unwrap();
    (person.phone, person.identity_number) = (format!("+86 {PHONE}"), NUMBER.to_lowercase());
    request
}

async fn an_officer_is_public_to_the_signed_in_and_others_are_not_told_of(database: Database) {
    let suite = Suite::open(&database).await;
    suite.create(with_numbers("officer")).await;
    suite.create(person("resident", "321181100")).await;
    let mut people = suite.people();
    assert_eq!(refused(people.get_person(get("officer")).await), "SIGN_IN_NEEDED");
    let seen = people.get_person(by("citizen", "", get("officer"))).await.unwrap().into_inner();
    assert_eq!((seen.display_name.as_str(), seen.work_phone.as_str()), ("张officer", "0511-86520000"));
    // Not even masked: the masked form of a number narrows it down.
    assert_eq!((seen.phone.as_str(), seen.identity_number.as_str(), seen.subjects.len()), ("", "", 0));
    for id in ["resident", "nobody"] {
        assert_eq!(refused(people.get_person(by("cadre", "321181100", get(id))).await), "NOT_FOUND");
    }
    assert_eq!(
        refused(people.get_person(by("administrator", "321181101", get("resident"))).await),
        "NOT_FOUND"
    );
    people.get_person(by("administrator", "321181100", get("resident"))).await.unwrap();
    people.get_person(own("resident", get("resident"))).await.unwrap();
}

async fn numbers_are_masked_and_revealed_for_a_recorded_purpose_only(database: Database) {
    let suite = Suite::open(&database).await;
    let made = suite.create(with_numbers("officer")).await;
    assert_eq!((made.phone.as_str(), made.identity_number.as_str()), ("138****5678", "1101**********002X"));
    let mut people = suite.people();
    let refuse = |role, division, purpose: &'static str| {
        let mut people = suite.people();
        async move { refused(people.reveal_person(by(role, division, reveal("officer", purpose))).await) }
    };
    assert_eq!(refuse("dispatcher", "321181", "").await, "REQUIRED_FIELD");
    assert_eq!(refuse("dispatcher", "321181", "看看").await, "TOO_SHORT");
    assert_eq!(refuse("dispatcher", "321181101", "回访诉求人").await, "NOT_PERMITTED");
    assert_eq!(refuse("auditor", "", "回访诉求人").await, "NOT_PERMITTED");
    assert_eq!(refuse("citizen", "", "回访诉求人").await, "NOT_PERMITTED");
    let records = people.list_access_records(by("auditor", "321181", records_of("officer"))).await.unwrap();
    assert_eq!(records.into_inner().access_records, []);
    let request = by("dispatcher", "321181100", reveal("officer", "回访诉求人"));
    let seen = people.reveal_person(request).await.unwrap().into_inner();
    assert_eq!((seen.phone.as_str(), seen.identity_number.as_str()), (PHONE, NUMBER));
    let records = people.list_access_records(by("auditor", "321181", records_of("officer"))).await.unwrap();
    let record = &records.into_inner().access_records[0];
    assert_eq!((record.actor.as_str(), record.purpose.as_str()), ("test#somebody", "回访诉求人"));
    assert_eq!(record.fields, ["phone", "identity_number"]);
    assert!(record.name.starts_with("people/officer/accessRecords/"), "{}", record.name);
}

async fn a_person_sees_who_read_their_record(database: Database) {
    let suite = Suite::open(&database).await;
    suite.create(with_numbers("a")).await;
    let mut people = suite.people();
    for purpose in ["第一次查阅", "第二次查阅", "第三次查阅"] {
        people.reveal_person(own("a", reveal("a", purpose))).await.unwrap();
    }
    let page = proto::ListAccessRecordsRequest { page_size: 2, ..records_of("a") };
    let first = people.list_access_records(own("a", page.clone())).await.unwrap().into_inner();
    let next = proto::ListAccessRecordsRequest { page_token: first.next_page_token, ..page };
    let last = people.list_access_records(own("a", next)).await.unwrap().into_inner();
    let purposes: Vec<String> =
        first.access_records.into_iter().chain(last.access_records).map(|record| record.purpose).collect();
    assert_eq!(purposes, ["第三次查阅", "第二次查阅", "第一次查阅"]);
    assert_eq!(last.next_page_token, "");
    assert_eq!(refused(people.list_access_records(own("b", records_of("a"))).await), "NOT_PERMITTED");
    // Whoever asks for somebody who does not exist learns no more than of somebody who does.
    assert_eq!(refused(people.list_access_records(own("b", records_of("nobody"))).await), "NOT_PERMITTED");
}

fn update(person: proto::Person, paths: &[&str]) -> proto::UpdatePersonRequest {
    let paths = paths.iter().map(ToString::to_string).collect();
    let update_mask = Some(prost_types::FieldMask { paths });
    proto::UpdatePersonRequest { person: Some(person), update_mask, request_id: String::new() }
}

async fn people_correct_their_own_name_and_phones_and_no_more(database: Database) {
    let suite = Suite::open(&database).await;
    suite.create(with_numbers("a")).await;
    let mut people = suite.people();
    let body = proto::Person {
        name: "people/a".into(),
        display_name: "李四".into(),
        phone: "13900001111".into(),
        ..Default::default()
    };
    let changed = people.update_person(own("a", update(body.clone(), &["display_name", "phone"]))).await;
    let changed = changed.unwrap().into_inner();
    assert_eq!((changed.display_name.as_str(), changed.phone.as_str()), ("李四", "139****1111"));
    assert_eq!(
        refused(people.update_person(own("b", update(body.clone(), &["phone"]))).await),
        "NOT_PERMITTED"
    );
    for field in ["identity_number", "division_code", "subjects"] {
        let body = proto::Person { division_code: "321181".into(), ..body.clone() };
        let request = own("a", update(body, &["display_name", field]));
        assert_eq!(refused(people.update_person(request).await), "NOT_PERMITTED", "{field}");
    }
    let stale = proto::Person { etag: "1".into(), ..body };
    assert_eq!(refused(people.update_person(own("a", update(stale, &["phone"]))).await), "ETAG_MISMATCH");
    let masked = proto::Person { name: "people/a".into(), phone: changed.phone, ..Default::default() };
    // What was shown masked is not taken for the number.
    assert_eq!(refused(people.update_person(own("a", update(masked, &["phone"]))).await), "INVALID_PHONE");
}

async fn an_account_is_lent_only_by_those_who_reach_all_its_appointments(database: Database) {
    let suite = Suite::open(&database).await;
    // The record is kept in a town; the office reaches over the whole city.
    suite.create(officer("chief", proto::Role::Administrator, "321181")).await;
    let mut people = suite.people();
    let subject = proto::Subject { issuer: "https://id.example".into(), subject: "mine".into() };
    let body = proto::Person { name: "people/chief".into(), subjects: vec![subject], ..Default::default() };
    let link = || update(body.clone(), &["subjects"]);
    let refusal = people.update_person(by("administrator", "321181100", link())).await;
    assert_eq!(refused(refusal), "NOT_PERMITTED");
    let linked = people.update_person(by("administrator", "321181", link())).await.unwrap().into_inner();
    assert_eq!(linked.subjects, body.subjects);
}

async fn a_record_is_kept_by_administrators_of_its_area(database: Database) {
    let suite = Suite::open(&database).await;
    let mut people = suite.people();
    for (role, division) in [("cadre", "321181"), ("administrator", "321181101"), ("system_account", "")] {
        let refusal = people.create_person(by(role, division, person("a", "321181100"))).await;
        assert_eq!(refused(refusal), "NOT_PERMITTED", "{role}");
    }
    people.create_person(by("administrator", "321181100", person("a", "321181100"))).await.unwrap();
    // Nobody pushes a record where they have no say.
    let body =
        proto::Person { name: "people/a".into(), division_code: "321181101".into(), ..Default::default() };
    let move_away = update(body, &["division_code"]);
    let refusal = people.update_person(by("administrator", "321181100", move_away)).await;
    assert_eq!(refused(refusal), "NOT_PERMITTED");
    let end = proto::EndPersonRequest { name: "people/a".into(), ..Default::default() };
    let refusal = people.end_person(by("administrator", "321181101", end.clone())).await;
    assert_eq!(refused(refusal), "NOT_PERMITTED");
    let before = proto::EndPersonRequest { effective_to: "2026-01-01".into(), ..end };
    let refusal = people.end_person(by("administrator", "321181100", before)).await;
    assert_eq!(refused(refusal), "ENDS_BEFORE_IT_BEGINS");
}

async fn people_are_searched_by_name_within_an_area_kept_only(database: Database) {
    let suite = Suite::open(&database).await;
    suite.create(officer("officer", proto::Role::Cadre, "321181100")).await;
    suite.create(person("resident", "321181100")).await;
    let list = |role: &'static str, division: &'static str, request: proto::ListPeopleRequest| {
        let mut people = suite.people();
        async move {
            let found = people.list_people(by(role, division, request)).await?.into_inner();
            Ok::<_, tonic::Status>(found.people.into_iter().map(|person| person.name).collect::<Vec<_>>())
        }
    };
    let all = proto::ListPeopleRequest::default;
    let town = || proto::ListPeopleRequest { division_code: "321181100".into(), ..all() };
    assert_eq!(list("citizen", "", all()).await.unwrap(), ["people/officer"]);
    let query = || proto::ListPeopleRequest { query: "张".into(), ..all() };
    assert_eq!(refused(list("administrator", "", query()).await), "REQUIRED_FIELD");
    let query = || proto::ListPeopleRequest { query: "张".into(), ..town() };
    assert_eq!(refused(list("citizen", "", query()).await), "NOT_PERMITTED");
    assert_eq!(refused(list("administrator", "321181101", query()).await), "NOT_PERMITTED");
    assert_eq!(list("administrator", "321181100", query()).await.unwrap(), ["people/officer"]);
    let everybody = || proto::ListPeopleRequest { include_unappointed: true, ..town() };
    assert_eq!(refused(list("cadre", "321181100", everybody()).await), "NOT_PERMITTED");
    let kept = list("administrator", "321181", everybody()).await.unwrap();
    assert_eq!(kept, ["people/officer", "people/resident"]);
    // Who once held an office is no longer public.
    let ever = proto::ListPeopleRequest { effective_on: "all".into(), ..town() };
    assert_eq!(refused(list("citizen", "", ever).await), "NOT_PERMITTED");
    let role = proto::ListPeopleRequest { role: proto::Role::Cadre.into(), ..everybody() };
    assert_eq!(refused(list("administrator", "321181", role).await), "CONTRADICTION");
}

async fn a_person_is_found_by_a_number_within_reach_and_every_search_is_recorded(database: Database) {
    use proto::find_person_request::Key;
    let suite = Suite::open(&database).await;
    suite.create(with_numbers("a")).await;
    let find = |role: &'static str, division: &'static str, key: Key| {
        let mut people = suite.people();
        let request = proto::FindPersonRequest { key: Some(key), purpose: "窗口办理业务".into() };
        async move { Ok::<_, tonic::Status>(people.find_person(by(role, division, request)).await?.into_inner()) }
    };
    let number = || Key::IdentityNumber(NUMBER.into());
    let phone = || Key::Phone(PHONE.into());
    assert_eq!(refused(find("citizen", "", number()).await), "NOT_PERMITTED");
    assert_eq!(find("window_clerk", "321181", number()).await.unwrap().name, "people/a");
    assert_eq!(find("administrator", "321181", phone()).await.unwrap().phone, "138****5678");
    assert_eq!(refused(find("window_clerk", "321181101", number()).await), "NOT_FOUND");
    assert_eq!(refused(find("window_clerk", "", Key::Phone("13900000000".into())).await), "NOT_FOUND");
    suite.create(with_phone("b")).await;
    assert_eq!(refused(find("window_clerk", "", phone()).await), "NUMBER_SHARED");
    let mut people = suite.people();
    let records = people.list_access_records(by("auditor", "", records_of("a"))).await.unwrap().into_inner();
    let fields: Vec<&str> = records.access_records.iter().map(|record| record.fields[0].as_str()).collect();
    assert_eq!(fields, ["find:phone", "find:identity_number", "find:phone", "find:identity_number"]);
    // The one that found nobody is seen by those who audit everything.
    let nobody = || records_of("-");
    let records = people.list_access_records(by("auditor", "", nobody())).await.unwrap().into_inner();
    assert_eq!(records.access_records.len(), 1);
    assert_eq!(records.access_records[0].fields, ["find:phone"]);
    for (role, division) in [("auditor", "321181"), ("administrator", "")] {
        let refusal = people.list_access_records(by(role, division, nobody())).await;
        assert_eq!(refused(refusal), "NOT_PERMITTED", "{role}");
    }
}

fn with_phone(id: &str) -> proto::CreatePersonRequest {
    let mut request = person(id, "321181100");
    request.person.as_mut().unwrap().phone = PHONE.into();
    request
}

async fn a_batch_is_created_by_the_suites_own_accounts(database: Database) {
    let suite = Suite::open(&database).await;
    let mut people = suite.people();
    let requests: Vec<proto::CreatePersonRequest> = (0..1_000)
        .map(|number| officer(&format!("p{number:04}"), proto::Role::OrdinaryMember, "321181100201"))
        .collect();
    let request_id = uuid::Uuid::from_u128(7).to_string();
    let batch = proto::BatchCreatePeopleRequest { requests, request_id };
    let refusal = people.batch_create_people(by("cadre", "", batch.clone())).await;
    assert_eq!(refused(refusal), "NOT_PERMITTED");
    let made = people.batch_create_people(by("system_account", "", batch.clone())).await.unwrap();
    let again = people.batch_create_people(by("system_account", "", batch.clone())).await.unwrap();
    assert_eq!(made.get_ref().people.len(), 1_000);
    assert_eq!(made.into_inner(), again.into_inner());
    let mut wrong = batch;
    wrong.request_id.clear();
    wrong.requests[3].person.as_mut().unwrap().division_code = "32118".into();
    wrong.requests[4].appointments[0].role = 0;
    let refusal = people.batch_create_people(by("system_account", "", wrong)).await.unwrap_err();
    let fields = fields(&refusal);
    assert_eq!(fields, ["requests[3].person.division_code", "requests[4].appointments[0].role"]);
    let requests = vec![with_numbers("one"), person("two", "321181100"), with_numbers("three")];
    let twice = proto::BatchCreatePeopleRequest { requests, request_id: String::new() };
    let refusal = people.batch_create_people(by("system_account", "", twice)).await.unwrap_err();
    assert_eq!(self::fields(&refusal), ["requests[2].person.identity_number"]);
    assert!(!format!("{refusal:?}").contains(NUMBER));
    assert_eq!(refused::<()>(Err(refusal)), "DUPLICATE_IDENTITY_NUMBER");
    let many = vec![proto::CreatePersonRequest::default(); 1_001];
    let many = proto::BatchCreatePeopleRequest { requests: many, request_id: String::new() };
    assert_eq!(refused(people.batch_create_people(by("system_account", "", many)).await), "COUNT");
}

async fn every_wrong_field_is_named_and_no_number_repeated(database: Database) {
    let suite = Suite::open(&database).await;
    let mut people = suite.people();
    let wrong = proto::CreatePersonRequest {
        person: Some(proto::Person {
            division_code: "321181100201001".into(),
            work_phone: "1".repeat(31),
            phone: "13812x".into(),
            identity_number: "110105194912310021".into(),
            subjects: vec![proto::Subject { issuer: "i".into(), subject: String::new() }],
            effective_from: "2026-1-1".into(),
            ..Default::default()
        }),
        person_id: "-x".into(),
        appointments: vec![proto::Appointment {
            role: 99,
            organization: "people/x".into(),
            division_code: "32118".into(),
            ..Default::default()
        }],
        request_id: String::new(),
    };
    let refusal = people.create_person(by("administrator", "", wrong)).await.unwrap_err();
    let wanted = [
        "person_id",
        "person.display_name",
        "person.division_code",
        "person.work_phone",
        "person.phone",
        "person.identity_number",
        "person.subjects[0].subject",
        "person.effective_from",
        "appointments[0].role",
        "appointments[0].organization",
        "appointments[0].division_code",
    ];
    assert_eq!(fields(&refusal), wanted);
    let said = format!("{refusal:?}");
    assert!(!said.contains("13812x") && !said.contains("11010519"), "{said}");
    let backwards = proto::Appointment {
        effective_from: "2026-03-02".into(),
        effective_to: "2026-03-01".into(),
        ..appointment(proto::Role::Cadre, "321181")
    };
    let mut request = person("a", "321181");
    request.appointments.push(backwards);
    let refusal = people.create_person(by("administrator", "", request)).await;
    assert_eq!(refused(refusal), "APPOINTMENT_ENDS_BEFORE_IT_BEGINS");
}
