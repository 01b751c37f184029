//! Which team meets which need: a globally best assignment, its proof and its reasons.
//!
//! - [`problem`] poses it in numbers, [`solve`](solve()) solves it exactly, [`certificate`] proves it;
//! - [`facts`] is what is known of needs and teams, [`reason`] why a pair cannot be, [`weights`] what a pair that can
//!   be costs, in parts; [`pose`](pose()) makes the problem of them;
//! - [`run`] does all of it and is what is kept;
//! - [`sensitivity`] and [`explain`] tell why this team, and why not that one.

pub mod certificate;
pub mod explain;
pub mod facts;
pub mod gather;
pub mod pose;
pub mod problem;
pub mod reason;
pub mod run;
pub mod sensitivity;
pub mod solve;
pub mod weights;

#[cfg(test)]
mod tests;

pub use pose::pose;
pub use problem::Problem;
pub use solve::{Solution, solve};
