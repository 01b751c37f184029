//! The same questions answered the naive way, minute by minute and day by day, straight from rules and notices.

use chrono::{DateTime, Datelike as _, Days, FixedOffset, NaiveDate, TimeDelta, Timelike as _, Utc};

use crate::domain::calendar::hours::Span;
use crate::domain::calendar::national::{Kind, Notice};
use crate::domain::calendar::{Limit, Rules, Unknown};

/// Rules, and what was published.
#[derive(Debug, Clone)]
pub struct Oracle {
    pub rules: Rules,
    pub notices: Vec<Notice>,
}

fn civil(instant: DateTime<Utc>) -> DateTime<FixedOffset> {
    instant.with_timezone(&FixedOffset::east_opt(8 * 3_600).unwrap())
}

impl Oracle {
    fn spans(&self, date: NaiveDate) -> Result<Vec<Span>, Unknown> {
        if !self.notices.iter().any(|notice| notice.year == date.year()) {
            return Err(Unknown { year: date.year() });
        }
        if let Some(exception) = self.rules.exceptions.get(&date) {
            return Ok(exception.hours.spans().to_vec());
        }
        let mut named = None;
        for notice in &self.notices {
            for day in notice.days.iter().filter(|day| day.date == date) {
                named = Some(day.kind);
            }
        }
        Ok(match named {
            Some(Kind::Off) => Vec::new(),
            Some(Kind::MakeUp) => match &self.rules.make_up {
                Some(hours) => hours.spans().to_vec(),
                None => self.rules.weekly[0].spans().to_vec(),
            },
            None => self.rules.weekly[date.weekday() as usize].spans().to_vec(),
        })
    }

    /// Whether the minute that begins at an instant is worked.
    fn works(&self, instant: DateTime<Utc>) -> Result<bool, Unknown> {
        let civil = civil(instant);
        let minute = u16::try_from(civil.hour() * 60 + civil.minute()).unwrap();
        let spans = self.spans(civil.date_naive())?;
        Ok(spans.iter().any(|span| span.start_min <= minute && minute < span.end_min))
    }

    pub fn working_minutes(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<i64, Unknown> {
        let (mut minutes, mut now) = (0, from);
        while now < to {
            minutes += i64::from(self.works(now)?);
            now += TimeDelta::minutes(1);
        }
        Ok(minutes)
    }

    pub fn advance(&self, from: DateTime<Utc>, minutes: u32) -> Result<DateTime<Utc>, Unknown> {
        let (mut left, mut now) = (minutes, from);
        while left > 0 {
            left -= u32::from(self.works(now)?);
            now += TimeDelta::minutes(1);
        }
        Ok(now)
    }

    pub fn next_opening(&self, from: DateTime<Utc>) -> Result<DateTime<Utc>, Unknown> {
        let mut now = from;
        while !self.works(now)? {
            now += TimeDelta::minutes(1);
        }
        Ok(now)
    }

    pub fn deadline(&self, start: DateTime<Utc>, limit: Limit) -> Result<DateTime<Utc>, Unknown> {
        match limit {
            Limit::WorkingMinutes(minutes) => self.advance(start, minutes),
            Limit::Minutes(minutes) => Ok(start + TimeDelta::minutes(minutes.into())),
            Limit::WorkingDays(0) => Ok(start),
            Limit::WorkingDays(days) => {
                let mut date = civil(start).date_naive();
                let (mut left, mut end) = (days, 0);
                while left > 0 {
                    date = date + Days::new(1);
                    if let Some(last) = self.spans(date)?.last() {
                        left -= 1;
                        end = last.end_min;
                    }
                }
                let midnight = date.and_hms_opt(0, 0, 0).unwrap().and_utc() - TimeDelta::hours(8);
                Ok(midnight + TimeDelta::minutes(end.into()))
            }
        }
    }
}
