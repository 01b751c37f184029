//! The gateway before a real gRPC service: requests go in over HTTP, and what the service receives is looked at.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

mod annotations;
mod body;
mod edge;
mod failures;
mod openapi;
mod parameters;
mod raw;
mod round_trip;
mod streams;
mod support;
mod vectors;
mod wire;
