//! What a calendar is made of, before the national days.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};
use serde::{Deserialize, Serialize};

use super::hours::Span;
use super::national::Kind;
use super::{Day, Hours, National, Reason};

/// The most exceptions of a calendar.
pub const EXCEPTIONS_MAX: usize = 1_000;
/// The most characters of an exception's note.
pub const NOTE_MAX: usize = 100;

/// When an office works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// The periods of each weekday, Monday first.
    pub weekly: [Hours; 7],
    /// The periods of a make-up working day; Monday's when not said.
    pub make_up: Option<Hours>,
    /// The office's own days, which go before everything else.
    pub exceptions: BTreeMap<NaiveDate, Exception>,
    /// Whether the national days off and make-up days apply. They do not to who works round the year.
    pub national: bool,
}

/// What an office does otherwise on one date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// The periods; none when it is closed.
    pub hours: Hours,
    /// Why, as people read it.
    pub note: String,
}

impl Rules {
    /// What an office in China works that says nothing else: 09:00-12:00 and 13:30-17:30, Monday to Friday, with the
    /// national days off and make-up days.
    pub fn china() -> Self {
        let morning = Span { start_min: 9 * 60, end_min: 12 * 60 };
        let afternoon = Span { start_min: 13 * 60 + 30, end_min: 17 * 60 + 30 };
        let open = Hours::new(vec![morning, afternoon]).expect("the afternoon follows the morning");
        let weekly = std::array::from_fn(|weekday| if weekday < 5 { open.clone() } else { Hours::CLOSED });
        Self { weekly, make_up: None, exceptions: BTreeMap::new(), national: true }
    }

    /// Whether any weekday is worked. A calendar on which nobody works has no deadlines.
    pub fn is_ever_open(&self) -> bool {
        self.weekly.iter().any(|hours| !hours.is_closed())
    }

    /// The periods of a make-up working day.
    pub fn make_up_hours(&self) -> &Hours {
        self.make_up.as_ref().unwrap_or(&self.weekly[0])
    }

    /// One day, as if its year were known.
    pub(super) fn day<'a>(&'a self, date: NaiveDate, national: &'a National) -> Day<'a> {
        if let Some(exception) = self.exceptions.get(&date) {
            return Day { date, hours: &exception.hours, reason: Reason::Exception, name: &exception.note };
        }
        match national.on(date).filter(|_| self.national) {
            Some((Kind::Off, name)) => Day { date, hours: &CLOSED, reason: Reason::Holiday, name },
            Some((Kind::MakeUp, name)) => {
                Day { date, hours: self.make_up_hours(), reason: Reason::MakeUp, name }
            }
            None => {
                let hours = &self.weekly[date.weekday().num_days_from_monday() as usize];
                Day { date, hours, reason: Reason::Weekday, name: "" }
            }
        }
    }
}

static CLOSED: Hours = Hours::CLOSED;
