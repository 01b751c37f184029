//! The configuration of volunteers.

use minqing_platform::config::between;
use minqing_platform::{client, db};
use serde::Deserialize;

use crate::domain::hour::level::Scales;

/// What the service of volunteers is told at start.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where its tables are.
    pub database: db::Options,
    /// How the city runs its volunteer corps.
    pub practice: Practice,
    /// For a process on its own: how to reach the registry, and what proves this service to it. In one process with the
    /// registry it is not used.
    pub registry: client::Options,
    /// For a process on its own: how to reach cases, as the account of the corps. In one process with cases it is not
    /// used.
    pub cases: client::Options,
}

/// How a city runs its volunteer corps.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Practice {
    /// The code of the city: what is about no smaller place is about all of it.
    pub city_code: String,
    /// The volunteer corps (`organizations/x`): cases that are dispatched to it become needs.
    pub corps: String,
    /// Within how many hours a need is looked at (1 to 720).
    #[serde(deserialize_with = "between::<1, 720, _, _>")]
    pub verify_hours: u32,
    /// Within how many hours it is proposed to a team (1 to 720).
    #[serde(deserialize_with = "between::<1, 720, _, _>")]
    pub propose_hours: u32,
    /// Within how many hours a team answers; then the need goes to another (1 to 720).
    #[serde(deserialize_with = "between::<1, 720, _, _>")]
    pub accept_hours: u32,
    /// How hours become levels, and who certifies them.
    pub hours: Hours,
}

/// How hours become levels, and who certifies them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hours {
    /// The hours at which levels begin: lists, each from a day on, the earliest first.
    pub levels: Scales,
    /// Who issues certificates, as printed on them.
    pub issuer: String,
    /// Where anybody checks a certificate, as printed on it: the address of the gateway.
    pub check_address: String,
}

impl Default for Hours {
    fn default() -> Self {
        Self {
            levels: Scales::default(),
            issuer: "丹阳市志愿者协会".to_owned(),
            check_address: "http://localhost:8080".to_owned(),
        }
    }
}

impl Default for Practice {
    fn default() -> Self {
        Self {
            city_code: "321181".to_owned(),
            corps: "organizations/volunteer-corps".to_owned(),
            verify_hours: 24,
            propose_hours: 72,
            accept_hours: 48,
            hours: Hours::default(),
        }
    }
}
