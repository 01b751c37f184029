//! What is known of needs and teams when they are matched. It is kept with a matching, so that its reasons can be told as
//! they were, whatever has happened since.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use minqing_platform::code::Code;
use serde::{Deserialize, Serialize};

use crate::domain::need::{Risk, Window};

/// The most windows of a need, and spans of a hand, that are looked at; those after them are as if not said.
const SPANS_MAX: usize = 64;
/// The most days of one window that are looked at.
const WINDOW_DAYS_MAX: i64 = 31;
/// How long somebody has to be free within a window, unless the window is shorter.
const VISIT_MIN: TimeDelta = TimeDelta::hours(1);
/// China's civil time is that much ahead of UTC, all year.
const CIVIL_OFFSET: TimeDelta = TimeDelta::hours(8);

/// An open need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Need {
    /// Its name.
    pub name: String,
    /// The version that was read.
    pub version: i64,
    /// The post that serves it.
    pub post: String,
    /// Skills that it takes.
    pub skills: Vec<String>,
    /// How many people it takes.
    pub headcount: u32,
    /// How risky it is.
    pub risk: Risk,
    /// Where.
    pub place: Code,
    /// Degrees north and east, where a point is known.
    pub position: Option<(f64, f64)>,
    /// When it can be served; none is any time.
    pub windows: Vec<Window>,
    /// When it was raised.
    pub raised: DateTime<Utc>,
    /// Teams that declined it, or did not answer.
    pub declined: Vec<String>,
    /// Teams that served whoever raised it before.
    pub served_raiser: Vec<String>,
    /// Teams that served the same grid or village before.
    pub served_place: Vec<String>,
}

/// A team that takes needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Team {
    /// Its name.
    pub name: String,
    /// The post it serves.
    pub post: String,
    /// The division it is at home in.
    pub home: Code,
    /// Where else it goes.
    pub reach: Vec<Code>,
    /// Degrees north and east of where it sets out from, where that is known.
    pub position: Option<(f64, f64)>,
    /// How many needs it can have at a time.
    pub capacity: u32,
    /// How many it has, proposed or accepted.
    pub taken: u32,
    /// What its post and its members can do.
    pub skills: Vec<String>,
    /// Whether nobody serves in its post without insurance.
    pub insured_only: bool,
    /// Its active members who may serve in its post.
    pub hands: Vec<Hand>,
}

/// A member, without a name: only when they can come, and for how long they are insured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hand {
    /// When they can come in a week; none is any time.
    pub weekly: Vec<Weekly>,
    /// Days on which it is otherwise.
    pub dated: Vec<Dated>,
    /// The first day on which they are no longer insured.
    pub insured_until: Option<NaiveDate>,
}

/// A span of a day in every week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weekly {
    /// The day: 1 is Monday, 7 is Sunday.
    pub weekday: u8,
    /// From which minute of the day on, in China's civil time.
    pub from_minute: u16,
    /// Until which minute, which is not part of it.
    pub to_minute: u16,
}

/// A day on which it is otherwise than in every week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dated {
    /// The day.
    pub date: NaiveDate,
    /// From and until which minutes they can come; none is not at all.
    pub minutes: Vec<(u16, u16)>,
}

impl Team {
    /// Whether it goes to a place.
    pub fn reaches(&self, place: &Code) -> bool {
        self.areas().any(|area| area.contains(place))
    }

    /// The divisions it goes to.
    pub fn areas(&self) -> impl Iterator<Item = &Code> {
        std::iter::once(&self.home).chain(&self.reach)
    }

    /// How many needs more it can have.
    pub fn free(&self) -> u32 {
        self.capacity.saturating_sub(self.taken)
    }
}

impl Hand {
    /// Whether they can come within a window from `now` on: for an hour, or for all of a shorter window.
    pub fn can_come(&self, window: &Window, now: DateTime<Utc>) -> bool {
        let (from, to) = (window.from.max(now), window.to);
        let enough = (to - from).min(VISIT_MIN);
        if from >= to {
            return false;
        }
        if self.weekly.is_empty() && self.dated.is_empty() {
            return true;
        }
        let first = (from + CIVIL_OFFSET).date_naive();
        let days = first.iter_days().take(usize::try_from(WINDOW_DAYS_MAX).unwrap_or_default());
        let last = (to + CIVIL_OFFSET).date_naive();
        days.take_while(|day| *day <= last)
            .any(|day| self.spans(day).any(|(begin, end)| end.min(to) - begin.max(from) >= enough))
    }

    /// Whether they are insured on the day on which a window ends; without one on the day of `now`.
    pub fn is_insured(&self, window: Option<&Window>, now: DateTime<Utc>) -> bool {
        let instant = window.map_or(now, |window| window.to);
        self.insured_until.is_some_and(|until| until > (instant + CIVIL_OFFSET).date_naive())
    }

    fn spans(&self, day: NaiveDate) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
        use chrono::Datelike as _;
        let weekday = u8::try_from(day.weekday().number_from_monday()).unwrap_or_default();
        let is_dated = self.dated.iter().take(SPANS_MAX).any(|dated| dated.date == day);
        let dated = self.dated.iter().take(SPANS_MAX).filter(move |dated| dated.date == day);
        let dated = dated.flat_map(|dated| dated.minutes.iter().copied());
        let weekly =
            self.weekly.iter().take(SPANS_MAX).filter(move |span| !is_dated && span.weekday == weekday);
        let weekly = weekly.map(|span| (span.from_minute, span.to_minute));
        let any_time = (!is_dated && self.weekly.is_empty()).then_some((0, 24 * 60));
        let midnight = day.and_time(chrono::NaiveTime::MIN).and_utc() - CIVIL_OFFSET;
        let minutes = move |count: u16| midnight + TimeDelta::minutes(i64::from(count));
        dated.chain(weekly).chain(any_time).map(move |(from, to)| (minutes(from), minutes(to)))
    }
}
