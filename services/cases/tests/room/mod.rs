//! Cases and the registry they ask, over real gRPC in this process, and callers of any role: what the tests of every
//! noun share.
#![allow(dead_code, reason = "each test program uses its own part of this")]

use std::sync::Arc;

use http::{HeaderMap, HeaderValue};
use minqing_cases::config::Attachments;
use minqing_cases::{Cases, Dependencies, SERVICES};
use minqing_platform::client::{self, Credentials, Peer, credentials, in_process, in_process_as};
use minqing_platform::clock::{Clock as _, Manual};
use minqing_platform::config::Secret;
use minqing_platform::identity::{Appointment, Caller, Role};
use minqing_platform::{db, seal, server};
use minqing_registry::Registry;
use minqing_testkit::Database;
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::service::RoutesBuilder;
use tonic::{Request, Status};

/// Believes the headers `role`, `division`, `organization` and `person`: identity itself is tested in the platform.
struct Headers;

#[async_trait::async_trait]
impl server::Authenticate for Headers {
    type Caller = Caller;

    async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Status> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        // Whoever brings a token is a system account: only the service itself does.
        let account = || text("authorization").map(|_| Role::SystemAccount.to_string());
        let Some(role) = text("role").or_else(account) else { return Ok(Caller::anonymous()) };
        let division = text("division").unwrap_or_default();
        let appointments = match role.parse().unwrap() {
            Role::Anonymous => return Ok(Caller::anonymous()),
            Role::Citizen => Vec::new(),
            role => vec![Appointment { role, organization: text("organization"), division }],
        };
        Ok(Caller { issuer: "test".into(), subject: "somebody".into(), person: text("person"), appointments })
    }
}

/// The service's own account at the registry.
struct Account;

#[async_trait::async_trait]
impl Credentials for Account {
    async fn authorization(&self) -> Result<HeaderValue, credentials::Unavailable> {
        Ok(HeaderValue::from_static("Bearer cases"))
    }
}

/// The service of cases with its registry, and the way to both.
pub struct Room {
    pub cases: Cases,
    pub peer: Peer,
    /// The registry, on a database of its own beside.
    pub registry: Peer,
    pub clock: Arc<Manual>,
    /// Ends what goes on in the background by being dropped.
    pub stop: DropGuard,
    _beside: Database,
    /// Where files are.
    pub folder: tempfile::TempDir,
}

impl Room {
    /// The present instant.
    pub fn clock_now(&self) -> chrono::DateTime<chrono::Utc> {
        self.clock.now()
    }
}

/// Cases on a database. It is ten in the morning of 2026-03-02, a Monday, in China.
pub async fn open(database: &Database) -> Room {
    open_with(database, |registry| registry).await
}

/// The same, with another way to the registry.
async fn open_with(database: &Database, way: impl FnOnce(Peer) -> Peer) -> Room {
    let stop = CancellationToken::new();
    let clock = Arc::new(Manual::at("2026-03-02T02:00:00Z".parse().unwrap()));
    let keyring = Arc::new(seal::Keyring::from_secret(&[7; 32]));
    let options = server::Options::default();

    let beside = database.beside();
    let registry = Registry::open(minqing_registry::Dependencies {
        database: connect(&beside).await,
        clock: clock.clone(),
        keyring: Arc::clone(&keyring),
        stop: stop.clone(),
    })
    .await
    .unwrap();
    let mut routes = RoutesBuilder::default();
    registry.mount(&mut routes, &options);
    let road = server::assemble(routes, minqing_registry::SERVICES, Headers, &options).await.unwrap().peer;
    let registry = in_process(road.clone());

    let folder = tempfile::tempdir().unwrap();
    let cases = Cases::open(Dependencies {
        database: connect(database).await,
        attachments: Attachments::in_folder(folder.path()),
        practice: minqing_cases::config::Practice::default(),
        registry: way(in_process_as(road, Arc::new(Account))),
        clock: clock.clone(),
        keyring,
        stop: stop.clone(),
    })
    .await
    .unwrap();
    let mut routes = RoutesBuilder::default();
    cases.mount(&mut routes, &options);
    let assembled = server::assemble(routes, SERVICES, Headers, &options).await.unwrap();
    Room {
        cases,
        peer: in_process(assembled.peer),
        registry,
        clock,
        stop: stop.drop_guard(),
        _beside: beside,
        folder,
    }
}

/// Cases on a database, with a registry that does not answer.
pub async fn open_apart(database: &Database) -> Room {
    open_with(database, |_| {
        client::connect(&client::Options {
            // Nobody listens on the port for discarding what is sent.
            endpoint: "http://127.0.0.1:9".to_owned(),
            attempts_max: 1,
            timeout_ms: 1_000,
            ..client::Options::default()
        })
        .unwrap()
    })
    .await
}

async fn connect(database: &Database) -> db::Database {
    let url = Secret::new(database.url().to_owned());
    db::Database::connect(&db::Options { url, ..db::Options::default() }).await.unwrap()
}

/// A request of somebody with an appointment.
pub fn by<T>(role: &str, division: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("role", role.parse().unwrap());
    request.metadata_mut().insert("division", division.parse().unwrap());
    request
}

/// A request of somebody who works for an organization (`organizations/x`).
pub fn of<T>(role: &str, organization: &str, message: T) -> Request<T> {
    let mut request = by(role, "", message);
    request.metadata_mut().insert("organization", organization.parse().unwrap());
    request
}

/// Does something to a database behind the service's back.
pub async fn execute(database: &Database, statement: &'static str) {
    match connect(database).await {
        db::Database::Sqlite(db) => {
            let mut tx = db.begin().await.unwrap();
            sqlx::query(statement).execute(&mut *tx).await.unwrap();
            tx.commit().await.unwrap();
        }
        db::Database::Postgres(db) => {
            let mut tx = db.begin().await.unwrap();
            sqlx::query(statement).execute(&mut *tx).await.unwrap();
            tx.commit().await.unwrap();
        }
    }
}
