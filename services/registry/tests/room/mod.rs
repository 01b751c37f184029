//! A registry over real gRPC in this process, and callers of any role: what the tests of every noun share.
#![allow(dead_code, reason = "each test program uses its own part of this")]

use std::sync::Arc;

use http::HeaderMap;
use minqing_platform::client::{Peer, in_process};
use minqing_platform::clock::Manual;
use minqing_platform::config::Secret;
use minqing_platform::identity::{Appointment, Caller, Role};
use minqing_platform::{db, seal, server};
use minqing_registry::{Dependencies, Registry, SERVICES};
use minqing_testkit::Database;
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::service::RoutesBuilder;
use tonic::{Request, Status};

/// Believes the headers `role`, `division` and `person`: identity itself is tested in the platform.
struct Headers;

#[async_trait::async_trait]
impl server::Authenticate for Headers {
    type Caller = Caller;

    async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Status> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let Some(role) = text("role") else { return Ok(Caller::anonymous()) };
        let division = text("division").unwrap_or_default();
        let appointments = match role.parse().unwrap() {
            Role::Anonymous => return Ok(Caller::anonymous()),
            Role::Citizen => Vec::new(),
            role => vec![Appointment { role, organization: None, division }],
        };
        Ok(Caller { issuer: "test".into(), subject: "somebody".into(), person: text("person"), appointments })
    }
}

/// A registry, and the way to it.
pub struct Room {
    pub registry: Registry,
    pub peer: Peer,
    pub clock: Arc<Manual>,
    /// Ends what goes on in the background by being dropped.
    pub stop: DropGuard,
}

/// A registry on a database. It is ten in the morning of 2026-03-01 in China.
pub async fn open(database: &Database) -> Room {
    let url = Secret::new(database.url().to_owned());
    let stop = CancellationToken::new();
    let clock = Arc::new(Manual::at("2026-03-01T02:00:00Z".parse().unwrap()));
    let registry = Registry::open(Dependencies {
        database: db::Database::connect(&db::Options { url, ..db::Options::default() }).await.unwrap(),
        clock: clock.clone(),
        keyring: Arc::new(seal::Keyring::from_secret(&[7; 32])),
        stop: stop.clone(),
    })
    .await
    .unwrap();
    let options = server::Options::default();
    let mut routes = RoutesBuilder::default();
    registry.mount(&mut routes, &options);
    let assembled = server::assemble(routes, SERVICES, Headers, &options).await.unwrap();
    Room { registry, peer: in_process(assembled.peer), clock, stop: stop.drop_guard() }
}

/// A request of somebody with an appointment.
pub fn by<T>(role: &str, division: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("role", role.parse().unwrap());
    request.metadata_mut().insert("division", division.parse().unwrap());
    request
}
