//! When a volunteer has time: by the day of the week, and on single days that differ.

use chrono::{Datelike as _, NaiveDate};
use serde::{Deserialize, Serialize};

/// Minutes of a day by the clock.
pub const DAY_MINUTES: u16 = 24 * 60;

/// A span on a day of every week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Weekly {
    /// 1 for Monday to 7 for Sunday (ISO 8601).
    pub weekday: u8,
    /// From which minute of the day.
    pub from: u16,
    /// Until which minute, not included.
    pub to: u16,
}

/// A span on one day, which stands against the weekly ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Dated {
    /// The day.
    pub date: NaiveDate,
    /// From which minute of the day.
    pub from: u16,
    /// Until which minute, not included.
    pub to: u16,
    /// Whether they have time then, or have none.
    pub available: bool,
}

/// When a volunteer has time. Nothing said is any time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Availability {
    /// Every week; sorted.
    pub weekly: Vec<Weekly>,
    /// On single days; sorted.
    pub dated: Vec<Dated>,
}

impl Availability {
    /// Whether they have time on a day for every minute from one to another, the last not included.
    pub fn covers(&self, day: NaiveDate, from: u16, to: u16) -> bool {
        (from..to).all(|minute| self.holds(day, minute))
    }

    fn holds(&self, day: NaiveDate, minute: u16) -> bool {
        let mut dated =
            self.dated.iter().filter(|span| span.date == day && (span.from..span.to).contains(&minute));
        if dated.clone().any(|span| !span.available) {
            return false;
        }
        if dated.any(|span| span.available) || self.weekly.is_empty() {
            return true;
        }
        let weekday = u8::try_from(day.weekday().number_from_monday()).unwrap_or_default();
        self.weekly.iter().any(|span| span.weekday == weekday && (span.from..span.to).contains(&minute))
    }
}
