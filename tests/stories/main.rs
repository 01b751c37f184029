//! Stories across the suite, told through the gateway only, each on both databases.
#![cfg(test)]

mod cases;
mod chain;
mod divisions;
mod observations;
mod town;
mod volunteers;
