//! Posts, volunteers, teams and memberships over real gRPC, in process, beside a registry: who sees what, who may do what,
//! and what is refused.
#![cfg(test)]

mod enrolment;
mod policy;
mod posts;
mod privacy;
#[path = "../room/mod.rs"]
mod room;
mod suite;
mod teams;
mod volunteers;
