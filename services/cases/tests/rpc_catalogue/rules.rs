//! Rules of dispatch: kept by administrators of their area, seen by whoever is appointed.

use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::dispatch_rule::Outcome;
use minqing_testkit::{Database, on_both_databases};

use super::suite::{Suite, by, fields, refused, stoppage, water};

on_both_databases! {
    a_rule_is_created_changed_listed_and_deleted;
    every_wrong_field_is_named;
    a_rule_is_changed_by_administrators_of_its_area_only;
}

async fn a_rule_is_created_changed_listed_and_deleted(database: Database) {
    let suite = Suite::open(&database).await;
    let made = suite.rule("stoppage", stoppage()).await.unwrap();
    assert_eq!((made.name.as_str(), made.etag.as_str()), ("dispatchRules/stoppage", "1"));
    let get = |role: &'static str| {
        let request = proto::GetDispatchRuleRequest { name: "dispatchRules/stoppage".into() };
        let mut dispatch = suite.dispatch();
        async move { dispatch.get_dispatch_rule(by(role, "", request)).await.map(tonic::Response::into_inner) }
    };
    assert_eq!(get("window_clerk").await.unwrap(), made);
    assert_eq!(refused(get("citizen").await), "NOT_PERMITTED");
    let update = |paths: &[&str], rule: proto::DispatchRule| {
        let paths = paths.iter().map(ToString::to_string).collect();
        let update_mask = Some(prost_types::FieldMask { paths });
        let request =
            proto::UpdateDispatchRuleRequest { dispatch_rule: Some(rule), update_mask, ..Default::default() };
        let mut dispatch = suite.dispatch();
        async move {
            let answer = dispatch.update_dispatch_rule(by("administrator", "", request)).await;
            answer.map(tonic::Response::into_inner)
        }
    };
    let outcome = Some(Outcome::ResponsibleFunction("供水".into()));
    let rule = proto::DispatchRule { outcome, priority: 0, ..made.clone() };
    let changed = update(&["priority", "responsible_function"], rule.clone()).await.unwrap();
    assert_eq!((changed.priority, &changed.outcome), (0, &rule.outcome));
    assert_eq!(refused(update(&["priority"], made.clone()).await), "ETAG_MISMATCH");
    assert_eq!(fields(update(&["division_code"], rule).await), ["update_mask"]);
    let unnamed = proto::DispatchRule { outcome: None, etag: String::new(), ..made.clone() };
    assert_eq!(fields(update(&["organization"], unnamed).await), ["dispatch_rule.outcome"]);

    let town = proto::DispatchRule { division_code: "321181100".into(), priority: 5, ..stoppage() };
    suite.rule("town", town).await.unwrap();
    let page = proto::ListDispatchRulesRequest { page_size: 1, ..Default::default() };
    let first =
        suite.dispatch().list_dispatch_rules(by("auditor", "", page.clone())).await.unwrap().into_inner();
    let next = proto::ListDispatchRulesRequest { page_token: first.next_page_token, ..page };
    let last = suite.dispatch().list_dispatch_rules(by("auditor", "", next)).await.unwrap().into_inner();
    let rules = [first.dispatch_rules, last.dispatch_rules].concat();
    let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names, ["dispatchRules/stoppage", "dispatchRules/town"]);
    let of =
        proto::ListDispatchRulesRequest { organization: "organizations/water".into(), ..Default::default() };
    let found = suite.dispatch().list_dispatch_rules(by("auditor", "", of)).await.unwrap().into_inner();
    assert_eq!(found.dispatch_rules.len(), 1);

    let delete = |etag: &str| {
        let (name, etag) = ("dispatchRules/stoppage".to_owned(), etag.to_owned());
        let request_id = uuid::Uuid::from_u128(etag.len() as u128).to_string();
        let request = proto::DeleteDispatchRuleRequest { name, etag, request_id };
        let mut dispatch = suite.dispatch();
        async move {
            let answer = dispatch.delete_dispatch_rule(by("administrator", "", request)).await;
            answer.map(tonic::Response::into_inner)
        }
    };
    assert_eq!(refused(delete("1").await), "ETAG_MISMATCH");
    assert_eq!(delete("").await.unwrap(), changed);
    // Sent again it is answered as before, though it is gone.
    assert_eq!(delete("").await.unwrap(), changed);
    assert_eq!(refused(get("window_clerk").await), "NOT_FOUND");
}

async fn every_wrong_field_is_named(database: Database) {
    let suite = Suite::open(&database).await;
    let wrong = proto::DispatchRule {
        display_name: String::new(),
        priority: -1,
        division_code: "32118".into(),
        case_types: vec![99],
        item: "water".into(),
        function: "a b".into(),
        keywords: vec!["停水".into(), "！！".into()],
        outcome: None,
        ..Default::default()
    };
    let wanted = [
        "dispatch_rule_id",
        "dispatch_rule.display_name",
        "dispatch_rule.priority",
        "dispatch_rule.division_code",
        "dispatch_rule.case_types[0]",
        "dispatch_rule.item",
        "dispatch_rule.function",
        "dispatch_rule.keywords[1]",
        "dispatch_rule.outcome",
    ];
    assert_eq!(fields(suite.rule("A", wrong).await), wanted);
    let with = |outcome: Outcome| proto::DispatchRule { outcome: Some(outcome), ..stoppage() };
    let nobody = suite.rule("a", with(Outcome::Organization("organizations/nobody".into()))).await;
    assert_eq!(fields(nobody), ["dispatch_rule.organization"]);
    let empty = suite.rule("a", with(Outcome::ResponsibleFunction(String::new()))).await;
    assert_eq!(fields(empty), ["dispatch_rule.responsible_function"]);
    let unknown = proto::DispatchRule { item: "items/water".into(), ..stoppage() };
    assert_eq!(fields(suite.rule("a", unknown.clone()).await), ["dispatch_rule.item"]);
    suite.create("water", water()).await.unwrap();
    suite.rule("a", unknown).await.unwrap();
    assert_eq!(refused(suite.rule("a", stoppage()).await), "ALREADY_EXISTS");
}

async fn a_rule_is_changed_by_administrators_of_its_area_only(database: Database) {
    let suite = Suite::open(&database).await;
    let create = |role: &'static str, division: &'static str| {
        let town = proto::DispatchRule { division_code: "321181100".into(), ..stoppage() };
        let request = proto::CreateDispatchRuleRequest { dispatch_rule: Some(town), ..Default::default() };
        let mut dispatch = suite.dispatch();
        async move { dispatch.create_dispatch_rule(by(role, division, request)).await }
    };
    assert!(create("administrator", "321181100").await.is_ok());
    assert_eq!(refused(create("administrator", "321181101").await), "NOT_PERMITTED");
    assert_eq!(refused(create("dispatcher", "").await), "NOT_PERMITTED");
    suite.rule("city", stoppage()).await.unwrap();
    let delete = proto::DeleteDispatchRuleRequest { name: "dispatchRules/city".into(), ..Default::default() };
    let answer = suite.dispatch().delete_dispatch_rule(by("administrator", "321181100", delete)).await;
    assert_eq!(refused(answer), "NOT_PERMITTED");
}
