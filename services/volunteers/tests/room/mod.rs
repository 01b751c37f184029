//! Volunteers with the registry and the cases they ask, over real gRPC in this process, and callers of any role: what the
//! tests of every noun share.
#![allow(dead_code, reason = "each test program uses its own part of this")]

use std::sync::Arc;

use http::{HeaderMap, HeaderValue};
use minqing_cases::Cases;
use minqing_platform::client::{Credentials, Peer, credentials, in_process, in_process_as};
use minqing_platform::clock::{Clock as _, Manual};
use minqing_platform::config::Secret;
use minqing_platform::identity::{Appointment, Caller, Role};
use minqing_platform::{db, seal, server};
use minqing_registry::Registry;
use minqing_testkit::Database;
use minqing_volunteers::{Dependencies, SERVICES, Volunteers, config};
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::service::RoutesBuilder;
use tonic::{Request, Status};

/// The organization that is the corps.
pub const CORPS: &str = "organizations/volunteer-corps";

/// Believes the headers `role`, `division`, `organization`, `person` and `subject`: identity itself is tested in the platform.
struct Headers;

#[async_trait::async_trait]
impl server::Authenticate for Headers {
    type Caller = Caller;

    async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Status> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        // Whoever brings a token is the account of the corps: only the service itself does.
        let is_account = headers.contains_key("authorization") && !headers.contains_key("role");
        let role = if is_account { Some(Role::SystemAccount.to_string()) } else { text("role") };
        let Some(role) = role else { return Ok(Caller::anonymous()) };
        let organization = if is_account { Some(CORPS.to_owned()) } else { text("organization") };
        let division = text("division").unwrap_or_default();
        let appointments = match role.parse().unwrap() {
            Role::Anonymous => return Ok(Caller::anonymous()),
            Role::Citizen => Vec::new(),
            role => vec![Appointment { role, organization, division }],
        };
        let subject = text("subject").unwrap_or_else(|| "somebody".to_owned());
        Ok(Caller { issuer: "test".into(), subject, person: text("person"), appointments })
    }
}

/// The service's own account at the others.
struct Account;

#[async_trait::async_trait]
impl Credentials for Account {
    async fn authorization(&self) -> Result<HeaderValue, credentials::Unavailable> {
        Ok(HeaderValue::from_static("Bearer volunteers"))
    }
}

/// The service of volunteers with the registry and cases, and the way to each.
pub struct Room {
    pub volunteers: Volunteers,
    pub peer: Peer,
    /// The registry, on a database of its own beside.
    pub registry: Peer,
    /// Cases, on a database of their own beside.
    pub cases: Peer,
    pub the_cases: Cases,
    pub clock: Arc<Manual>,
    /// Ends what goes on in the background by being dropped.
    pub stop: DropGuard,
    beside: [Database; 2],
    folder: tempfile::TempDir,
}

impl Room {
    /// The present instant.
    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.clock.now()
    }
}

/// Volunteers on a database. It is ten in the morning of 2026-03-02, a Monday, in China.
pub async fn open(database: &Database) -> Room {
    let stop = CancellationToken::new();
    let clock = Arc::new(Manual::at("2026-03-02T02:00:00Z".parse().unwrap()));
    let keyring = Arc::new(seal::Keyring::from_secret(&[7; 32]));
    let beside = [database.beside(), database.beside()];

    let registry = Registry::open(minqing_registry::Dependencies {
        database: connect(&beside[0]).await,
        clock: clock.clone(),
        keyring: Arc::clone(&keyring),
        stop: stop.clone(),
    })
    .await
    .unwrap();
    let registry = road(minqing_registry::SERVICES, |routes, options| registry.mount(routes, options)).await;

    let folder = tempfile::tempdir().unwrap();
    let cases = Cases::open(minqing_cases::Dependencies {
        database: connect(&beside[1]).await,
        attachments: minqing_cases::config::Attachments::in_folder(folder.path()),
        practice: minqing_cases::config::Practice::default(),
        registry: in_process_as(registry.clone(), Arc::new(Account)),
        clock: clock.clone(),
        keyring: Arc::clone(&keyring),
        stop: stop.clone(),
    })
    .await
    .unwrap();
    let to_cases = road(minqing_cases::SERVICES, |routes, options| cases.mount(routes, options)).await;

    let volunteers = Volunteers::open(Dependencies {
        database: connect(database).await,
        practice: config::Practice::default(),
        registry: in_process_as(registry.clone(), Arc::new(Account)),
        cases: in_process_as(to_cases.clone(), Arc::new(Account)),
        clock: clock.clone(),
        keyring,
        stop: stop.clone(),
    })
    .await
    .unwrap();
    let peer = road(SERVICES, |routes, options| volunteers.mount(routes, options)).await;
    Room {
        volunteers,
        peer: in_process(peer),
        registry: in_process(registry),
        cases: in_process(to_cases),
        the_cases: cases,
        clock,
        stop: stop.drop_guard(),
        beside,
        folder,
    }
}

/// A service with the road around it.
async fn road(services: &[&'static str], mount: impl FnOnce(&mut RoutesBuilder, &server::Options)) -> Peer {
    let options = server::Options::default();
    let mut routes = RoutesBuilder::default();
    mount(&mut routes, &options);
    server::assemble(routes, services, Headers, &options).await.unwrap().peer
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

/// A request of somebody who signed in by an account and was appointed to nothing.
pub fn citizen<T>(account: &str, message: T) -> Request<T> {
    let mut request = by("citizen", "", message);
    request.metadata_mut().insert("subject", account.parse().unwrap());
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
