//! What an import of posts changes: rows against what is there, decided before anything is written.

use std::collections::HashMap;

use chrono::NaiveDate;
use minqing_platform::period::Period;
use serde::{Deserialize, Serialize};

use super::Post;
use super::file::{Fault, Row};

/// What an import does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// How many rows the file has.
    pub rows: usize,
    /// Posts that did not exist.
    pub created: usize,
    /// Posts of which a new version is made.
    pub updated: usize,
    /// Posts that are as the file has them.
    pub unchanged: usize,
}

/// What is to be written, and what to tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// First versions.
    pub create: Vec<Post>,
    /// Next versions.
    pub update: Vec<Post>,
    /// What to tell.
    pub report: Report,
}

/// Compares rows with the posts that are there, by their ids. What begins without a day begins `today`. A post that ended may
/// be given a later end, or none, and serves again.
///
/// # Errors
/// Rows that would change a first day or end before they begin, each with its place.
pub fn plan(rows: &[Row], present: &HashMap<String, Post>, today: NaiveDate) -> Result<Plan, Vec<Fault>> {
    let mut plan = Plan { report: Report { rows: rows.len(), ..Report::default() }, ..Plan::default() };
    let mut faults = Vec::new();
    for row in rows {
        let there = present.get(&row.post.id);
        let from = there.map_or_else(|| row.from.unwrap_or(today), |there| there.effective.from);
        let mut fault =
            |column, reason, message: String| faults.push(Fault::new(row.line, column, reason, message));
        if row.from.is_some_and(|given| given != from) {
            fault("effective_from", "FIRST_DAY_CHANGES", format!("post {} began on {from}", row.post.id));
            continue;
        }
        let effective = Period { from, to: row.post.effective.to };
        if effective.is_empty() {
            fault("effective_to", "ENDS_BEFORE_IT_BEGINS", format!("is not after {from}"));
            continue;
        }
        let version = there.map_or(1, |there| there.version);
        let post = Post { effective, version, ..row.post.clone() };
        match there {
            None => plan.create.push(post),
            Some(there) if *there == post => plan.report.unchanged += 1,
            Some(_) => plan.update.push(Post { version: version + 1, ..post }),
        }
    }
    (plan.report.created, plan.report.updated) = (plan.create.len(), plan.update.len());
    if faults.is_empty() { Ok(plan) } else { Err(faults) }
}
