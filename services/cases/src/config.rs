//! The configuration of cases.

use minqing_platform::db;
use serde::Deserialize;

/// What the service of cases is told at start.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where its tables are.
    pub database: db::Options,
}
