//! The registry as a process of its own.

use minqing_platform::process::{self, Addresses, Error, Opened, Options};
use tonic::service::RoutesBuilder;

use crate::{Config, Dependencies, Registry, SERVICES};

minqing_platform::process_settings! { registry: Config }

/// Serves until SIGTERM or Ctrl-C. `ready` is called with the addresses once calls are answered.
///
/// # Errors
/// See [`Error`].
pub async fn run(options: Options, config: Config, ready: impl FnOnce(Addresses)) -> Result<(), Error> {
    let service = process::Service { name: "registry", services: SERVICES, database: config.database };
    let open = async |given: process::Given| {
        let process::Given { database, clock, keyring, server, stop } = given;
        let registry = Registry::open(Dependencies { database, clock, keyring, stop }).await?;
        let mut routes = RoutesBuilder::default();
        registry.mount(&mut routes, &server);
        Ok(Opened { routes, appointments: registry.appointment_source() })
    };
    process::run(options, service, open, ready).await
}
