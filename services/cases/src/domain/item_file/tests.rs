//! Files of the catalogue: what is written is read back, and what is wrong is named with its place.

use proptest::prelude::*;

use super::*;
use crate::domain::calendar::Limit;
use crate::domain::case::CaseType;
use crate::domain::item::tests::item;
use crate::domain::item::{Document, Level};

const HEADER: &str = "id,display_name,division_code,department,levels,case_types,promised_limit,statutory_limit,function,\
                      calendar,documents,legal_basis,keywords,effective_from,effective_to\n";
const GOOD: &str = "a,供水报装,321181,water,city town,help,3 working_days,10 working_days,供水,china,\
                    \"身份证|required|原件|复印件\n户口簿|optional\",,自来水,2026-01-01,\n";

fn refused(body: &str) -> Vec<(u64, String, &'static str)> {
    let faults = read(format!("{HEADER}{body}").as_bytes()).unwrap_err();
    faults.into_iter().map(|fault| (fault.line, fault.column, fault.reason)).collect()
}

/// A row that differs from the good one in one place.
fn with(old: &str, new: &str) -> String {
    assert!(GOOD.contains(old), "{old}");
    GOOD.replacen(old, new, 1)
}

#[test]
fn a_row_is_read_whole() {
    let rows = read(format!("\u{feff}{HEADER}{GOOD}").as_bytes()).unwrap();
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((row.line, row.id.as_str(), row.division.as_str()), (2, "a", "321181"));
    assert_eq!(row.facts.levels, [Level::City, Level::Town]);
    assert_eq!(row.facts.promised, Limit::WorkingDays(3));
    let documents = [("身份证", true, "原件|复印件"), ("户口簿", false, "")];
    let documents =
        documents.map(|(name, required, note)| Document { name: name.into(), required, note: note.into() });
    assert_eq!(row.facts.documents, documents);
}

#[test]
fn each_fault_is_named_with_its_line_and_column() {
    for (old, new, column, reason) in [
        ("a,供水", ",供水", "id", "REQUIRED_FIELD"),
        ("a,供水", "A B,供水", "id", "INVALID_NAME"),
        ("供水报装", "=1+1", "display_name", "FORMULA"),
        ("321181", "32118x", "division_code", "CODE_NOT_DIGITS"),
        ("water", "", "department", "REQUIRED_FIELD"),
        ("city town", "county", "levels", "INVALID_ENUM"),
        ("city town", "", "levels", "REQUIRED_FIELD"),
        ("help", "praise cry", "case_types", "INVALID_ENUM"),
        ("3 working_days", "3", "promised_limit", "INVALID_LIMIT"),
        ("3 working_days", "0 working_days", "promised_limit", "OUT_OF_RANGE"),
        ("3 working_days", "11 working_days", "promised_limit", "PROMISE_EXCEEDS_STATUTE"),
        ("10 working_days", "10 years", "statutory_limit", "INVALID_LIMIT"),
        (",供水,", ",供 水,", "function", "INVALID_FUNCTION"),
        ("china", "CN", "calendar", "INVALID_NAME"),
        ("|optional", "", "documents", "INVALID_DOCUMENT"),
        ("自来水", "@水", "keywords", "FORMULA"),
        ("2026-01-01", "2026-1-1", "effective_from", "INVALID_DATE"),
        ("2026-01-01,", "2026-01-01,2026-01-01", "effective_to", "ENDS_BEFORE_IT_BEGINS"),
    ] {
        let bad = with(old, new).replacen("a,", "b,", usize::from(column != "id"));
        assert_eq!(refused(&format!("{GOOD}{bad}")), [(4, column.to_owned(), reason)], "{new}");
    }
    assert_eq!(refused(&format!("{GOOD}{GOOD}")), [(4, "id".into(), "DUPLICATE_ROW")]);
}

#[test]
fn every_fault_of_a_file_is_named_at_once() {
    let bad = with("water", "W").replacen("city town", "x", 1);
    let faults = refused(&format!("{bad}{bad}"));
    assert_eq!(faults.iter().map(|fault| fault.0).collect::<Vec<_>>(), [2, 2, 4, 4]);
    assert_eq!(refused(&bad.repeat(100)).len(), FAULTS_MAX);
}

#[test]
fn a_file_that_is_no_catalogue_is_refused() {
    let reason = |content: &[u8]| read(content).unwrap_err()[0].reason;
    assert_eq!(reason(b""), "MISSING_COLUMN");
    assert_eq!(reason(b"id,name\n"), "UNKNOWN_COLUMN");
    assert_eq!(reason(format!("id,{HEADER}").as_bytes()), "DUPLICATE_COLUMN");
    assert_eq!(reason(&[HEADER.as_bytes(), b"\xb5\xa4"].concat()), "NOT_UTF8");
    assert_eq!(reason(format!("{HEADER}{GOOD}b,\"c").as_bytes()), "TRUNCATED_FILE");
    assert_eq!(reason(format!("{HEADER}{GOOD}b,c").as_bytes()), "TRUNCATED_FILE");
    assert_eq!(reason(&vec![b' '; BYTES_MAX + 1]), "FILE_TOO_LARGE");
    let many: String = (0..=ROWS_MAX).map(|row| GOOD.replacen("a,", &format!("r{row},"), 1)).collect();
    assert_eq!(reason(format!("{HEADER}{many}").as_bytes()), "TOO_MANY_ROWS");
}

/// Texts with whatever CSV and spreadsheets are known to stumble over.
fn texts(max: usize) -> impl Strategy<Value = String> {
    "[一-龥a-z0-9,;\"'()|&%<>。《》 =+@-]{1,30}"
        .prop_map(|text| text.trim().to_owned())
        .prop_filter("a text that an item takes", move |text| field::plain("x", text, max).is_ok())
}

fn limits() -> impl Strategy<Value = Limit> {
    prop_oneof![(1..=60_u32).prop_map(Limit::WorkingDays), (1..=9_000_u32).prop_map(Limit::Minutes)]
}

fn facts() -> impl Strategy<Value = Facts> {
    let document =
        (texts(100), any::<bool>(), prop::option::of(texts(200))).prop_map(|(name, required, note)| {
            Document {
                name: name.replace('|', "x").trim().to_owned(),
                required,
                note: note.unwrap_or_default(),
            }
        });
    let several = |max| prop::collection::vec(texts(max), 0..4);
    let lists = (prop::collection::vec(document, 0..4), several(200), several(50));
    let members = (
        prop::sample::subsequence(Level::ALL.to_vec(), 1..=3),
        prop::sample::subsequence(CaseType::ALL.to_vec(), 0..=6),
    );
    let words = (texts(100), "[a-z][a-z0-9]{0,8}", "[a-z一-龥]{0,8}", "[a-z]{1,8}");
    (words, members, limits(), any::<bool>(), lists).prop_map(|(words, members, promised, law, lists)| {
        let (display_name, department, function, calendar) = words;
        let (documents, legal_basis, keywords) = lists;
        Facts {
            display_name,
            department: format!("organizations/{department}"),
            levels: members.0,
            case_types: members.1,
            promised,
            statutory: law.then_some(promised),
            function,
            calendar,
            documents: documents.into_iter().filter(|document| !document.name.is_empty()).collect(),
            legal_basis,
            keywords: field::keywords("x", &keywords).unwrap(),
        }
    })
}

proptest! {
    #[test]
    fn what_is_exported_is_what_is_imported(all in prop::collection::vec((facts(), prop::option::of(1..1_000_u64)), 0..6)) {
        let mut items = Vec::new();
        for (place, (facts, days)) in all.into_iter().enumerate() {
            let mut item = Item { facts, ..item(&format!("item-{place}")) };
            item.effective.to = days.map(|days| item.effective.from + chrono::Days::new(days));
            items.push(item);
        }
        let content = write(&items);
        let rows = read(&content).map_err(|faults| TestCaseError::fail(format!("{faults:?}")))?;
        prop_assert_eq!(rows.len(), items.len());
        for (row, item) in rows.iter().zip(&items) {
            prop_assert_eq!((&row.id, &row.division, &row.facts), (&item.id, &item.division, &item.facts));
            prop_assert_eq!((row.from, row.to), (Some(item.effective.from), item.effective.to));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(content in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&content);
        let _ = read(&[HEADER.as_bytes(), &content].concat());
    }
}
