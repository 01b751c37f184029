//! A registry with a few divisions, and callers by role, division or person, for the tests of people and organizations.

use std::sync::Arc;

use minqing_platform::client::Peer;
use minqing_platform::clock::{Clock as _, Manual};
use minqing_platform::status;
use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
use minqing_proto::registry::v1::organization_service_client::OrganizationServiceClient;
use minqing_proto::registry::v1::person_service_client::PersonServiceClient;
use minqing_registry::Registry;
use minqing_testkit::Database;
use tokio_util::sync::DropGuard;
use tonic::{Request, Status};
use tonic_types::StatusExt as _;

pub use crate::room::by;
use crate::room::{self, Room};

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
    _stop: DropGuard,
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
        let Room { registry, peer, clock, stop, .. } = room::open(database).await;
        Self { clock, registry, peer, _stop: stop }
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
