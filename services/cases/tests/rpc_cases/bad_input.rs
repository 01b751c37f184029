//! What is not taken, and what is taken although it looks strange.

use minqing_proto::cases::v1 as proto;
use minqing_proto::registry::v1::Datum;
use minqing_testkit::Database;
use tonic::{Code, Request, Status};

use super::town::{GONE, Raised, Town, WATER, clerk, fields, lamp, lead, reason, refused, submit, worker};

on_sqlite! {
    texts_of_any_kind_are_taken_as_they_are_or_refused_by_name;
    every_field_that_is_wrong_is_named;
    places_that_are_none_are_refused;
    what_is_not_in_the_registry_is_refused;
    names_that_are_none_are_refused;
    limits_are_within_reason;
}

async fn tries(town: &Town, case: proto::Case) -> Result<Raised, Status> {
    town.submit(Request::new(submit(case))).await
}

async fn texts_of_any_kind_are_taken_as_they_are_or_refused_by_name(database: Database) {
    let town = Town::open(&database).await;
    let title = |text: &str| proto::Case { title: text.into(), ..lamp() };
    let content = |text: &str| proto::Case { content: text.into(), ..lamp() };
    let rare = "😀👨‍👩‍👧𠮷㐂龘\u{301}a\u{200d}\u{202e}b";
    let long = "长".repeat(10_000);
    for text in ["", "一", "第一行\r\n第二行\n\t第三行", rare, &long] {
        let raised = tries(&town, content(text)).await.unwrap();
        assert_eq!(town.get(&raised.name).await.content, text.replace("\r\n", "\n"));
    }
    for text in ["一", rare, &"长".repeat(100)] {
        let raised = tries(&town, title(text)).await.unwrap();
        assert_eq!(town.get(&raised.name).await.title, text);
    }
    let huge = "长".repeat(100_000);
    for (case, field) in [
        (title(""), "case.title"),
        (title("  \n "), "case.title"),
        (title(&"长".repeat(101)), "case.title"),
        (title(&huge), "case.title"),
        (title("一\n二"), "case.title"),
        (title("一\0二"), "case.title"),
        (content(&"长".repeat(10_001)), "case.content"),
        (content(&huge), "case.content"),
        (content("\u{7}"), "case.content"),
    ] {
        assert_eq!(fields(tries(&town, case).await), [field]);
    }
    // What people write to each other is held to the same.
    let raised = town.dispatched(lamp(), WATER).await;
    town.sign(WATER, &raised.part(1)).await.unwrap();
    for text in ["", &"长".repeat(5_001), &huge, "一\0二"] {
        let reply =
            proto::ReplyAssignmentRequest { name: raised.part(1), text: text.into(), ..Default::default() };
        assert_eq!(fields(town.assignments().reply_assignment(worker(WATER, reply)).await), ["text"]);
    }
    town.resolve(WATER, &raised.part(1), rare).await.unwrap();
    assert_eq!(town.track(&raised).await.replies[0].text, rare);
}

async fn every_field_that_is_wrong_is_named(database: Database) {
    let town = Town::open(&database).await;
    let wrong = proto::Case {
        r#type: 99,
        door: 0,
        priority: -1,
        anonymity: 9,
        title: String::new(),
        item: "lamp".into(),
        origin: "x".repeat(201),
        against: vec!["people/".into()],
        ..lamp()
    };
    let named = fields(tries(&town, wrong).await);
    let all = ["type", "door", "priority", "anonymity", "title", "item", "origin", "against[0]"];
    assert_eq!(named.len(), all.len(), "{named:?}");
    assert!(all.iter().all(|field| named.contains(&format!("case.{field}"))), "{named:?}");
    let many = proto::Case { against: vec![WATER.into(); 11], ..lamp() };
    assert_eq!(fields(tries(&town, many).await), ["case.against"]);
    let request = proto::SubmitCaseRequest::default();
    assert_eq!(fields(town.submit(Request::new(request)).await), ["case"]);
    let request = proto::SubmitCaseRequest { request_id: "x".into(), ..submit(lamp()) };
    assert_eq!(fields(town.submit(Request::new(request)).await), ["request_id"]);
    for phone in ["abc", "138+1", &"1".repeat(21)] {
        let reporter = Some(proto::Reporter { phone: phone.into(), ..Default::default() });
        assert_eq!(fields(tries(&town, proto::Case { reporter, ..lamp() }).await), ["case.reporter.phone"]);
    }
}

async fn places_that_are_none_are_refused(database: Database) {
    let town = Town::open(&database).await;
    let at = |latitude, longitude, datum: i32| proto::Case { latitude, longitude, datum, ..lamp() };
    let wgs = Datum::Wgs84.into();
    for (latitude, longitude, datum, field) in [
        (Some(32.0), None, wgs, "case.longitude"),
        (None, Some(119.5), wgs, "case.latitude"),
        // Beijing is in no grid of the city; nor is the sea, or the pole.
        (Some(39.9), Some(116.4), wgs, "case.latitude"),
        (Some(0.0), Some(0.0), wgs, "case.latitude"),
        (Some(91.0), Some(119.5), wgs, "case.latitude"),
        (Some(f64::NAN), Some(119.5), wgs, "case.latitude"),
        (Some(32.005), Some(f64::INFINITY), wgs, "case.latitude"),
        (Some(32.005), Some(119.505), 0, "case.datum"),
        (Some(32.005), Some(119.505), 99, "case.datum"),
    ] {
        let refusal = fields(tries(&town, at(latitude, longitude, datum)).await);
        assert_eq!(refusal, [field], "{latitude:?} {longitude:?} {datum}");
    }
    // Another city that the registry knows.
    let elsewhere = proto::Case { area: "divisions/321282".into(), ..lamp() };
    assert_eq!(fields(tries(&town, elsewhere).await), ["case.area"]);
}

async fn what_is_not_in_the_registry_is_refused(database: Database) {
    let town = Town::open(&database).await;
    for area in
        ["divisions/321181999", "grids/321181100201999", "divisions/abc", "towns/1", "divisions/321181100202"]
    {
        let refusal = tries(&town, proto::Case { area: area.into(), ..lamp() }).await;
        assert_eq!(fields(refusal), ["case.area"], "{area}");
    }
    let against = vec![WATER.to_owned(), "organizations/nobody".to_owned()];
    assert_eq!(fields(tries(&town, proto::Case { against, ..lamp() }).await), ["case.against[1]"]);
    // What was dissolved can still be complained of; but it handles nothing any more.
    let raised = tries(&town, proto::Case { against: vec![GONE.into()], ..lamp() }).await.unwrap();
    town.accept(&raised.name).await;
    assert_eq!(
        fields(town.dispatch(&raised.name, &[lead("organizations/nobody")]).await),
        ["units[0].organization"]
    );
    let other = town.raise(lamp()).await;
    town.accept(&other.name).await;
    assert_eq!(reason(town.dispatch(&other.name, &[lead(GONE)]).await), "ORGANIZATION_NOT_IN_FORCE");
}

async fn names_that_are_none_are_refused(database: Database) {
    let town = Town::open(&database).await;
    for name in ["", "cases/", "cases/abc", "cases/1/2", "case/1", &format!("cases/{}", "1".repeat(33))] {
        let get = proto::GetCaseRequest { name: name.into() };
        assert_eq!(fields(town.cases().get_case(clerk(get)).await), ["name"], "{name}");
    }
    let raised = town.dispatched(lamp(), WATER).await;
    for name in [raised.name.clone(), raised.part(1) + "/x", format!("{}/assignments/-1", raised.name)] {
        assert_eq!(fields(town.sign(WATER, &name).await), ["name"], "{name}");
    }
    for name in [raised.part(2), raised.part(u32::MAX), "cases/1/assignments/1".to_owned()] {
        assert_eq!(refused(town.sign(WATER, &name).await), (Code::NotFound, "NOT_FOUND".into()), "{name}");
    }
    let accept = proto::AcceptCaseRequest { name: raised.name, etag: "x".into(), ..Default::default() };
    assert_eq!(fields(town.cases().accept_case(clerk(accept)).await), ["etag"]);
}

async fn limits_are_within_reason(database: Database) {
    use proto::limit::Limit;
    let town = Town::open(&database).await;
    let raised = town.raise(lamp()).await;
    town.accept(&raised.name).await;
    let unit = |limit| proto::Unit { limit: Some(proto::Limit { limit }), ..lead(WATER) };
    for (limit, field) in [
        (None, "units[0].limit"),
        (Some(Limit::WorkingDays(0)), "units[0].limit.working_days"),
        (Some(Limit::WorkingDays(61)), "units[0].limit.working_days"),
        (Some(Limit::WorkingMinutes(-1)), "units[0].limit.working_minutes"),
        (Some(Limit::Minutes(i32::MAX)), "units[0].limit.minutes"),
    ] {
        assert_eq!(fields(town.dispatch(&raised.name, &[unit(limit)]).await), [field]);
    }
    let long = unit(Some(Limit::WorkingDays(4)));
    assert_eq!(reason(town.dispatch(&raised.name, &[long]).await), "SUB_LIMIT_TOO_LONG");
    let none: [proto::Unit; 0] = [];
    assert_eq!(fields(town.dispatch(&raised.name, &none).await), ["units"]);
    town.dispatch(&raised.name, &[unit(Some(Limit::WorkingMinutes(120)))]).await.unwrap();
    town.sign(WATER, &raised.part(1)).await.unwrap();
    for (days, told) in [
        (-1, None),
        (0, Some("EXTENSION_CAP")),
        (11, Some("EXTENSION_CAP")),
        (i32::MAX, Some("EXTENSION_CAP")),
    ] {
        let request = proto::RequestExtensionRequest {
            name: raised.part(1),
            working_days: days,
            reason: "x".into(),
            ..Default::default()
        };
        let answer = town.assignments().request_extension(worker(WATER, request)).await;
        match told {
            Some(told) => assert_eq!(reason(answer), told),
            None => assert_eq!(fields(answer), ["working_days"]),
        }
    }
}
