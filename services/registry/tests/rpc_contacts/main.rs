//! The contact chain over real gRPC, in process: assigning, coverage, who is answerable, permissions, and how soon a
//! change is seen.
#![cfg(test)]

mod answers;
mod by_hand;
mod changes;
mod ends;
mod links;
#[path = "../room/mod.rs"]
mod room;
mod suite;
