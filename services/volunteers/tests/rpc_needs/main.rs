//! Needs over real gRPC: what residents raise, what cases bring, what the corps and its teams do about them.
#![cfg(test)]

mod bad_input;
mod from_cases;
mod rights;
#[path = "../room/mod.rs"]
mod room;
#[path = "../room/town.rs"]
mod town;
