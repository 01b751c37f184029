//! The parts as processes of their own, on both databases.

use std::time::Duration;

use minqing_platform::identity::issuer::BuiltIn;
use minqing_platform::identity::{Appointment, Role};
use minqing_testkit::{Database, on_both_databases};
use serde_json::json;

use crate::cluster::{Cluster, post, soon, status};
use crate::http::{client, get};

on_both_databases! {
    services_and_gateway_run_apart;
    an_appointment_in_the_registry_is_honoured_by_cases_and_one_that_ended_is_not;
}

/// What only the appointed may ask of cases.
const WATCH: &str = "/v1/cases/events:watch";

/// The contract of every process.
const END: Duration = Duration::from_secs(10);

/// How soon a change in the registry shows. Usually it is within a second; half of the 30 s that an answer is believed
/// without news is left for a machine on which all tests run at once.
const NEWS: Duration = Duration::from_secs(15);

/// Blocking work in a test of its own: nothing else runs on its runtime.
async fn blocking(story: impl FnOnce() + Send + 'static) {
    tokio::task::spawn_blocking(story).await.unwrap();
}

async fn services_and_gateway_run_apart(database: Database) {
    blocking(move || apart(&Cluster::plain(), &database)).await;
}

#[tokio::test]
async fn services_and_gateway_run_apart_behind_tls() {
    let database = minqing_testkit::sqlite::database();
    blocking(move || apart(&Cluster::with_tls(), &database)).await;
}

fn apart(cluster: &Cluster, database: &Database) {
    let beside = [database.beside(), database.beside()];
    let registry = cluster.registry(database);
    let cases = cluster.cases(&beside[0], &registry);
    let volunteers = cluster.volunteers(&beside[1], &registry, &cases);
    for service in [&registry, &cases, &volunteers] {
        let probes = service.address("http");
        let ready = client().get(format!("http://{probes}/readyz")).send().unwrap();
        assert_eq!((ready.status().as_u16(), ready.text().unwrap().as_str()), (200, "ready\n"));
    }
    let gateway = cluster.gateway(&registry, &cases, &volunteers);
    let http = gateway.address("http").to_owned();

    // Each path goes to its service: the call is among the figures of that one.
    let asked = |service: &crate::program::Running, method: &str| {
        let figures = client().get(format!("http://{}/metrics", service.address("http"))).send().unwrap();
        figures.text().unwrap().contains(&format!("rpc_method=\"{method}\""))
    };
    assert_eq!(get(&http, "/v1/divisions").0, 200);
    assert!(asked(&registry, "ListDivisions") && !asked(&cases, "ListDivisions"));
    assert_eq!(status(&http, WATCH, "admin"), 200);
    assert!(asked(&cases, "WatchEvents"));
    assert_eq!(get(&http, "/v1/posts").0, 200);
    assert!(asked(&volunteers, "ListPosts") && !asked(&cases, "ListPosts"));
    assert_eq!(status(&http, WATCH, "somebody"), 403);
    assert_eq!(get(&http, WATCH).0, 401, "the gateway lends nobody an account");

    // A built-in issuer is nobody here: its token is refused by the service itself.
    let everything = [Appointment::everywhere(Role::Administrator)];
    let now = minqing_platform::clock::Clock::now(&minqing_platform::clock::System);
    let built_in = BuiltIn::from_seed(&[9; 32]);
    let token = built_in.mint("x", &everything, chrono::TimeDelta::hours(1), now, "minqing");
    let refused = client().get(format!("http://{http}{WATCH}")).bearer_auth(token).send().unwrap();
    assert_eq!(refused.status().as_u16(), 401);
    assert!(refused.text().unwrap().contains("TOKEN_ISSUER"));

    // Volunteers end, though they follow cases; then the registry, though cases follows its events. Whoever cases remembers goes on; of others nothing is known.
    let open = client().get(format!("http://{http}{WATCH}")).bearer_auth(crate::cluster::token("admin"));
    let open = open.send().unwrap();
    for service in [volunteers, registry] {
        let (ended, took) = service.terminate();
        assert!(ended.success() && took < END, "{took:?}");
    }
    assert_eq!(get(&http, "/v1/posts").0, 503);
    assert_eq!(get(&http, "/v1/divisions").0, 503);
    assert_eq!(status(&http, WATCH, "a stranger"), 503);

    // Cases ends with a stream open, and the gateway answers until its load balancer has noticed.
    let (ended, took) = cases.terminate();
    assert!(ended.success() && took < END, "{took:?}");
    drop(open);
    let ending = std::thread::spawn(move || gateway.terminate());
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(get(&http, "/readyz").0, 503);
    assert_eq!(get(&http, "/openapi.json").0, 200);
    let (ended, took) = ending.join().unwrap();
    assert!(ended.success() && took < END, "{took:?}");
}

async fn an_appointment_in_the_registry_is_honoured_by_cases_and_one_that_ended_is_not(database: Database) {
    blocking(move || appointed_and_dismissed(&database)).await;
}

fn appointed_and_dismissed(database: &Database) {
    let (cluster, beside) = (Cluster::plain(), [database.beside(), database.beside()]);
    let registry = cluster.registry(database);
    let cases = cluster.cases(&beside[0], &registry);
    let volunteers = cluster.volunteers(&beside[1], &registry, &cases);
    let gateway = cluster.gateway(&registry, &cases, &volunteers);
    let http = gateway.address("http");
    let may_watch = || status(http, WATCH, "officer") == 200;
    assert!(!may_watch(), "cases now remembers that the officer is nobody");

    let person = json!({"personId": "officer", "person": {
        "displayName": "张三", "divisionCode": "321181", "effectiveFrom": "2026-01-01",
        "subjects": [{"issuer": crate::cluster::ISSUER, "subject": "officer"}],
    }});
    let person = post(http, "/v1/people", &person);
    assert_eq!(person["name"], "people/officer");
    let appointment = json!({"role": "ROLE_AUDITOR", "effectiveFrom": "2026-01-01"});
    let appointment = post(http, "/v1/people/officer/appointments", &appointment);
    let honoured = soon(NEWS, may_watch);

    let name = appointment["name"].as_str().unwrap();
    post(http, &format!("/v1/{name}:end"), &json!({}));
    let refused = soon(NEWS, || !may_watch());
    assert_eq!(status(http, WATCH, "officer"), 403);
    eprintln!("honoured after {honoured:?}, refused after {refused:?}");
}
