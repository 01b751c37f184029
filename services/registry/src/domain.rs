//! Nouns, states and rules of the registry. Pure: no async, no SQL, no transport, no clock.

pub mod code;
pub mod division;
pub mod division_file;
pub mod division_import;
pub mod geo;
pub mod known;
pub mod period;
