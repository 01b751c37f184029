//! Volunteers: the right team at the right door, every hour provable.
//!
//! [`Volunteers`] is the service: [`Volunteers::open`] connects it, [`Volunteers::mount`] offers its RPCs.
//!
//! To add an RPC:
//! 1. write it in a `.proto` below `proto/`, with its HTTP annotation and comments;
//! 2. name it in `policy.cedar`: an RPC that no policy names keeps the service from starting;
//! 3. write `rpc/<noun>/<operation>.rs`: parse, authorize, store, convert; and its line in `rpc/<noun>.rs`;
//! 4. add what it stores to the port `store/<noun>.rs` and to the SQL `store/sql/<noun>.rs`;
//! 5. add its statements to the contract suite in `tests/contract/`, which runs on both databases.

pub mod config;
mod convert;
pub mod domain;
pub mod duties;
mod gate;
mod numbers;
mod practice;
mod rpc;
pub mod serve;
pub mod store;
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
use minqing_proto::volunteers::v1::activity_service_server::ActivityServiceServer;
use minqing_proto::volunteers::v1::certificate_service_server::CertificateServiceServer;
use minqing_proto::volunteers::v1::event_service_server::EventServiceServer;
use minqing_proto::volunteers::v1::hour_report_service_server::HourReportServiceServer;
use minqing_proto::volunteers::v1::hour_service_server::HourServiceServer;
use minqing_proto::volunteers::v1::matching_service_server::MatchingServiceServer;
use minqing_proto::volunteers::v1::need_service_server::NeedServiceServer;
use minqing_proto::volunteers::v1::post_service_server::PostServiceServer;
use minqing_proto::volunteers::v1::sign_up_service_server::SignUpServiceServer;
use minqing_proto::volunteers::v1::team_service_server::TeamServiceServer;
use minqing_proto::volunteers::v1::volunteer_figure_service_server::VolunteerFigureServiceServer;
use minqing_proto::volunteers::v1::volunteer_service_server::VolunteerServiceServer;
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;

pub use config::Config;

use domain::post::file;
use domain::team::Team;
use domain::volunteer::{Volunteer, serves};

/// The gRPC services of volunteers, by their full names.
pub const SERVICES: &[&str] = &[
    "minqing.volunteers.v1.ActivityService",
    "minqing.volunteers.v1.CertificateService",
    "minqing.volunteers.v1.HourService",
    "minqing.volunteers.v1.VolunteerFigureService",
    "minqing.volunteers.v1.EventService",
    "minqing.volunteers.v1.HourReportService",
    "minqing.volunteers.v1.MatchingService",
    "minqing.volunteers.v1.NeedService",
    "minqing.volunteers.v1.PostService",
    "minqing.volunteers.v1.SignUpService",
    "minqing.volunteers.v1.TeamService",
    "minqing.volunteers.v1.VolunteerService",
];

/// What else the policy decides on, beside RPCs: to whom it is told who leads a team, and who sees small groups.
const PERMISSIONS: &[&str] = &["ReadTeamLeader", rpc::SMALL_FIGURES];

/// Who may call which RPC.
static POLICY: policy::File = policy::File::new(include_str!("../policy.cedar"), SERVICES, PERMISSIONS);

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database does not answer, or its tables cannot be brought up to date.
    #[error(transparent)]
    Database(#[from] db::Error),
    /// The policy file does not fit the RPCs.
    #[error(transparent)]
    Policy(#[from] policy::Error),
    /// The posts that come with the program cannot be written.
    #[error("the posts that come with the program: {0}")]
    Posts(String),
    /// What was configured of the volunteer corps cannot be used.
    #[error("practice.{0}")]
    Practice(#[from] practice::Invalid),
}

/// What the service needs of the process that runs it.
pub struct Dependencies {
    /// Where its tables are.
    pub database: Database,
    /// How the city runs its volunteer corps.
    pub practice: config::Practice,
    /// The registry: places and people.
    pub registry: Peer,
    /// Cases, as the account of the corps: what is dispatched to it, and where it answers.
    pub cases: Peer,
    /// The time.
    pub clock: clock::Shared,
    /// The keys that seal personal data.
    pub keyring: Arc<Keyring>,
    /// Ends what goes on in the background.
    pub stop: CancellationToken,
}

/// The service of volunteers, running. Cheap to clone: all clones are one.
#[derive(Clone)]
pub struct Volunteers {
    store: store::Shared,
    practice: Arc<practice::Practice>,
    hours: Arc<config::Hours>,
    attempts: Arc<Attempts>,
    registry: Peer,
    cases: Peer,
    policy: Arc<Policy>,
    clock: clock::Shared,
    keyring: Arc<Keyring>,
    bell: Bell,
    gates: gate::Gates,
    stop: CancellationToken,
}

impl Volunteers {
    /// Opens the service on its database, bringing its tables up to date.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn open(dependencies: Dependencies) -> Result<Self, StartError> {
        let Dependencies { database, practice, registry, cases, clock, keyring, stop } = dependencies;
        let policy = policy()?;
        store::sql::migrate(&database).await?;
        let bell = Bell::default();
        let store = store::sql::open(&database, &bell);
        found_posts(&store, &clock).await?;
        let (hours, attempts) = (Arc::new(practice.hours.clone()), Arc::new(Attempts::of("codes")));
        let practice = Arc::new(practice::Practice::new(&practice)?);
        let gates = gate::Gates::open(&store, &stop);
        Ok(Self {
            store,
            practice,
            hours,
            attempts,
            registry,
            cases,
            policy,
            clock,
            keyring,
            bell,
            gates,
            stop,
        })
    }

    /// Offers the RPCs, within the message sizes of the server that carries them.
    pub fn mount(&self, routes: &mut RoutesBuilder, options: &server::Options) {
        routes.add_service(limited!(ActivityServiceServer::new(self.clone()), options));
        routes.add_service(limited!(CertificateServiceServer::new(self.clone()), options));
        routes.add_service(limited!(HourServiceServer::new(self.clone()), options));
        routes.add_service(limited!(VolunteerFigureServiceServer::new(self.clone()), options));
        routes.add_service(limited!(EventServiceServer::new(self.clone()), options));
        routes.add_service(limited!(PostServiceServer::new(self.clone()), options));
        routes.add_service(limited!(TeamServiceServer::new(self.clone()), options));
        routes.add_service(limited!(VolunteerServiceServer::new(self.clone()), options));
        routes.add_service(limited!(HourReportServiceServer::new(self.clone()), options));
        routes.add_service(limited!(SignUpServiceServer::new(self.clone()), options));
        routes.add_service(limited!(MatchingServiceServer::new(self.clone()), options));
        routes.add_service(limited!(NeedServiceServer::new(self.clone()), options));
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

    /// Refuses a caller whose appointments permit an RPC nowhere at all, not even in their own area: for what cannot be read well
    /// enough to know where it lies.
    fn authorize_somewhere(&self, call: &Call, action: &str) -> Result<(), Error> {
        let mut areas = call.caller.roles().iter().map(|appointment| appointment.division.as_str());
        if areas.any(|area| self.authorize(call, action, Target::within(area)).is_ok()) {
            return Ok(());
        }
        self.authorize(call, action, Target::NOWHERE)
    }

    /// Who the caller is as a volunteer.
    pub async fn own_volunteer(&self, call: &Call) -> Result<Option<Volunteer>, Error> {
        let caller = &call.caller;
        if caller.is_anonymous() {
            return Ok(None);
        }
        if let Some(found) = self.store.volunteer_of_account(&caller.name_for_audit()).await? {
            return Ok(Some(found));
        }
        // Whoever registered before the registry knew their account is known by the account still.
        if caller.person.is_none() {
            return Ok(None);
        }
        self.store.volunteer_of_account(&format!("{}#{}", caller.issuer, caller.subject)).await
    }

    /// Whether a volunteer is the caller.
    fn is_of(&self, call: &Call, volunteer: &Volunteer) -> bool {
        let Some(account) = volunteer.account.as_deref() else { return false };
        let caller = &call.caller;
        !caller.is_anonymous()
            && (account == caller.name_for_audit()
                || account == format!("{}#{}", caller.issuer, caller.subject))
    }

    /// The code of the city: what is about no smaller place is about all of it.
    fn city(&self) -> &str {
        self.practice.city.as_str()
    }

    /// Whether the caller leads a team: its leader, while they are with the corps.
    pub async fn leads(&self, call: &Call, team: &Team) -> Result<bool, Error> {
        let own = self.own_volunteer(call).await?;
        Ok(own.is_some_and(|own| team.leader.as_ref() == Some(&own.number) && serves(&own).is_ok()))
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

/// Writes the posts that come with the program into a database that has none.
async fn found_posts(store: &store::Shared, clock: &clock::Shared) -> Result<(), StartError> {
    let rows = file::read(file::CARRIED.as_bytes())
        .map_err(|faults| StartError::Posts(format!("{:?}", faults.first())))?;
    let founded = store.found_posts(&Change::by_system(clock.now()), &rows, clock.today()).await;
    founded.map(drop).map_err(|error| StartError::Posts(format!("{error:?}")))
}

/// Who may call which RPC of volunteers.
///
/// # Errors
/// The file does not fit the RPCs.
pub fn policy() -> Result<Arc<Policy>, StartError> {
    Ok(POLICY.compiled()?)
}
