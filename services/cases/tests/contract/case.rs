//! Cases as they are stored.

mod desk;
mod lists;
mod moves;
mod races;
mod reporters;
