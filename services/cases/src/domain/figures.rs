//! Figures: how many matters were answered, done, on time, solved and to the satisfaction of whoever raised them.
//!
//! What is counted is a round of a case ([`Facts`]): a case that is begun anew is counted once more, so that the first
//! outcome stays in the figures. Completed, solved and satisfied are three facts, none of which is guessed from another;
//! what nobody said is counted apart. Pure: of histories and calendars, never of the present time, so the same
//! history gives the same figures for ever.

mod count;
mod facts;
mod query;
mod small;
#[cfg(test)]
mod tests;

pub use count::{Counts, Fraction, Measure, Part, Rate, Selection};
pub use facts::{Facts, LeftOut, Round, facts, facts_after, rounds_after};
pub use query::{Axis, Group, Grouping, Query, total};
pub use small::{SMALL, Told, without_small};
