//! Finding cases over real gRPC, in process: by words, by likeness, and what nobody finds.
#![cfg(test)]

mod find;
mod guard;
#[path = "../room/mod.rs"]
mod room;
mod similar;
#[path = "../rpc_cases/town.rs"]
#[allow(dead_code, reason = "these tests use their own part of the town")]
mod town;
