//! A process whose collector is down. In a process of its own, since telemetry begins once.

use std::time::{Duration, Instant};

use minqing_platform::telemetry;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_hangs_does_not_hold_up_the_end() {
    assert_eq!(telemetry::prometheus_text(), "", "there is nothing to read before telemetry begins");
    // It accepts connections and never answers.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let options = telemetry::Options {
        otlp_endpoint: Some(format!("http://{}", listener.local_addr().unwrap())),
        log_format: telemetry::Format::Json,
        ..telemetry::Options::default()
    };
    let wrong = telemetry::Options { log_level: "a=b=c".to_owned(), ..telemetry::Options::default() };
    assert!(matches!(telemetry::init(&wrong), Err(telemetry::Error::Level { .. })));
    let guard = telemetry::init(&options).unwrap();
    tracing::info_span!("lost").in_scope(|| tracing::info!("said to stderr all the same"));
    let began = Instant::now();
    guard.shutdown().await;
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}
