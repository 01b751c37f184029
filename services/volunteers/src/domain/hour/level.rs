//! Levels by hours (志愿服务星级): a thank-you that grows with the hours, by rules in force on a day.
//!
//! A level is read from somebody's own hours; people are never set against each other by it.

use chrono::NaiveDate;
use serde::Deserialize;

/// The hours that the levels begin with, from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// The first day.
    pub from: NaiveDate,
    /// The hours of each level, the lowest first.
    pub hours: Vec<u32>,
}

/// The scales, each from a day on, the first of them first.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<Scale>")]
pub struct Scales(Vec<Scale>);

/// Where somebody stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// 0 before the first level.
    pub level: u32,
    /// Minutes until the next; none at the last.
    pub minutes_to_next: Option<i64>,
}

impl Default for Scales {
    /// The star levels of the rules for registering volunteers (志愿服务记录办法 and local practice): 100, 300, 600, 1,000 and
    /// 1,500 hours.
    fn default() -> Self {
        let from = NaiveDate::from_ymd_opt(2012, 10, 23).expect("a day of the calendar");
        Self(vec![Scale { from, hours: vec![100, 300, 600, 1_000, 1_500] }])
    }
}

impl TryFrom<Vec<Scale>> for Scales {
    type Error = String;

    fn try_from(scales: Vec<Scale>) -> Result<Self, String> {
        if scales.is_empty() {
            return Err("is empty".to_owned());
        }
        if scales.windows(2).any(|pair| pair[0].from >= pair[1].from) {
            return Err("the scales do not follow each other by day".to_owned());
        }
        let rises = |scale: &Scale| {
            scale.hours.first().is_some_and(|first| *first > 0)
                && scale.hours.windows(2).all(|pair| pair[0] < pair[1])
        };
        match scales.iter().find(|scale| !rises(scale)) {
            Some(scale) => Err(format!("the hours of the scale from {} do not rise", scale.from)),
            None => Ok(Self(scales)),
        }
    }
}

impl Scales {
    /// Where somebody of so many minutes stands on a day. Before the first scale there is no level.
    pub fn standing(&self, minutes: i64, on: NaiveDate) -> Standing {
        let scale = self.0.iter().rev().find(|scale| scale.from <= on);
        let Some(scale) = scale else { return Standing { level: 0, minutes_to_next: None } };
        let needed = |hours: &u32| i64::from(*hours) * 60;
        let level = scale.hours.iter().take_while(|hours| needed(hours) <= minutes).count();
        Standing {
            level: u32::try_from(level).unwrap_or(u32::MAX),
            minutes_to_next: scale.hours.get(level).map(|hours| needed(hours) - minutes),
        }
    }
}
