//! The parts as processes of their own, on both databases.

use std::time::Duration;

use minqing_platform::identity::issuer::BuiltIn;
use minqing_platform::identity::{Appointment, Role};
use minqing_testkit::{Database, on_both_databases};

use crate::http::{client, get};
use crate::program::{Running, minqing};

on_both_databases! {
    registry_and_gateway_run_apart;
}

/// Any 32 bytes will do in a test.
const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

async fn registry_and_gateway_run_apart(database: Database) {
    // Blocking work in a test of its own: nothing else runs on this runtime.
    tokio::task::spawn_blocking(move || story(&database)).await.unwrap();
}

fn story(database: &Database) {
    let folder = tempfile::tempdir().unwrap();
    let issuer = BuiltIn::from_seed(&[9; 32]);
    let jwks = folder.path().join("jwks.json");
    std::fs::write(&jwks, issuer.jwks()).unwrap();
    let file = folder.path().join("registry.toml");
    let settings = format!(
        "grpc_address = \"127.0.0.1:0\"\nprobe_address = \"127.0.0.1:0\"\n\
         [server]\ndrain_ms = 100\n\
         [registry.database]\nurl = \"{}\"\nconnections_max = 4\n\
         [seal]\nindex = \"{KEY}\"\nkeys = [{{ id = 1, secret = \"{KEY}\" }}]\n\
         [[identity.issuers]]\nissuer = \"https://id.example\"\naudience = \"minqing\"\nalgorithms = [\"EdDSA\"]\njwks_file = \"{}\"\n",
        database.url(),
        jwks.display(),
    );
    std::fs::write(&file, settings).unwrap();
    let registry = Running::start(minqing(&["serve", "registry", "--config", file.to_str().unwrap()]));

    let probes = registry.address("http").to_owned();
    let ready = client().get(format!("http://{probes}/readyz")).send().unwrap();
    assert_eq!((ready.status().as_u16(), ready.text().unwrap().as_str()), (200, "ready\n"));

    let mut gateway = minqing(&["serve", "gateway"]);
    gateway.env("MINQING_HTTP_ADDRESS", "127.0.0.1:0").env("MINQING_SERVER__DRAIN_MS", "1500");
    gateway.env("MINQING_UPSTREAM__REGISTRY__ENDPOINT", format!("http://{}", registry.address("grpc")));
    let gateway = Running::start(gateway);
    let http = gateway.address("http").to_owned();
    assert_eq!(get(&http, "/v1/divisions").0, 200);

    // The call of the gateway is among the figures of the registry.
    let figures = client().get(format!("http://{probes}/metrics")).send().unwrap().text().unwrap();
    assert!(figures.contains("rpc_method=\"ListDivisions\""), "{figures}");

    // A built-in issuer is nobody here: its token is refused by the registry itself.
    let everything = [Appointment::everywhere(Role::Administrator)];
    let now = minqing_platform::clock::Clock::now(&minqing_platform::clock::System);
    let token = issuer.mint("x", &everything, chrono::TimeDelta::hours(1), now, "minqing");
    let body = serde_json::json!({"code": "32", "displayName": "江苏省"});
    let url = format!("http://{http}/v1/divisions");
    let refused = client().post(url).bearer_auth(token).json(&body).send().unwrap();
    assert_eq!(refused.status().as_u16(), 401);
    assert!(refused.text().unwrap().contains("TOKEN_ISSUER"));

    // The registry ends; the gateway says so, and finds it again when it is back.
    assert!(registry.terminate().0.success());
    assert_eq!(get(&http, "/v1/divisions").0, 503);

    // The gateway says that it ends, and answers until its load balancer has noticed.
    let ending = std::thread::spawn(move || gateway.terminate());
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(get(&http, "/readyz").0, 503);
    assert_eq!(get(&http, "/openapi.json").0, 200);
    assert!(ending.join().unwrap().0.success());
}
