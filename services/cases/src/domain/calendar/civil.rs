//! China's civil time as a count: microseconds and days since 1970-01-01 00:00 in China.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

/// Microseconds of a minute.
pub const MINUTE: i64 = 60_000_000;
/// Microseconds of a day.
pub const DAY: i64 = 24 * 60 * MINUTE;

/// China Standard Time leads UTC by eight hours all the year.
const OFFSET: i64 = 8 * 60 * MINUTE;
/// The number of 1970-01-01 counted from the beginning of the common era.
const EPOCH_FROM_CE: i32 = 719_163;

/// The civil microseconds of an instant.
pub const fn micros(instant: DateTime<Utc>) -> i64 {
    instant.timestamp_micros() + OFFSET
}

/// The instant of civil microseconds that lie in a known year.
pub fn instant(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros - OFFSET).expect("known years are within chrono's")
}

/// The day that civil microseconds lie in.
pub const fn day(micros: i64) -> i64 {
    micros.div_euclid(DAY)
}

/// The first microsecond of a day.
pub const fn start_of(day: i64) -> i64 {
    day * DAY
}

/// A date's day.
pub fn day_of(date: NaiveDate) -> i64 {
    i64::from(date.num_days_from_ce() - EPOCH_FROM_CE)
}

/// A day's date; the last there is for a day beyond.
pub fn date_of(day: i64) -> NaiveDate {
    let from_ce = i32::try_from(day).ok().and_then(|day| day.checked_add(EPOCH_FROM_CE));
    from_ce.and_then(NaiveDate::from_num_days_from_ce_opt).unwrap_or(NaiveDate::MAX)
}

/// The year of a day.
pub fn year_of(day: i64) -> i32 {
    date_of(day).year()
}
