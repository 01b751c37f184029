//! Households (户) and the rules by which they begin, change and end.

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::error::Refusal;
use serde::{Deserialize, Serialize};

use minqing_platform::code::Code;
use minqing_platform::period::Period;

/// The most residents in force of one household.
pub const RESIDENTS_MAX: i32 = 50;

/// A household.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Household {
    /// Its id: a UUID.
    pub id: String,
    /// The grid it lives in.
    pub grid: Code,
    /// The address.
    pub address: String,
    /// Residents that have not moved out.
    pub resident_count: i32,
    /// The head, where one is recorded.
    pub head: Option<Head>,
    /// The days in force.
    pub effective: Period,
    /// When the record was made.
    pub create_time: DateTime<Utc>,
    /// When the record last changed.
    pub update_time: DateTime<Utc>,
    /// Grows by one with each change.
    pub version: i64,
}

/// The head of a household (户主).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The number of the resident.
    pub number: i32,
    /// What is personal of them, sealed.
    pub sealed: Vec<u8>,
}

/// A household that is to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHousehold {
    /// The grid.
    pub grid: Code,
    /// The address.
    pub address: String,
}

/// A household lives in a grid that is in force on that day; `grid` is the days of the grid, if it exists.
///
/// # Errors
/// The grid is missing or not in force.
pub fn may_live_in(code: &Code, grid: Option<Period>, day: NaiveDate) -> Result<(), Refusal> {
    match grid {
        None => Err(Refusal::rule("GRID_MISSING", format!("grid {code} does not exist"))),
        Some(period) if !period.holds(day) => {
            Err(Refusal::rule("GRID_NOT_IN_FORCE", format!("grid {code} is not in force on {day}")))
        }
        Some(_) => Ok(()),
    }
}

/// A household that ended does not change any more.
///
/// # Errors
/// It ended.
pub fn may_change(household: &Household) -> Result<(), Refusal> {
    match household.effective.to {
        Some(to) => Err(Refusal::rule("ALREADY_ENDED", format!("household {} ended on {to}", household.id))),
        None => Ok(()),
    }
}

/// Something of a household ends after the day on which it begins.
///
/// # Errors
/// It would end before it begins.
pub fn may_end(what: &str, from: NaiveDate, day: NaiveDate) -> Result<(), Refusal> {
    if day > from {
        return Ok(());
    }
    Err(Refusal::rule("ENDS_BEFORE_IT_BEGINS", format!("the {what} begins on {from}")))
}

/// A household has at most one head, and a bounded number of residents. `head` is the number of the present head, 0 for
/// none; `number` that of the resident who is to be recorded; `count` how many there will be.
///
/// # Errors
/// Somebody else is the head, or there are too many.
pub fn may_hold(head: i32, number: i32, becomes_head: bool, count: i32) -> Result<(), Refusal> {
    if becomes_head && head != 0 && head != number {
        return Err(Refusal::rule("HEAD_EXISTS", format!("resident {head} is the head already")));
    }
    if count > RESIDENTS_MAX {
        let text = format!("a household has at most {RESIDENTS_MAX} residents");
        return Err(Refusal::rule("TOO_MANY_RESIDENTS", text));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, number).unwrap()
    }

    #[test]
    fn a_household_needs_a_grid_in_force() {
        let code: Code = "321181100201001".parse().unwrap();
        let ended = Period { from: day(1), to: Some(day(5)) };
        assert!(may_live_in(&code, Some(ended), day(4)).is_ok());
        assert_eq!(may_live_in(&code, Some(ended), day(5)).unwrap_err().reason, "GRID_NOT_IN_FORCE");
        assert_eq!(may_live_in(&code, None, day(5)).unwrap_err().reason, "GRID_MISSING");
    }

    #[test]
    fn there_is_one_head_and_a_bound_on_residents() {
        assert!(may_hold(0, 1, true, 1).is_ok() && may_hold(1, 1, true, 1).is_ok());
        assert_eq!(may_hold(1, 2, true, 2).unwrap_err().reason, "HEAD_EXISTS");
        assert_eq!(may_hold(1, 51, false, 51).unwrap_err().reason, "TOO_MANY_RESIDENTS");
    }
}
