//! Nouns, states and rules. Pure: no async, no SQL, no gRPC, no clock.

pub mod access;
pub mod hour;
pub mod matching;
pub mod need;
pub mod post;
pub mod team;
pub mod volunteer;
