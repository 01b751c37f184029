//! The national days off (放假) and make-up working days (调休), year by year, as the State Council publishes them.

mod file;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use chrono::{Datelike as _, NaiveDate};
use minqing_platform::status::Violation;
use serde::{Deserialize, Serialize};

pub use file::{Fault, read};

/// The most days of one year's notice; there have been at most 41.
pub const DAYS_MAX: usize = 200;
/// The most characters of a holiday's name.
pub const NAME_MAX: usize = 50;
/// The years that may be published: those of the calendar in use, and few enough to be held in memory.
pub const YEARS: std::ops::RangeInclusive<i32> = 1950..=2200;

/// The days that the program carries.
const CARRIED: &str = include_str!("../../../data/holidays.csv");

/// What a notice says of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Nobody works.
    Off,
    /// It is worked in exchange for another day.
    MakeUp,
}

/// A day that a notice names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// The day.
    pub date: NaiveDate,
    /// The holiday it belongs to.
    pub name: String,
    /// What it is.
    pub kind: Kind,
}

/// The notice for a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The year.
    pub year: i32,
    /// Where it was published; may be empty.
    pub source: String,
    /// Its days, in their order.
    pub days: Vec<Named>,
}

/// What is wrong with one day of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// A day that the notice for the year cannot name.
    #[error("a notice names days of its year and of December of the year before")]
    OutsideYear,
    /// A day that is named twice.
    #[error("stands twice")]
    Twice,
}

impl Wrong {
    /// The stable reason.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::OutsideYear => "DATE_OUTSIDE_YEAR",
            Self::Twice => "DUPLICATE_ROW",
        }
    }
}

/// Whether the notice for a year may name a day: New Year's day off is now and then joined to days before it.
pub fn belongs(year: i32, date: NaiveDate) -> bool {
    date.year() == year || (date.year() == year - 1 && date.month() == 12)
}

/// Reads the number of a year whose notice is published.
///
/// # Errors
/// It is not in [`YEARS`].
pub fn year(field: &str, year: i32) -> Result<i32, Violation> {
    if YEARS.contains(&year) {
        return Ok(year);
    }
    let text = format!("must be a year from {} to {}", YEARS.start(), YEARS.end());
    Err(Violation::new(field, "INVALID_YEAR", text))
}

/// What was published, over all years.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct National {
    years: Vec<i32>,
    days: BTreeMap<NaiveDate, (Kind, String)>,
}

impl National {
    /// The days of some notices. Where two name a day, the later year's counts: it was published later.
    pub fn new(mut notices: Vec<Notice>) -> Self {
        notices.sort_by_key(|notice| notice.year);
        let mut years: Vec<i32> = notices.iter().map(|notice| notice.year).collect();
        years.dedup();
        let days = notices.into_iter().flat_map(|notice| notice.days);
        Self { years, days: days.map(|day| (day.date, (day.kind, day.name))).collect() }
    }

    /// The years published, in their order.
    pub fn years(&self) -> impl Iterator<Item = i32> {
        self.years.iter().copied()
    }

    /// What was said of a day.
    pub fn on(&self, date: NaiveDate) -> Option<(Kind, &str)> {
        self.days.get(&date).map(|(kind, name)| (*kind, name.as_str()))
    }
}

/// The notices that the program carries: 2007 to 2026. See `data/SOURCE.md`.
pub fn carried() -> &'static [Notice] {
    static CARRIED_NOTICES: OnceLock<Vec<Notice>> = OnceLock::new();
    CARRIED_NOTICES.get_or_init(|| file::notices(CARRIED).expect("the file was tested before it was carried"))
}
