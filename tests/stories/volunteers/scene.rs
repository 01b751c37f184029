//! A village, the corps with three teams, and people who call by HTTP as anybody would.

use std::time::Duration;

use minqing_platform::identity::Role;
use minqing_testkit::Database;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::town::{Answer, Town, reason};

pub const VILLAGE: &str = "321181100201";
pub const CORPS: &str = "organizations/volunteer-corps";
const CENTRE: &str = "organizations/supervision-centre";
/// How long something that goes on in the background is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// See the module.
pub struct Scene {
    pub town: Town,
    pub dispatcher: String,
    pub coordinator: String,
}

impl Scene {
    /// A village with a grid, the centre, and the corps without a team.
    pub async fn open(database: &Database) -> Self {
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
        let grid = json!({"code": format!("{VILLAGE}001"), "displayName": "第一网格", "boundary": boundary, "effectiveFrom": "2026-01-01"});
        ok(town.post(&admin, "/v1/grids", grid).await);
        for (id, name) in [("supervision-centre", "市监督投诉中心"), ("volunteer-corps", "市志愿服务队")]
        {
            let unit = json!({"displayName": name, "kind": "ORGANIZATION_KIND_DEPARTMENT", "divisionCode": "321181", "effectiveFrom": "2026-01-01"});
            ok(town.post(&admin, &format!("/v1/organizations?organizationId={id}"), unit).await);
        }
        let dispatcher = town.token_of("dispatcher", Role::Dispatcher, CENTRE, "321181");
        let coordinator = town.token_of("coordinator", Role::Coordinator, CORPS, "321181");
        Self { town, dispatcher, coordinator }
    }

    /// The token of somebody who was appointed to nothing.
    pub fn is(&self, name: &str) -> String {
        self.town.citizen(name)
    }

    pub async fn get(&self, token: &str, path: &str) -> Answer {
        self.town.send(Method::GET, &format!("/v1/{path}"), Some(token), None).await
    }

    pub async fn post(&self, token: &str, path: &str, body: Value) -> Answer {
        self.town.post(token, &format!("/v1/{path}"), body).await
    }

    /// Somebody registers by their own account; gives their name.
    pub async fn registers(&self, who: &str, place: u32) -> String {
        let body = json!({
            "displayName": "张小明", "identityNumber": identity_number("19800101", place), "phone": "138 0013 5678",
            "divisionCode": VILLAGE, "skills": ["护理", "沟通", "巡逻", "急救"],
        });
        text(&ok(self.post(&self.is(who), "volunteers", body).await)["name"])
    }

    /// The corps sees somebody's identity card.
    pub async fn verifies(&self, volunteer: &str) {
        let body = json!({"evidence": "居民身份证"});
        ok(self.post(&self.coordinator, &format!("{volunteer}:verify"), body).await);
    }

    /// A team of a post, without anybody.
    pub async fn founds(&self, team: &str, post: &str, home: &str) {
        let body = json!({"displayName": team, "post": format!("posts/{post}"), "divisionCode": home, "capacity": 2});
        ok(self.post(&self.coordinator, &format!("teams?teamId={team}"), body).await);
    }

    /// Somebody asks to belong to a team; gives the membership's name.
    pub async fn asks_for(&self, who: &str, team: &str) -> String {
        let asked = ok(self.post(&self.is(who), &format!("teams/{team}/memberships"), json!({})).await);
        text(&asked["name"])
    }

    /// A membership is approved by the corps.
    pub async fn approves(&self, membership: &str) -> Answer {
        self.post(&self.coordinator, &format!("{membership}:review"), json!({"approve": true})).await
    }

    /// A team of the elderly's companions with a leader and one member, by whom they are known: `{team}-lead` and
    /// `{team}-one`.
    pub async fn staffs(&self, team: &str, home: &str, place: u32) {
        self.founds(team, "elder-companion", home).await;
        for (index, role) in (0..).zip(["lead", "one"]) {
            let who = format!("{team}-{role}");
            let volunteer = self.registers(&who, place + index).await;
            self.verifies(&volunteer).await;
            let asked = self.asks_for(&who, team).await;
            ok(self.approves(&asked).await);
            if role == "lead" {
                let body = json!({"leader": volunteer});
                let path = format!("/v1/teams/{team}");
                ok(self.town.send(Method::PATCH, &path, Some(&self.coordinator), Some(body)).await);
            }
        }
    }

    /// Somebody without an account asks for help, and the centre sends it to the corps: the case, and its secret.
    pub async fn help_case(&self) -> (String, String) {
        let case = json!({
            "type": "CASE_TYPE_HELP", "door": "DOOR_WEB", "title": "独居老人需要陪同就医", "content": "后天上午去市人民医院",
            "latitude": 31.96, "longitude": 119.51, "datum": "DATUM_WGS_84",
            "reporter": {"displayName": "王小明", "phone": "138 0000 0001"},
        });
        let body = Some(json!({"case": case}));
        let raised = ok(self.town.send(Method::POST, "/v1/cases:submit", None, body).await);
        let case = text(&raised["case"]["name"]);
        ok(self.post(&self.dispatcher, &format!("{case}:accept"), json!({})).await);
        let units = json!({"units": [{"organization": CORPS}]});
        ok(self.post(&self.dispatcher, &format!("{case}:dispatch"), units).await);
        (case, text(&raised["secret"]))
    }

    /// The need that a case becomes, sooner or later.
    pub async fn need_of(&self, case: &str) -> String {
        let part = format!("{case}/assignments/1");
        let found = async || {
            let listed = ok(self.get(&self.coordinator, "needs?source=NEED_SOURCE_CASE").await);
            let needs = listed["needs"].as_array().cloned().unwrap_or_default();
            needs.into_iter().find(|need| need["assignment"] == part.as_str())
        };
        text(&until(found).await["name"])
    }

    /// The corps finds a need true.
    pub async fn opens(&self, need: &str) {
        let body = json!({"post": "posts/elder-companion", "headcount": 1, "risk": "RISK_MEDIUM"});
        let opened = ok(self.post(&self.coordinator, &format!("{need}:verify"), body).await);
        assert_eq!(opened["status"], "NEED_STATUS_OPEN");
    }

    /// The corps matches all that is open; gives the answer.
    pub async fn matches(&self) -> Value {
        ok(self.post(&self.coordinator, "matchings:run", json!({"divisionCode": "321181"})).await)
    }

    pub async fn track(&self, case: &str, secret: &str) -> Value {
        let body = Some(json!({"name": case, "secret": secret}));
        ok(self.town.send(Method::POST, "/v1/cases:track", None, body).await)
    }

    pub fn minutes_pass(&self, minutes: i64) {
        self.town.clock.advance(chrono::TimeDelta::minutes(minutes));
    }
}

/// What is found sooner or later.
pub async fn until<T>(mut find: impl AsyncFnMut() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(found) = find().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.expect("it did not come to pass")
}

#[track_caller]
pub fn ok(answer: Answer) -> Value {
    assert_eq!(answer.0, StatusCode::OK, "{}", answer.1);
    answer.1
}

/// The status and the reason of what was refused.
#[track_caller]
pub fn refused(answer: &Answer) -> (u16, &str) {
    assert_ne!(answer.0, StatusCode::OK, "{}", answer.1);
    (answer.0.as_u16(), reason(answer))
}

/// The fields that a refusal names.
pub fn fields(answer: &Answer) -> Vec<String> {
    let details = answer.1["details"].as_array().cloned().unwrap_or_default();
    let violations = details.iter().filter_map(|detail| detail["fieldViolations"].as_array());
    violations.flatten().map(|violation| text(&violation["field"])).collect()
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// An identity number with a right check character (GB 11643); `place` tells people of one day apart.
pub fn identity_number(born: &str, place: u32) -> String {
    let digits = format!("321181{born}{place:03}");
    let weight = |place: usize| (0..17 - place).fold(1, |weight, _| weight * 2 % 11);
    let sum: u32 =
        digits.bytes().enumerate().map(|(place, byte)| u32::from(byte - b'0') * weight(place)).sum();
    format!("{digits}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}
