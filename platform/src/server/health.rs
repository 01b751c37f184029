//! Health by service, and reflection in both of its versions.

use std::sync::Arc;

use tonic::service::RoutesBuilder;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::{HealthReporter, HealthService};
use tonic_reflection::server::{Builder, Error};

/// What the health service says of each service, and of the process as a whole (the empty name).
#[derive(Debug, Clone)]
pub struct Health {
    reporter: HealthReporter,
    services: Arc<[String]>,
}

impl Health {
    /// Says SERVING for the process and for each service.
    pub(crate) async fn new(services: &[&str]) -> (Self, HealthServer<HealthService>) {
        let reporter = HealthReporter::new();
        let server = HealthServer::new(HealthService::from_health_reporter(reporter.clone()));
        let health = Self { reporter, services: services.iter().map(|name| (*name).to_owned()).collect() };
        for service in services {
            health.set(service, true).await;
        }
        (health, server)
    }

    /// Says whether one service can answer; watchers are told.
    pub async fn set(&self, service: &str, serving: bool) {
        let status = if serving { ServingStatus::Serving } else { ServingStatus::NotServing };
        self.reporter.set_service_status(service, status).await;
    }

    /// Says NOT_SERVING for the process and for each service: the first step of its end.
    pub async fn stop(&self) {
        self.set("", false).await;
        for service in &*self.services {
            self.set(service, false).await;
        }
    }
}

/// Adds reflection v1, and v1alpha beside it since Python's client speaks that one only.
pub(super) fn add_reflection(routes: &mut RoutesBuilder, services: &[&str]) -> Result<(), Error> {
    let builder = || {
        let mut builder = Builder::configure()
            .register_encoded_file_descriptor_set(minqing_proto::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .with_service_name("grpc.health.v1.Health");
        for service in services {
            builder = builder.with_service_name(*service);
        }
        builder
    };
    routes.add_service(builder().with_service_name("grpc.reflection.v1.ServerReflection").build_v1()?);
    routes.add_service(
        builder().with_service_name("grpc.reflection.v1alpha.ServerReflection").build_v1alpha()?,
    );
    Ok(())
}
