//! A registry with a few divisions, and callers by role, division or person, for the tests of people and organizations.

use std::sync::Arc;

use http::HeaderMap;
use minqing_platform::client::{Peer, in_process};
use minqing_platform::clock::{Clock as _, Manual};
use minqing_platform::config::Secret;
use minqing_platform::identity::{Appointment, Caller, Role};
use minqing_platform::{db, seal, server, status};
use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
use minqing_proto::registry::v1::organization_service_client::OrganizationServiceClient;
use minqing_proto::registry::v1::person_service_client::PersonServiceClient;
use minqing_registry::{Dependencies, Registry, SERVICES};
use minqing_testkit::Database;
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;
use tonic::{Request, Status};
use tonic_types::StatusExt as _;

/// Believes the headers `role`, `division` and `person`: identity itself is tested in the platform.
struct Headers;

#[async_trait::async_trait]
impl server::Authenticate for Headers {
    type Caller = Caller;

    async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Status> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
        let person = text("person");
        let Some(role) = text("role") else { return Ok(Caller::anonymous()) };
        let role: Role = role.parse().unwrap();
        let division = text("division").unwrap_or_default();
        let appointments = match role {
            Role::Citizen => Vec::new(),
            role => vec![Appointment { role, organization: None, division }],
        };
        Ok(Caller { issuer: "test".into(), subject: "somebody".into(), person, appointments })
    }
}

/// A request of somebody with an appointment.
pub fn by<T>(role: &str, division: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("role", role.parse().unwrap());
    request.metadata_mut().insert("division", division.parse().unwrap());
    request
}

/// A request of a person without an appointment.
pub fn own<T>(person: &str, message: T) -> Request<T> {
    let mut request = by("citizen", "", message);
    request.metadata_mut().insert("person", format!("people/{person}").parse().unwrap());
    request
}

/// The stable reason of a refusal.
#[track_caller]
pub fn refused<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    let refusal = answer.unwrap_err();
    status::reason(&refusal).unwrap_or_else(|| panic!("no reason: {refusal:?}"))
}

/// The fields that a refusal names.
pub fn fields(refusal: &Status) -> Vec<String> {
    let details = refusal.get_details_bad_request().unwrap();
    details.field_violations.into_iter().map(|violation| violation.field).collect()
}

/// A person to be recorded, without an appointment.
pub fn person(id: &str, division: &str) -> proto::CreatePersonRequest {
    let person = proto::Person {
        display_name: format!("张{id}"),
        division_code: division.to_owned(),
        work_phone: "0511-86520000".to_owned(),
        effective_from: "2026-02-01".to_owned(),
        ..proto::Person::default()
    };
    proto::CreatePersonRequest { person: Some(person), person_id: id.to_owned(), ..Default::default() }
}

/// An appointment to be made.
pub fn appointment(role: proto::Role, place: &str) -> proto::Appointment {
    let effective_from = "2026-02-01".to_owned();
    let division_code = place.to_owned();
    proto::Appointment { role: role.into(), division_code, effective_from, ..proto::Appointment::default() }
}

/// A person of the town 321181100 to be recorded with an appointment.
pub fn officer(id: &str, role: proto::Role, place: &str) -> proto::CreatePersonRequest {
    proto::CreatePersonRequest { appointments: vec![appointment(role, place)], ..person(id, "321181100") }
}

/// A registry on a database, and the way to it.
pub struct Suite {
    pub clock: Arc<Manual>,
    pub registry: Registry,
    peer: Peer,
    stop: CancellationToken,
}

impl Drop for Suite {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Suite {
    /// With two towns and a village, in force since 2026-01-01.
    pub async fn open(database: &Database) -> Self {
        let suite = Self::beside(database).await;
        let mut divisions = DivisionServiceClient::new(suite.peer.clone());
        for code in ["32", "3211", "321181", "321181100", "321181100201", "321181101"] {
            let division = proto::Division {
                code: code.to_owned(),
                display_name: format!("区划{code}"),
                effective_from: "2026-01-01".to_owned(),
                ..proto::Division::default()
            };
            let request =
                proto::CreateDivisionRequest { division: Some(division), request_id: String::new() };
            divisions.create_division(by("administrator", "", request)).await.unwrap();
        }
        suite
    }

    /// Another process on the same database.
    pub async fn beside(database: &Database) -> Self {
        let url = Secret::new(database.url().to_owned());
        let stop = CancellationToken::new();
        // 2026-03-01 in China.
        let clock = Arc::new(Manual::at(chrono::DateTime::from_timestamp(1_772_330_400, 0).unwrap()));
        let dependencies = Dependencies {
            database: db::Database::connect(&db::Options { url, ..db::Options::default() }).await.unwrap(),
            clock: clock.clone(),
            keyring: Arc::new(seal::Keyring::from_secret(&[7; 32])),
            stop: stop.clone(),
        };
        let registry = Registry::open(dependencies).await.unwrap();
        let options = server::Options::default();
        let mut routes = RoutesBuilder::default();
        registry.mount(&mut routes, &options);
        let assembled = server::assemble(routes, SERVICES, Headers, &options).await.unwrap();
        Self { clock, registry, peer: in_process(assembled.peer), stop }
    }

    pub fn people(&self) -> PersonServiceClient<Peer> {
        PersonServiceClient::new(self.peer.clone())
    }

    pub fn organizations(&self) -> OrganizationServiceClient<Peer> {
        OrganizationServiceClient::new(self.peer.clone())
    }

    /// Records a person, as an administrator of everything.
    pub async fn create(&self, request: proto::CreatePersonRequest) -> proto::Person {
        self.people().create_person(by("administrator", "", request)).await.unwrap().into_inner()
    }

    /// What an account of `https://id.example` is linked to, and its roles with their places.
    pub async fn roles(&self, subject: &str) -> (Option<String>, Vec<String>) {
        let source = self.registry.appointment_source();
        let linked = source.appointments("https://id.example", subject, self.clock.now()).await.unwrap();
        let roles = linked.appointments.iter().map(|held| format!("{} {}", held.role, held.division));
        (linked.person, roles.collect())
    }
}
