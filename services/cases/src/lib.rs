//! Cases: whatever people raise, through any door, owned by somebody with a time limit until it is answered.
//!
//! [`Cases`] is the service: [`Cases::open`] connects it, [`Cases::mount`] offers its RPCs.
//!
//! To add an RPC:
//! 1. write it in a `.proto` below `proto/`, with its HTTP annotation and comments;
//! 2. name it in `policy.cedar`: an RPC that no policy names keeps the service from starting;
//! 3. write `rpc/<noun>/<operation>.rs`: parse, authorize, store, convert; and its line in `rpc/<noun>.rs`;
//! 4. add what it stores to the port `store/<noun>.rs` and to the SQL `store/sql/<noun>.rs`;
//! 5. add its statements to the contract suite in `tests/contract/`, which runs on both databases.

mod calendars;
pub mod config;
mod contacts;
mod convert;
pub mod domain;
mod files;
mod numbers;
mod practice;
mod rpc;
pub mod serve;
pub mod storage;
pub mod store;
mod suggest;
pub mod verify;
mod workers;

use std::sync::Arc;

use chrono::NaiveDate;
use minqing_platform::attempts::Attempts;
use minqing_platform::call::Call;
use minqing_platform::client::Peer;
use minqing_platform::clock;
use minqing_platform::db::{self, Database};
use minqing_platform::error::Error;
use minqing_platform::feed::Bell;
use minqing_platform::journal::Change;
use minqing_platform::policy::{self, Policy, Target};
use minqing_platform::seal::Keyring;
use minqing_platform::{limited, server};
use minqing_proto::cases::v1::assignment_service_server::AssignmentServiceServer;
use minqing_proto::cases::v1::attachment_service_server::AttachmentServiceServer;
use minqing_proto::cases::v1::calendar_service_server::CalendarServiceServer;
use minqing_proto::cases::v1::case_service_server::CaseServiceServer;
use minqing_proto::cases::v1::dispatch_service_server::DispatchServiceServer;
use minqing_proto::cases::v1::event_service_server::EventServiceServer;
use minqing_proto::cases::v1::figure_service_server::FigureServiceServer;
use minqing_proto::cases::v1::item_service_server::ItemServiceServer;
use minqing_proto::cases::v1::observation_service_server::ObservationServiceServer;
use minqing_proto::cases::v1::supervision_service_server::SupervisionServiceServer;
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;

use domain::calendar::national;

pub use config::Config;
pub use files::Swept;
pub use workers::Summary;

/// The gRPC services of cases, by their full names.
pub const SERVICES: &[&str] = &[
    "minqing.cases.v1.AssignmentService",
    "minqing.cases.v1.AttachmentService",
    "minqing.cases.v1.CalendarService",
    "minqing.cases.v1.CaseService",
    "minqing.cases.v1.DispatchService",
    "minqing.cases.v1.EventService",
    "minqing.cases.v1.FigureService",
    "minqing.cases.v1.SupervisionService",
    "minqing.cases.v1.ItemService",
    "minqing.cases.v1.ObservationService",
];

/// Who may call which RPC.
static POLICY: policy::File = policy::File::new(include_str!("../policy.cedar"), SERVICES, &[]);

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database does not answer, or its tables cannot be brought up to date.
    #[error(transparent)]
    Database(#[from] db::Error),
    /// The policy file does not fit the RPCs.
    #[error(transparent)]
    Policy(#[from] policy::Error),
    /// What was configured of the supervision centre cannot be used.
    #[error("practice.{0}")]
    Practice(#[from] practice::Invalid),
    /// The calendars that come with the program cannot be made.
    #[error("calendars: {0:?}")]
    Calendars(Error),
    /// The place for files cannot be used.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// What the service needs of the process that runs it.
pub struct Dependencies {
    /// Where its tables are.
    pub database: Database,
    /// Where photos and documents are, and how much of them is taken.
    pub attachments: config::Attachments,
    /// How the city runs its supervision centre.
    pub practice: config::Practice,
    /// The registry: who is responsible for a place, who is answerable for it.
    pub registry: Peer,
    /// The time.
    pub clock: clock::Shared,
    /// The keys that seal personal data.
    pub keyring: Arc<Keyring>,
    /// Ends what goes on in the background.
    pub stop: CancellationToken,
}

/// The service of cases, running. Cheap to clone: all clones are one.
#[derive(Clone)]
pub struct Cases {
    store: store::Shared,
    calendars: Arc<calendars::Calendars>,
    practice: Arc<practice::Practice>,
    attempts: Arc<Attempts>,
    registry: Peer,
    policy: Arc<Policy>,
    clock: clock::Shared,
    keyring: Arc<Keyring>,
    bell: Bell,
    stop: CancellationToken,
    files: Arc<files::Files>,
}

impl Cases {
    /// Opens the service on its database, bringing its tables up to date.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn open(dependencies: Dependencies) -> Result<Self, StartError> {
        let Dependencies { database, attachments, practice, registry, clock, keyring, stop } = dependencies;
        let policy = policy()?;
        let files = Arc::new(files::Files::open(&attachments)?);
        store::sql::migrate(&database).await?;
        let bell = Bell::default();
        let store = store::sql::open(&database, &bell);
        let founding = Change::by_system(clock.now());
        store.found_calendars(&founding, national::carried()).await.map_err(StartError::Calendars)?;
        let calendars = Arc::new(calendars::Calendars::new(Arc::clone(&store)));
        let practice = Arc::new(practice::Practice::new(&practice)?);
        let attempts = Arc::new(Attempts::of("secrets"));
        let cases = Self {
            store,
            calendars,
            practice,
            attempts,
            registry,
            policy,
            clock,
            keyring,
            bell,
            stop,
            files,
        };
        tokio::spawn(cases.clone().count_lessons());
        Ok(cases)
    }

    /// Offers the RPCs, within the message sizes of the server that carries them.
    pub fn mount(&self, routes: &mut RoutesBuilder, options: &server::Options) {
        routes.add_service(limited!(AttachmentServiceServer::new(self.clone()), options));
        routes.add_service(limited!(CalendarServiceServer::new(self.clone()), options));
        routes.add_service(limited!(AssignmentServiceServer::new(self.clone()), options));
        routes.add_service(limited!(CaseServiceServer::new(self.clone()), options));
        routes.add_service(limited!(DispatchServiceServer::new(self.clone()), options));
        routes.add_service(limited!(EventServiceServer::new(self.clone()), options));
        routes.add_service(limited!(FigureServiceServer::new(self.clone()), options));
        routes.add_service(limited!(SupervisionServiceServer::new(self.clone()), options));
        routes.add_service(limited!(ItemServiceServer::new(self.clone()), options));
        routes.add_service(limited!(ObservationServiceServer::new(self.clone()), options));
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

    /// A change the service makes by itself, now.
    pub fn change_by_system(&self) -> Change {
        Change::by_system(self.clock.now())
    }
}

/// Who may call which RPC of cases.
///
/// # Errors
/// The file does not fit the RPCs.
pub fn policy() -> Result<Arc<Policy>, StartError> {
    Ok(POLICY.compiled()?)
}
