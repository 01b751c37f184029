//! A need (服务需求): from the first word until whoever raised it has an answer. A pure decider: what happened is the truth,
//! the need is what it makes of it.

mod apply;
mod decide;
mod event;
mod facts;
mod state;

#[cfg(test)]
mod tests;

pub use apply::{apply, replay};
pub use decide::{Command, Promise, decide, submit};
pub use event::{Event, Recorded, Requirements, Submission};
pub use facts::{Place, Refused, Risk, Source, Window};
pub use state::{Need, Status};
