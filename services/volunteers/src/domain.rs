//! Nouns, states and rules. Pure: no async, no SQL, no gRPC, no clock.

pub mod access;
pub mod activity;
pub mod certificate;
pub mod figure;
pub mod hour;
pub mod hour_report;
pub mod matching;
pub mod need;
pub mod post;
pub mod sign_up;
pub mod team;
pub mod volunteer;
