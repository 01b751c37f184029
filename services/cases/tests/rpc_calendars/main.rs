//! Calendars over real gRPC, in process: reading, changing, importing, what-if, and who may.
#![cfg(test)]

mod changes;
mod deadlines;
mod holidays;
mod policy;
#[path = "../room/mod.rs"]
mod room;
mod suite;
