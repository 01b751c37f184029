//! Hours and certificates over real gRPC.
#![cfg(test)]

#[path = "../room/mod.rs"]
mod room;

mod certificates;
mod figures;
mod hours;
mod town;
