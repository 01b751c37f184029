//! Cases as a process of its own, which asks a registry that runs elsewhere.

use minqing_platform::process::{self, Addresses, Error, Opened, Options, Refused};
use minqing_platform::{appointments, client};
use tonic::service::RoutesBuilder;

use crate::{Cases, Config, Dependencies, SERVICES};

minqing_platform::process_settings! { cases: Config }

/// Serves until SIGTERM or Ctrl-C. `ready` is called with the addresses once calls are answered.
///
/// # Errors
/// See [`Error`].
pub async fn run(options: Options, config: Config, ready: impl FnOnce(Addresses)) -> Result<(), Error> {
    let Config { database, attachments, practice, registry } = config;
    let registry = to_registry(&registry).map_err(|reason| Error::Open { name: "cases", reason })?;
    let service = process::Service { name: "cases", services: SERVICES, database };
    let open = async |given: process::Given| {
        let process::Given { database, clock, keyring, server, stop } = given;
        let appointments = appointments::of_registry(registry.clone(), stop.clone());
        let cases =
            Cases::open(Dependencies { database, attachments, practice, registry, clock, keyring, stop })
                .await?;
        cases.work();
        let mut routes = RoutesBuilder::default();
        cases.mount(&mut routes, &server);
        Ok(Opened { routes, appointments })
    };
    process::run(options, service, open, ready).await
}

/// The way to the registry, in the name of this service: without one no caller could be told from another.
fn to_registry(options: &client::Options) -> Result<client::Peer, Refused> {
    if options.endpoint.is_empty() {
        return Err(
            "cases.registry.endpoint must be set: the registry says what callers were appointed to".into()
        );
    }
    if !options.has_credentials() {
        return Err("cases.registry.token_file or cases.registry.client_credentials must be set: the registry answers only a \
                    system account"
            .into());
    }
    client::connect(options).map_err(|fault| format!("cases.registry.{fault}").into())
}
