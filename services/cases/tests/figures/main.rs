//! Figures of cases that went every way, on both databases: counted by hand, listed, exported, published, checked.
#![cfg(test)]

mod counted;
mod lives;
#[path = "../room/matter.rs"]
mod matter;
mod published;
#[path = "../room/mod.rs"]
mod room;
mod rpc;
