//! Why a limit ends when it does: the days it passes over, one by one.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{Calendar, Limit, Reason, Unknown, civil};

/// A day that a limit passes over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The date.
    pub date: NaiveDate,
    /// By what it is worked, or not; `None` for the day of the start, which a limit in days does not look at.
    pub reason: Option<Reason>,
    /// Whether anybody works on it.
    pub open: bool,
    /// The holiday's name, or the exception's note.
    pub name: String,
    /// Whether it counts: as one of the working days, or by some of its working time.
    pub counts: bool,
    /// The working time of the day that lies within the limit.
    pub working: TimeDelta,
}

/// When a limit ends, and why then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// When it ends.
    pub deadline: DateTime<Utc>,
    /// How many of its days count.
    pub counted: u32,
    /// How many do not, the day of the start among them.
    pub skipped: u32,
    /// Its days, the first ones where there are too many. None for a limit round the clock.
    pub days: Vec<Counted>,
}

impl Calendar {
    /// [`Calendar::deadline`], with at most `days_max` of the days it passes over.
    ///
    /// # Errors
    /// A day is needed whose year is not known.
    pub fn explain(
        &self,
        start: DateTime<Utc>,
        limit: Limit,
        days_max: usize,
    ) -> Result<Explanation, Unknown> {
        let deadline = self.deadline(start, limit)?;
        let mut explanation = Explanation { deadline, counted: 0, skipped: 0, days: Vec::new() };
        if matches!(limit, Limit::Minutes(_)) || deadline <= start {
            return Ok(explanation);
        }
        let first = civil::day(civil::micros(start));
        // The midnight at which work may end belongs to the day before it.
        let last = civil::day(civil::micros(deadline) - 1);
        for day in first..=last {
            let counted = self.counted(day, start, deadline, limit)?;
            if counted.counts {
                explanation.counted += 1;
            } else {
                explanation.skipped += 1;
            }
            if explanation.days.len() < days_max {
                explanation.days.push(counted);
            }
        }
        Ok(explanation)
    }

    /// One day of a limit.
    fn counted(
        &self,
        day: i64,
        start: DateTime<Utc>,
        deadline: DateTime<Utc>,
        limit: Limit,
    ) -> Result<Counted, Unknown> {
        let date = civil::date_of(day);
        let in_days = matches!(limit, Limit::WorkingDays(_));
        if in_days && day == civil::day(civil::micros(start)) {
            let (name, working) = (String::new(), TimeDelta::zero());
            return Ok(Counted { date, reason: None, open: false, name, counts: false, working });
        }
        let midnight = civil::instant(civil::start_of(day));
        let next = midnight + TimeDelta::days(1);
        let working = self.working_time(start.max(midnight), deadline.min(next))?;
        let found = self.day(date)?;
        let open = !found.hours.is_closed();
        let counts = if in_days { open } else { working > TimeDelta::zero() };
        Ok(Counted { date, reason: Some(found.reason), open, name: found.name.to_owned(), counts, working })
    }
}
