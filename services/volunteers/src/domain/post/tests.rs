//! Posts as a file, and what an import changes.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::file::{CARRIED, COLUMNS, Row, read, write};
use super::import::plan;
use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn carried() -> Vec<Row> {
    read(CARRIED.as_bytes()).unwrap()
}

fn founded() -> HashMap<String, Post> {
    let made = plan(&carried(), &HashMap::new(), day("2026-01-01")).unwrap().create;
    made.into_iter().map(|post| (post.id.clone(), post)).collect()
}

#[test]
fn thirty_two_kinds_in_five_categories_come_with_the_service() {
    let rows = carried();
    assert_eq!(rows.len(), 32);
    let categories: HashSet<&str> = rows.iter().map(|row| row.post.category.as_str()).collect();
    assert_eq!(categories.len(), 5);
    let names: HashSet<&str> = rows.iter().map(|row| row.post.display_name.as_str()).collect();
    assert_eq!(names.len(), 32);
    for row in &rows {
        assert!(!row.post.english_name.is_empty() && !row.post.skills.is_empty(), "{}", row.post.id);
        // Nobody under age is asked for where nobody goes without insurance.
        assert!(!row.post.needs_insurance() || row.post.age_min >= 18, "{}", row.post.id);
    }
}

#[test]
fn what_is_exported_is_what_is_imported() {
    let there = founded();
    let mut posts: Vec<&Post> = there.values().collect();
    posts.sort_by(|one, other| one.id.cmp(&other.id));
    let rows = read(&write(posts)).unwrap();
    let again = plan(&rows, &there, day("2026-03-02")).unwrap();
    assert_eq!((again.report.unchanged, again.create.len(), again.update.len()), (32, 0, 0));
}

#[test]
fn an_import_makes_versions_of_what_differs_and_refuses_another_first_day() {
    let there = founded();
    let mut rows = carried();
    rows[0].post.display_name = "改名".to_owned();
    let changed = plan(&rows, &there, day("2026-03-02")).unwrap();
    assert_eq!((changed.report.updated, changed.report.unchanged), (1, 31));
    assert_eq!((changed.update[0].version, changed.update[0].effective.from), (2, day("2026-01-01")));
    rows[1].from = Some(day("2026-02-01"));
    rows[2].post.effective.to = Some(day("2025-12-31"));
    let faults = plan(&rows, &there, day("2026-03-02")).unwrap_err();
    let reasons: Vec<_> = faults.iter().map(|fault| fault.reason).collect();
    assert_eq!(reasons, ["FIRST_DAY_CHANGES", "ENDS_BEFORE_IT_BEGINS"]);
}

#[test]
fn a_fault_is_told_with_line_column_and_reason() {
    let header = COLUMNS.join(",");
    let row = |text: &str| format!("{header}\n{text}\n");
    let good = "a,public_affairs,甲,A,,,low,18,,no,,,";
    assert_eq!(read(row(good).as_bytes()).unwrap().len(), 1);
    for (text, column, reason) in [
        ("a,public,甲,A,,,low,18,,no,,,", "category", "INVALID_ENUM"),
        (",public_affairs,甲,A,,,low,18,,no,,,", "id", "REQUIRED_FIELD"),
        ("a,public_affairs,=1+1,A,,,low,18,,no,,,", "display_name", "LOOKS_LIKE_A_FORMULA"),
        ("a,public_affairs,甲,A,,,deadly,18,,no,,,", "risk", "INVALID_ENUM"),
        ("a,public_affairs,甲,A,,,low,3,,no,,,", "age_min", "OUT_OF_RANGE"),
        ("a,public_affairs,甲,A,,,low,18,17,no,,,", "age_max", "AGES_CROSSED"),
        ("a,public_affairs,甲,A,,,low,18,,maybe,,,", "insurance", "INVALID_ENUM"),
        ("a,public_affairs,甲,A,,,low,18,,no,flying,,", "strains", "INVALID_ENUM"),
    ] {
        let faults = read(row(text).as_bytes()).unwrap_err();
        assert_eq!(
            (faults[0].line, faults[0].column.as_str(), faults[0].reason),
            (2, column, reason),
            "{text}"
        );
    }
    let twice = read(row(&format!("{good}\n{good}")).as_bytes()).unwrap_err();
    assert_eq!((twice[0].line, twice[0].reason), (3, "DUPLICATE_ROW"));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(content: Vec<u8>, rows: String) {
        let _ = read(&content);
        let _ = read(format!("{}\n{rows}", COLUMNS.join(",")).as_bytes());
    }
}
