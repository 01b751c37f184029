//! Items: public to read, versioned, changed by administrators of their area.

use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::limit::Limit;
use minqing_testkit::{Database, on_both_databases};
use tonic::{Code, Request};

use super::suite::{Suite, by, fields, limit, refused, water};

on_both_databases! {
    an_item_is_public_and_stays_readable_in_each_version;
    every_wrong_field_is_named;
    what_an_item_refers_to_must_be_there;
    a_promise_longer_than_the_law_is_refused;
    an_item_is_changed_by_administrators_of_its_area_only;
    pages_hold_what_was_asked_for;
    an_item_ends_by_the_rules;
    a_request_sent_again_is_answered_as_before;
}

async fn an_item_is_public_and_stays_readable_in_each_version(database: Database) {
    let suite = Suite::open(&database).await;
    let made = suite.create("water", water()).await.unwrap();
    assert_eq!((made.name.as_str(), made.version, made.etag.as_str()), ("items/water", 1, "1"));
    assert_eq!((made.calendar.as_str(), made.effective_from.as_str()), ("calendars/china", "2026-03-02"));
    assert_eq!(suite.item("water", 0).await.unwrap(), made);
    let item = proto::Item { keywords: Vec::new(), statutory_limit: None, ..made.clone() };
    let changed = suite.update(&["keywords", "statutory_limit"], item).await.unwrap();
    assert_eq!((changed.version, changed.statutory_limit, changed.keywords.len()), (2, None, 0));
    assert_eq!(suite.item("water", 0).await.unwrap(), changed);
    assert_eq!(suite.item("water", 1).await.unwrap(), made);
    assert_eq!(refused(suite.item("water", 3).await), "NOT_FOUND");
    assert_eq!(refused(suite.item("water", -1).await), "OUT_OF_RANGE");
    assert_eq!(refused(suite.item("gas", 0).await), "NOT_FOUND");
    assert_eq!(refused(suite.update(&["keywords"], made).await), "ETAG_MISMATCH");
}

async fn every_wrong_field_is_named(database: Database) {
    let suite = Suite::open(&database).await;
    let wrong = proto::Item {
        display_name: "=供水".into(),
        division_code: "321181100201001".into(),
        department: "water".into(),
        levels: vec![9],
        case_types: vec![1, 99],
        promised_limit: None,
        statutory_limit: limit(Limit::Minutes(0)),
        function: "供 水".into(),
        calendar: "china".into(),
        documents: vec![proto::ItemDocument { name: "a|b".into(), ..Default::default() }],
        legal_basis: vec!["x".repeat(201)],
        keywords: vec!["好".into(), String::new()],
        effective_from: "tomorrow".into(),
        ..Default::default()
    };
    let found = fields(suite.create("Water", wrong).await);
    let wanted = [
        "item_id",
        "item.division_code",
        "item.effective_from",
        "item.display_name",
        "item.department",
        "item.levels[0]",
        "item.case_types[1]",
        "item.promised_limit",
        "item.statutory_limit.minutes",
        "item.function",
        "item.calendar",
        "item.documents[0].name",
        "item.legal_basis[0]",
        "item.keywords[1]",
    ];
    assert_eq!(found, wanted);
    let request = by("administrator", "", proto::CreateItemRequest::default());
    assert_eq!(fields(suite.items().create_item(request).await), ["item"]);
    suite.create("water", water()).await.unwrap();
    let update =
        suite.update(&["division_code"], proto::Item { name: "items/water".into(), ..water() }).await;
    assert_eq!(fields(update), ["update_mask"]);
}

async fn what_an_item_refers_to_must_be_there(database: Database) {
    let suite = Suite::open(&database).await;
    let of = |department: &str| proto::Item { department: department.into(), ..water() };
    assert_eq!(fields(suite.create("a", of("organizations/nobody")).await), ["item.department"]);
    let late = proto::Item { effective_from: "2026-06-01".into(), ..of("organizations/gas") };
    assert_eq!(refused(suite.create("a", late).await), "ORGANIZATION_NOT_IN_FORCE");
    let calendar = proto::Item { calendar: "calendars/moon".into(), ..water() };
    assert_eq!(fields(suite.create("a", calendar).await), ["item.calendar"]);
    suite.create("a", of("organizations/gas")).await.unwrap();
    let named = |item: proto::Item| proto::Item { name: "items/a".into(), ..item };
    let update = suite.update(&["department"], named(of("organizations/nobody"))).await;
    assert_eq!(fields(update), ["item.department"]);
}

async fn a_promise_longer_than_the_law_is_refused(database: Database) {
    let suite = Suite::open(&database).await;
    let long = proto::Item { promised_limit: limit(Limit::WorkingDays(11)), ..water() };
    assert_eq!(refused(suite.create("a", long).await), "PROMISE_EXCEEDS_STATUTE");
    // Three working days may be a week by the clock, and more around a holiday.
    let clock = proto::Item { statutory_limit: limit(Limit::Minutes(100_000)), ..water() };
    assert_eq!(refused(suite.create("a", clock).await), "PROMISE_EXCEEDS_STATUTE");
}

async fn an_item_is_changed_by_administrators_of_its_area_only(database: Database) {
    let suite = Suite::open(&database).await;
    let town = proto::Item { division_code: "321181100".into(), ..water() };
    let create =
        |item: &proto::Item| proto::CreateItemRequest { item: Some(item.clone()), ..Default::default() };
    for (role, division, item, allowed) in [
        ("administrator", "321181100", &town, true),
        ("administrator", "321181101", &town, false),
        ("administrator", "321181100", &water(), false),
        ("dispatcher", "", &town, false),
        ("citizen", "", &town, false),
    ] {
        let answer = suite.items().create_item(by(role, division, create(item))).await;
        let code = answer.map_or_else(|status| status.code(), |_| Code::Ok);
        let wanted = if allowed { Code::Ok } else { Code::PermissionDenied };
        assert_eq!(code, wanted, "{role} of {division:?}");
    }
    let anonymous = suite.items().create_item(Request::new(create(&town))).await;
    assert_eq!(refused(anonymous), "SIGN_IN_NEEDED");
    suite.create("town", town).await.unwrap();
    let end = proto::EndItemRequest { name: "items/town".into(), ..Default::default() };
    let other = suite.items().end_item(by("administrator", "321181101", end)).await;
    assert_eq!(refused(other), "NOT_PERMITTED");
}

async fn pages_hold_what_was_asked_for(database: Database) {
    let suite = Suite::open(&database).await;
    for id in ["a", "b", "c"] {
        suite.create(id, water()).await.unwrap();
    }
    let other = proto::Item { department: "organizations/gas".into(), keywords: Vec::new(), ..water() };
    suite.create("d", other).await.unwrap();
    let page = proto::ListItemsRequest {
        department: "organizations/water".into(),
        level: proto::ItemLevel::Town.into(),
        case_type: proto::CaseType::Help.into(),
        covers_code: "321181100201".into(),
        query: "自来".into(),
        page_size: 2,
        ..Default::default()
    };
    let first = suite.items().list_items(page.clone()).await.unwrap().into_inner();
    let next = proto::ListItemsRequest { page_token: first.next_page_token, ..page.clone() };
    let last = suite.items().list_items(next.clone()).await.unwrap().into_inner();
    let names: Vec<String> = first.items.into_iter().chain(last.items).map(|item| item.name).collect();
    assert_eq!(names, ["items/a", "items/b", "items/c"]);
    assert_eq!(last.next_page_token, "");
    let wrong = proto::ListItemsRequest { query: "水".into(), ..next };
    assert_eq!(refused(suite.items().list_items(wrong).await), "INVALID_PAGE_TOKEN");
    let before = proto::ListItemsRequest { effective_on: "2026-03-01".into(), ..page.clone() };
    assert!(suite.items().list_items(before).await.unwrap().into_inner().items.is_empty());
    let wrong = proto::ListItemsRequest { level: 7, ..page };
    assert_eq!(fields(suite.items().list_items(wrong).await), ["level"]);
}

async fn an_item_ends_by_the_rules(database: Database) {
    let suite = Suite::open(&database).await;
    suite.create("a", water()).await.unwrap();
    let end = |day: &str| {
        let name = "items/a".to_owned();
        let request = proto::EndItemRequest { name, effective_to: day.to_owned(), ..Default::default() };
        let mut items = suite.items();
        async move { items.end_item(by("administrator", "", request)).await.map(tonic::Response::into_inner) }
    };
    assert_eq!(refused(end("").await), "ENDS_BEFORE_IT_BEGINS");
    let ended = end("2026-05-01").await.unwrap();
    assert_eq!((ended.effective_to.as_str(), ended.version), ("2026-05-01", 2));
    assert_eq!(refused(end("2026-05-01").await), "ALREADY_ENDED");
    let changed = proto::Item { name: "items/a".into(), ..water() };
    assert_eq!(refused(suite.update(&["keywords"], changed).await), "ALREADY_ENDED");
}

async fn a_request_sent_again_is_answered_as_before(database: Database) {
    let suite = Suite::open(&database).await;
    let request_id = uuid::Uuid::from_u128(9).to_string();
    let request = proto::CreateItemRequest { item: Some(water()), request_id, ..Default::default() };
    let create = |request: &proto::CreateItemRequest| {
        let (mut items, request) = (suite.items(), by("administrator", "", request.clone()));
        async move { items.create_item(request).await.map(tonic::Response::into_inner) }
    };
    let first = create(&request).await.unwrap();
    assert_eq!(create(&request).await.unwrap(), first);
    let other = proto::CreateItemRequest { item_id: "x".into(), ..request };
    assert_eq!(refused(create(&other).await), "REQUEST_ID_REUSED");
}
