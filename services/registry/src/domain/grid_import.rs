//! What an import of grids changes: files against what is there, decided before anything is written.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::geo::Area;
use super::grid::{self, Grid, NewGrid, Update};
use super::grid_file::{FAULTS_MAX, Fault, File, Row};
use minqing_platform::code::Code;
use minqing_platform::period::Period;

/// What one file does.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Report {
    /// The file.
    pub file_name: String,
    /// How many features it has.
    pub features: usize,
    /// Grids that did not exist.
    pub created: usize,
    /// Grids whose name or boundary changed.
    pub updated: usize,
    /// Grids that were as the file has them.
    pub unchanged: usize,
    /// Grids that ended here, though the file still has them; they are left as they are.
    pub ended: usize,
}

/// What is to be written, and what to tell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// Grids to create, in the order of their codes.
    pub create: BTreeMap<Code, NewGrid>,
    /// Grids to change: as they are, and what becomes different.
    pub update: BTreeMap<Code, (Grid, Update)>,
    /// A report for each file, in the order of the files.
    pub reports: Vec<Report>,
}

impl Plan {
    /// The codes of the grids that change or begin.
    pub fn changed(&self) -> Vec<Code> {
        self.create.keys().chain(self.update.keys()).cloned().collect()
    }

    /// The areas that are drawn anew, as they will be.
    pub fn drawn(&self, from: NaiveDate) -> Vec<Area> {
        let created = self.create.values().filter_map(|new| {
            let boundary = new.boundary.clone()?;
            Some(Area { code: new.code.clone(), effective: Period::since(from), boundary })
        });
        let redrawn = self.update.values().filter_map(|(grid, update)| {
            let boundary = update.boundary.clone()??;
            Some(Area { code: grid.code.clone(), effective: grid.effective, boundary })
        });
        created.chain(redrawn).collect()
    }
}

/// Compares files with what is there: `present` are the grids that the files name, with their boundaries, `villages`
/// the villages around them. Grids that begin do so on `from`.
///
/// # Errors
/// Up to [`FAULTS_MAX`] features that cannot be taken: no village in force around them, or a code that another file
/// has too.
pub fn plan(
    files: &[File],
    mut present: HashMap<Code, Grid>,
    villages: &HashMap<Code, Period>,
    from: NaiveDate,
) -> Result<Plan, Vec<Fault>> {
    let mut plan = Plan::default();
    let mut faults = Vec::new();
    let mut seen: HashMap<&Code, &str> = HashMap::new();
    for file in files {
        let mut report =
            Report { file_name: file.file_name.clone(), features: file.rows.len(), ..Report::default() };
        for row in &file.rows {
            let taken = match seen.insert(&row.grid.code, &file.file_name) {
                Some(other) => {
                    Err(("DUPLICATE_FEATURE", format!("{} is in the file {other} already", row.grid.code)))
                }
                None => take(row, &mut present, villages, from, &mut report, &mut plan),
            };
            if let Err((reason, message)) = taken {
                faults.push(Fault::of_property(&file.file_name, row.number, "code", reason, message));
            }
            if faults.len() == FAULTS_MAX {
                return Err(faults);
            }
        }
        plan.reports.push(report);
    }
    if faults.is_empty() { Ok(plan) } else { Err(faults) }
}

fn take(
    row: &Row,
    present: &mut HashMap<Code, Grid>,
    villages: &HashMap<Code, Period>,
    from: NaiveDate,
    report: &mut Report,
    plan: &mut Plan,
) -> Result<(), (&'static str, String)> {
    let new = &row.grid;
    let Some(there) = present.remove(&new.code) else {
        let village = new.code.parent().and_then(|code| villages.get(&code)).copied();
        grid::may_begin(&new.code, village, from)
            .map_err(|refusal| (refusal.reason, refusal.message.into_owned()))?;
        report.created += 1;
        plan.create.insert(new.code.clone(), new.clone());
        return Ok(());
    };
    if there.effective.to.is_some() {
        report.ended += 1;
        return Ok(());
    }
    // A file without the boundary does not take away one that was drawn here.
    let boundary = new.boundary.clone().map(Some);
    let update = Update { display_name: Some(new.display_name.clone()), boundary }.against(&there);
    if update.is_empty() {
        report.unchanged += 1;
    } else {
        report.updated += 1;
        plan.update.insert(new.code.clone(), (there, update));
    }
    Ok(())
}

/// Refuses files whose grids would lie over each other or over grids that are there.
///
/// # Errors
/// Up to [`FAULTS_MAX`] of them, each with its feature.
pub fn check_overlaps(
    files: &[File],
    there: impl IntoIterator<Item = Area>,
    drawn: &[Area],
) -> Result<(), Vec<Fault>> {
    let found = grid::overlaps(there, drawn, FAULTS_MAX);
    let fault = |overlapping: &grid::Overlapping| {
        let place = files.iter().find_map(|file| {
            let row = file.rows.iter().find(|row| row.grid.code == overlapping.code)?;
            Some((file.file_name.clone(), row.number))
        });
        let (file_name, number) = place.unwrap_or_default();
        let place = format!("features[{number}].geometry");
        Fault { file_name, place, reason: "GRID_OVERLAP", message: overlapping.to_string() }
    };
    if found.is_empty() { Ok(()) } else { Err(found.iter().map(fault).collect()) }
}

#[cfg(test)]
mod tests;
