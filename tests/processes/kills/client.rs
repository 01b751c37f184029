//! A caller who sends each request, under its own id, until it is acknowledged.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::http::client;

/// What is drawn by a seed (SplitMix64): the same every time.
pub struct Dice(pub u64);

impl Dice {
    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut drawn = self.0;
        drawn = (drawn ^ (drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        drawn = (drawn ^ (drawn >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        drawn ^ (drawn >> 31)
    }

    /// The next number below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.draw() % bound
    }

    fn request_id(&mut self) -> String {
        let bits = (u128::from(self.draw()) << 64) | u128::from(self.draw());
        uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid().to_string()
    }
}

/// Those who work in the city.
#[derive(Clone)]
pub struct Tokens {
    /// The centre's desk.
    pub centre: String,
    /// Whoever looks for what nobody moves.
    pub supervisor: String,
    /// The unit that leads.
    pub lead: String,
    /// The unit beside it.
    pub joint: String,
}

/// The way of every case, and what its history tells of each step.
const STEPS: [(&str, &[&str]); 10] = [
    ("submit", &["CaseSubmitted"]),
    ("accept", &["CaseAccepted"]),
    ("dispatch", &["CaseDispatched"]),
    ("sign 1", &["AssignmentSigned"]),
    ("sign 2", &["AssignmentSigned"]),
    ("reply 1", &["CaseReplied"]),
    ("resolve 2", &["AssignmentCompleted"]),
    ("resolve 1", &["CaseReplied", "AssignmentCompleted", "CaseResolved"]),
    ("rate", &["CaseCalledBack"]),
    ("close", &["CaseClosed"]),
];

/// Cases that one caller has under way at a time, and in all.
const OPEN_MAX: usize = 6;
const MATTERS_MAX: usize = 60;

/// Something a caller raises and sees through.
struct Matter {
    title: String,
    name: String,
    secret: String,
    /// Steps that were acknowledged.
    done: usize,
    /// Where it rests at the end, so that every status is there.
    goal: usize,
    /// The id of the request under way, if one was sent and not acknowledged.
    sent: Option<String>,
}

/// A caller.
pub struct Client {
    id: u64,
    dice: Dice,
    tokens: Tokens,
    matters: Vec<Matter>,
}

impl Client {
    /// A caller who did nothing yet.
    pub fn new(id: u64, dice: Dice, tokens: &Tokens) -> Self {
        Self { id, dice, tokens: tokens.clone(), matters: Vec::new() }
    }

    /// The cases that were acknowledged.
    pub fn names(&self) -> Vec<String> {
        let named = self.matters.iter().filter(|matter| !matter.name.is_empty());
        named.map(|matter| matter.name.clone()).collect()
    }

    /// Goes on with this and that until the process dies under it.
    pub fn call_until(&mut self, http: &str, dying: &AtomicBool) {
        let client = client();
        while self.matters.len() < MATTERS_MAX {
            let index = self.pick();
            if !self.step(&client, http, index) {
                if dying.load(Ordering::SeqCst) {
                    return;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }

    /// Brings everything to where it rests.
    pub fn finish(&mut self, http: &str) {
        let client = client();
        for index in 0..self.matters.len() {
            let mut failures = 0;
            while self.matters[index].done < self.matters[index].goal || self.matters[index].sent.is_some() {
                failures += usize::from(!self.step(&client, http, index));
                assert!(
                    failures < 100,
                    "{}: stuck after {}",
                    self.matters[index].name,
                    self.matters[index].done
                );
            }
        }
    }

    /// Something that is under way or, now and then, something new.
    fn pick(&mut self) -> usize {
        let open: Vec<usize> = (0..self.matters.len())
            .filter(|index| self.matters[*index].done < self.matters[*index].goal)
            .collect();
        let drawn = usize::try_from(self.dice.below(OPEN_MAX as u64)).unwrap();
        match open.get(drawn) {
            Some(index) => *index,
            None => {
                let goal = 1 + usize::try_from(self.dice.below(STEPS.len() as u64 * 2)).unwrap();
                self.matters.push(Matter {
                    title: format!("路灯不亮 {}-{}", self.id, self.matters.len()),
                    name: String::new(),
                    secret: String::new(),
                    done: 0,
                    goal: goal.min(STEPS.len()),
                    sent: None,
                });
                self.matters.len() - 1
            }
        }
    }

    /// Sends the next request of a matter, or the same again that was not acknowledged. Whether it was.
    fn step(&mut self, client: &reqwest::blocking::Client, http: &str, index: usize) -> bool {
        let fresh = self.dice.request_id();
        let twice = self.dice.below(4) == 0;
        let matter = &mut self.matters[index];
        let request_id = matter.sent.get_or_insert(fresh).clone();
        let (path, token, body) = request(matter, &self.tokens, &request_id);
        let send = || {
            let mut request = client.post(format!("http://{http}{path}")).json(&body);
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            let answer = request.send().ok()?;
            let status = answer.status().as_u16();
            let answer: Value = answer.json().ok()?;
            // Somebody else was quicker, or the database is not there: it may be sent again.
            let again = status >= 500 || status == 409 || status == 429;
            assert!(again || status == 200, "{path} of {}: {status} {answer}", matter.title);
            (!again).then_some(answer)
        };
        let Some(answer) = send() else { return false };
        if twice && let Some(again) = send() {
            assert_eq!(again, answer, "{path}: sent again, it is answered otherwise");
        }
        if matter.done == 0 {
            matter.name = answer["case"]["name"].as_str().unwrap().to_owned();
            matter.secret = answer["secret"].as_str().unwrap().to_owned();
        }
        matter.done += 1;
        matter.sent = None;
        true
    }

    /// The history of each case holds every step that was acknowledged, once; and the one under way, or not.
    pub fn check(&self, http: &str) {
        for matter in self.matters.iter().filter(|matter| !matter.name.is_empty()) {
            let path = format!("/v1/{}/history?pageSize=500", matter.name);
            let history = get(http, &path, &self.tokens.centre);
            let entries = history["entries"].as_array().unwrap();
            let happened: Vec<&str> = entries.iter().map(|entry| entry["type"].as_str().unwrap()).collect();
            let after = |steps: usize| {
                STEPS[..steps].iter().flat_map(|(_, events)| *events).copied().collect::<Vec<_>>()
            };
            let under_way = matter.done + usize::from(matter.sent.is_some());
            assert!(
                happened == after(matter.done) || happened == after(under_way),
                "{} after {} steps: {happened:?}",
                matter.name,
                matter.done
            );
        }
    }
}

/// What is sent for the next step.
fn request<'a>(matter: &Matter, tokens: &'a Tokens, id: &str) -> (String, Option<&'a str>, Value) {
    let Matter { title, name, secret, done, .. } = matter;
    let of_case = |verb: &str| format!("/v1/{name}:{verb}");
    let (verb, part) = STEPS[*done].0.split_once(' ').unwrap_or((STEPS[*done].0, ""));
    let of_part = || format!("/v1/{name}/assignments/{part}:{verb}");
    let unit = Some(if part == "1" { tokens.lead.as_str() } else { tokens.joint.as_str() });
    let centre = Some(tokens.centre.as_str());
    match verb {
        "submit" => {
            let case = json!({"type": "CASE_TYPE_HELP", "door": "DOOR_WEB", "title": title, "area": "divisions/321181"});
            ("/v1/cases:submit".to_owned(), None, json!({"case": case, "requestId": id}))
        }
        "dispatch" => {
            let units = json!([
                {"organization": "organizations/housing"}, {"organization": "organizations/water", "joint": true},
            ]);
            (of_case(verb), centre, json!({"units": units, "requestId": id}))
        }
        "rate" => {
            let body = json!({"name": name, "secret": secret, "solved": true, "requestId": id});
            ("/v1/cases:rate".to_owned(), None, body)
        }
        "reply" => (of_part(), unit, json!({"text": "已派人查看", "requestId": id})),
        "resolve" if part == "1" => (of_part(), unit, json!({"text": "已修好", "requestId": id})),
        "sign" | "resolve" => (of_part(), unit, json!({"requestId": id})),
        _ => (of_case(verb), centre, json!({"requestId": id})),
    }
}

/// A GET that must succeed.
pub fn get(http: &str, path: &str, token: &str) -> Value {
    let answer = client().get(format!("http://{http}{path}")).bearer_auth(token).send().unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    answer.json().unwrap()
}
