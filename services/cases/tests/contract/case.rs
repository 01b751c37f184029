//! Cases as they are stored.

pub mod desk;
mod lists;
mod moves;
mod races;
mod reporters;
