//! Counts wrong secrets, so that nobody tries them one after the other.
//!
//! Each process counts for itself: with several replicas a number has as many tries in each. A secret has 80 bits, so
//! this keeps the log quiet rather than the secret safe; a code of 50 bits is safe by it, as ten tries in a quarter of an
//! hour come to nothing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::error::{Kind, Refusal};
use chrono::{DateTime, TimeDelta, Utc};

/// Wrong secrets of one number within the window.
const ATTEMPTS_MAX: u32 = 10;
const WINDOW: TimeDelta = TimeDelta::minutes(15);
/// Numbers that are remembered; the oldest windows go first.
const NUMBERS_MAX: usize = 10_000;

/// See the module.
#[derive(Debug)]
pub struct Attempts {
    what: &'static str,
    counts: Mutex<HashMap<String, (u32, DateTime<Utc>)>>,
}

impl Attempts {
    /// Nothing was tried yet. `what` is tried, as the refusal calls it: `secrets`, `codes`.
    pub fn of(what: &'static str) -> Self {
        Self { what, counts: Mutex::default() }
    }

    /// Whether another try is allowed.
    ///
    /// # Errors
    /// Too many were wrong within a quarter of an hour.
    pub fn check(&self, number: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        match counts.get(number) {
            Some((count, since)) if *count >= ATTEMPTS_MAX && now - *since < WINDOW => Err(Refusal {
                kind: Kind::Limit,
                reason: "TOO_MANY_ATTEMPTS",
                message: format!(
                    "too many wrong {} for this number; try again in a quarter of an hour",
                    self.what
                )
                .into(),
            }),
            _ => Ok(()),
        }
    }

    /// A secret was wrong.
    pub fn wrong(&self, number: &str, now: DateTime<Utc>) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= NUMBERS_MAX {
            counts.retain(|_, (_, since)| now - *since < WINDOW);
            if counts.len() >= NUMBERS_MAX {
                counts.clear();
            }
        }
        let entry = counts.entry(number.to_owned()).or_insert((0, now));
        if now - entry.1 >= WINDOW {
            *entry = (0, now);
        }
        entry.0 += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_wrong_secrets_close_a_number_for_a_quarter_of_an_hour() {
        let attempts = Attempts::of("secrets");
        let start: DateTime<Utc> = "2026-03-02T02:00:00Z".parse().unwrap();
        for _ in 0..ATTEMPTS_MAX {
            attempts.check("1", start).unwrap();
            attempts.wrong("1", start);
        }
        assert_eq!(attempts.check("1", start).unwrap_err().reason, "TOO_MANY_ATTEMPTS");
        attempts.check("2", start).unwrap();
        attempts.check("1", start + WINDOW).unwrap();
        attempts.wrong("1", start + WINDOW);
        attempts.check("1", start + WINDOW).unwrap();
    }
}
