//! Supervision over real gRPC: by hand, accountability, escalations, orphans, and who may.
#![cfg(test)]

#[path = "../room/matter.rs"]
mod matter;
mod orphans;
mod records;
#[path = "../room/mod.rs"]
mod room;
