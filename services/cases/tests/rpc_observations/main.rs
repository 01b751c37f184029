//! Civic information over real gRPC, in process, beside a registry: batches, what becomes of observations, and who may.
#![cfg(test)]

mod batches;
mod handling;
mod policy;
mod raising;
#[path = "../room/mod.rs"]
mod room;
mod suite;
