//! The suite put together: services on their databases, the road around them, and the gateway in front.

use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use minqing_cases::Cases;
use minqing_gateway::Gateway;
use minqing_platform::client::credentials::{Credentials, Minted};
use minqing_platform::client::{self, Peer};
use minqing_platform::clock;
use minqing_platform::db::Database;
use minqing_platform::identity::issuer::BuiltIn;
use minqing_platform::identity::{self, Authenticator};
use minqing_platform::probe::{self, Readiness};
use minqing_platform::server::{self, Assembled};
use minqing_registry::Registry;
use minqing_volunteers::Volunteers;
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;

use crate::edge;
use crate::settings::Settings;

/// One service of the suite.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Its name in the configuration.
    pub name: &'static str,
    /// Its gRPC services, by their full names.
    pub services: &'static [&'static str],
}

/// All services of the suite.
pub const ROOMS: [Room; 3] = [
    Room { name: "registry", services: minqing_registry::SERVICES },
    Room { name: "cases", services: minqing_cases::SERVICES },
    Room { name: "volunteers", services: minqing_volunteers::SERVICES },
];

/// Every service of the suite, running in this process.
pub struct Suite {
    /// The services, with the road around them.
    pub assembled: Assembled,
    /// The registry.
    pub registry: Registry,
    /// Cases.
    pub cases: Cases,
    /// Volunteers.
    pub volunteers: Volunteers,
    databases: Vec<Database>,
    stop: CancellationToken,
}

impl Suite {
    /// Starts the services. `identity` says whose tokens are accepted, beside those of the built-in issuer, which also
    /// makes the system accounts by which the services ask each other.
    ///
    /// # Errors
    /// A database does not answer, or what was configured cannot be used.
    pub async fn start(
        settings: &Settings,
        mut identity: identity::Options,
        issuer: Arc<BuiltIn>,
        clock: clock::Shared,
    ) -> anyhow::Result<Self> {
        identity.issuers.push(issuer.options());
        let stop = CancellationToken::new();
        let keyring = Arc::new(settings.keyring()?);
        let of_registry =
            Database::connect(&settings.registry.database).await.context("the registry's database")?;
        let registry = Registry::open(minqing_registry::Dependencies {
            database: of_registry.clone(),
            clock: clock.clone(),
            keyring: Arc::clone(&keyring),
            stop: stop.clone(),
        })
        .await
        .context("the registry cannot start")?;
        let authenticator = Authenticator::new(identity, registry.appointment_source(), clock.clone());
        let authenticator = Arc::new(authenticator.context("identity")?);

        // The services ask each other as they would from elsewhere: through the other's own road, as system accounts.
        let road = async |services, routes| {
            server::assemble(routes, services, Arc::clone(&authenticator), &settings.server).await
        };
        let mut routes = RoutesBuilder::default();
        registry.mount(&mut routes, &settings.server);
        let to_registry = road(minqing_registry::SERVICES, routes).await?.peer;

        let account = Minted::new(Arc::clone(&issuer), "cases", clock.clone());
        let of_cases = Database::connect(&settings.cases.database).await.context("the database of cases")?;
        let cases = Cases::open(minqing_cases::Dependencies {
            database: of_cases.clone(),
            attachments: settings.cases.attachments.clone(),
            practice: settings.cases.practice.clone(),
            registry: client::in_process_as(to_registry.clone(), Arc::new(account)),
            clock: clock.clone(),
            keyring: Arc::clone(&keyring),
            stop: stop.clone(),
        })
        .await
        .context("cases cannot start")?;
        cases.work();
        let mut routes = RoutesBuilder::default();
        cases.mount(&mut routes, &settings.server);
        let to_cases = road(minqing_cases::SERVICES, routes).await?.peer;

        let practice = settings.volunteers.practice.clone();
        let account: Arc<dyn Credentials> =
            Arc::new(Minted::new(issuer, "volunteers", clock.clone()).of(practice.corps.clone()));
        let of_volunteers =
            Database::connect(&settings.volunteers.database).await.context("the database of volunteers")?;
        let volunteers = Volunteers::open(minqing_volunteers::Dependencies {
            database: of_volunteers.clone(),
            practice,
            registry: client::in_process_as(to_registry, Arc::clone(&account)),
            cases: client::in_process_as(to_cases, account),
            clock,
            keyring,
            stop: stop.clone(),
        })
        .await
        .context("volunteers cannot start")?;
        volunteers.work();

        let mut routes = RoutesBuilder::default();
        registry.mount(&mut routes, &settings.server);
        cases.mount(&mut routes, &settings.server);
        volunteers.mount(&mut routes, &settings.server);
        let assembled = road(&services(), routes).await?;
        let databases = vec![of_registry, of_cases, of_volunteers];
        Ok(Self { assembled, registry, cases, volunteers, databases, stop })
    }

    /// The HTTP edge of this suite: the gateway, health and figures. Its streams end when `closing` fires.
    ///
    /// # Errors
    /// The gateway's options or the annotations cannot be used.
    pub fn router(
        &self,
        options: minqing_gateway::Options,
        closing: CancellationToken,
    ) -> anyhow::Result<Router> {
        // Through a client, so that deadline and trace go along as they would over TCP.
        let peer = client::in_process(self.assembled.peer.clone());
        router(
            options,
            |service| services().contains(&service).then(|| peer.clone()),
            probe::router(Readiness::of(self.databases.clone()), closing.clone()),
            closing,
        )
    }

    /// Ends what goes on in the background and closes the databases.
    pub async fn end(self) {
        self.stop.cancel();
        self.assembled.closing.cancel();
        for database in &self.databases {
            database.close().await;
        }
    }
}

/// The gRPC services of every service of the suite, by their full names.
fn services() -> Vec<&'static str> {
    ROOMS.iter().flat_map(|room| room.services).copied().collect()
}

/// The HTTP edge in front of services, wherever they run, and `probes` beside it. Its streams end when `closing` fires.
///
/// # Errors
/// The gateway's options or the annotations cannot be used.
pub fn router(
    options: minqing_gateway::Options,
    route: impl Fn(&str) -> Option<Peer>,
    probes: Router,
    closing: CancellationToken,
) -> anyhow::Result<Router> {
    let gateway =
        Gateway::new(minqing_proto::DESCRIPTORS, options, route).context("the gateway cannot start")?;
    Ok(probes.merge(edge::traced(gateway.router(closing))))
}
