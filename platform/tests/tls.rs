//! TLS between two processes of ours: with certificates made here, over real connections.
#![cfg(test)]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use http::HeaderMap;
use minqing_platform::client::{self, Peer};
use minqing_platform::server::{self, Authenticate};
use minqing_testkit::Authority;
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

struct Anyone;

#[tonic::async_trait]
impl Authenticate for Anyone {
    type Caller = ();

    async fn caller(&self, _: &HeaderMap) -> Result<(), Status> {
        Ok(())
    }
}

/// A server behind TLS, on a port of its own.
struct Served {
    address: SocketAddr,
    shutdown: CancellationToken,
    ended: JoinHandle<Result<(), server::Error>>,
}

async fn served(tls: server::tls::Options) -> Served {
    let options =
        server::Options { drain_ms: 0, shutdown_ms_max: 400, tls: Some(tls), ..server::Options::default() };
    let assembled = server::assemble(RoutesBuilder::default(), &[], Anyone, &options).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    let ended = tokio::spawn(async move { server::serve(listener, &assembled, &options, stop).await });
    Served { address, shutdown, ended }
}

impl Served {
    fn peer(&self, tls: Option<client::tls::Options>) -> Result<Peer, client::Error> {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let endpoint = format!("{scheme}://localhost:{}", self.address.port());
        client::connect(&client::Options {
            endpoint,
            tls,
            attempts_max: 1,
            timeout_ms: 5_000,
            ..client::Options::default()
        })
    }

    async fn ask(&self, tls: Option<client::tls::Options>) -> Result<(), Code> {
        let mut health = HealthClient::new(self.peer(tls).unwrap());
        let answer = health.check(HealthCheckRequest { service: String::new() }).await;
        answer.map(drop).map_err(|status| status.code())
    }
}

fn shown(folder: &Path, authority: &Authority, name: &str) -> (PathBuf, PathBuf) {
    authority.issue(folder, name)
}

fn believing(ca_file: &Path) -> client::tls::Options {
    client::tls::Options { ca_file: ca_file.to_owned(), ..client::tls::Options::default() }
}

#[tokio::test]
async fn only_a_service_of_the_believed_authority_and_name_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (Authority::new(folder.path(), "ours"), Authority::new(folder.path(), "theirs"));
    let (certificate_file, key_file) = shown(folder.path(), &ours, "localhost");
    let server = served(server::tls::Options { certificate_file, key_file, client_ca_file: None }).await;
    assert_eq!(server.ask(Some(believing(&ours.file))).await, Ok(()));
    assert_eq!(server.ask(Some(believing(&theirs.file))).await, Err(Code::Unavailable));
    let other = client::tls::Options { domain: Some("registry".into()), ..believing(&ours.file) };
    assert_eq!(server.ask(Some(other)).await, Err(Code::Unavailable));
    assert_eq!(server.ask(None).await, Err(Code::Unavailable), "plain HTTP/2 is not answered");

    // Neither a silent connection nor one in the middle of its handshake holds up the end.
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let began = Instant::now();
    server.shutdown.cancel();
    server.ended.await.unwrap().unwrap();
    assert!(began.elapsed() < Duration::from_secs(2));
    assert_eq!(silent.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_service_may_let_in_only_whoever_shows_a_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (Authority::new(folder.path(), "ours"), Authority::new(folder.path(), "theirs"));
    let (certificate_file, key_file) = shown(folder.path(), &ours, "localhost");
    let client_ca_file = Some(ours.file.clone());
    let server = served(server::tls::Options { certificate_file, key_file, client_ca_file }).await;
    let showing = |authority: &Authority| {
        let (certificate, key) = shown(folder.path(), authority, "gateway");
        client::tls::Options {
            certificate_file: Some(certificate),
            key_file: Some(key),
            ..believing(&ours.file)
        }
    };
    assert_eq!(server.ask(Some(believing(&ours.file))).await, Err(Code::Unavailable));
    assert_eq!(server.ask(Some(showing(&theirs))).await, Err(Code::Unavailable));
    assert_eq!(server.ask(Some(showing(&ours))).await, Ok(()));
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_named_at_start() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path(), "ours");
    let (certificate, key) = shown(folder.path(), &authority, "localhost");
    let (_, other_key) = shown(folder.path(), &authority, "other");
    let (missing, text) = (folder.path().join("missing.pem"), folder.path().join("text.pem"));
    std::fs::write(&text, "no certificate").unwrap();
    let wrong = [
        (&missing, &key, "missing.pem"),
        (&text, &key, "text.pem: holds no PEM certificate"),
        (&certificate, &text, "text.pem: holds no PEM private key"),
        (&certificate, &other_key, "localhost.ours.pem"),
    ];
    for (certificate, key, named) in wrong {
        let tls = server::tls::Options {
            certificate_file: certificate.clone(),
            key_file: key.clone(),
            client_ca_file: None,
        };
        let options = server::Options { tls: Some(tls), ..server::Options::default() };
        let fault = server::assemble(RoutesBuilder::default(), &[], Anyone, &options).await.unwrap_err();
        let told = fault.to_string();
        assert!(told.starts_with("server.tls: ") && told.contains(named), "{told}");

        let tls = client::tls::Options {
            certificate_file: Some(certificate.clone()),
            key_file: Some(key.clone()),
            ..believing(&authority.file)
        };
        let endpoint = "https://localhost:1".to_owned();
        let options = client::Options { endpoint, tls: Some(tls), ..client::Options::default() };
        let told = client::connect(&options).map(drop).unwrap_err().to_string();
        assert!(told.starts_with("tls: ") && told.contains(named), "{told}");
    }
    for (endpoint, tls) in [("https://a:1", None), ("http://a:1", Some(believing(&authority.file)))] {
        let options = client::Options { endpoint: endpoint.into(), tls, ..client::Options::default() };
        assert!(matches!(client::connect(&options), Err(client::Error::Scheme { .. })));
    }
}
