//! How processes end, asked and unasked.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::http::{client, get};
use crate::program::{Running, run, text};

/// The contract of the program.
const END: Duration = Duration::from_secs(10);

fn administrator(data: &std::path::Path) -> String {
    let output = run(&["token", "--role", "administrator", "--data", data.to_str().unwrap()]);
    text(&output.stdout).trim().to_owned()
}

#[test]
fn silent_connections_and_open_streams_do_not_hold_up_the_end() {
    let data = tempfile::tempdir().unwrap();
    let running = Running::up(data.path(), &["--no-demo"]);
    let _silent_grpc = TcpStream::connect(running.address("grpc")).unwrap();
    let _silent_http = TcpStream::connect(running.address("http")).unwrap();
    let mut stream = TcpStream::connect(running.address("http")).unwrap();
    let token = administrator(data.path());
    let request =
        format!("GET /v1/registry/events:watch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = [0; 15];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
    let (status, took) = running.terminate();
    assert!(status.success(), "{status}");
    assert!(took < END, "{took:?}");
}

#[test]
fn the_demo_city_is_loaded_once_and_walked() {
    let data = tempfile::tempdir().unwrap();
    let running = Running::up(data.path(), &[]);
    let towns = get(running.address("http"), "/v1/divisions?parent=divisions/321181").1;
    assert_eq!(towns["divisions"].as_array().unwrap().len(), 12);
    let (status, took) = running.terminate();
    assert!(status.success() && took < END);
    let again = Running::up(data.path(), &[]);
    let villages =
        "/v1/divisions?parent=divisions/321181&descendants=true&level=DIVISION_LEVEL_VILLAGE&pageSize=1000";
    let villages = get(again.address("http"), villages).1;
    assert_eq!(villages["divisions"].as_array().unwrap().len(), 229);
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let data = tempfile::tempdir().unwrap();
    let running = Running::up(data.path(), &["--no-demo"]);
    let token = administrator(data.path());
    let base = format!("http://{}/v1/divisions", running.address("http"));
    let create = |code: &str| {
        let body = serde_json::json!({"code": code, "displayName": code});
        client()
            .post(&base)
            .bearer_auth(&token)
            .json(&body)
            .send()
            .is_ok_and(|answer| answer.status().is_success())
    };
    for code in ["32", "3211", "321181"] {
        assert!(create(code), "{code}");
    }
    // Several callers create towns until the process is killed under them.
    let (next, acknowledged) = (AtomicUsize::new(100), std::sync::Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let code = format!("321181{:03}", next.fetch_add(1, Ordering::Relaxed));
                    if code.len() > 9 || !create(&code) {
                        break;
                    }
                    acknowledged.lock().unwrap().push(code);
                }
            });
        }
        std::thread::sleep(Duration::from_millis(700));
        running.kill();
    });
    let acknowledged = acknowledged.into_inner().unwrap();
    assert!(!acknowledged.is_empty());
    let again = Running::up(data.path(), &["--no-demo"]);
    for code in acknowledged {
        assert_eq!(get(again.address("http"), &format!("/v1/divisions/{code}")).0, 200, "{code} is lost");
    }
}
