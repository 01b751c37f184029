//! Behaviour of cases: what commands lead to, seen from outside.

mod complaints;
mod guarding;
mod hotlines;
mod model;
mod properties;
mod questions;
mod refusals;
mod steps;
mod story;
