//! People, appointments and organizations over real gRPC, in process.
#![cfg(test)]

mod appointments;
mod organizations;
mod people;
mod policy;
mod suite;
