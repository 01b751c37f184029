//! The registry: divisions and grids, organizations, people and their appointments, the contact chain, households.
//!
//! [`Registry`] is the service: [`Registry::open`] connects it, [`Registry::mount`] offers its RPCs.
//!
//! To add an RPC:
//! 1. write it in a `.proto` below `proto/`, with its HTTP annotation and comments;
//! 2. name it in `policy.cedar`: an RPC that no policy names keeps the service from starting;
//! 3. write `rpc/<noun>/<operation>.rs`: parse, authorize, store, convert; and its line in `rpc/<noun>.rs`;
//! 4. add what it stores to the port `store/<noun>.rs` and to the SQL `store/sql/<noun>.rs`;
//! 5. add its statements to the contract suite in `tests/contract/`, which runs on both databases.

mod appointments;
mod atlas;
pub mod config;
mod convert;
pub mod domain;
mod roster;
mod rpc;
pub mod serve;
pub mod store;

use std::sync::Arc;

use chrono::NaiveDate;
use minqing_platform::call::Call;
use minqing_platform::clock;
use minqing_platform::db::{self, Database};
use minqing_platform::error::Error;
use minqing_platform::feed::Bell;
use minqing_platform::identity::AppointmentSource;
use minqing_platform::journal::Change;
use minqing_platform::policy::{self, Policy, Target};
use minqing_platform::seal::Keyring;
use minqing_platform::{limited, server};
use minqing_proto::registry::v1::contact_service_server::ContactServiceServer;
use minqing_proto::registry::v1::division_service_server::DivisionServiceServer;
use minqing_proto::registry::v1::event_service_server::EventServiceServer;
use minqing_proto::registry::v1::grid_service_server::GridServiceServer;
use minqing_proto::registry::v1::household_service_server::HouseholdServiceServer;
use minqing_proto::registry::v1::organization_service_server::OrganizationServiceServer;
use minqing_proto::registry::v1::person_service_server::PersonServiceServer;
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;

pub use config::Config;

/// The gRPC services of the registry, by their full names.
pub const SERVICES: &[&str] = &[
    "minqing.registry.v1.ContactService",
    "minqing.registry.v1.DivisionService",
    "minqing.registry.v1.EventService",
    "minqing.registry.v1.GridService",
    "minqing.registry.v1.HouseholdService",
    "minqing.registry.v1.OrganizationService",
    "minqing.registry.v1.PersonService",
];

/// Who may call which RPC.
static POLICY: policy::File =
    policy::File::new(include_str!("../policy.cedar"), SERVICES, &["ReadPerson", "ResolveHouseholdContacts"]);

/// Why the registry cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database does not answer, or its tables cannot be brought up to date.
    #[error(transparent)]
    Database(#[from] db::Error),
    /// The policy file does not fit the RPCs.
    #[error(transparent)]
    Policy(#[from] policy::Error),
}

/// What the registry needs of the process that runs it.
pub struct Dependencies {
    /// Where its tables are.
    pub database: Database,
    /// The time.
    pub clock: clock::Shared,
    /// The keys that seal personal data.
    pub keyring: Arc<Keyring>,
    /// Ends what goes on in the background.
    pub stop: CancellationToken,
}

/// The registry, running. Cheap to clone: all clones are one.
#[derive(Clone)]
pub struct Registry {
    store: store::Shared,
    appointments: appointments::Shared,
    atlas: Arc<atlas::Atlas>,
    roster: Arc<roster::Roster>,
    policy: Arc<Policy>,
    clock: clock::Shared,
    keyring: Arc<Keyring>,
    bell: Bell,
    stop: CancellationToken,
}

impl Registry {
    /// Opens the registry on its database, bringing its tables up to date.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn open(dependencies: Dependencies) -> Result<Self, StartError> {
        let Dependencies { database, clock, keyring, stop } = dependencies;
        let policy = policy()?;
        store::sql::migrate(&database).await?;
        let bell = Bell::default();
        let store = store::sql::open(&database, &bell);
        let appointments = Arc::new(appointments::Appointments::new(Arc::clone(&store)));
        // Filled in the background, so that the service is ready at once; a look-up waits for it.
        let atlas = Arc::new(atlas::Atlas::default());
        tokio::spawn(atlas::follow(Arc::clone(&atlas), Arc::clone(&store), bell.clone(), stop.clone()));
        let roster = Arc::new(roster::Roster::new(&bell));
        tokio::spawn(roster::follow(Arc::clone(&roster), Arc::clone(&store), stop.clone()));
        Ok(Self { store, appointments, atlas, roster, policy, clock, keyring, bell, stop })
    }

    /// Offers the RPCs, within the message sizes of the server that carries them.
    pub fn mount(&self, routes: &mut RoutesBuilder, options: &server::Options) {
        routes.add_service(limited!(ContactServiceServer::new(self.clone()), options));
        routes.add_service(limited!(DivisionServiceServer::new(self.clone()), options));
        routes.add_service(limited!(EventServiceServer::new(self.clone()), options));
        routes.add_service(limited!(GridServiceServer::new(self.clone()), options));
        routes.add_service(limited!(HouseholdServiceServer::new(self.clone()), options));
        routes.add_service(limited!(OrganizationServiceServer::new(self.clone()), options));
        routes.add_service(limited!(PersonServiceServer::new(self.clone()), options));
    }

    /// Where the appointments of signed-in callers are found: in what is stored here, cached.
    pub fn appointment_source(&self) -> Arc<dyn AppointmentSource> {
        Arc::clone(&self.appointments) as Arc<dyn AppointmentSource>
    }

    /// The port to what is stored.
    pub fn store(&self) -> &store::Shared {
        &self.store
    }

    /// Refuses a caller whose appointments do not permit an RPC on a target.
    fn authorize(&self, call: &Call, action: &str, target: Target<'_>) -> Result<(), Error> {
        self.policy.decide(&call.caller, action, target)?;
        Ok(())
    }

    /// The present civil day in China.
    fn today(&self) -> NaiveDate {
        self.clock.today()
    }

    /// A change the registry makes by itself, now.
    pub fn change_by_system(&self) -> Change {
        Change::by_system(self.clock.now())
    }
}

/// Who may call which RPC of the registry.
///
/// # Errors
/// The file does not fit the RPCs.
pub fn policy() -> Result<Arc<Policy>, StartError> {
    Ok(POLICY.compiled()?)
}
