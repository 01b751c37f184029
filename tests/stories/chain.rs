//! A household is given to a member by hand; its grid ends, and then its village; a search is audited.

use minqing_platform::identity::Role;
use minqing_testkit::{Database, on_both_databases};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::town::{Town, reason};

on_both_databases! {
    a_household_is_given_away_and_its_village_ends;
    a_search_that_finds_nobody_is_audited;
}

const VILLAGE: &str = "321181100201";
const GRID: &str = "321181100201001";
const SINCE: &str = "2026-01-01";

/// A town with a village and a grid of it.
async fn place(database: &Database) -> (Town, String) {
    let town = Town::start(database).await;
    let token = town.token(Role::Administrator, "");
    for code in ["32", "3211", "321181", "321181100", VILLAGE] {
        let division = json!({"code": code, "displayName": format!("区划{code}"), "effectiveFrom": SINCE});
        done(&town, &token, "/v1/divisions", division).await;
    }
    let grid = json!({"code": GRID, "displayName": "一", "effectiveFrom": SINCE});
    done(&town, &token, "/v1/grids", grid).await;
    (town, token)
}

/// What a POST answered that must go well.
async fn done(town: &Town, token: &str, path: &str, body: Value) -> Value {
    let (status, answer) = town.post(token, path, body).await;
    assert_eq!(status, StatusCode::OK, "{path}: {answer}");
    answer
}

/// The appointment of a new ordinary member of the grid.
async fn member(town: &Town, token: &str, id: &str) -> String {
    let person = json!({"displayName": "张三", "divisionCode": "321181100", "effectiveFrom": SINCE});
    done(town, token, "/v1/people", json!({"person": person, "personId": id})).await;
    let office = json!({"role": "ROLE_ORDINARY_MEMBER", "divisionCode": GRID, "effectiveFrom": SINCE});
    let made = done(town, token, &format!("/v1/people/{id}/appointments"), office).await;
    made["name"].as_str().unwrap().to_owned()
}

async fn links(town: &Town, token: &str) -> Vec<String> {
    let path = format!("/v1/grids/{GRID}/contactLinks");
    let (status, answer) = town.send(Method::GET, &path, Some(token), None).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let links = answer["contactLinks"].as_array().cloned().unwrap_or_default();
    links.iter().map(|link| link["contact"].as_str().unwrap().to_owned()).collect()
}

async fn a_household_is_given_away_and_its_village_ends(database: Database) {
    let (town, token) = place(&database).await;
    let offices = [member(&town, &token, "one").await, member(&town, &token, "two").await];
    let household = json!({"grid": format!("grids/{GRID}"), "address": "1号", "effectiveFrom": SINCE});
    let household = done(&town, &token, "/v1/households", household).await["name"].clone();
    let link = |member: &str| json!({"subject": household, "contact": format!("people/{member}")});
    for id in ["one", "two"] {
        done(&town, &token, "/v1/contactLinks", link(id)).await;
        assert_eq!(links(&town, &token).await, [format!("people/{id}")]);
    }
    let again = town.post(&token, "/v1/contactLinks", link("two")).await;
    assert_eq!((again.0, reason(&again)), (StatusCode::CONFLICT, "ALREADY_EXISTS"));
    let stranger = town.post(&token, "/v1/contactLinks", link("nobody")).await;
    assert_eq!((stranger.0, reason(&stranger)), (StatusCode::BAD_REQUEST, "NOT_A_MEMBER_OF_GRID"));

    let end = format!("/v1/divisions/{VILLAGE}:end");
    let refused = town.post(&token, &end, json!({})).await;
    assert_eq!((refused.0, reason(&refused)), (StatusCode::BAD_REQUEST, "HAS_PARTS_IN_FORCE"));
    let message = refused.1["message"].as_str().unwrap();
    assert!(message.ends_with("divisions: 0, grids: 1, organizations: 0, appointments: 2"), "{message}");
    done(&town, &token, &format!("/v1/grids/{GRID}:end"), json!({})).await;
    assert!(links(&town, &token).await.is_empty());
    for office in offices {
        done(&town, &token, &format!("/v1/{office}:end"), json!({})).await;
    }
    done(&town, &token, &end, json!({})).await;
    town.end().await;
}

async fn a_search_that_finds_nobody_is_audited(database: Database) {
    let (town, _) = place(&database).await;
    let clerk = town.token(Role::WindowClerk, VILLAGE);
    let search = json!({
        "division": format!("divisions/{VILLAGE}"),
        "identityNumber": "11010519491231002X",
        "reading": {"purpose": "READING_PURPOSE_CASE_HANDLING", "reference": "cases/1"},
    });
    let nobody = town.post(&clerk, "/v1/residents:find", search).await;
    assert_eq!(nobody.0, StatusCode::NOT_FOUND, "{nobody:?}");
    let auditor = town.token(Role::Auditor, "321181100");
    let path = "/v1/divisions/321181100/accessRecords";
    let (status, records) = town.send(Method::GET, path, Some(&auditor), None).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(records["accessRecords"].as_array().unwrap().len(), 1);
    assert_eq!(records["accessRecords"][0]["fields"], json!(["find:identity_number"]));
    let refused = town.send(Method::GET, path, Some(&clerk), None).await;
    assert_eq!(refused.0, StatusCode::FORBIDDEN);
    town.end().await;
}
