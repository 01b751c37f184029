//! What an import of the catalogue changes: rows against what is there, decided before anything is written.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use minqing_platform::period::Period;
use serde::{Deserialize, Serialize};

use super::item::{Item, NewItem};
use super::item_file::{Fault, Row};

/// What an import does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// How many rows the file has.
    pub rows: usize,
    /// Items that did not exist.
    pub created: usize,
    /// Items of which a new version is made.
    pub updated: usize,
    /// Items that are as the file has them.
    pub unchanged: usize,
    /// Items that ended, though the file has them otherwise; they are left as they are.
    pub ended: usize,
}

/// What is to be written, and what to tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// First versions.
    pub create: Vec<Item>,
    /// Next versions.
    pub update: Vec<Item>,
    /// What to tell.
    pub report: Report,
}

/// Compares rows with the items that are there, by their ids. What begins without a day begins `today`.
///
/// # Errors
/// Rows that would move an item to another area, change its first day or end it before it begins, each with its place.
pub fn plan(
    rows: &[Row],
    present: &HashMap<String, Item>,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Plan, Vec<Fault>> {
    let mut plan = Plan { report: Report { rows: rows.len(), ..Report::default() }, ..Plan::default() };
    let mut faults = Vec::new();
    for row in rows {
        match present.get(&row.id) {
            None => create(row, today, now, &mut plan, &mut faults),
            Some(there) => update(row, there, now, &mut plan, &mut faults),
        }
    }
    if faults.is_empty() { Ok(plan) } else { Err(faults) }
}

fn create(row: &Row, today: NaiveDate, now: DateTime<Utc>, plan: &mut Plan, faults: &mut Vec<Fault>) {
    let effective = Period { from: row.from.unwrap_or(today), to: row.to };
    if effective.is_empty() {
        let message = format!("is not after {}, on which it begins", effective.from);
        faults.push(Fault::new(row.line, "effective_to", "ENDS_BEFORE_IT_BEGINS", message));
        return;
    }
    let (id, division, facts) = (row.id.clone(), row.division.clone(), row.facts.clone());
    plan.report.created += 1;
    plan.create.push(Item::begun(&NewItem { id, division, facts, effective }, now));
}

fn update(row: &Row, there: &Item, now: DateTime<Utc>, plan: &mut Plan, faults: &mut Vec<Fault>) {
    let mut fault =
        |column, reason, message: String| faults.push(Fault::new(row.line, column, reason, message));
    if row.division != there.division {
        let message = format!("item {} is one of {} and stays there", row.id, there.division);
        return fault("division_code", "DIVISION_CHANGES", message);
    }
    if let Some(from) = row.from
        && from != there.effective.from
    {
        let message = format!("item {} began on {}", row.id, there.effective.from);
        return fault("effective_from", "FIRST_DAY_CHANGES", message);
    }
    if row.facts == there.facts && row.to == there.effective.to {
        plan.report.unchanged += 1;
    } else if there.effective.to.is_some() {
        plan.report.ended += 1;
    } else {
        match there.next(row.facts.clone(), row.to, now) {
            Ok(next) => {
                plan.report.updated += 1;
                plan.update.push(next);
            }
            Err(refusal) => fault("effective_to", refusal.reason, refusal.message.into_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
