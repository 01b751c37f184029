//! Records of access: who read what is usually masked, and why.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// The fewest and the most characters of a purpose.
pub const PURPOSE: std::ops::RangeInclusive<usize> = 4..=200;

/// What searches for people are recorded under that found nobody, and were of no division.
pub const NOBODY: &str = "people/-";

/// A reading of what is usually masked, or a search by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The last part of the name.
    pub id: Uuid,
    /// The name of what was read: `people/x`, `households/y`; where a search found nobody, of the division searched, or
    /// [`NOBODY`].
    pub subject: String,
    /// Who read.
    pub actor: String,
    /// Why, as the reader stated it.
    pub purpose: String,
    /// What was read; `find:FIELD` for a search by a field.
    pub fields: Vec<String>,
    /// When.
    pub occur_time: DateTime<Utc>,
}
