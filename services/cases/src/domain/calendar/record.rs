//! Calendars as they are kept: a name, whose it is, and rules that change by versions.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::error::Refusal;
use serde::{Deserialize, Serialize};

use super::rules::Exception;
use super::{Hours, Ref, Rules};

/// The most characters of a name.
pub const DISPLAY_NAME_MAX: usize = 100;

/// One version of a calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Which version of which calendar.
    pub reference: Ref,
    /// What can change by a new version.
    pub facts: Facts,
    /// The edition of the national days that it works with; `None` when they do not apply to it.
    pub edition: Option<i64>,
    /// When the calendar's first version was made.
    pub create_time: DateTime<Utc>,
    /// When this version was made.
    pub update_time: DateTime<Utc>,
}

/// What can change of a calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The name, in Chinese.
    pub display_name: String,
    /// The id of the organization whose calendar it is; none for a calendar that everybody may use.
    pub organization: Option<String>,
    /// When it is worked. Whether the national days apply never changes.
    pub rules: Rules,
}

impl Facts {
    /// The calendar that every service has from the start.
    pub fn china() -> Self {
        Self { display_name: "全国工作日历".to_owned(), organization: None, rules: Rules::china() }
    }
}

/// A calendar that is to be made. What is `None` is taken from the newest version of [`super::CHINA`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct New {
    /// The last part of its name.
    pub id: String,
    /// The name.
    pub display_name: String,
    /// Whose it is.
    pub organization: Option<String>,
    /// The periods of each weekday.
    pub weekly: Option<[Hours; 7]>,
    /// The periods of a make-up working day; `Some(None)` for Monday's.
    pub make_up: Option<Option<Hours>>,
    /// Its own days.
    pub exceptions: BTreeMap<NaiveDate, Exception>,
    /// Whether the national days apply.
    pub national: bool,
}

impl New {
    /// The facts of its first version.
    ///
    /// # Errors
    /// See [`may_be`].
    pub fn facts(&self, china: &Rules) -> Result<Facts, Refusal> {
        // Whoever says when they work says also when they make up for a day off: by default as on their Monday.
        let inherited = || if self.weekly.is_some() { None } else { china.make_up.clone() };
        let rules = Rules {
            weekly: self.weekly.clone().unwrap_or_else(|| china.weekly.clone()),
            make_up: self.make_up.clone().unwrap_or_else(inherited),
            exceptions: self.exceptions.clone(),
            national: self.national,
        };
        may_be(&rules)?;
        Ok(Facts { display_name: self.display_name.clone(), organization: self.organization.clone(), rules })
    }
}

/// What an update gives; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The name.
    pub display_name: Option<String>,
    /// Whose it is; `Some(None)` for nobody's in particular.
    pub organization: Option<Option<String>>,
    /// The periods of each weekday.
    pub weekly: Option<[Hours; 7]>,
    /// The periods of a make-up working day; `Some(None)` for Monday's.
    pub make_up: Option<Option<Hours>>,
    /// Its own days, all of them.
    pub exceptions: Option<BTreeMap<NaiveDate, Exception>>,
}

impl Changes {
    /// The facts of the next version; none when nothing would change.
    ///
    /// # Errors
    /// See [`may_be`].
    pub fn applied(self, facts: &Facts) -> Result<Option<Facts>, Refusal> {
        let rules = Rules {
            weekly: self.weekly.unwrap_or_else(|| facts.rules.weekly.clone()),
            make_up: self.make_up.unwrap_or_else(|| facts.rules.make_up.clone()),
            exceptions: self.exceptions.unwrap_or_else(|| facts.rules.exceptions.clone()),
            national: facts.rules.national,
        };
        may_be(&rules)?;
        let changed = Facts {
            display_name: self.display_name.unwrap_or_else(|| facts.display_name.clone()),
            organization: self.organization.unwrap_or_else(|| facts.organization.clone()),
            rules,
        };
        Ok((changed != *facts).then_some(changed))
    }
}

/// Some weekday must be worked: limits by a calendar on which nobody works would never end.
///
/// # Errors
/// `NEVER_OPEN`.
pub fn may_be(rules: &Rules) -> Result<(), Refusal> {
    if rules.is_ever_open() {
        return Ok(());
    }
    Err(Refusal::rule("NEVER_OPEN", "at least one weekday must have working periods"))
}
