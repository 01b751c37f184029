//! Deaths: the process is killed under its clients, again and again. Whatever was acknowledged is there, once.

mod client;

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use minqing_testkit::{Database, on_both_databases};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::http::client;
use crate::program::{Running, minqing, run, text};
use client::{Client, Dice, Tokens};

on_both_databases! {
    what_was_acknowledged_of_cases_is_there_once_after_kills;
}

/// How often the process is killed, and how many callers it has.
const KILLS: usize = 3;
const CLIENTS: u64 = 4;
/// Between a start and the kill, ms.
const LIFE_MS: std::ops::Range<u64> = 200..1_800;
/// Names a seed, to replay what a failure told.
const SEED_VARIABLE: &str = "MINQING_TEST_SEED";

async fn what_was_acknowledged_of_cases_is_there_once_after_kills(database: Database) {
    tokio::task::spawn_blocking(move || killed(&database)).await.unwrap();
}

fn killed(database: &Database) {
    let seed = std::env::var(SEED_VARIABLE).ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| u64::from_le_bytes(Uuid::now_v7().as_bytes()[8..].try_into().unwrap()));
    say_seed(seed);
    let mut dice = Dice(seed);
    let suite = Suite::new(database);
    let tokens = suite.found();
    let mut clients: Vec<Client> =
        (0..CLIENTS).map(|id| Client::new(id, Dice(dice.draw()), &tokens)).collect();
    for _ in 0..KILLS {
        let running = suite.start();
        clients.iter_mut().for_each(|client| client.check(running.address("http")));
        let dying = AtomicBool::new(false);
        let life = Duration::from_millis(LIFE_MS.start + dice.below(LIFE_MS.end - LIFE_MS.start));
        std::thread::scope(|scope| {
            let http = running.address("http").to_owned();
            for client in &mut clients {
                let (http, dying) = (http.clone(), &dying);
                scope.spawn(move || client.call_until(&http, dying));
            }
            std::thread::sleep(life);
            dying.store(true, Ordering::SeqCst);
            running.kill();
        });
        suite.verify();
    }
    let running = suite.start();
    let http = running.address("http");
    for client in &mut clients {
        client.check(http);
        client.finish(http);
        client.check(http);
    }
    let submitted: Vec<String> = clients.iter().flat_map(Client::names).collect();
    assert!(submitted.len() >= KILLS, "too little happened to tell anything: {submitted:?}");
    no_other_case_is_there(http, &tokens, submitted);
    nobody_is_forgotten(http, &tokens);
    assert!(running.terminate().0.success());
    suite.verify();
}

fn say_seed(seed: u64) {
    eprintln!("{SEED_VARIABLE}={seed}");
}

/// The suite on a database of each service, with what must be there before the first case.
struct Suite<'a> {
    data: tempfile::TempDir,
    registry: Database,
    cases: &'a Database,
}

impl<'a> Suite<'a> {
    fn new(cases: &'a Database) -> Self {
        Self { data: tempfile::tempdir().unwrap(), registry: cases.beside(), cases }
    }

    fn data(&self) -> &Path {
        self.data.path()
    }

    fn on_databases(&self, mut command: Command) -> Command {
        command
            .arg("--data")
            .arg(self.data())
            .env("MINQING_REGISTRY__DATABASE__URL", self.registry.url())
            .env("MINQING_CASES__DATABASE__URL", self.cases.url());
        command
    }

    fn start(&self) -> Running {
        let up = minqing(&["up", "--no-demo", "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0"]);
        Running::start(self.on_databases(up))
    }

    /// What is kept follows from the histories.
    fn verify(&self) {
        let output = self.on_databases(minqing(&["verify", "cases"])).output().unwrap();
        assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    }

    fn token(&self, role: &str, organization: &str, subject: &str) -> String {
        let mut arguments = vec!["token", "--role", role, "--subject", subject];
        arguments.extend(["--division", "321181", "--data", self.data().to_str().unwrap()]);
        if !organization.is_empty() {
            arguments.extend(["--organization", organization]);
        }
        let output = run(&arguments);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout).trim().to_owned()
    }

    /// Makes the city and its units; gives the tokens of those who work there.
    fn found(&self) -> Tokens {
        let administrator =
            text(&run(&["token", "--role", "administrator", "--data", self.data().to_str().unwrap()]).stdout);
        let running = self.start();
        let create = |path: &str, body: Value| {
            let url = format!("http://{}/v1/{path}", running.address("http"));
            let answer = client().post(url).bearer_auth(administrator.trim()).json(&body).send().unwrap();
            assert!(answer.status().is_success(), "{path}: {}", answer.text().unwrap());
        };
        for code in ["32", "3211", "321181"] {
            create("divisions", json!({"code": code, "displayName": code, "effectiveFrom": "2026-01-01"}));
        }
        for id in ["supervision-centre", "housing", "water"] {
            let unit = json!({
                "displayName": id, "kind": "ORGANIZATION_KIND_DEPARTMENT", "divisionCode": "321181",
                "effectiveFrom": "2026-01-01",
            });
            create(&format!("organizations?organizationId={id}"), unit);
        }
        assert!(running.terminate().0.success());
        Tokens {
            centre: self.token("dispatcher", "supervision-centre", "dispatcher"),
            supervisor: self.token("supervisor", "supervision-centre", "supervisor"),
            lead: self.token("system_account", "housing", "housing"),
            joint: self.token("system_account", "water", "water"),
        }
    }
}

/// Every request that was sent again led to the same case: those of the callers are all there are.
fn no_other_case_is_there(http: &str, tokens: &Tokens, mut names: Vec<String>) {
    let (mut listed, mut page) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/cases?pageSize=500&pageToken={page}");
        let answer = client::get(http, &path, &tokens.centre);
        let cases = answer["cases"].as_array().cloned().unwrap_or_default();
        listed.extend(cases.iter().map(|case| case["name"].as_str().unwrap().to_owned()));
        page = answer["nextPageToken"].as_str().unwrap_or_default().to_owned();
        if page.is_empty() {
            break;
        }
    }
    listed.sort();
    names.sort();
    assert_eq!(listed, names);
}

/// Each open case has an owner, and each part that is live has what wakes somebody.
fn nobody_is_forgotten(http: &str, tokens: &Tokens) {
    let mut page = String::new();
    loop {
        let path = format!("/v1/cases:findOrphans?pageSize=2000&pageToken={page}");
        let answer = client::get(http, &path, &tokens.supervisor);
        for orphan in answer["orphans"].as_array().into_iter().flatten() {
            let reasons = orphan["reasons"].to_string();
            for lost in ["NO_OWNER", "NOTHING_DUE", "NOT_CLIMBED", "NO_REPLY"] {
                assert!(!reasons.contains(lost), "{orphan}");
            }
        }
        page = answer["nextPageToken"].as_str().unwrap_or_default().to_owned();
        if page.is_empty() {
            return;
        }
    }
}
