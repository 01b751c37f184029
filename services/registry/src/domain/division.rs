//! Divisions (行政区划) and the rules by which they begin, change and end.

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::error::Refusal;
use serde::{Deserialize, Serialize};

use minqing_platform::code::{Code, Level};
use minqing_platform::period::Period;

/// The most characters of a name.
pub const DISPLAY_NAME_MAX: usize = 100;
/// The most divisions that one split gives or one merge takes.
pub const PARTS_MAX: usize = 50;

/// A division.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Division {
    /// The official code; never a grid's.
    pub code: Code,
    /// The official name.
    pub display_name: String,
    /// The days in force.
    pub effective: Period,
    /// The divisions that took its place.
    pub successors: Vec<Code>,
    /// When the record was made.
    pub create_time: DateTime<Utc>,
    /// When the record last changed.
    pub update_time: DateTime<Utc>,
    /// Grows by one with each change.
    pub version: i64,
}

/// A division that is to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDivision {
    /// Its code.
    pub code: Code,
    /// Its name.
    pub display_name: String,
}

/// A division may begin under a parent that is in force on that day; a province has none.
///
/// # Errors
/// The parent is missing or not in force.
pub fn may_begin(new: &NewDivision, parent: Option<&Division>, day: NaiveDate) -> Result<(), Refusal> {
    match (new.code.parent(), parent) {
        (None, _) => Ok(()),
        (Some(code), None) => Err(Refusal::rule(
            "PARENT_MISSING",
            format!("division {code}, above {}, does not exist", new.code),
        )),
        (Some(code), Some(parent)) if !parent.effective.holds(day) => {
            Err(Refusal::rule("PARENT_NOT_IN_FORCE", format!("division {code} is not in force on {day}")))
        }
        (Some(_), Some(_)) => Ok(()),
    }
}

/// What of a division is in force on a day or later: in itself or in anything below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parts {
    /// Divisions below it.
    pub divisions: i64,
    /// Grids in it.
    pub grids: i64,
    /// Organizations that belong to it.
    pub organizations: i64,
    /// Appointments to it.
    pub appointments: i64,
}

impl Parts {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl std::fmt::Display for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { divisions, grids, organizations, appointments } = self;
        write!(f, "divisions: {divisions}, grids: {grids}, ")?;
        write!(f, "organizations: {organizations}, appointments: {appointments}")
    }
}

/// A division may end on a day that is not before it begins, while nothing of it is in force on that day or later. Nothing
/// is ended or carried over with it: which body takes over an organization's work, and who holds which office afterwards,
/// is for people to decide.
///
/// # Errors
/// It ended before, would end before it begins, or has parts in force.
pub fn may_end(division: &Division, day: NaiveDate, in_force: &Parts) -> Result<(), Refusal> {
    let code = &division.code;
    if let Some(to) = division.effective.to {
        return Err(Refusal::rule("ALREADY_ENDED", format!("division {code} ended on {to}")));
    }
    if day <= division.effective.from {
        let from = division.effective.from;
        return Err(Refusal::rule("ENDS_BEFORE_IT_BEGINS", format!("division {code} begins on {from}")));
    }
    if !in_force.is_empty() {
        let text = format!("of division {code} there are still in force on {day}: {in_force}");
        return Err(Refusal::rule("HAS_PARTS_IN_FORCE", text));
    }
    Ok(())
}

/// What takes the place of divisions must be of their level and lie where they lay.
///
/// # Errors
/// Another level, another parent, or a code twice.
pub fn may_succeed(olds: &[Code], news: &[NewDivision]) -> Result<(), Refusal> {
    siblings(olds.iter().chain(news.iter().map(|new| &new.code)))
}

/// Codes must differ and lie directly in one and the same division.
///
/// # Errors
/// Another parent than the first one's, or a code twice.
pub fn siblings<'a>(codes: impl Iterator<Item = &'a Code>) -> Result<(), Refusal> {
    let mut codes: Vec<&Code> = codes.collect();
    let Some(&first) = codes.first() else { return Ok(()) };
    let parent = first.parent();
    if let Some(stray) = codes.iter().find(|code| code.parent() != parent) {
        return Err(Refusal::rule("ANOTHER_PARENT", format!("{stray} does not lie where {first} lies")));
    }
    codes.sort();
    match codes.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Refusal::rule("CODE_TWICE", format!("{} is named twice", pair[0]))),
        None => Ok(()),
    }
}

/// The level of divisions below this one, grids left out.
pub fn level_below(code: &Code) -> Option<Level> {
    code.level().below().filter(|level| *level != Level::Grid)
}
