//! The working periods of a day: several, as in 09:00-12:00 and 13:30-17:30.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Minutes of a day.
pub const DAY_MINUTES: u16 = 24 * 60;
/// The most periods of a day.
pub const PERIODS_MAX: usize = 8;

/// One period, from a minute of the day to a later one that is no longer part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// The first minute, counted from midnight.
    pub start_min: u16,
    /// The minute at which it has ended; 1,440 is midnight.
    pub end_min: u16,
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", time(self.start_min), time(self.end_min))
    }
}

/// The working periods of a day: in their order, none within another. None at all on a day off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<Span>", into = "Vec<Span>")]
pub struct Hours(Vec<Span>);

/// What is wrong with the periods of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A period that ends before it begins, is empty, or goes past midnight.
    #[error("must begin before it ends, and end by 24:00; one past midnight is two, on two days")]
    Backward,
    /// Two periods that share a minute.
    #[error("must not overlap another period of the day")]
    Overlap,
    /// Too many.
    #[error("a day has at most {PERIODS_MAX} periods")]
    TooMany,
}

impl Fault {
    /// The stable reason.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Backward => "PERIOD_BACKWARD",
            Self::Overlap => "PERIODS_OVERLAP",
            Self::TooMany => "TOO_MANY_PERIODS",
        }
    }
}

impl Hours {
    /// A day on which nobody works.
    pub const CLOSED: Self = Self(Vec::new());

    /// The working periods of a day, given in any order.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn new(mut spans: Vec<Span>) -> Result<Self, Fault> {
        if spans.len() > PERIODS_MAX {
            return Err(Fault::TooMany);
        }
        if spans.iter().any(|span| span.start_min >= span.end_min || span.end_min > DAY_MINUTES) {
            return Err(Fault::Backward);
        }
        spans.sort_unstable();
        if spans.windows(2).any(|pair| pair[1].start_min < pair[0].end_min) {
            return Err(Fault::Overlap);
        }
        Ok(Self(spans))
    }

    /// The periods, in their order.
    pub fn spans(&self) -> &[Span] {
        &self.0
    }

    /// Whether nobody works.
    pub fn is_closed(&self) -> bool {
        self.0.is_empty()
    }

    /// How many minutes are worked.
    pub fn minutes(&self) -> u16 {
        self.0.iter().map(|span| span.end_min - span.start_min).sum()
    }
}

impl TryFrom<Vec<Span>> for Hours {
    type Error = Fault;

    fn try_from(spans: Vec<Span>) -> Result<Self, Fault> {
        Self::new(spans)
    }
}

impl From<Hours> for Vec<Span> {
    fn from(hours: Hours) -> Self {
        hours.0
    }
}

/// A minute of the day as people write it: `09:00`.
pub fn time(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Reads a minute of the day: two digits, a colon, two digits; from `00:00` to `24:00`.
pub fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hour) || !digits(minute) {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let whole = hour * 60 + minute;
    (minute < 60 && whole <= DAY_MINUTES).then_some(whole)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(start_min: u16, end_min: u16) -> Span {
        Span { start_min, end_min }
    }

    proptest! {
        #[test]
        fn every_minute_is_read_back_as_it_is_written(of_day in 0..=DAY_MINUTES) {
            prop_assert_eq!(minute(&time(of_day)), Some(of_day));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,8}") {
            let read = minute(&text);
            prop_assert!(read.is_none_or(|read| time(read) == text));
        }
    }

    #[test]
    fn times_of_no_day_are_refused() {
        for text in ["", "9:00", "09:60", "24:01", "25:00", "09:0０", "-1:00", "09:00:00", "+9:00"] {
            assert_eq!(minute(text), None, "{text}");
        }
    }

    #[test]
    fn periods_are_put_in_order_and_may_touch_but_not_overlap() {
        let hours = Hours::new(vec![span(810, 1_050), span(540, 720)]).unwrap();
        assert_eq!((hours.spans(), hours.minutes()), (&[span(540, 720), span(810, 1_050)][..], 420));
        assert!(Hours::new(vec![span(0, 720), span(720, 1_440)]).is_ok());
        assert_eq!(Hours::new(vec![span(540, 721), span(720, 800)]), Err(Fault::Overlap));
        assert_eq!(Hours::new(vec![span(540, 540)]), Err(Fault::Backward));
        assert_eq!(Hours::new(vec![span(1_200, 1_441)]), Err(Fault::Backward));
        let many: Vec<Span> = (0..9).map(|number| span(number * 10, number * 10 + 5)).collect();
        assert_eq!(Hours::new(many), Err(Fault::TooMany));
    }

    #[test]
    fn stored_periods_that_overlap_are_not_read() {
        let stored = r#"[{"start_min":540,"end_min":720},{"start_min":600,"end_min":700}]"#;
        assert!(serde_json::from_str::<Hours>(stored).is_err());
    }
}
