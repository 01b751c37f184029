//! Places in lists, as tokens of pages hold them.

use chrono::{DateTime, Utc};
use minqing_platform::status::Violation;
use uuid::Uuid;

fn fault() -> Violation {
    Violation::new("page_token", "INVALID_PAGE_TOKEN", "start again without it")
}

/// A place told by an id.
///
/// # Errors
/// It is none.
pub fn page_id(text: &str) -> Result<Uuid, Violation> {
    text.parse().map_err(|_| fault())
}

/// A place told by an instant, in microseconds, and an id.
///
/// # Errors
/// It is none.
pub fn page_instant_id(text: &str) -> Result<(DateTime<Utc>, Uuid), Violation> {
    let read = || {
        let (micros, id) = text.split_once(' ')?;
        Some((DateTime::from_timestamp_micros(micros.parse().ok()?)?, id.parse().ok()?))
    };
    read().ok_or_else(fault)
}
