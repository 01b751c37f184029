//! Who is suggested, and why: rules, then the item, then what was learnt.

use minqing_cases::domain::case::CaseType;
use minqing_cases::domain::dispatch::learnt::Lesson;
use minqing_platform::clock::Clock as _;
use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::dispatch_rule::Outcome;
use minqing_testkit::{Database, on_both_databases};
use tonic::Status;

use super::suite::{Suite, by, fields, refused, stoppage, water};

on_both_databases! {
    a_rule_decides_and_says_which_conditions_were_met;
    the_first_rule_for_which_somebody_is_found_decides;
    an_item_decides_where_rules_are_silent;
    what_was_learnt_is_suggested_with_its_reasons;
    those_complained_of_and_those_who_ended_are_never_suggested;
    bad_input_is_refused_by_name;
    those_who_send_matters_on_may_ask_in_their_area;
}

const PLACE: &str = "321181100201";

fn about(text: &str) -> proto::SuggestDispatchRequest {
    proto::SuggestDispatchRequest {
        text: text.into(),
        case_type: proto::CaseType::Help.into(),
        division_code: PLACE.into(),
        ..Default::default()
    }
}

async fn ask(
    suite: &Suite,
    request: proto::SuggestDispatchRequest,
) -> Result<Vec<proto::DispatchSuggestion>, Status> {
    let answer = suite.dispatch().suggest_dispatch(by("dispatcher", "321181", request)).await?.into_inner();
    assert!((answer.confidence_min - 0.9).abs() < f64::EPSILON);
    Ok(answer.suggestions)
}

fn names(suggestions: &[proto::DispatchSuggestion]) -> Vec<&str> {
    suggestions.iter().map(|suggestion| suggestion.organization.as_str()).collect()
}

/// Learns that matters with these texts were dispatched to these organizations, so often.
async fn learn(suite: &Suite, past: &[(&str, &str, usize)]) {
    let store = suite.room.cases.store();
    let now = suite.room.clock.now();
    for (organization, text, often) in past {
        let organization = format!("organizations/{organization}");
        let lesson = Lesson::new(&organization, text, Some(CaseType::Help), None, &PLACE.parse().unwrap());
        store.note_lessons(&vec![lesson; *often], 1, now).await.unwrap();
    }
    while store.count_lessons(now, 1_000).await.unwrap() > 0 {}
}

async fn a_rule_decides_and_says_which_conditions_were_met(database: Database) {
    let suite = Suite::open(&database).await;
    suite.rule("stoppage", stoppage()).await.unwrap();
    learn(&suite, &[("gas", "小区停水", 50)]).await;
    let found = ask(&suite, about("我们小区停水了！")).await.unwrap();
    let [first] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(
        (first.organization.as_str(), first.display_name.as_str()),
        ("organizations/water", "机构water")
    );
    assert_eq!(
        (first.source(), first.rule.as_str()),
        (proto::DispatchSource::Rule, "dispatchRules/stoppage")
    );
    assert_eq!(first.reason, "rule stoppage (停水派水务): keyword 停水, place 321181");
    assert!(first.may_apply_unseen && (first.confidence - 1.0).abs() < f64::EPSILON);
}

async fn the_first_rule_for_which_somebody_is_found_decides(database: Database) {
    let suite = Suite::open(&database).await;
    let with = |priority, outcome| proto::DispatchRule { priority, outcome: Some(outcome), ..stoppage() };
    suite.rule("nobody", with(1, Outcome::ResponsibleFunction("抢险".into()))).await.unwrap();
    suite.rule("near", with(2, Outcome::ResponsibleFunction("供水".into()))).await.unwrap();
    suite.rule("city", with(3, Outcome::Organization("organizations/water".into()))).await.unwrap();
    let found = ask(&suite, about("停水")).await.unwrap();
    // The town's own before the city's.
    assert_eq!(
        (names(&found), found[0].rule.as_str()),
        (vec!["organizations/water-town"], "dispatchRules/near")
    );
    let elsewhere = proto::SuggestDispatchRequest { division_code: "321181101".into(), ..about("停水") };
    assert_eq!(names(&ask(&suite, elsewhere).await.unwrap()), ["organizations/water"]);
}

async fn an_item_decides_where_rules_are_silent(database: Database) {
    let suite = Suite::open(&database).await;
    suite.create("water", water()).await.unwrap();
    let plain = proto::Item { function: String::new(), ..water() };
    suite.create("plain", plain).await.unwrap();
    let odd = proto::Item { function: "无人".into(), ..water() };
    suite.create("odd", odd).await.unwrap();
    let with =
        |item: &str| proto::SuggestDispatchRequest { item: format!("items/{item}"), ..about("报装") };
    let found = ask(&suite, with("water")).await.unwrap();
    assert_eq!(names(&found), ["organizations/water-town"]);
    assert_eq!((found[0].source(), found[0].may_apply_unseen), (proto::DispatchSource::Item, true));
    assert_eq!(found[0].reason, format!("item items/water: function 供水 at {PLACE}"));
    assert_eq!(names(&ask(&suite, with("plain")).await.unwrap()), ["organizations/water"]);
    // Nobody has its function here: its department has it.
    assert_eq!(names(&ask(&suite, with("odd")).await.unwrap()), ["organizations/water"]);
    let rule = proto::DispatchRule {
        function: "供水".into(),
        keywords: Vec::new(),
        outcome: Some(Outcome::Organization("organizations/gas".into())),
        ..stoppage()
    };
    suite.rule("by-function", rule).await.unwrap();
    assert_eq!(names(&ask(&suite, with("water")).await.unwrap()), ["organizations/gas"]);
}

async fn what_was_learnt_is_suggested_with_its_reasons(database: Database) {
    let suite = Suite::open(&database).await;
    assert_eq!(ask(&suite, about("水管漏水")).await.unwrap(), []);
    learn(&suite, &[("water", "水管破裂漏水", 20), ("gas", "燃气管道泄漏", 10)]).await;
    let found = ask(&suite, about("家里水管漏水，电话13800138000")).await.unwrap();
    assert_eq!(names(&found), ["organizations/water", "organizations/gas"]);
    assert_eq!((found[0].source(), found[0].past_count), (proto::DispatchSource::Learnt, 20));
    assert!(found[0].confidence > 0.9 && found[0].may_apply_unseen, "{found:?}");
    assert!(!found[1].may_apply_unseen);
    let words: Vec<&str> = found[0].evidence.iter().map(|evidence| evidence.value.as_str()).collect();
    assert!(words.contains(&"水管") && words.contains(&"漏水"), "{words:?}");
    assert!(found[0].evidence.iter().all(|evidence| evidence.weight > 0.0 && evidence.past_count == 20));
    assert!(found[0].reason.starts_with("it had 20 cases before; among them "), "{}", found[0].reason);
    // What says little is little sure.
    let vague = ask(&suite, about("请帮帮忙")).await.unwrap();
    assert!(!vague[0].may_apply_unseen, "{vague:?}");
    let one = proto::SuggestDispatchRequest { page_size: 1, ..about("水管") };
    assert_eq!(ask(&suite, one).await.unwrap().len(), 1);
}

async fn those_complained_of_and_those_who_ended_are_never_suggested(database: Database) {
    let suite = Suite::open(&database).await;
    suite.create("water", water()).await.unwrap();
    suite.rule("stoppage", stoppage()).await.unwrap();
    learn(&suite, &[("water", "停水", 20), ("gas", "停水", 5), ("nobody", "停水", 30)]).await;
    let against = |names: &[&str], item: &str| proto::SuggestDispatchRequest {
        excluded_organizations: names.iter().map(|name| format!("organizations/{name}")).collect(),
        item: item.into(),
        ..about("停水")
    };
    let found = ask(&suite, against(&["water"], "items/water")).await.unwrap();
    assert_eq!(names(&found), ["organizations/water-town"]);
    let found = ask(&suite, against(&["water", "water-town"], "items/water")).await.unwrap();
    // What was learnt of an organization that the registry does not have is left out as well.
    assert_eq!(names(&found), ["organizations/gas"]);
    assert_eq!(ask(&suite, against(&["water", "gas"], "")).await.unwrap(), []);
    suite.room.clock.set("2026-06-02T02:00:00Z".parse().unwrap());
    assert_eq!(ask(&suite, against(&["water"], "")).await.unwrap(), []);
}

async fn bad_input_is_refused_by_name(database: Database) {
    let suite = Suite::open(&database).await;
    let wrong = [
        (proto::SuggestDispatchRequest { division_code: String::new(), ..about("") }, "division_code"),
        (proto::SuggestDispatchRequest { case_type: 99, ..about("") }, "case_type"),
        (proto::SuggestDispatchRequest { item: "items/unknown".into(), ..about("") }, "item"),
        (
            proto::SuggestDispatchRequest { excluded_organizations: vec!["x".into()], ..about("") },
            "excluded_organizations[0]",
        ),
        (proto::SuggestDispatchRequest { page_size: -1, ..about("") }, "page_size"),
        (about(&"水".repeat(100_001)), "text"),
    ];
    for (request, field) in wrong {
        assert_eq!(fields(ask(&suite, request).await), [field]);
    }
    for text in [String::new(), "水".into(), "😀🎉".into(), "水".repeat(100_000)] {
        assert_eq!(ask(&suite, about(&text)).await.unwrap(), []);
    }
}

async fn those_who_send_matters_on_may_ask_in_their_area(database: Database) {
    let suite = Suite::open(&database).await;
    let ask = |role: &'static str, division: &'static str| {
        let mut dispatch = suite.dispatch();
        async move { dispatch.suggest_dispatch(by(role, division, about("停水"))).await }
    };
    for role in ["dispatcher", "supervisor", "window_clerk", "cadre", "grid_lead", "system_account"] {
        assert!(ask(role, "321181100").await.is_ok(), "{role}");
    }
    assert_eq!(refused(ask("dispatcher", "321181101").await), "NOT_PERMITTED");
    assert_eq!(refused(ask("citizen", "").await), "NOT_PERMITTED");
    let anonymous = suite.dispatch().suggest_dispatch(about("停水")).await;
    assert_eq!(refused(anonymous), "SIGN_IN_NEEDED");
}
