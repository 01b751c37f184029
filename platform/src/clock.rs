//! Time as an argument: whoever needs the present instant is handed a clock.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Duration, DurationRound, NaiveDate, Utc};

/// The hours by which China Standard Time (UTC+8, no daylight saving) leads UTC; a civil day begins by it.
const CHINA_OFFSET_HOURS: i64 = 8;

/// Gives the present instant, cut to microseconds: the finest that both databases keep.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The present instant.
    fn now(&self) -> DateTime<Utc>;

    /// The present civil day in China.
    fn today(&self) -> NaiveDate {
        civil_day(self.now())
    }
}

/// A clock that is shared.
pub type Shared = Arc<dyn Clock>;

/// The civil day in China at an instant.
pub fn civil_day(instant: DateTime<Utc>) -> NaiveDate {
    (instant + Duration::hours(CHINA_OFFSET_HOURS)).date_naive()
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Clock for System {
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock is read")]
    fn now(&self) -> DateTime<Utc> {
        cut(Utc::now())
    }
}

/// A clock that stands until it is set or moved: for tests and for simulated time.
#[derive(Debug)]
pub struct Manual(Mutex<DateTime<Utc>>);

impl Manual {
    /// A clock that stands at an instant.
    pub fn at(instant: DateTime<Utc>) -> Self {
        Self(Mutex::new(cut(instant)))
    }

    /// Moves the clock forward, or back with a negative duration.
    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = cut(*now + by);
    }

    /// Sets the clock.
    pub fn set(&self, instant: DateTime<Utc>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = cut(instant);
    }
}

impl Clock for Manual {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Cuts an instant to microseconds; an instant beyond chrono's range stays as it is.
fn cut(instant: DateTime<Utc>) -> DateTime<Utc> {
    instant.duration_trunc(Duration::microseconds(1)).unwrap_or(instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_civil_day_begins_at_sixteen_hours_utc() {
        let before =
            DateTime::from_timestamp(1_700_000_000, 0).unwrap().date_naive().and_hms_opt(15, 59, 59).unwrap();
        let day = civil_day(before.and_utc());
        assert_eq!(civil_day(before.and_utc() + Duration::seconds(1)), day.succ_opt().unwrap());
    }

    #[test]
    fn instants_are_cut_to_microseconds() {
        let fine = DateTime::from_timestamp(1_700_000_000, 123_456_789).unwrap();
        assert_eq!(Manual::at(fine).now().timestamp_subsec_nanos(), 123_456_000);
    }
}
