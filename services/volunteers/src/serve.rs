//! Volunteers as a process of its own, which asks a registry and cases that run elsewhere.

use minqing_platform::process::{self, Addresses, Error, Opened, Options, Refused};
use minqing_platform::{appointments, client};
use tonic::service::RoutesBuilder;

use crate::{Config, Dependencies, SERVICES, Volunteers};

minqing_platform::process_settings! { volunteers: Config }

/// Serves until SIGTERM or Ctrl-C. `ready` is called with the addresses once calls are answered.
///
/// # Errors
/// See [`Error`].
pub async fn run(options: Options, config: Config, ready: impl FnOnce(Addresses)) -> Result<(), Error> {
    let Config { database, practice, registry, cases } = config;
    let refused = |reason| Error::Open { name: "volunteers", reason };
    let registry = to("registry", &registry).map_err(refused)?;
    let cases = to("cases", &cases).map_err(refused)?;
    let service = process::Service { name: "volunteers", services: SERVICES, database };
    let open = async |given: process::Given| {
        let process::Given { database, clock, keyring, server, stop } = given;
        let appointments = appointments::of_registry(registry.clone(), stop.clone());
        let volunteers =
            Volunteers::open(Dependencies { database, practice, registry, cases, clock, keyring, stop })
                .await?;
        volunteers.work();
        let mut routes = RoutesBuilder::default();
        volunteers.mount(&mut routes, &server);
        Ok(Opened { routes, appointments })
    };
    process::run(options, service, open, ready).await
}

/// The way to a service that is asked in the name of this one.
fn to(name: &str, options: &client::Options) -> Result<client::Peer, Refused> {
    if options.endpoint.is_empty() {
        return Err(format!("volunteers.{name}.endpoint must be set").into());
    }
    if !options.has_credentials() {
        return Err(format!(
            "volunteers.{name}.token_file or volunteers.{name}.client_credentials must be set: {name} answers only a system \
             account"
        )
        .into());
    }
    client::connect(options).map_err(|fault| format!("volunteers.{name}.{fault}").into())
}
