//! The few things all services of the suite share.

pub mod call;
pub mod client;
pub mod clock;
pub mod code;
pub mod config;
pub mod db;
pub mod deadline;
pub mod error;
pub mod feed;
pub mod field;
pub mod identity;
pub mod journal;
pub mod json;
pub mod keyfile;
pub mod mask;
pub mod page;
pub mod period;
pub mod policy;
pub mod probe;
pub mod seal;
pub mod server;
pub mod status;
pub mod telemetry;
