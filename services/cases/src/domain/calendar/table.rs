//! Running totals of working days and working time over every known day, so that a look-up is a binary search.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::Unknown;
use super::civil::{self, DAY, MINUTE};
use super::hours::{Hours, Span};

/// Every known day, in runs without a gap.
#[derive(Debug, Clone)]
pub struct Table {
    /// In their order. Years of two runs do not touch.
    runs: Vec<Run>,
    /// The different days there are; a calendar has few.
    shapes: Vec<Hours>,
}

/// Known days, one after the other.
#[derive(Debug, Clone)]
struct Run {
    /// The first year and the last.
    years: (i32, i32),
    /// The first day.
    first: i64,
    /// What each day is like: a place in the table's shapes.
    shape: Vec<u16>,
    /// How many working days lie before each day; the last element is behind all days.
    days_before: Vec<u32>,
    /// How many working minutes lie before each day; the last element is behind all days.
    minutes_before: Vec<u32>,
}

impl Table {
    /// The table of some years, given in their order.
    pub fn new<'a>(years: impl IntoIterator<Item = i32>, hours: impl Fn(NaiveDate) -> &'a Hours) -> Self {
        let mut ranges: Vec<(i32, i32)> = Vec::new();
        for year in years {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == year => *last = year,
                _ => ranges.push((year, year)),
            }
        }
        let mut shapes = Vec::new();
        let mut places = HashMap::new();
        let mut shape_of = |day| {
            let hours = hours(civil::date_of(day));
            *places.entry(hours).or_insert_with(|| {
                shapes.push(hours.clone());
                u16::try_from(shapes.len() - 1).expect("a calendar has at most 1,000 exceptions")
            })
        };
        let runs = ranges.into_iter().filter_map(|years| Run::days(years, &mut shape_of)).collect();
        let mut table = Self { runs, shapes };
        for run in &mut table.runs {
            run.count(&table.shapes);
        }
        table
    }

    /// The known years, in their order.
    pub fn years(&self) -> impl Iterator<Item = i32> {
        self.runs.iter().flat_map(|run| run.years.0..=run.years.1)
    }

    /// Whether a date is known.
    pub fn knows(&self, date: NaiveDate) -> Result<(), Unknown> {
        self.run_of(civil::day_of(date)).map(drop)
    }

    /// The end of the work of the `days`th working day from the day `first` on; `days` is at least 1.
    pub fn end_of_working_day(&self, first: i64, days: u32) -> Result<i64, Unknown> {
        let run = self.run_of(first)?;
        let wanted = u64::from(run.days_before[run.place(first)]) + u64::from(days);
        let behind = run.days_before.partition_point(|before| u64::from(*before) < wanted);
        if behind == run.days_before.len() {
            return Err(run.ends());
        }
        let place = behind - 1;
        let end = self.shape(run, place).last().map_or(0, |span| i64::from(span.end_min));
        Ok(civil::start_of(run.day(place)) + end * MINUTE)
    }

    /// The working time between two instants, the first before the second.
    pub fn working_micros(&self, from: i64, to: i64) -> Result<i64, Unknown> {
        let run = self.run_of(civil::day(from))?;
        if to > run.end() {
            return Err(run.ends());
        }
        Ok(self.worked(run, to) - self.worked(run, from))
    }

    /// The first instant at which so much working time, more than none, has passed.
    pub fn advance(&self, from: i64, working: i64) -> Result<i64, Unknown> {
        let run = self.run_of(civil::day(from))?;
        let wanted = self.worked(run, from).saturating_add(working);
        let behind = run.minutes_before.partition_point(|before| i64::from(*before) * MINUTE < wanted);
        if behind == run.minutes_before.len() {
            return Err(run.ends());
        }
        let place = behind - 1;
        let mut rest = wanted - i64::from(run.minutes_before[place]) * MINUTE;
        let midnight = civil::start_of(run.day(place));
        for span in self.shape(run, place) {
            let length = i64::from(span.end_min - span.start_min) * MINUTE;
            if rest <= length {
                return Ok(midnight + i64::from(span.start_min) * MINUTE + rest);
            }
            rest -= length;
        }
        // The totals say that the day has as much; they are made of these same periods.
        Ok(midnight + DAY)
    }

    /// The first working instant at or after an instant.
    pub fn next_opening(&self, from: i64) -> Result<i64, Unknown> {
        let day = civil::day(from);
        let run = self.run_of(day)?;
        let place = run.place(day);
        let now = from - civil::start_of(day);
        if let Some(span) = self.shape(run, place).iter().find(|span| now < i64::from(span.end_min) * MINUTE)
        {
            return Ok(from.max(civil::start_of(day) + i64::from(span.start_min) * MINUTE));
        }
        let worked = run.days_before[place + 1];
        let behind = run.days_before.partition_point(|before| *before <= worked);
        if behind == run.days_before.len() {
            return Err(run.ends());
        }
        let start = self.shape(run, behind - 1).first().map_or(0, |span| i64::from(span.start_min));
        Ok(civil::start_of(run.day(behind - 1)) + start * MINUTE)
    }

    /// The run of a day.
    fn run_of(&self, day: i64) -> Result<&Run, Unknown> {
        let run = self.runs.iter().find(|run| (run.first..run.first + run.length()).contains(&day));
        run.ok_or_else(|| Unknown { year: civil::year_of(day) })
    }

    /// The working time from the beginning of a run until an instant in it. The midnight at its end is one: nothing of
    /// the next day is needed to say what was worked until then.
    fn worked(&self, run: &Run, instant: i64) -> i64 {
        let day = civil::day(instant);
        let place = run.place(day);
        let before = i64::from(run.minutes_before[place]) * MINUTE;
        if place == run.shape.len() {
            return before;
        }
        let now = instant - civil::start_of(day);
        let worked = |span: &Span| {
            let (start, end) = (i64::from(span.start_min) * MINUTE, i64::from(span.end_min) * MINUTE);
            now.clamp(start, end) - start
        };
        before + self.shape(run, place).iter().map(worked).sum::<i64>()
    }

    fn shape(&self, run: &Run, place: usize) -> &[Span] {
        self.shapes[usize::from(run.shape[place])].spans()
    }
}

impl Run {
    /// The days of some years, without their totals. None for years that no date has.
    fn days(years: (i32, i32), shape_of: impl FnMut(i64) -> u16) -> Option<Self> {
        let first = civil::day_of(NaiveDate::from_ymd_opt(years.0, 1, 1)?);
        let end = civil::day_of(NaiveDate::from_ymd_opt(years.1, 12, 31)?) + 1;
        let shape = (first..end).map(shape_of).collect();
        Some(Self { years, first, shape, days_before: Vec::new(), minutes_before: Vec::new() })
    }

    /// Adds up the totals.
    fn count(&mut self, shapes: &[Hours]) {
        let (mut days, mut minutes) = (0, 0);
        self.days_before.push(days);
        self.minutes_before.push(minutes);
        for shape in &self.shape {
            let hours = &shapes[usize::from(*shape)];
            days += u32::from(!hours.is_closed());
            minutes += u32::from(hours.minutes());
            self.days_before.push(days);
            self.minutes_before.push(minutes);
        }
    }

    fn length(&self) -> i64 {
        i64::try_from(self.shape.len()).expect("fewer days than i64 counts")
    }

    /// The midnight that ends it.
    fn end(&self) -> i64 {
        civil::start_of(self.first + self.length())
    }

    /// Where a day of the run, or the one behind it, stands in the totals.
    fn place(&self, day: i64) -> usize {
        usize::try_from(day - self.first).expect("the day lies in the run")
    }

    fn day(&self, place: usize) -> i64 {
        self.first + i64::try_from(place).expect("fewer days than i64 counts")
    }

    /// What comes after it is not known.
    const fn ends(&self) -> Unknown {
        Unknown { year: self.years.1 + 1 }
    }
}
