//! What can be configured: defaults here, then a file, then variables `MINQING_…` (two underscores between levels).

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use minqing_platform::config::{self, Secret};
use minqing_platform::{client, db, identity, process, seal, server, telemetry};
use serde::Deserialize;

/// The ports of HTTP and gRPC.
const HTTP_PORT: u16 = 8080;
const GRPC_PORT: u16 = 9090;

/// Everything that can be configured. An unknown key is refused.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The folder of SQLite files and keys, for `up`, `token` and whatever names no database.
    pub data: PathBuf,
    /// Where HTTP is served.
    pub http_address: SocketAddr,
    /// Where gRPC is served.
    pub grpc_address: SocketAddr,
    /// For a service served on its own: where `/healthz`, `/readyz` and `/metrics` are served; nowhere when left out. Wherever
    /// HTTP is served, they are there.
    pub probe_address: Option<SocketAddr>,
    /// How gRPC is served.
    pub server: server::Options,
    /// The gateway's own options.
    pub gateway: minqing_gateway::Options,
    /// For `serve gateway`: how to reach each service, by its name (`registry`, `cases`, `volunteers`).
    pub upstream: BTreeMap<String, client::Options>,
    /// Whose tokens are accepted.
    pub identity: identity::Options,
    /// The keys that seal personal data. `up` keeps one in its data folder when none is given.
    pub seal: Option<seal::Options>,
    /// Logs, traces and figures.
    pub telemetry: telemetry::Options,
    /// The registry.
    pub registry: minqing_registry::Config,
    /// Cases.
    pub cases: minqing_cases::Config,
    /// Volunteers.
    pub volunteers: minqing_volunteers::Config,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data: PathBuf::from("data"),
            http_address: SocketAddr::from((Ipv4Addr::LOCALHOST, HTTP_PORT)),
            grpc_address: SocketAddr::from((Ipv4Addr::LOCALHOST, GRPC_PORT)),
            probe_address: None,
            server: server::Options::default(),
            gateway: minqing_gateway::Options::default(),
            upstream: BTreeMap::new(),
            identity: identity::Options::default(),
            seal: None,
            telemetry: telemetry::Options::default(),
            registry: minqing_registry::Config::default(),
            cases: minqing_cases::Config::default(),
            volunteers: minqing_volunteers::Config::default(),
        }
    }
}

impl Settings {
    /// Loads the settings.
    ///
    /// # Errors
    /// A key or value that is not taken, with its name and where it came from.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        config::load(file).context("the configuration is not taken")
    }

    /// Keeps data in a folder: makes it, and puts the database of whatever names none into it.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn with_data(self, folder: Option<PathBuf>) -> anyhow::Result<Self> {
        self.with_data_of(None, folder)
    }

    /// The same for one service alone, by its name: nothing is made for the others, which may be at home elsewhere.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn with_data_of(mut self, only: Option<&str>, folder: Option<PathBuf>) -> anyhow::Result<Self> {
        if let Some(folder) = folder {
            self.data = folder;
        }
        let data = self.data.clone();
        for (name, database) in self.databases() {
            if database.url.expose().is_empty() && only.is_none_or(|only| only == name) {
                fs::create_dir_all(&data)
                    .with_context(|| format!("the data folder {} cannot be made", data.display()))?;
                let file = data.join(format!("{name}.db"));
                database.url = Secret::new(format!("sqlite://{}", file.display()));
            }
        }
        self.cases.attachments.default_folder(&data.join("attachments"));
        Ok(self)
    }

    /// What a service is told that is served on its own.
    pub fn process(&self) -> process::Options {
        process::Options {
            grpc_address: self.grpc_address,
            probe_address: self.probe_address,
            server: self.server.clone(),
            identity: self.identity.clone(),
            seal: self.seal.clone(),
            telemetry: self.telemetry.clone(),
        }
    }

    /// The database of each service, by the service's name.
    fn databases(&mut self) -> [(&'static str, &mut db::Options); 3] {
        [
            ("registry", &mut self.registry.database),
            ("cases", &mut self.cases.database),
            ("volunteers", &mut self.volunteers.database),
        ]
    }

    /// The keys that seal personal data: the configured ones, or else one kept in the data folder.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn keyring(&self) -> anyhow::Result<seal::Keyring> {
        match &self.seal {
            Some(options) => seal::Keyring::new(options).context("the keys in `seal` cannot be used"),
            None => {
                fs::create_dir_all(&self.data)?;
                seal::Keyring::open_data(&self.data).context("the key in the data folder cannot be used")
            }
        }
    }
}
