//! Working calendars (工作日历): when an office works, and so when a time limit ends.
//!
//! A [`Calendar`] is one version of one calendar, compiled into running totals of working days and working minutes for
//! every day of the years it knows. A look-up is two binary searches; nothing steps from day to day. Civil time is
//! China's: UTC+8, without summer time. All is exact to the microsecond, the finest instant that is stored.
//!
//! The State Council publishes each year's days off shortly before it begins. A computation that needs a day of a year
//! not yet published answers [`Unknown`] instead of guessing; one that ends before does not need it.

mod civil;
mod explain;
pub mod hours;
pub mod national;
pub mod record;
pub mod rules;
mod table;

use std::sync::Arc;

use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Utc};
use minqing_platform::error::{Error, Refusal};
use serde::{Deserialize, Serialize};

pub use explain::{Counted, Explanation};
pub use hours::Hours;
pub use national::National;
pub use rules::Rules;

use table::Table;

/// The last part of the name of the calendar that every calendar is drawn from.
pub const CHINA: &str = "china";

/// The years that a calendar knows which works through the national days off: nothing has to be published for it.
const YEARS_WITHOUT_NATIONAL: std::ops::RangeInclusive<i32> = 2000..=2100;

/// Which version of which calendar: what a case freezes when it is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Ref {
    /// The last part of the calendar's name.
    pub id: String,
    /// The version, from 1.
    pub version: i64,
}

/// How much time there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Working days. The day of the start does not count; the limit ends with the last working period of the last day.
    WorkingDays(u32),
    /// Minutes of working time.
    WorkingMinutes(u32),
    /// Minutes round the clock, whatever the calendar says.
    Minutes(u32),
}

/// The year of a day that the computation needs and whose days off are not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("calendar unknown: the days off of {year} are not published")]
pub struct Unknown {
    /// The year.
    pub year: i32,
}

impl From<Unknown> for Refusal {
    fn from(unknown: Unknown) -> Self {
        Self::rule("CALENDAR_UNKNOWN", unknown.to_string())
    }
}

impl From<Unknown> for Error {
    fn from(unknown: Unknown) -> Self {
        Self::Refused(unknown.into())
    }
}

/// Why a day is worked, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The calendar's own exception for the date.
    Exception,
    /// A national day off.
    Holiday,
    /// A national make-up working day (调休).
    MakeUp,
    /// The periods of its weekday.
    Weekday,
}

/// One day as a calendar has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day<'a> {
    /// The date.
    pub date: NaiveDate,
    /// The working periods; none on a day off.
    pub hours: &'a Hours,
    /// By what they apply.
    pub reason: Reason,
    /// The holiday's name, or the exception's note; empty for a day like any other.
    pub name: &'a str,
}

/// One version of one calendar. Immutable.
#[derive(Debug, Clone)]
pub struct Calendar {
    reference: Ref,
    rules: Rules,
    national: Arc<National>,
    table: Table,
}

impl Calendar {
    /// Compiles a version from its rules and the national days as they were published when it was made.
    pub fn new(reference: Ref, rules: Rules, national: Arc<National>) -> Self {
        let table = if rules.national {
            Table::new(national.years(), |date| rules.day(date, &national).hours)
        } else {
            Table::new(YEARS_WITHOUT_NATIONAL, |date| rules.day(date, &national).hours)
        };
        Self { reference, rules, national, table }
    }

    /// Which version of which calendar this is.
    pub const fn reference(&self) -> &Ref {
        &self.reference
    }

    /// The rules it was compiled from.
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The years whose days it knows, in their order.
    pub fn years(&self) -> impl Iterator<Item = i32> {
        self.table.years()
    }

    /// One day.
    ///
    /// # Errors
    /// Its year is not known.
    pub fn day(&self, date: NaiveDate) -> Result<Day<'_>, Unknown> {
        self.table.knows(date)?;
        Ok(self.rules.day(date, &self.national))
    }

    /// The instant at which a limit ends that begins at `start`. A limit of nothing ends where it starts.
    ///
    /// # Errors
    /// A day is needed whose year is not known; never for [`Limit::Minutes`], unless the end lies beyond all dates.
    pub fn deadline(&self, start: DateTime<Utc>, limit: Limit) -> Result<DateTime<Utc>, Unknown> {
        match limit {
            Limit::WorkingDays(0) => Ok(start),
            Limit::WorkingDays(days) => {
                self.table.end_of_working_day(civil::day(civil::micros(start)) + 1, days).map(civil::instant)
            }
            Limit::WorkingMinutes(minutes) => self.advance(start, TimeDelta::minutes(minutes.into())),
            Limit::Minutes(minutes) => start
                .checked_add_signed(TimeDelta::minutes(minutes.into()))
                .ok_or(Unknown { year: NaiveDate::MAX.year() }),
        }
    }

    /// How much working time lies between two instants; none when `to` is not after `from`.
    ///
    /// # Errors
    /// A day is needed whose year is not known.
    pub fn working_time(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<TimeDelta, Unknown> {
        if to <= from {
            return Ok(TimeDelta::zero());
        }
        self.table.working_micros(civil::micros(from), civil::micros(to)).map(TimeDelta::microseconds)
    }

    /// The first instant at which so much working time has passed since `from`: at the end of a morning's work rather
    /// than at the beginning of the afternoon's. `from` itself when `working` is not positive.
    ///
    /// # Errors
    /// A day is needed whose year is not known.
    pub fn advance(&self, from: DateTime<Utc>, working: TimeDelta) -> Result<DateTime<Utc>, Unknown> {
        // More than i64 microseconds is more than any table has: it ends at the first unknown year.
        let working = working.num_microseconds().unwrap_or(i64::MAX);
        if working <= 0 {
            return Ok(from);
        }
        self.table.advance(civil::micros(from), working).map(civil::instant)
    }

    /// The first working instant at or after an instant: when a reminder that falls due then may be sent. Never the
    /// end of a period, after which nobody is there.
    ///
    /// # Errors
    /// A day is needed whose year is not known.
    pub fn next_opening(&self, instant: DateTime<Utc>) -> Result<DateTime<Utc>, Unknown> {
        let micros = civil::micros(instant);
        let opening = self.table.next_opening(micros)?;
        Ok(if opening == micros { instant } else { civil::instant(opening) })
    }
}

#[cfg(test)]
mod tests;
