//! Grids (网格) and the rules by which they begin, change and end.

mod kept;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::error::Refusal;
use serde::{Deserialize, Serialize};

use super::division;
use super::geo::{Area, Boundary, Conflict, Index, LatLng};
use minqing_platform::code::Code;
use minqing_platform::period::Period;

/// The most characters of a name.
pub const DISPLAY_NAME_MAX: usize = division::DISPLAY_NAME_MAX;
/// The most grids that one split gives or one merge takes.
pub const PARTS_MAX: usize = division::PARTS_MAX;

/// A grid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "kept::Kept", try_from = "kept::Kept")]
pub struct Grid {
    /// Its code, of 15 digits.
    pub code: Code,
    /// What people call it.
    pub display_name: String,
    /// The days in force.
    pub effective: Period,
    /// The grids that took its place.
    pub successors: Vec<Code>,
    /// Its area; absent when none was drawn, or when it was not asked for.
    pub boundary: Option<Arc<Boundary>>,
    /// The size of its area in square metres; 0 without one.
    pub area_m2: f64,
    /// A place that stands for its area; absent without one.
    pub centroid: Option<LatLng>,
    /// When the record was made.
    pub create_time: DateTime<Utc>,
    /// When the record last changed.
    pub update_time: DateTime<Utc>,
    /// Grows by one with each change.
    pub version: i64,
}

impl Grid {
    /// The grid as an area that can be found; none without a boundary.
    pub fn area(&self) -> Option<Area> {
        let boundary = self.boundary.clone()?;
        Some(Area { code: self.code.clone(), effective: self.effective, boundary })
    }
}

/// A grid that is to begin.
#[derive(Debug, Clone, PartialEq)]
pub struct NewGrid {
    /// Its code, of 15 digits.
    pub code: Code,
    /// Its name.
    pub display_name: String,
    /// Its area, if one was drawn.
    pub boundary: Option<Arc<Boundary>>,
}

impl NewGrid {
    /// The grid as it is when it begins.
    pub fn begun(&self, from: NaiveDate, now: DateTime<Utc>) -> Grid {
        let boundary = self.boundary.as_deref();
        Grid {
            code: self.code.clone(),
            display_name: self.display_name.clone(),
            effective: Period::since(from),
            successors: Vec::new(),
            area_m2: kept::area(boundary.map_or(0.0, Boundary::area_m2)),
            centroid: boundary.map(|boundary| kept::place(boundary.centroid())),
            boundary: self.boundary.clone(),
            create_time: now,
            update_time: now,
            version: 1,
        }
    }
}

/// What a change of a grid leaves of it and what it sets.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Update {
    /// The new name.
    pub display_name: Option<String>,
    /// The new boundary; `Some(None)` takes it away.
    pub boundary: Option<Option<Arc<Boundary>>>,
}

impl Update {
    /// What really differs from a grid.
    pub fn against(self, grid: &Grid) -> Self {
        Self {
            display_name: self.display_name.filter(|name| *name != grid.display_name),
            boundary: self.boundary.filter(|boundary| *boundary != grid.boundary),
        }
    }

    /// Whether nothing is set.
    pub const fn is_empty(&self) -> bool {
        self.display_name.is_none() && self.boundary.is_none()
    }

    /// The grid with what is set.
    pub fn of(&self, grid: &Grid, now: DateTime<Utc>) -> Grid {
        let mut changed = Grid { update_time: now, version: grid.version + 1, ..grid.clone() };
        if let Some(name) = &self.display_name {
            changed.display_name.clone_from(name);
        }
        if let Some(boundary) = &self.boundary {
            let drawn = boundary.as_deref();
            changed.area_m2 = kept::area(drawn.map_or(0.0, Boundary::area_m2));
            changed.centroid = drawn.map(|boundary| kept::place(boundary.centroid()));
            changed.boundary.clone_from(boundary);
        }
        changed
    }
}

/// A grid may begin in a village that is in force on that day and has no end set: a grid that begins has no end yet,
/// and would outlive it.
///
/// # Errors
/// The village is missing or not in force, or its end is set.
pub fn may_begin(code: &Code, village: Option<Period>, day: NaiveDate) -> Result<(), Refusal> {
    let above = code.parent().map(String::from).unwrap_or_default();
    match village {
        None => {
            let text = format!("division {above}, above {code}, does not exist");
            Err(Refusal::rule("PARENT_MISSING", text))
        }
        Some(period) if period.to.is_some() || !period.holds(day) => {
            let end = period.to.map(|day| format!(", and ends on {day}")).unwrap_or_default();
            let text =
                format!("division {above} begins on {}{end}; {code} would begin on {day}", period.from);
            Err(Refusal::rule("PARENT_NOT_IN_FORCE", text))
        }
        Some(_) => Ok(()),
    }
}

/// A grid may end once, on a day after it begins.
///
/// # Errors
/// It ended before, or would end before it begins.
pub fn may_end(grid: &Grid, day: NaiveDate) -> Result<(), Refusal> {
    let code = &grid.code;
    if let Some(to) = grid.effective.to {
        return Err(Refusal::rule("ALREADY_ENDED", format!("grid {code} ended on {to}")));
    }
    if day <= grid.effective.from {
        let from = grid.effective.from;
        return Err(Refusal::rule("ENDS_BEFORE_IT_BEGINS", format!("grid {code} begins on {from}")));
    }
    Ok(())
}

/// A grid may be renamed at any time. Its boundary is not redrawn once it ended: what was recorded in it stays there.
///
/// # Errors
/// The boundary of a grid that ended.
pub fn may_update(grid: &Grid, update: &Update) -> Result<(), Refusal> {
    match (grid.effective.to, &update.boundary) {
        (Some(to), Some(_)) => {
            let text = format!("grid {} ended on {to}; its boundary stays as it was", grid.code);
            Err(Refusal::rule("ALREADY_ENDED", text))
        }
        _ => Ok(()),
    }
}

/// What takes the place of grids must lie in their village.
///
/// # Errors
/// Another village, or a code twice.
pub fn may_succeed(olds: &[Code], news: &[NewGrid]) -> Result<(), Refusal> {
    division::siblings(olds.iter().chain(news.iter().map(|new| &new.code)))
}

/// Two grids that lie over each other on a shared day.
#[derive(Debug, Clone, PartialEq)]
pub struct Overlapping {
    /// The grid that was to be drawn.
    pub code: Code,
    /// The other one, how large the overlap is, and a place in it.
    pub conflict: Conflict,
}

impl From<Overlapping> for Refusal {
    fn from(overlapping: Overlapping) -> Self {
        Self::rule("GRID_OVERLAP", overlapping.to_string())
    }
}

impl std::fmt::Display for Overlapping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Conflict { code: other, overlap } = &self.conflict;
        let (at, size) = (overlap.at, overlap.area_m2);
        write!(f, "grid {} lies over grid {other} by {size:.0} m², ", self.code)?;
        write!(f, "at longitude {:.7}, latitude {:.7}", at.longitude(), at.latitude())
    }
}

/// Finds grids that would lie over each other: those drawn anew against each other and against those that are there.
/// Gives at most `max`, each pair once, in the order of `drawn`. A code among both counts as drawn.
pub fn overlaps(there: impl IntoIterator<Item = Area>, drawn: &[Area], max: usize) -> Vec<Overlapping> {
    let index = Index::build(there.into_iter().chain(drawn.iter().cloned()));
    let mut found: Vec<Overlapping> = Vec::new();
    for area in drawn {
        let itself = std::slice::from_ref(&area.code);
        for conflict in index.overlapping(&area.boundary, area.effective, itself) {
            let known = |pair: &Overlapping| pair.code == conflict.code && pair.conflict.code == area.code;
            if !found.iter().any(known) {
                found.push(Overlapping { code: area.code.clone(), conflict });
            }
        }
        if found.len() >= max {
            found.truncate(max);
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests;
