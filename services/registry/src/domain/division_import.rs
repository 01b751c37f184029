//! What an import of official codes changes: files against what is there, decided before anything is written.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::division_file::{Fault, File, Row};
use minqing_platform::code::{Code, Level};

/// What is known of a division before the import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// Its name.
    pub display_name: String,
    /// Whether it ended.
    pub ended: bool,
}

/// What one file does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The file.
    pub file_name: String,
    /// The level of its rows.
    pub level: Level,
    /// How many rows it has.
    pub rows: usize,
    /// Divisions that did not exist.
    pub created: usize,
    /// Divisions whose name changed.
    pub renamed: usize,
    /// Divisions that were as the file has them.
    pub unchanged: usize,
    /// Divisions that ended here, though the file still has them; they are left as they are.
    pub ended: usize,
    /// Divisions above the towns that no file brought and that a row's code implies.
    pub implied: usize,
}

/// What is to be written, and what to tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Divisions to create, by code: those above come first.
    pub create: BTreeMap<Code, String>,
    /// Divisions to rename.
    pub rename: BTreeMap<Code, String>,
    /// A report for each file, in the order of the files given.
    pub reports: Vec<Report>,
}

/// Compares files with what is there. `name_of` knows names of divisions that a code implies but no file brings.
///
/// # Errors
/// A village whose town neither the files nor the registry have, with its place.
pub fn plan(
    files: &[File],
    present: &HashMap<Code, Present>,
    name_of: impl Fn(&Code) -> Option<String>,
) -> Result<Plan, Fault> {
    let mut plan = Plan::default();
    let mut order: Vec<usize> = (0..files.len()).collect();
    // Whatever lies above is taken first, in whichever order the files came.
    order.sort_by_key(|index| files[*index].level);
    let mut reports: Vec<Option<Report>> = vec![None; files.len()];
    for index in order {
        reports[index] = Some(take(&files[index], present, &name_of, &mut plan)?);
    }
    plan.reports = reports.into_iter().flatten().collect();
    Ok(plan)
}

fn take(
    file: &File,
    present: &HashMap<Code, Present>,
    name_of: &impl Fn(&Code) -> Option<String>,
    plan: &mut Plan,
) -> Result<Report, Fault> {
    let mut report = Report {
        file_name: file.file_name.clone(),
        level: file.level,
        rows: file.rows.len(),
        created: 0,
        renamed: 0,
        unchanged: 0,
        ended: 0,
        implied: 0,
    };
    for row in &file.rows {
        report.implied += imply(file, row, present, name_of, plan)?;
        let name = row.display_name.clone();
        match present.get(&row.code) {
            Some(there) if there.ended => report.ended += 1,
            Some(there) if there.display_name == name => report.unchanged += 1,
            Some(_) => {
                report.renamed += 1;
                plan.rename.insert(row.code.clone(), name);
            }
            None if plan.create.insert(row.code.clone(), name).is_none() => report.created += 1,
            None => report.unchanged += 1,
        }
    }
    Ok(report)
}

/// Makes sure that what lies above a row exists. A town is never implied: its village would be an orphan.
fn imply(
    file: &File,
    row: &Row,
    present: &HashMap<Code, Present>,
    name_of: &impl Fn(&Code) -> Option<String>,
    plan: &mut Plan,
) -> Result<usize, Fault> {
    let mut implied = 0;
    for above in row.code.ancestors() {
        if present.contains_key(&above) || plan.create.contains_key(&above) {
            break;
        }
        if above.level() >= Level::Town {
            return Err(Fault {
                file_name: file.file_name.clone(),
                line: row.line,
                column: "code".to_owned(),
                reason: "ORPHAN_CODE",
                message: format!("{} lies in {above}, which is in no file and not in the registry", row.code),
            });
        }
        let name = name_of(&above).unwrap_or_else(|| above.to_string());
        plan.create.insert(above, name);
        implied += 1;
    }
    Ok(implied)
}

#[cfg(test)]
mod tests {
    use super::super::division_file::read;
    use super::*;

    fn towns() -> File {
        read("towns.csv", b"code,name,areaCode\n321181100,a,321181\n321181101,b,321181\n").unwrap()
    }

    fn villages() -> File {
        read("villages.csv", b"code,name,streetCode\n321181100201,v,321181100\n321181101201,w,321181101\n")
            .unwrap()
    }

    fn after(plan: &Plan) -> HashMap<Code, Present> {
        let there = |(code, name): (&Code, &String)| {
            (code.clone(), Present { display_name: name.clone(), ended: false })
        };
        plan.create.iter().map(there).collect()
    }

    #[test]
    fn the_order_of_the_files_does_not_matter() {
        let one = plan(&[villages(), towns()], &HashMap::new(), |_| None).unwrap();
        let other = plan(&[towns(), villages()], &HashMap::new(), |_| None).unwrap();
        assert_eq!(one.create, other.create);
        assert_eq!(one.reports[0], other.reports[1]);
        assert_eq!((one.reports[1].created, one.reports[1].implied), (2, 3));
    }

    #[test]
    fn a_second_import_changes_nothing() {
        let first = plan(&[towns(), villages()], &HashMap::new(), |_| None).unwrap();
        let second = plan(&[towns(), villages()], &after(&first), |_| None).unwrap();
        assert!(second.create.is_empty() && second.rename.is_empty());
        assert!(second.reports.iter().all(|report| report.unchanged == 2 && report.implied == 0));
    }

    #[test]
    fn a_village_without_its_town_is_refused_with_its_line() {
        let fault = plan(&[villages()], &HashMap::new(), |_| None).unwrap_err();
        assert_eq!((fault.reason, fault.line), ("ORPHAN_CODE", 2));
    }

    #[test]
    fn a_division_that_ended_is_left_as_it_is() {
        let first = plan(&[towns()], &HashMap::new(), |_| None).unwrap();
        let mut there = after(&first);
        there.get_mut(&"321181100".parse().unwrap()).unwrap().ended = true;
        let report = plan(&[towns()], &there, |_| None).unwrap().reports.remove(0);
        assert_eq!((report.ended, report.unchanged), (1, 1));
    }
}
