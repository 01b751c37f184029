//! The catalogue and dispatch over real gRPC, in process, beside a registry: reading, changing, files, rules, suggestions,
//! and who may.
#![cfg(test)]

mod files;
mod items;
mod policy;
#[path = "../room/mod.rs"]
mod room;
mod rules;
mod suggestions;
mod suite;
