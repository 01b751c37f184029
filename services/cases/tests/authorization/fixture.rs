//! Cases with one record of each kind, and callers of any role.

use bytes::Bytes;
use minqing_platform::identity::Role;
use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::figure_service_client::FigureServiceClient;
use minqing_proto::cases::v1::observation_service_client::ObservationServiceClient;
use minqing_testkit::{Database, wire};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage};
use tonic::Code;

use crate::room::by;
use crate::samples::Sample;
use crate::town::{GRID, Town, WATER, complaint, lamp, of};
use minqing_cases::SERVICES;

const OBSERVATION: &str = "observations/0199a000-0000-7000-8000-000000000001";

/// The service, and the names of its records.
pub struct Fixture {
    town: Town,
    pool: DescriptorPool,
    names: Vec<(&'static str, String)>,
}

impl Fixture {
    pub async fn open(database: &Database) -> Self {
        let town = Town::open(database).await;
        let pool = DescriptorPool::decode(minqing_proto::DESCRIPTORS).unwrap();
        let mut fixture = Self { town, pool, names: Vec::new() };
        fixture.cases().await;
        fixture.observation().await;
        fixture.snapshot().await;
        fixture
    }

    /// A case that is with the unit, and others that samples may end.
    async fn cases(&mut self) {
        let raised = self.town.dispatched(lamp(), WATER).await;
        self.names.push(("{part}", raised.part(1)));
        self.names.push(("{case}", raised.name));
        self.names.push(("{secret}", raised.secret));
        for mark in ["{rejected}", "{merged}", "{into}", "{split}"] {
            let raised = self.town.raise(complaint("organizations/parks")).await;
            self.names.push((mark, raised.name));
        }
    }

    async fn observation(&self) {
        let observation = proto::Observation {
            name: OBSERVATION.into(),
            kind: proto::ObservationKind::Patrol.into(),
            observe_time: Some("2026-03-02T01:00:00Z".parse().unwrap()),
            grid: format!("grids/{GRID}"),
            title: "路灯不亮".into(),
            ..Default::default()
        };
        let request = proto::BatchCreateObservationsRequest { observations: vec![observation] };
        let officer = of("information_officer", "", "people/officer", request);
        let mut observations = ObservationServiceClient::new(self.town.room.peer.clone());
        let kept = observations.batch_create_observations(officer).await.unwrap().into_inner();
        assert_eq!(kept.created, 1, "{kept:?}");
    }

    async fn snapshot(&self) {
        let query = proto::FigureQuery {
            from_date: "2026-02-01".into(),
            to_date: "2026-02-28".into(),
            division_code: crate::HERE.into(),
            ..Default::default()
        };
        let request = proto::PublishFiguresRequest {
            query: Some(query),
            display_name: "二月".into(),
            figure_snapshot_id: "february".into(),
            ..Default::default()
        };
        let mut figures = FigureServiceClient::new(self.town.room.peer.clone());
        figures.publish_figures(by("supervisor", "", request)).await.unwrap();
    }

    /// Calls a sample in a role, for the unit or for nobody, and tells how it went.
    pub async fn call(&self, sample: &Sample, role: Role, division: &str, works_for_unit: bool) -> Code {
        let service = self.pool.services().find(|service| {
            SERVICES.contains(&service.full_name())
                && service.methods().any(|method| method.name() == sample.rpc)
        });
        let service = service.unwrap();
        let method = service.methods().find(|method| method.name() == sample.rpc).unwrap();
        let body =
            self.names.iter().fold(sample.request.to_owned(), |body, (mark, name)| body.replace(mark, name));
        let mut json = serde_json::Deserializer::from_str(&body);
        let message = DynamicMessage::deserialize(method.input(), &mut json)
            .unwrap_or_else(|error| panic!("{}: {error}", sample.rpc));
        let path = format!("/{}/{}", service.full_name(), sample.rpc);
        let mut request = by(role.as_str(), division, Bytes::from(message.encode_to_vec()));
        // What somebody of the unit did makes a case their own, and nobody else's.
        let person = if works_for_unit { "people/of-water" } else { "people/nobody" };
        request.metadata_mut().insert("person", person.parse().unwrap());
        if works_for_unit {
            request.metadata_mut().insert("organization", WATER.parse().unwrap());
        }
        wire::call(self.town.room.peer.clone(), &path, request).await
    }
}
