//! The few things all services of the suite share.

pub mod client;
pub mod clock;
pub mod identity;
