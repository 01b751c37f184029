//! What an import changes.

use super::*;
use crate::domain::item::Facts;
use crate::domain::item::tests::{facts, item};

fn row(id: &str) -> Row {
    let division = "321181".parse().unwrap();
    Row { line: 2, id: id.into(), division, facts: facts(), from: None, to: None }
}

fn planned(rows: &[Row], present: &[Item]) -> Result<Plan, Vec<Fault>> {
    let present = present.iter().map(|item| (item.id.clone(), item.clone())).collect();
    plan(rows, &present, "2026-03-02".parse().unwrap(), "2026-03-02T02:00:00Z".parse().unwrap())
}

#[test]
fn what_was_imported_once_is_unchanged_the_second_time() {
    let rows = [row("a"), Row { to: Some("2026-05-01".parse().unwrap()), ..row("b") }];
    let first = planned(&rows, &[item("c")]).unwrap();
    assert_eq!(first.report, Report { rows: 2, created: 2, ..Report::default() });
    let second = planned(&rows, &first.create).unwrap();
    assert_eq!(second.report, Report { rows: 2, unchanged: 2, ..Report::default() });
    assert!(second.create.is_empty() && second.update.is_empty());
}

#[test]
fn what_differs_becomes_the_next_version_and_what_ended_stays() {
    let other = Facts { display_name: "改名".into(), ..facts() };
    let mut ended = item("b");
    ended.effective.to = Some("2026-02-01".parse().unwrap());
    let rows = [Row { facts: other.clone(), ..row("a") }, Row { facts: other, ..row("b") }];
    let plan = planned(&rows, &[item("a"), ended]).unwrap();
    assert_eq!(plan.report, Report { rows: 2, updated: 1, ended: 1, ..Report::default() });
    assert_eq!((plan.update[0].version, plan.update[0].facts.display_name.as_str()), (2, "改名"));
}

#[test]
fn an_item_neither_moves_nor_begins_on_another_day() {
    let rows = [
        Row { division: "321182".parse().unwrap(), ..row("a") },
        Row { line: 3, from: Some("2026-01-02".parse().unwrap()), ..row("b") },
        Row { line: 4, to: Some("2025-01-01".parse().unwrap()), ..row("c") },
        Row { line: 5, to: Some("2026-03-02".parse().unwrap()), ..row("d") },
    ];
    let faults = planned(&rows, &[item("a"), item("b"), item("c")]).unwrap_err();
    let found: Vec<_> =
        faults.iter().map(|fault| (fault.line, fault.column.as_str(), fault.reason)).collect();
    assert_eq!(
        found,
        [
            (2, "division_code", "DIVISION_CHANGES"),
            (3, "effective_from", "FIRST_DAY_CHANGES"),
            (4, "effective_to", "ENDS_BEFORE_IT_BEGINS"),
            (5, "effective_to", "ENDS_BEFORE_IT_BEGINS"),
        ]
    );
}
