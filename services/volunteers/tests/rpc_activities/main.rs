//! Activities, sign-ups and reports of hours over real gRPC.
#![cfg(test)]

mod attending;
mod corps;
mod fitting;
mod refusals;
mod reports;
mod signing;

#[path = "../room/mod.rs"]
mod room;
