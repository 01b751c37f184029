//! The days on which a record is in force.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// From a day, to a day that is no longer part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The first day.
    pub from: NaiveDate,
    /// The first day after; `None` while no end is set.
    pub to: Option<NaiveDate>,
}

impl Period {
    /// From a day on.
    pub const fn since(from: NaiveDate) -> Self {
        Self { from, to: None }
    }

    /// Whether a day is part of it.
    pub fn holds(&self, day: NaiveDate) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }

    /// Whether it holds any day at all.
    pub fn is_empty(&self) -> bool {
        self.to.is_some_and(|to| to <= self.from)
    }

    /// Whether two periods share a day.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.to.is_none_or(|to| other.from < to) && other.to.is_none_or(|to| self.from < to)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(number: i32) -> NaiveDate {
        NaiveDate::from_num_days_from_ce_opt(730_000 + number).unwrap()
    }

    fn periods() -> impl Strategy<Value = Period> {
        (0..20, prop::option::of(1..20))
            .prop_map(|(from, days)| Period { from: day(from), to: days.map(|days| day(from + days)) })
    }

    proptest! {
        #[test]
        fn two_periods_overlap_when_some_day_is_in_both(a in periods(), b in periods()) {
            let shared = (0..60).map(day).any(|day| a.holds(day) && b.holds(day));
            prop_assert_eq!(a.overlaps(&b), shared);
        }
    }
}
