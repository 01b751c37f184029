//! A registry with one record of each kind, and callers of any role.

use bytes::Bytes;
use minqing_platform::client::Peer;
use minqing_platform::identity::Role;
use minqing_proto::registry::v1 as proto;
use minqing_proto::registry::v1::contact_service_client::ContactServiceClient;
use minqing_proto::registry::v1::division_service_client::DivisionServiceClient;
use minqing_proto::registry::v1::grid_service_client::GridServiceClient;
use minqing_proto::registry::v1::household_service_client::HouseholdServiceClient;
use minqing_proto::registry::v1::organization_service_client::OrganizationServiceClient;
use minqing_proto::registry::v1::person_service_client::PersonServiceClient;
use minqing_testkit::{Database, wire};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage};
use tokio_util::sync::DropGuard;
use tonic::{Code, Request};

use crate::room::{self, Room, by};
use crate::samples::Sample;
use minqing_registry::SERVICES;

const GRID: &str = "321181100201001";
const SINCE: &str = "2026-01-01";

/// The registry, and the names of its records.
pub struct Fixture {
    peer: Peer,
    pool: DescriptorPool,
    names: Vec<(&'static str, String)>,
    _stop: DropGuard,
}

fn everywhere<T>(role: Role, message: T) -> Request<T> {
    by(role.as_str(), "", message)
}

impl Fixture {
    pub async fn open(database: &Database) -> Self {
        let Room { peer, stop, .. } = room::open(database).await;
        let pool = DescriptorPool::decode(minqing_proto::DESCRIPTORS).unwrap();
        let mut fixture = Self { peer, pool, names: Vec::new(), _stop: stop };
        fixture.places().await;
        fixture.people().await;
        fixture.household().await;
        fixture.link().await;
        fixture
    }

    async fn places(&self) {
        let mut divisions = DivisionServiceClient::new(self.peer.clone());
        for code in ["32", "3211", "321181", "321181100", "321181100201", "321181101"] {
            let division = proto::Division {
                code: code.into(),
                display_name: code.into(),
                effective_from: SINCE.into(),
                ..Default::default()
            };
            let request = proto::CreateDivisionRequest { division: Some(division), ..Default::default() };
            divisions.create_division(everywhere(Role::Administrator, request)).await.unwrap();
        }
        let grid = proto::Grid {
            code: GRID.into(),
            display_name: "第1网格".into(),
            effective_from: SINCE.into(),
            ..Default::default()
        };
        let request = proto::CreateGridRequest { grid: Some(grid), ..Default::default() };
        GridServiceClient::new(self.peer.clone())
            .create_grid(everywhere(Role::Administrator, request))
            .await
            .unwrap();
        let organization = proto::Organization {
            display_name: "司徒镇便民服务中心".into(),
            kind: proto::OrganizationKind::Department.into(),
            division_code: "321181100".into(),
            effective_from: SINCE.into(),
            ..Default::default()
        };
        let request = proto::CreateOrganizationRequest {
            organization: Some(organization),
            organization_id: "office".into(),
            ..Default::default()
        };
        OrganizationServiceClient::new(self.peer.clone())
            .create_organization(everywhere(Role::Administrator, request))
            .await
            .unwrap();
    }

    async fn people(&mut self) {
        let mut people = PersonServiceClient::new(self.peer.clone());
        for (id, role) in [("member", proto::Role::OrdinaryMember), ("backbone", proto::Role::BackboneMember)]
        {
            let request = proto::CreatePersonRequest {
                person: Some(proto::Person {
                    display_name: "张三".into(),
                    division_code: "321181100201".into(),
                    effective_from: SINCE.into(),
                    ..Default::default()
                }),
                person_id: id.into(),
                appointments: vec![proto::Appointment {
                    role: role.into(),
                    division_code: GRID.into(),
                    effective_from: SINCE.into(),
                    ..Default::default()
                }],
                ..Default::default()
            };
            people.create_person(everywhere(Role::Administrator, request)).await.unwrap();
        }
        let request = proto::ListAppointmentsRequest { parent: "people/member".into(), ..Default::default() };
        let listed = people.list_appointments(everywhere(Role::Administrator, request)).await.unwrap();
        self.names.push(("{appointment}", listed.into_inner().appointments[0].name.clone()));
    }

    async fn household(&mut self) {
        let mut households = HouseholdServiceClient::new(self.peer.clone());
        let household = proto::Household {
            grid: format!("grids/{GRID}"),
            address: "1号".into(),
            effective_from: SINCE.into(),
            ..Default::default()
        };
        let request = proto::CreateHouseholdRequest { household: Some(household), ..Default::default() };
        let made = households.create_household(everywhere(Role::Administrator, request)).await.unwrap();
        let household = made.into_inner().name;
        let resident = proto::Resident {
            display_name: "李四".into(),
            relation: proto::HouseholdRelation::Head.into(),
            ..Default::default()
        };
        let request = proto::CreateResidentRequest {
            parent: household.clone(),
            resident: Some(resident),
            ..Default::default()
        };
        let made = households.create_resident(everywhere(Role::Administrator, request)).await.unwrap();
        let resident = made.into_inner().name;
        let consent = proto::HouseholdConsent {
            resident: resident.clone(),
            sections: vec![proto::SectionKind::Medical.into()],
            purposes: vec![proto::ReadingPurpose::MedicalHelp.into()],
            until: "2026-12-31".into(),
            evidence: "签字".into(),
            ..Default::default()
        };
        let request = proto::RecordConsentRequest {
            parent: household.clone(),
            consent: Some(consent),
            ..Default::default()
        };
        let made = households.record_consent(everywhere(Role::Cadre, request)).await.unwrap();
        self.names.push(("{household}", household));
        self.names.push(("{resident}", resident));
        self.names.push(("{consent}", made.into_inner().name));
    }

    async fn link(&mut self) {
        let request = proto::AssignContactsRequest { grid: format!("grids/{GRID}"), ..Default::default() };
        let assigned = ContactServiceClient::new(self.peer.clone())
            .assign_contacts(everywhere(Role::Administrator, request))
            .await
            .unwrap();
        self.names.push(("{link}", assigned.into_inner().created[0].name.clone()));
    }

    /// Calls a sample in a role and tells how it went.
    pub async fn call(&self, sample: &Sample, role: Role, division: &str) -> Code {
        let service = self.pool.services().find(|service| {
            SERVICES.contains(&service.full_name())
                && service.methods().any(|method| method.name() == sample.rpc)
        });
        let service = service.unwrap();
        let method = service.methods().find(|method| method.name() == sample.rpc).unwrap();
        let body =
            self.names.iter().fold(sample.request.to_owned(), |body, (mark, name)| body.replace(mark, name));
        let mut json = serde_json::Deserializer::from_str(&body);
        let message = DynamicMessage::deserialize(method.input(), &mut json).unwrap();
        let path = format!("/{}/{}", service.full_name(), sample.rpc);
        wire::call(
            self.peer.clone(),
            &path,
            by(role.as_str(), division, Bytes::from(message.encode_to_vec())),
        )
        .await
    }
}
