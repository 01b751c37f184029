//! A registry with a grid to be assigned, and callers by role, division or person.

use std::sync::Arc;

use minqing_platform::client::Peer;
use minqing_platform::clock::Manual;
use minqing_platform::status;
use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::contact_service_client::ContactServiceClient;
use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
use minqing_proto::registry::v1::grid_service_client::GridServiceClient;
use minqing_proto::registry::v1::household_service_client::HouseholdServiceClient;
use minqing_proto::registry::v1::import_households_request::Part;
use minqing_proto::registry::v1::person_service_client::PersonServiceClient;
use minqing_testkit::Database;
use serde_json::json;
use tokio_util::sync::DropGuard;
use tonic::{Code, Request, Status};

pub use crate::room::by;
use crate::room::{self, Room};

pub const GRID: &str = "grids/321181100201001";
pub const OTHER_GRID: &str = "grids/321181100202001";

pub fn admin<T>(message: T) -> Request<T> {
    by("administrator", "", message)
}

#[track_caller]
pub fn refused<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String) {
    let refusal = answer.unwrap_err();
    let reason = status::reason(&refusal).unwrap_or_else(|| panic!("no reason: {refusal:?}"));
    (refusal.code(), reason)
}

/// A registry on a database, and the way to it.
pub struct Suite {
    pub peer: Peer,
    pub clock: Arc<Manual>,
    _stop: DropGuard,
}

impl Suite {
    /// A process on a database.
    pub async fn beside(database: &Database) -> Self {
        let Room { peer, clock, stop, .. } = room::open(database).await;
        Self { peer, clock, _stop: stop }
    }

    /// Two villages with a grid each; in the first grid 20 households of three, two members, a backbone and a lead; a
    /// cadre of the village, one of the town and one of the city.
    pub async fn open(database: &Database) -> Self {
        let suite = Self::beside(database).await;
        suite.draw().await;
        suite.settle(GRID, 20).await;
        for (id, role, place) in [
            ("m1", proto::Role::OrdinaryMember, "321181100201001"),
            ("m2", proto::Role::OrdinaryMember, "321181100201001"),
            ("b1", proto::Role::BackboneMember, "321181100201001"),
            ("l1", proto::Role::GridLead, "321181100201001"),
            ("village", proto::Role::Cadre, "321181100201"),
            ("town", proto::Role::Cadre, "321181100"),
            ("city", proto::Role::Cadre, "321181"),
        ] {
            suite.appoint(id, role, place).await;
        }
        suite
    }

    /// Open, and assigned.
    pub async fn assigned(database: &Database) -> Self {
        let suite = Self::open(database).await;
        suite.assign(GRID, false).await.unwrap();
        suite
    }

    pub async fn draw(&self) {
        let mut divisions = DivisionServiceClient::new(self.peer.clone());
        for code in ["32", "3211", "321181", "321181100", "321181100201", "321181100202"] {
            let division = proto::Division {
                code: code.to_owned(),
                display_name: format!("区划{code}"),
                effective_from: "2026-01-01".to_owned(),
                ..proto::Division::default()
            };
            let request =
                proto::CreateDivisionRequest { division: Some(division), request_id: String::new() };
            divisions.create_division(admin(request)).await.unwrap();
        }
        let mut grids = GridServiceClient::new(self.peer.clone());
        for (name, west) in [(GRID, 119.50), (OTHER_GRID, 119.52)] {
            let (east, south, north) = (west + 0.01, 32.00, 32.01);
            let ring = json!([[west, south], [east, south], [east, north], [west, north], [west, south]]);
            let boundary = json!({"type": "Polygon", "coordinates": [ring]});
            let grid = proto::Grid {
                code: name.trim_start_matches("grids/").to_owned(),
                display_name: "网格".to_owned(),
                effective_from: "2026-01-01".to_owned(),
                boundary: minqing_platform::json::to_struct(boundary),
                ..proto::Grid::default()
            };
            let request = proto::CreateGridRequest { grid: Some(grid), request_id: String::new() };
            grids.create_grid(admin(request)).await.unwrap();
        }
    }

    pub async fn settle(&self, grid: &str, count: usize) {
        let header = proto::ImportHouseholdsHeader {
            source: "test".to_owned(),
            file_name: "test".to_owned(),
            effective_from: "2026-01-01".to_owned(),
            ..Default::default()
        };
        let resident = |number| proto::ResidentRecord {
            display_name: format!("李{number}"),
            relation: proto::HouseholdRelation::Other.into(),
            ..Default::default()
        };
        let record = |number| proto::HouseholdRecord {
            source_id: format!("{grid}-{number:03}"),
            grid_code: grid.trim_start_matches("grids/").to_owned(),
            address: format!("新桥路{}号", number + 1),
            residents: (0..3).map(resident).collect(),
        };
        let records = (0..count).map(record).collect();
        let parts = [Part::Header(header), Part::Chunk(proto::HouseholdRecordChunk { records })];
        let messages = parts.map(|part| proto::ImportHouseholdsRequest { part: Some(part) });
        self.households().import_households(admin(futures::stream::iter(messages))).await.unwrap();
    }

    pub async fn appoint(&self, id: &str, role: proto::Role, place: &str) {
        let person = proto::Person {
            display_name: format!("张{id}"),
            division_code: "321181100".to_owned(),
            phone: "13800005678".to_owned(),
            effective_from: "2026-01-01".to_owned(),
            ..proto::Person::default()
        };
        let appointment = proto::Appointment {
            role: role.into(),
            division_code: place.to_owned(),
            effective_from: "2026-01-01".to_owned(),
            ..proto::Appointment::default()
        };
        let request = proto::CreatePersonRequest {
            person: Some(person),
            person_id: id.to_owned(),
            appointments: vec![appointment],
            ..Default::default()
        };
        self.people().create_person(admin(request)).await.unwrap();
    }

    /// Ends the one appointment of a person.
    pub async fn dismiss(&self, id: &str, on: &str) {
        let parent = format!("people/{id}");
        let request = proto::ListAppointmentsRequest { parent, ..Default::default() };
        let listed = self.people().list_appointments(admin(request)).await.unwrap().into_inner();
        let name = listed.appointments[0].name.clone();
        let request =
            proto::EndAppointmentRequest { name, effective_to: on.to_owned(), request_id: String::new() };
        self.people().end_appointment(admin(request)).await.unwrap();
    }

    pub async fn assign(&self, grid: &str, reassign: bool) -> Result<proto::AssignContactsResponse, Status> {
        let request = proto::AssignContactsRequest { grid: grid.to_owned(), reassign, ..Default::default() };
        Ok(self.contacts().assign_contacts(admin(request)).await?.into_inner())
    }

    /// The names of the households of a grid, along the street.
    pub async fn street(&self, grid: &str) -> Vec<String> {
        let request = proto::ListHouseholdsRequest { parent: grid.to_owned(), ..Default::default() };
        let listed = self.households().list_households(admin(request)).await.unwrap().into_inner();
        listed.households.into_iter().map(|household| household.name).collect()
    }

    pub async fn resolve(
        &self,
        request: proto::ResolveContactsRequest,
    ) -> Result<proto::ResolveContactsResponse, Status> {
        Ok(self.contacts().resolve_contacts(admin(request)).await?.into_inner())
    }

    /// Who answers for a household on a day, level by level; those who stand in with a star.
    pub async fn answers(&self, household: &str, on: &str) -> Vec<String> {
        told(&self.resolve(of_household(household, on)).await.unwrap())
    }

    pub fn contacts(&self) -> ContactServiceClient<Peer> {
        ContactServiceClient::new(self.peer.clone())
    }

    pub fn people(&self) -> PersonServiceClient<Peer> {
        PersonServiceClient::new(self.peer.clone())
    }

    pub fn households(&self) -> HouseholdServiceClient<Peer> {
        HouseholdServiceClient::new(self.peer.clone())
    }
}

pub fn of_household(household: &str, on: &str) -> proto::ResolveContactsRequest {
    let (household, effective_on) = (household.to_owned(), on.to_owned());
    proto::ResolveContactsRequest { household, effective_on, ..Default::default() }
}

pub fn of_grid(grid: &str) -> proto::ResolveContactsRequest {
    proto::ResolveContactsRequest { grid: grid.to_owned(), ..Default::default() }
}

pub fn told(answer: &proto::ResolveContactsResponse) -> Vec<String> {
    let ids = |people: &[proto::ContactPerson], mark: &str| -> Vec<String> {
        people.iter().map(|person| person.name.trim_start_matches("people/").to_owned() + mark).collect()
    };
    let level = |level: &proto::ContactAnswer| {
        assert_eq!(level.vacant, level.persons.is_empty());
        [ids(&level.persons, ""), ids(&level.acting, "*")].concat().join(" ")
    };
    answer.levels.iter().map(level).collect()
}
