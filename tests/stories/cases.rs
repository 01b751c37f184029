//! Cases through the gateway: what a citizen, the centre and a unit do, each by HTTP.

use std::time::Duration;

use futures::StreamExt as _;
use minqing_platform::identity::Role;
use minqing_testkit::{Database, on_both_databases};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::town::{Answer, Town, reason};

on_both_databases! {
    a_report_with_a_place_is_answered_and_rated;
    a_complaint_stays_hidden_from_whom_it_is_against;
    a_case_that_comes_back_is_decided_for_good;
    a_case_that_is_not_solved_begins_anew;
    a_unit_follows_what_is_dispatched_to_it;
    what_nobody_may_do_is_refused_by_name;
}

const HOUSING: &str = "organizations/housing";
const WATER: &str = "organizations/water";
const CENTRE: &str = "organizations/supervision-centre";

/// A city with one grid, the centre and two units, and who works there.
struct Scene {
    town: Town,
    dispatcher: String,
    supervisor: String,
    housing: String,
    water: String,
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
            ("321181100201", "前巷村"),
        ] {
            let body = json!({"code": code, "displayName": name, "effectiveFrom": "2026-01-01"});
            ok(town.post(&admin, "/v1/divisions", body).await);
        }
        let ring =
            json!([[119.50, 31.95], [119.52, 31.95], [119.52, 31.97], [119.50, 31.97], [119.50, 31.95]]);
        let boundary = json!({"type": "Polygon", "coordinates": [ring]});
        let grid = json!({"code": "321181100201001", "displayName": "第一网格", "boundary": boundary, "effectiveFrom": "2026-01-01"});
        ok(town.post(&admin, "/v1/grids", grid).await);
        for (id, name) in
            [("supervision-centre", "市监督投诉中心"), ("housing", "市住建局"), ("water", "市水利局")]
        {
            let unit = json!({"displayName": name, "kind": "ORGANIZATION_KIND_DEPARTMENT", "divisionCode": "321181", "effectiveFrom": "2026-01-01"});
            ok(town.post(&admin, &format!("/v1/organizations?organizationId={id}"), unit).await);
        }
        let dispatcher = town.token_of("dispatcher", Role::Dispatcher, CENTRE, "321181");
        let supervisor = town.token_of("supervisor", Role::Supervisor, CENTRE, "321181");
        let housing = town.token_of("housing-system", Role::SystemAccount, HOUSING, "321181");
        let water = town.token_of("water-clerk", Role::WindowClerk, WATER, "321181");
        Self { town, dispatcher, supervisor, housing, water }
    }

    /// Raises a case without an account; gives its name and its secret.
    async fn raise(&self, case: Value) -> (String, String) {
        let raised =
            ok(self.town.send(Method::POST, "/v1/cases:submit", None, Some(json!({"case": case}))).await);
        (text(&raised["case"]["name"]), text(&raised["secret"]))
    }

    /// Does something as the centre.
    async fn centre(&self, name: &str, verb: &str, body: Value) -> Answer {
        self.town.post(&self.dispatcher, &format!("/v1/{name}:{verb}"), body).await
    }

    /// Takes a case up and sends it to a unit; gives the name of the unit's part.
    async fn dispatch(&self, name: &str, unit: &str) -> String {
        ok(self.centre(name, "accept", json!({})).await);
        let sent = self.centre(name, "dispatch", json!({"units": [{"organization": unit}]})).await;
        ok(sent);
        let parts = self
            .town
            .send(Method::GET, &format!("/v1/{name}/assignments"), Some(&self.dispatcher), None)
            .await;
        text(&ok(parts)["assignments"][0]["name"])
    }

    /// Does something as a unit.
    async fn unit(&self, token: &str, part: &str, verb: &str, body: Value) -> Answer {
        self.town.post(token, &format!("/v1/{part}:{verb}"), body).await
    }

    async fn track(&self, name: &str, secret: &str) -> Value {
        let body = json!({"name": name, "secret": secret});
        ok(self.town.send(Method::POST, "/v1/cases:track", None, Some(body)).await)
    }

    fn hours_pass(&self, hours: i64) {
        self.town.clock.advance(chrono::TimeDelta::hours(hours));
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

fn street_light() -> Value {
    json!({
        "type": "CASE_TYPE_HELP", "door": "DOOR_WEB", "title": "路灯不亮 💡", "content": "前巷村口第三盏路灯坏了\n晚上看不见路",
        "latitude": 31.96, "longitude": 119.51, "datum": "DATUM_WGS_84",
        "reporter": {"displayName": "王小明", "phone": "138 0000 0001"},
    })
}

async fn a_report_with_a_place_is_answered_and_rated(database: Database) {
    let scene = Scene::open(&database).await;
    let (name, secret) = scene.raise(street_light()).await;
    let seen = ok(scene.town.send(Method::GET, &format!("/v1/{name}"), Some(&scene.dispatcher), None).await);
    assert_eq!(
        (text(&seen["area"]), text(&seen["status"])),
        ("grids/321181100201001".into(), "CASE_STATUS_SUBMITTED".into())
    );
    assert_eq!(
        (text(&seen["ownerOrganization"]), text(&seen["nextClock"])),
        (CENTRE.into(), "CLOCK_ACCEPTANCE".into())
    );
    assert_eq!(seen["reporter"]["displayName"], "王*");

    let part = scene.dispatch(&name, HOUSING).await;
    let signed = ok(scene.unit(&scene.housing, &part, "sign", json!({})).await);
    assert_eq!(
        (text(&signed["status"]), signed["limit"]["workingDays"].clone()),
        ("ASSIGNMENT_STATUS_SIGNED".into(), json!(3))
    );
    // Dispatched on Tuesday, three working days: Friday evening.
    assert_eq!(signed["dueTime"], "2026-11-27T09:30:00Z");
    ok(scene.unit(&scene.housing, &part, "ask", json!({"text": "是哪一盏？"})).await);
    scene.hours_pass(24);
    let asked = scene.track(&name, &secret).await;
    assert_eq!(asked["questions"][0]["text"], "是哪一盏？");
    let answered = json!({"name": name, "secret": secret, "text": "靠桥的一盏"});
    ok(scene.town.send(Method::POST, "/v1/cases:answer", None, Some(answered)).await);
    let part_now = ok(scene.town.send(Method::GET, &format!("/v1/{part}"), Some(&scene.housing), None).await);
    // The day it stood still is credited.
    assert_eq!(part_now["dueTime"], "2026-11-30T09:30:00Z");
    let done = ok(scene.unit(&scene.housing, &part, "resolve", json!({"text": "已修好，请查看。"})).await);
    assert_eq!((text(&done["status"]), done.get("overdue")), ("ASSIGNMENT_STATUS_RESOLVED".into(), None));

    let early = scene.centre(&name, "close", json!({})).await;
    assert_eq!((early.0, reason(&early)), (StatusCode::BAD_REQUEST, "CALLBACK_MISSING"));
    let rating = json!({"name": name, "secret": secret, "solved": true, "satisfaction": "SATISFACTION_SATISFIED", "handled": "HANDLED_UNIT"});
    ok(scene.town.send(Method::POST, "/v1/cases:rate", None, Some(rating)).await);
    ok(scene.centre(&name, "close", json!({})).await);
    let end = scene.track(&name, &secret).await;
    assert_eq!(
        (text(&end["status"]), text(&end["replies"][0]["text"])),
        ("CASE_STATUS_CLOSED".into(), "已修好，请查看。".into())
    );
    let history =
        ok(scene.town.send(Method::GET, &format!("/v1/{name}/history"), Some(&scene.supervisor), None).await);
    let types: Vec<String> =
        history["entries"].as_array().unwrap().iter().map(|entry| text(&entry["type"])).collect();
    assert_eq!(types.first().map(String::as_str), Some("CaseSubmitted"));
    assert_eq!(types.last().map(String::as_str), Some("CaseClosed"));
    scene.town.end().await;
}

async fn a_complaint_stays_hidden_from_whom_it_is_against(database: Database) {
    let scene = Scene::open(&database).await;
    let mut complaint = street_light();
    complaint["type"] = json!("CASE_TYPE_COMPLAINT");
    complaint["against"] = json!([HOUSING]);
    let (name, _) = scene.raise(complaint).await;
    ok(scene.centre(&name, "accept", json!({})).await);
    let wrong = scene.centre(&name, "dispatch", json!({"units": [{"organization": HOUSING}]})).await;
    assert_eq!((wrong.0, reason(&wrong)), (StatusCode::BAD_REQUEST, "DISPATCH_TO_COMPLAINED_OF"));
    ok(scene.centre(&name, "dispatch", json!({"units": [{"organization": WATER}]})).await);

    let chief = scene.town.token_of("chief", Role::Cadre, HOUSING, "321181");
    let hidden = scene.town.send(Method::GET, &format!("/v1/{name}"), Some(&chief), None).await;
    assert_eq!((hidden.0, reason(&hidden)), (StatusCode::NOT_FOUND, "NOT_FOUND"));
    let listed = ok(scene.town.send(Method::GET, "/v1/cases", Some(&chief), None).await);
    assert_eq!(listed.get("cases").and_then(Value::as_array).map_or(0, Vec::len), 0);
    // Whoever handles it sees the matter, not who raised it.
    let handled = ok(scene.town.send(Method::GET, &format!("/v1/{name}"), Some(&scene.water), None).await);
    assert!(handled.get("reporter").is_none_or(Value::is_null), "{handled}");
    let asked = scene
        .town
        .post(&scene.water, &format!("/v1/{name}:revealReporter"), json!({"purpose": "联系"}))
        .await;
    assert_eq!((asked.0, reason(&asked)), (StatusCode::BAD_REQUEST, "REPORTER_PROTECTED"));
    let told = scene
        .town
        .post(&scene.supervisor, &format!("/v1/{name}:revealReporter"), json!({"purpose": "回访"}))
        .await;
    assert_eq!(ok(told)["phone"], "13800000001");
    // A milder type takes a second person.
    let retyped = ok(scene
        .centre(&name, "retype", json!({"type": "CASE_TYPE_CONSULTATION", "reason": "只是询问"}))
        .await);
    assert_eq!(
        (text(&retyped["type"]), text(&retyped["pendingType"])),
        ("CASE_TYPE_COMPLAINT".into(), "CASE_TYPE_CONSULTATION".into())
    );
    let alone = scene.centre(&name, "reviewRetype", json!({"agreed": true})).await;
    assert_eq!(reason(&alone), "SECOND_PERSON_NEEDED");
    scene.town.end().await;
}

async fn a_case_that_comes_back_is_decided_for_good(database: Database) {
    let scene = Scene::open(&database).await;
    let (name, _) = scene.raise(street_light()).await;
    let part = scene.dispatch(&name, HOUSING).await;
    let back = json!({"reason": "RETURN_REASON_NOT_OURS", "note": "不属本局职责"});
    ok(scene.unit(&scene.housing, &part, "return", back.clone()).await);
    let again = scene.centre(&name, "dispatch", json!({"units": [{"organization": HOUSING}]})).await;
    assert_eq!(reason(&again), "DISPATCHED_TO_RETURNER");
    ok(scene.centre(&name, "dispatch", json!({"units": [{"organization": WATER}]})).await);
    let part = format!("{name}/assignments/2");
    // Three working days later it is too late to give it back, signed for or not.
    scene.hours_pass(72);
    let late = scene.unit(&scene.water, &part, "return", back.clone()).await;
    assert_eq!(reason(&late), "RETURN_TOO_LATE");
    let other = scene.raise(street_light()).await.0;
    let first = scene.dispatch(&other, HOUSING).await;
    ok(scene.unit(&scene.housing, &first, "return", back.clone()).await);
    ok(scene.centre(&other, "dispatch", json!({"units": [{"organization": WATER}]})).await);
    ok(scene.unit(&scene.water, &format!("{other}/assignments/2"), "return", back.clone()).await);
    let capped = scene.centre(&other, "dispatch", json!({"units": [{"organization": CENTRE}]})).await;
    assert_eq!(reason(&capped), "BOUNCE_CAP");
    let decided = json!({"unit": {"organization": HOUSING}});
    let not_theirs = scene.centre(&other, "decideOwner", decided.clone()).await;
    assert_eq!(not_theirs.0, StatusCode::FORBIDDEN);
    ok(scene.town.post(&scene.supervisor, &format!("/v1/{other}:decideOwner"), decided).await);
    let bound = scene.unit(&scene.housing, &format!("{other}/assignments/3"), "return", back).await;
    assert_eq!(reason(&bound), "ASSIGNMENT_BINDING");
    scene.town.end().await;
}

async fn a_case_that_is_not_solved_begins_anew(database: Database) {
    let scene = Scene::open(&database).await;
    let (name, secret) = scene.raise(street_light()).await;
    let part = scene.dispatch(&name, HOUSING).await;
    ok(scene.unit(&scene.housing, &part, "sign", json!({})).await);
    ok(scene.unit(&scene.housing, &part, "resolve", json!({"text": "已处理"})).await);
    scene.hours_pass(24);
    let rating =
        json!({"name": name, "secret": secret, "solved": false, "satisfaction": "SATISFACTION_DISSATISFIED"});
    let rated = ok(scene.town.send(Method::POST, "/v1/cases:rate", None, Some(rating)).await);
    assert_eq!(rated["status"], "CASE_STATUS_ACCEPTED");
    ok(scene.centre(&name, "dispatch", json!({"units": [{"organization": HOUSING}]})).await);
    let anew = ok(scene.town.send(Method::GET, &format!("/v1/{name}"), Some(&scene.dispatcher), None).await);
    // A fresh clock: three working days from Wednesday.
    assert_eq!((anew["round"].clone(), anew["dueTime"].clone()), (json!(2), json!("2026-11-30T09:30:00Z")));
    scene.town.end().await;
}

async fn a_unit_follows_what_is_dispatched_to_it(database: Database) {
    let scene = Scene::open(&database).await;
    let (name, _) = scene.raise(street_light()).await;
    let part = scene.dispatch(&name, HOUSING).await;
    let answer = scene.town.open(&scene.housing, "/v1/assignments:watch").await;
    let mut lines = answer.bytes_stream();
    let mut heard = String::new();
    while !heard.contains("AssignmentDispatched") {
        let chunk =
            tokio::time::timeout(Duration::from_secs(20), lines.next()).await.unwrap().unwrap().unwrap();
        heard.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    assert!(heard.contains(&part) && heard.contains("路灯不亮"), "{heard}");
    let none = ok(scene.town.send(Method::GET, "/v1/assignments", Some(&scene.water), None).await);
    assert!(none.get("assignments").and_then(Value::as_array).is_none_or(Vec::is_empty), "{none}");
    let stranger = scene.unit(&scene.water, &part, "sign", json!({})).await;
    assert_eq!(stranger.0, StatusCode::FORBIDDEN, "{stranger:?}");
    scene.town.end().await;
}

async fn what_nobody_may_do_is_refused_by_name(database: Database) {
    let scene = Scene::open(&database).await;
    let submit = async |case: Value| {
        let answer =
            scene.town.send(Method::POST, "/v1/cases:submit", None, Some(json!({"case": case}))).await;
        (answer.0.as_u16(), reason(&answer).to_owned())
    };
    let with = |field: &str, value: Value| {
        let mut case = street_light();
        case[field] = value;
        case
    };
    assert_eq!(submit(with("title", json!(""))).await, (400, "REQUIRED_FIELD".into()));
    assert_eq!(submit(with("title", json!("字"))).await.0, 200);
    assert_eq!(submit(with("content", json!("字".repeat(100_000)))).await, (400, "TOO_LONG".into()));
    assert_eq!(submit(with("latitude", json!(39.9))).await, (400, "PLACE_NOT_IN_A_GRID".into()));
    assert_eq!(
        submit(with("against", json!(["organizations/nobody"]))).await,
        (400, "REFERENCE_MISSING".into())
    );
    assert_eq!(
        submit(with("anonymity", json!("ANONYMITY_ANONYMOUS"))).await,
        (400, "ANONYMOUS_WITH_NAME".into())
    );
    let (name, _) = scene.raise(street_light()).await;
    for _ in 0..10 {
        let body = json!({"name": name, "secret": "0000000000000000"});
        let wrong = scene.town.send(Method::POST, "/v1/cases:track", None, Some(body)).await;
        assert_eq!((wrong.0, reason(&wrong)), (StatusCode::NOT_FOUND, "CASE_OR_SECRET_WRONG"));
    }
    let body = json!({"name": name, "secret": "0000000000000000"});
    let closed = scene.town.send(Method::POST, "/v1/cases:track", None, Some(body)).await;
    assert_eq!((closed.0, reason(&closed)), (StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_ATTEMPTS"));
    scene.town.end().await;
}
