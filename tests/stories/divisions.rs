//! The official codes are imported, walked from the city down, changed, and followed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::StreamExt as _;
use minqing_platform::identity::Role;
use minqing_registry::domain::known;
use minqing_testkit::{Database, on_both_databases};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::town::{Town, reason};

on_both_databases! {
    the_city_is_imported_and_walked;
    a_town_splits_and_its_past_stays;
    bad_files_change_nothing;
    events_are_followed_and_resumed;
    strangers_read_and_do_not_write;
    a_request_sent_twice_is_done_once;
}

fn files(files: &[(&str, &str)]) -> Value {
    let file =
        |(name, content): &(&str, &str)| json!({"fileName": name, "content": STANDARD.encode(content)});
    json!({"files": files.iter().map(file).collect::<Vec<_>>(), "effectiveFrom": "2023-06-30"})
}

async fn city(database: &Database) -> (Town, String) {
    let town = Town::start(database).await;
    let token = town.token(Role::Administrator, "");
    let (status, _) =
        town.post(&token, "/v1/divisions:import", files(&[known::STREETS, known::VILLAGES])).await;
    assert_eq!(status, StatusCode::OK);
    (town, token)
}

async fn the_city_is_imported_and_walked(database: Database) {
    let (town, token) = city(&database).await;
    let again = town.post(&token, "/v1/divisions:import", files(&[known::VILLAGES, known::STREETS])).await.1;
    assert_eq!(again["reports"][0]["unchanged"], 229);
    assert_eq!(again["reports"][1]["unchanged"], 12);

    let city = town.get("/v1/divisions/321181000000").await.1;
    assert_eq!((&city["displayName"], &city["level"]), (&json!("丹阳市"), &json!("DIVISION_LEVEL_COUNTY")));
    let batch = "/v1/divisions:batchGet?names=divisions/321181100&names=divisions/321181";
    let batch = town.get(batch).await.1;
    assert_eq!(batch["divisions"][0]["displayName"], "司徒镇");
    assert_eq!(batch["divisions"][1], city);
    let missing = town.get("/v1/divisions:batchGet?names=divisions/321181&names=divisions/321189").await;
    assert_eq!((missing.0, reason(&missing)), (StatusCode::NOT_FOUND, "NOT_FOUND"));
    let towns = town.get("/v1/divisions?parent=divisions/321181").await.1;
    assert_eq!(towns["divisions"].as_array().unwrap().len(), 12);
    let mut villages = 0;
    for place in towns["divisions"].as_array().unwrap() {
        let path = format!("/v1/divisions?parent={}&page_size=7", place["name"].as_str().unwrap());
        let mut token = String::new();
        loop {
            let page = town.get(&format!("{path}&page_token={token}")).await.1;
            villages += page["divisions"].as_array().unwrap().len();
            token = page["nextPageToken"].as_str().unwrap_or_default().to_owned();
            if token.is_empty() {
                break;
            }
        }
    }
    assert_eq!(villages, 229);
    town.end().await;
}

async fn a_town_splits_and_its_past_stays(database: Database) {
    let (town, token) = city(&database).await;
    let split = json!({"successors": [
        {"code": "321181001901", "displayName": "太阳城东社区居委会"},
        {"code": "321181001902", "displayName": "太阳城西社区居委会"},
    ], "effectiveDate": "2026-12-01"});
    let done = town.post(&token, "/v1/divisions/321181001001:split", split).await;
    assert_eq!(done.0, StatusCode::OK, "{done:?}");
    assert_eq!(done.1["ended"]["successors"], json!(["divisions/321181001901", "divisions/321181001902"]));
    // The old village is in force up to the day before.
    let on = |day| format!("/v1/divisions?parent=divisions/321181001&query=太阳城&effective_on={day}");
    assert_eq!(town.get(&on("2026-11-30")).await.1["divisions"].as_array().unwrap().len(), 1);
    assert_eq!(town.get(&on("2026-12-01")).await.1["divisions"].as_array().unwrap().len(), 2);
    let refused = town.post(&token, "/v1/divisions/321181001:end", json!({})).await;
    assert_eq!((refused.0, reason(&refused)), (StatusCode::BAD_REQUEST, "HAS_PARTS_IN_FORCE"));
    town.end().await;
}

async fn bad_files_change_nothing(database: Database) {
    let town = Town::start(&database).await;
    let token = town.token(Role::Administrator, "");
    let cut: String = known::VILLAGES.1.chars().take(5_000).collect();
    let orphan = "code,name,streetCode\n321181999001,x,321181999\n";
    for (content, expected) in [(cut.as_str(), "TRUNCATED_FILE"), (orphan, "ORPHAN_CODE")] {
        let body = files(&[known::STREETS, ("bad.csv", content)]);
        let refused = town.post(&token, "/v1/divisions:import", body).await;
        assert_eq!((refused.0, reason(&refused)), (StatusCode::BAD_REQUEST, expected));
        assert!(refused.1["message"].as_str().unwrap().contains("bad.csv, line"), "{refused:?}");
    }
    let none = town.get("/v1/divisions").await.1;
    assert_eq!(none.get("divisions"), None, "the good file of a refused request was not imported either");
    town.end().await;
}

async fn events_are_followed_and_resumed(database: Database) {
    let (town, token) = city(&database).await;
    let mut lines = Lines::open(&town, &token, "/v1/registry/events:watch?types=DivisionRenamed").await;
    let rename = json!({"displayName": "司徒新镇"});
    let renamed =
        town.send(reqwest::Method::PATCH, "/v1/divisions/321181100", Some(&token), Some(rename)).await;
    assert_eq!(renamed.0, StatusCode::OK, "{renamed:?}");
    let event = lines.next_event().await;
    assert_eq!(event["event"]["subject"], "divisions/321181100");
    assert_eq!(event["event"]["payload"]["display_name"], "司徒新镇");

    // Resumed behind that event, the next one is the first to come.
    let cursor = event["cursor"].as_str().unwrap();
    let rename = json!({"displayName": "司徒镇"});
    town.send(reqwest::Method::PATCH, "/v1/divisions/321181100", Some(&token), Some(rename)).await;
    let path = format!("/v1/registry/events:watch?types=DivisionRenamed&cursor={cursor}");
    let event = Lines::open(&town, &token, &path).await.next_event().await;
    assert_eq!(event["event"]["payload"]["display_name"], "司徒镇");

    // Whoever is appointed in another town does not see it.
    let other = town.token(Role::Cadre, "321181101");
    let mut lines = Lines::open(&town, &other, "/v1/registry/events:watch").await;
    let first = lines.next_event().await;
    assert!(first["event"]["divisionCode"].as_str().unwrap().starts_with("321181101"), "{first}");
    town.end().await;
}

async fn strangers_read_and_do_not_write(database: Database) {
    let (town, _) = city(&database).await;
    let new = json!({"code": "321181100999", "displayName": "x"});
    let refused = town.send(reqwest::Method::POST, "/v1/divisions", None, Some(new.clone())).await;
    assert_eq!((refused.0, reason(&refused)), (StatusCode::UNAUTHORIZED, "SIGN_IN_NEEDED"));
    let cadre = town.token(Role::Cadre, "321181100");
    let refused = town.post(&cadre, "/v1/divisions", new.clone()).await;
    assert_eq!((refused.0, reason(&refused)), (StatusCode::FORBIDDEN, "NOT_PERMITTED"));
    let elsewhere = town.token(Role::Administrator, "321181101");
    assert_eq!(town.post(&elsewhere, "/v1/divisions", new.clone()).await.0, StatusCode::FORBIDDEN);
    let here = town.token(Role::Administrator, "321181100");
    assert_eq!(town.post(&here, "/v1/divisions", new).await.0, StatusCode::OK);
    town.end().await;
}

async fn a_request_sent_twice_is_done_once(database: Database) {
    let (town, token) = city(&database).await;
    let id = "01890000-0000-7000-8000-000000000001";
    let path = format!("/v1/divisions?request_id={id}");
    let new = json!({"code": "321181100999", "displayName": "新村"});
    let (first, second) =
        tokio::join!(town.post(&token, &path, new.clone()), town.post(&token, &path, new.clone()));
    for answer in [&first, &second] {
        // Two at once may lose the race to each other; a client then sends it again.
        assert!(answer.0 == StatusCode::OK || answer.0 == StatusCode::CONFLICT, "{answer:?}");
    }
    let third = town.post(&token, &path, new.clone()).await;
    let fourth = town.post(&token, &path, new).await;
    assert_eq!((third.0, &third.1), (StatusCode::OK, &fourth.1));
    let other = town.post(&token, &path, json!({"code": "321181100998", "displayName": "新村"})).await;
    assert_eq!((other.0, reason(&other)), (StatusCode::BAD_REQUEST, "REQUEST_ID_REUSED"));
    town.end().await;
}

/// The lines of a stream of answers.
struct Lines {
    stream: std::pin::Pin<Box<dyn futures::Stream<Item = Vec<u8>> + Send>>,
    rest: Vec<u8>,
}

impl Lines {
    async fn open(town: &Town, token: &str, path: &str) -> Self {
        let response = town.open(token, path).await;
        assert_eq!(response.status(), StatusCode::OK);
        let stream = response.bytes_stream().map(|chunk| chunk.unwrap().to_vec());
        Self { stream: Box::pin(stream), rest: Vec::new() }
    }

    /// The next line that is no heartbeat.
    async fn next_event(&mut self) -> Value {
        let next = async {
            loop {
                if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                    let line: Vec<u8> = self.rest.drain(..=end).collect();
                    let value: Value = serde_json::from_slice(&line).unwrap();
                    if value["result"]["event"].is_object() {
                        return value["result"].clone();
                    }
                } else {
                    self.rest.extend(self.stream.next().await.expect("the stream goes on"));
                }
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(10), next).await.expect("an event within 10 s")
    }
}
