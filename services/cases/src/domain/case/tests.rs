//! Behaviour of cases: what commands lead to, seen from outside.

mod complaints;
mod guarding;
mod model;
mod properties;
mod questions;
mod refusals;
mod story;
