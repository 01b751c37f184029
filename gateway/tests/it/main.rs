//! The gateway before a real gRPC service: requests go in over HTTP, and what the service receives is looked at.

mod annotations;
mod body;
mod edge;
mod failures;
mod openapi;
mod parameters;
mod round_trip;
mod streams;
mod support;
