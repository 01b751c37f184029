//! Civic information through the gateway: an officer's round, from the notes on a phone to the case that came of them.

use minqing_platform::identity::Role;
use minqing_testkit::{Database, on_both_databases};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::town::{Answer, Town, reason};

on_both_databases! {
    what_an_officer_noted_offline_becomes_a_case_that_is_followed;
    half_a_batch_is_kept_and_what_was_said_at_home_stays_there;
}

const VILLAGE: &str = "321181100201";
const GRID: &str = "grids/321181100201001";

/// A village with one grid, an officer who walks there, and who reads what the officer wrote.
struct Scene {
    town: Town,
    officer: String,
    cadre: String,
    dispatcher: String,
}

impl Scene {
    async fn open(database: &Database) -> Self {
        let town = Town::start(database).await;
        let admin = town.token(Role::Administrator, "");
        for (code, name) in [
            ("32", "江苏省"),
            ("3211", "镇江市"),
            ("321181", "丹阳市"),
            ("321181100", "司徒镇"),
            (VILLAGE, "前巷村"),
        ] {
            let body = json!({"code": code, "displayName": name, "effectiveFrom": "2026-01-01"});
            ok(town.post(&admin, "/v1/divisions", body).await);
        }
        let ring =
            json!([[119.50, 31.95], [119.52, 31.95], [119.52, 31.97], [119.50, 31.97], [119.50, 31.95]]);
        let boundary = json!({"type": "Polygon", "coordinates": [ring]});
        let grid = json!({"code": "321181100201001", "displayName": "第一网格", "boundary": boundary, "effectiveFrom": "2026-01-01"});
        ok(town.post(&admin, "/v1/grids", grid).await);
        let officer = town.token_of("officer", Role::InformationOfficer, "", VILLAGE);
        let cadre = town.token_of("cadre", Role::Cadre, "", VILLAGE);
        let dispatcher =
            town.token_of("dispatcher", Role::Dispatcher, "organizations/supervision-centre", "321181");
        Self { town, officer, cadre, dispatcher }
    }

    async fn get(&self, token: &str, path: &str) -> Answer {
        self.town.send(Method::GET, &format!("/v1/{path}"), Some(token), None).await
    }

    async fn send(&self, observations: &Value) -> Value {
        let body = json!({"observations": observations});
        ok(self.town.post(&self.officer, "/v1/observations:batchCreate", body).await)
    }
}

#[track_caller]
fn ok(answer: Answer) -> Value {
    assert_eq!(answer.0, StatusCode::OK, "{}", answer.1);
    answer.1
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The outcomes of a batch, without their common beginning.
fn outcomes(answer: &Value) -> Vec<String> {
    let results = answer["results"].as_array().unwrap();
    results.iter().map(|one| text(&one["outcome"]).replace("OBSERVATION_OUTCOME_", "")).collect()
}

fn patrol() -> Value {
    json!({
        "name": "observations/0198c0de-0000-7000-8000-000000000001", "kind": "OBSERVATION_KIND_PATROL",
        "observeTime": "2026-11-23T08:00:00Z", "latitude": 31.96, "longitude": 119.51, "datum": "DATUM_WGS_84",
        "title": "窨井盖破损 ⚠️", "content": "前巷村口窨井盖碎裂", "class": "OBSERVATION_CLASS_SAFETY", "needsAction": true,
    })
}

fn visit() -> Value {
    json!({
        "name": "observations/0198c0de-0000-7000-8000-000000000002", "kind": "OBSERVATION_KIND_VISIT",
        "observeTime": "2026-11-23T09:00:00Z", "grid": GRID, "title": "走访王大爷", "household": "households/wang",
    })
}

async fn what_an_officer_noted_offline_becomes_a_case_that_is_followed(database: Database) {
    let scene = Scene::open(&database).await;
    let batch = json!([patrol(), visit()]);
    assert_eq!(outcomes(&scene.send(&batch).await), ["CREATED", "CREATED"]);
    // The phone lost the answer.
    assert_eq!(outcomes(&scene.send(&batch).await), ["UNCHANGED", "UNCHANGED"]);

    let (patrolled, visited) = (text(&patrol()["name"]), text(&visit()["name"]));
    let list = ok(scene.get(&scene.cadre, "observations?needs_action=true").await);
    assert_eq!(list["observations"][0]["name"], json!(patrolled));
    assert_eq!(list["observations"].as_array().unwrap().len(), 1);
    let archived = json!({"class": "OBSERVATION_CLASS_LIVELIHOOD"});
    let archived = ok(scene.town.post(&scene.cadre, &format!("/v1/{visited}:archive"), archived).await);
    assert_eq!(archived["state"], "OBSERVATION_STATE_ARCHIVED");
    let early = scene.town.post(&scene.cadre, &format!("/v1/{patrolled}:archive"), json!({})).await;
    assert_eq!((early.0, reason(&early)), (StatusCode::BAD_REQUEST, "OBSERVATION_NEEDS_ACTION"));

    let raise = json!({"case": {"type": "CASE_TYPE_HELP", "priority": "PRIORITY_EMERGENCY"}});
    let raised = ok(scene.town.post(&scene.officer, &format!("/v1/{patrolled}:raiseCase"), raise).await);
    let case = text(&raised["case"]["name"]);
    assert_eq!(raised["observation"]["case"], json!(case));
    let made = ok(scene.get(&scene.dispatcher, &case).await);
    assert_eq!((text(&made["origin"]), text(&made["door"])), (patrolled.clone(), "DOOR_PATROL".into()));
    assert_eq!((text(&made["area"]), text(&made["title"])), (GRID.into(), "窨井盖破损 ⚠️".into()));
    assert_eq!(made["firstAsked"], raised["observation"]["officer"]);
    ok(scene.town.post(&scene.dispatcher, &format!("/v1/{case}:accept"), json!({})).await);
    let body = json!({"name": case, "secret": raised["secret"]});
    let tracked = ok(scene.town.send(Method::POST, "/v1/cases:track", None, Some(body)).await);
    assert_eq!(tracked["status"], "CASE_STATUS_ACCEPTED");
    let figures = ok(scene.get(&scene.dispatcher, "observations:figures").await);
    assert_eq!((text(&figures["total"]), figures["figures"].as_array().unwrap().len()), ("2".into(), 2));
    scene.town.end().await;
}

async fn half_a_batch_is_kept_and_what_was_said_at_home_stays_there(database: Database) {
    let scene = Scene::open(&database).await;
    let mut tomorrow = patrol();
    tomorrow["observeTime"] = json!("2026-11-25T08:00:00Z");
    let answer = scene.send(&json!([tomorrow, visit()])).await;
    assert_eq!(outcomes(&answer), ["REFUSED", "CREATED"]);
    let violation = &answer["results"][0]["violations"][0];
    assert_eq!(
        (text(&violation["field"]), text(&violation["reason"])),
        ("observations[0].observe_time".into(), "TIME_IN_FUTURE".into())
    );
    let visited = text(&visit()["name"]);
    ok(scene.get(&scene.cadre, &visited).await);
    let raise = json!({"case": {"type": "CASE_TYPE_COMPLAINT", "content": "村干部处事不公"}});
    ok(scene.town.post(&scene.officer, &format!("/v1/{visited}:raiseCase"), raise).await);
    let hidden = scene.get(&scene.cadre, &visited).await;
    assert_eq!((hidden.0, reason(&hidden)), (StatusCode::NOT_FOUND, "NOT_FOUND"));
    ok(scene.get(&scene.officer, &visited).await);
    ok(scene.get(&scene.dispatcher, &visited).await);
    let stranger = scene.town.send(Method::GET, &format!("/v1/{visited}"), None, None).await;
    assert_eq!(stranger.0, StatusCode::UNAUTHORIZED);
    scene.town.end().await;
}
