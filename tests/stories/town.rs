//! A town to tell stories in: the whole suite in this process, on a database of its own, served over real TCP.

use std::net::SocketAddr;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use minqing::settings::Settings;
use minqing::suite::Suite;
use minqing_cases::Cases;
use minqing_platform::clock::Manual;
use minqing_platform::config::Secret;
use minqing_platform::identity::issuer::BuiltIn;
use minqing_platform::identity::{Appointment, Options as Identity, Role};
use minqing_testkit::Database;
use minqing_volunteers::Volunteers;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The seed of the issuer's key: any will do in a test.
const SEED: [u8; 32] = [7; 32];

/// The suite, and how to talk to it.
pub struct Town {
    /// Where HTTP is served.
    pub http: SocketAddr,
    /// The clock that the suite goes by.
    pub clock: Arc<Manual>,
    issuer: Arc<BuiltIn>,
    client: reqwest::Client,
    closing: CancellationToken,
    serving: JoinHandle<()>,
    cases: Cases,
    volunteers: Volunteers,
    _data: tempfile::TempDir,
    _beside: [Database; 2],
}

/// An answer: its status and its JSON.
pub type Answer = (StatusCode, Value);

impl Town {
    /// Starts a town on a database.
    pub async fn start(database: &Database) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut settings = Settings { data: data.path().to_owned(), ..Settings::default() };
        settings.registry.database.url = Secret::new(database.url().to_owned());
        settings.registry.database.connections_max = 4;
        let beside = [database.beside(), database.beside()];
        settings.cases.database.url = Secret::new(beside[0].url().to_owned());
        settings.cases.database.connections_max = 4;
        settings.volunteers.database.url = Secret::new(beside[1].url().to_owned());
        settings.volunteers.database.connections_max = 4;
        let settings = settings.with_data(None).unwrap();
        let issuer = Arc::new(BuiltIn::from_seed(&SEED));
        let now: DateTime<Utc> = "2026-11-24T01:00:00Z".parse().unwrap();
        let clock = Arc::new(Manual::at(now));
        let suite =
            Suite::start(&settings, Identity::default(), Arc::clone(&issuer), clock.clone()).await.unwrap();

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let http = listener.local_addr().unwrap();
        let closing = CancellationToken::new();
        let router = suite.router(settings.gateway.clone(), closing.clone()).unwrap();
        let ending = closing.clone();
        let (cases, volunteers) = (suite.cases.clone(), suite.volunteers.clone());
        let serving = tokio::spawn(async move {
            minqing_platform::probe::serve(listener, router, ending).await.unwrap();
            suite.end().await;
        });
        Self {
            http,
            clock,
            issuer,
            client: client(),
            closing,
            serving,
            cases,
            volunteers,
            _data: data,
            _beside: beside,
        }
    }

    /// Ends the town, whose histories must make what is kept.
    pub async fn end(self) {
        let report = minqing_cases::verify::verify(self.cases.store(), |_| {}).await.unwrap();
        assert!(report.faults.is_empty(), "{:?}", report.faults);
        let report = minqing_volunteers::verify::verify(self.volunteers.store()).await.unwrap();
        assert!(report.faults.is_empty(), "{:?}", report.faults);
        self.closing.cancel();
        self.serving.await.unwrap();
    }

    /// A token of a role in a division (everywhere when empty).
    pub fn token(&self, role: Role, division: &str) -> String {
        use minqing_platform::clock::Clock as _;
        let appointment = Appointment { role, organization: None, division: division.to_owned() };
        let name = role.to_string();
        self.issuer.mint(&name, &[appointment], TimeDelta::hours(1), self.clock.now(), "minqing")
    }

    /// A token of somebody by name, in a role, for an organization.
    pub fn token_of(&self, name: &str, role: Role, organization: &str, division: &str) -> String {
        use minqing_platform::clock::Clock as _;
        let organization = (!organization.is_empty()).then(|| organization.to_owned());
        let appointment = Appointment { role, organization, division: division.to_owned() };
        self.issuer.mint(name, &[appointment], TimeDelta::hours(24 * 90), self.clock.now(), "minqing")
    }

    /// A token of somebody who signed in and was appointed to nothing.
    pub fn citizen(&self, name: &str) -> String {
        use minqing_platform::clock::Clock as _;
        self.issuer.mint(name, &[], TimeDelta::hours(24 * 90), self.clock.now(), "minqing")
    }

    /// A GET without a token.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, None).await
    }

    /// A POST with a token.
    pub async fn post(&self, token: &str, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(token), Some(body)).await
    }

    /// Any request.
    pub async fn send(&self, method: Method, path: &str, token: Option<&str>, body: Option<Value>) -> Answer {
        let mut request = self.client.request(method, format!("http://{}{path}", self.http));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// A request that is answered as it comes.
    pub async fn open(&self, token: &str, path: &str) -> reqwest::Response {
        let request = self.client.get(format!("http://{}{path}", self.http)).bearer_auth(token);
        request.send().await.unwrap()
    }
}

/// The stable reason of a failed answer.
pub fn reason(answer: &Answer) -> &str {
    let details = answer.1["details"].as_array().map_or(&[][..], Vec::as_slice);
    details.iter().find_map(|detail| detail["reason"].as_str()).unwrap_or("")
}

fn client() -> reqwest::Client {
    // Everything is on this machine: no certificates, no proxy.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap()
}
