//! Calendars against a naive reading of the same rules, and against what users of other systems complain of.

mod carried;
mod explained;
mod oracle;
mod properties;
mod regressions;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::{Calendar, National, Ref, Rules, national};

/// The calendar of China with the days that the program carries.
fn china() -> Calendar {
    calendar(Rules::china())
}

/// Some rules with the days that the program carries.
fn calendar(rules: Rules) -> Calendar {
    let national = National::new(national::carried().to_vec());
    Calendar::new(Ref { id: "test".into(), version: 1 }, rules, Arc::new(national))
}

/// An instant as the clock on a wall in China shows it: `2026-03-02 11:30`.
fn at(text: &str) -> DateTime<Utc> {
    format!("{}:00+08:00", text.replace(' ', "T")).parse().unwrap()
}

/// An instant as the clock on a wall in China shows it.
fn wall(instant: DateTime<Utc>) -> String {
    let china = chrono::FixedOffset::east_opt(8 * 3_600).unwrap();
    instant.with_timezone(&china).format("%Y-%m-%d %H:%M").to_string()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}
