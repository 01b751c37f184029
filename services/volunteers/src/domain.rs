//! Nouns, states and rules. Pure: no async, no SQL, no gRPC, no clock.

pub mod matching;
pub mod hour;
pub mod need;
