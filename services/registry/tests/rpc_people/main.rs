//! People, appointments and organizations over real gRPC, in process.
#![cfg(test)]

mod appointments;
mod organizations;
mod people;
mod policy;
#[path = "../room/mod.rs"]
mod room;
mod suite;
