//! Records of access: who read what is usually masked, and why.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// The fewest and the most characters of a purpose.
pub const PURPOSE: std::ops::RangeInclusive<usize> = 4..=200;

/// A reading of what is usually masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The last part of the name.
    pub id: Uuid,
    /// The name of what was read: `volunteers/x`.
    pub subject: String,
    /// Who read.
    pub actor: String,
    /// Why, as the reader stated it.
    pub purpose: String,
    /// What was read.
    pub fields: Vec<String>,
    /// When.
    pub occur_time: DateTime<Utc>,
}
